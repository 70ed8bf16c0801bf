"""The files of `deploy/`, parsed; a template's functions and a module's variables are replaced by their values."""

import json
import re
from pathlib import Path
from typing import Any

import hcl2
import yaml
from cfnlint.decode import cfn_yaml
from hcl2.utils import SerializationOptions

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"

Parameters = dict[str, str]


def policy(name: str) -> dict[str, Any]:
    """One of config/iam: audit, bot or change."""
    return json.loads((ROOT / "config" / "iam" / f"{name}.json").read_text())  # type: ignore[no-any-return]  # parsed


def manifests(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


def template(path: Path, **given: str) -> dict[str, Any]:
    """A CloudFormation template with these parameters, and the defaults of the others."""
    parsed = cfn_yaml.load(str(path))
    defaults = {name: str(p["Default"]) for name, p in parsed["Parameters"].items() if "Default" in p}
    return _resolved(parsed, {**defaults, **given})  # type: ignore[no-any-return]  # parsed


def _resolved(value: Any, parameters: Parameters) -> Any:
    match value:
        case {"Ref": name}:
            return parameters.get(name, name)
        case {"Fn::Select": [index, among]}:
            return _resolved(among, parameters)[int(index)]
        case {"Fn::Split": [separator, text]}:
            return _resolved(text, parameters).split(separator)
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([\w:]+)\}", lambda m: parameters.get(m[1], m[0]), text)
        case dict():
            return {str(key): _resolved(item, parameters) for key, item in value.items()}
        case list():
            return [_resolved(item, parameters) for item in value]
        case str():
            return str(value)
    return value


def module(name: str) -> dict[str, Any]:
    """A Terraform module: {"resource": {"type.name": {…}}, "variable": {name: {…}}, "output": …, "locals": …}."""
    with (DEPLOY / "aws" / "terraform" / name / "main.tf").open() as file:
        parsed = hcl2.load(file, serialization_options=PLAIN)
    return {
        "locals": {n: value for one in parsed.get("locals", ()) for n, value in one.items()},
        "resource": {
            f"{t}.{n}": body for r in parsed.get("resource", ()) for t, of in r.items() for n, body in of.items()
        },
        **{
            kind: {n: body for one in parsed.get(kind, ()) for n, body in one.items()}
            for kind in ("variable", "output")
        },
    }


def encoded(expression: str, variables: Parameters) -> Any:
    """What a `${jsonencode(…)}` encodes."""
    inner = expression.removeprefix("${jsonencode(").removesuffix(")}")
    return _filled(hcl2.loads(f"value = {inner}\n", serialization_options=PLAIN)["value"], variables)


PLAIN = SerializationOptions(strip_string_quotes=True, explicit_blocks=False, with_comments=False)


def _filled(value: Any, variables: Parameters) -> Any:
    if isinstance(value, dict):
        return {key.strip('"'): _filled(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, variables) for item in value]
    return variables.get(value.removeprefix("${").removesuffix("}"), value)
