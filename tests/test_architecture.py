"""Promises of the structure: who may import whom, what stays small, and what a name may be."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "handlers", "config")
SOURCES = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
PAGE = sorted((ROOT / "bot/playground/slack/page").glob("*.js"))
STANDARD = frozenset(sys.stdlib_module_names)
VENDORS = frozenset(
    {
        "boto3",
        "botocore",
        "sqlalchemy",
        "alembic",
        "dbos",
        "apscheduler",
        "psycopg",
        "pydantic",
        "starlette",
        "uvicorn",
        "matplotlib",
        "cryptography",
        "prometheus_client",
        "pythonjsonlogger",
        "opentelemetry",
    }
)
SLACK = frozenset({"slack_sdk", "slack_bolt", "starlette"})


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[str]:
    """Every module that it imports, wherever in the file; a name that is itself a module counts as one."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            assert node.level == 0, f"{path}: a relative import hides where it points"
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names if is_ours(f"{base}.{alias.name}"))


def is_ours(name: str) -> bool:
    place = ROOT / Path(*name.split("."))
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def within(name: str, *packages: str) -> bool:
    return any(name == p or name.startswith(f"{p}.") for p in packages)


# (who, which of our own packages it may import, which of others')
ARROWS: list[tuple[str, tuple[str, ...], frozenset[str]]] = [
    ("bot.domain", ("bot.domain",), frozenset()),
    ("bot.ports", ("bot.domain", "bot.ports"), frozenset()),
    ("bot.services", ("bot.domain", "bot.ports", "bot.services"), frozenset()),
    ("bot.adapters", ("bot.domain", "bot.ports", "bot.adapters"), VENDORS),
    ("bot.playground", ("bot", "config", "handlers"), frozenset({"*"})),
    ("handlers.views", ("bot.domain", "bot.ports", "handlers.views"), frozenset({"slack_sdk"})),
    ("handlers", ("bot.services", "bot.domain", "bot.ports", "handlers"), SLACK),
    ("config", ("config",), frozenset({"pydantic", "pydantic_settings"})),
]


def arrow(name: str) -> tuple[tuple[str, ...], frozenset[str]] | None:
    return next((rule[1:] for rule in ARROWS if within(name, rule[0])), None)


def wrong_imports(path: Path) -> list[str]:
    allowed = arrow(module(path))
    if allowed is None:
        return []
    ours, vendors = allowed
    wrong = []
    for name in imports(path):
        top = name.split(".")[0]
        fine = within(name, *ours) if top in PACKAGES else {top, "*"} & (STANDARD | vendors)
        if not fine:
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    assert wrong_imports(path) == []


def test_views_know_of_slack_only_its_models() -> None:
    for path in (ROOT / "handlers" / "views").rglob("*.py"):
        slack = [n for n in imports(path) if within(n, "slack_sdk")]
        assert all(within(n, "slack_sdk.models") for n in slack), path


IMPURE = {"logging", "os", "uuid", "random", "time", "socket", "subprocess", "threading", "sqlite3", "urllib"}


def test_the_domain_knows_no_clock_no_environment_and_no_log() -> None:
    for path in (ROOT / "bot" / "domain").rglob("*.py"):
        assert IMPURE.isdisjoint(n.split(".")[0] for n in imports(path)), path
        assert not re.search(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time)\b", path.read_text()), path


def may_import_everything(name: str) -> bool:
    return name in ("bot.__main__", "bot.cli", "bot.app") or name.endswith("_command") or within(name, "bot.playground")


def test_only_the_entry_points_know_the_playground_and_the_composition_root() -> None:
    for path in SOURCES:
        if not may_import_everything(module(path)):
            assert not [n for n in imports(path) if within(n, "bot.playground", "bot.app")], path


HEAVY = (
    "opentelemetry",
    "prometheus_client",
    "matplotlib",
    "slack_bolt",
    "slack_sdk",
    "dbos",
    "moto",
    "sqlalchemy",
    "alembic",
    "apscheduler",
    "starlette",
    "handlers",
)


def loaded_by(imported: str) -> set[str]:
    script = f"import sys, json, {imported}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def test_the_audit_loads_neither_slack_nor_a_database_nor_a_pretend_aws() -> None:
    loaded = loaded_by("bot.audit_command")
    assert "boto3" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_the_export_loads_neither_slack_nor_aws_nor_an_optional_package() -> None:
    loaded = loaded_by("bot.export_command")
    assert "sqlalchemy" in loaded
    assert loaded.isdisjoint({*HEAVY, "boto3", "py_ocsf_models"} - {"sqlalchemy", "alembic"})


def test_the_bot_loads_nothing_of_opentelemetry_until_it_is_asked_for() -> None:
    loaded = loaded_by("bot.serve_command")
    assert "dbos" in loaded
    assert "opentelemetry" not in loaded


def test_the_command_line_itself_loads_nothing_of_that() -> None:
    assert loaded_by("bot.cli").isdisjoint({*HEAVY, "boto3"})


@pytest.mark.parametrize("imported", ["bot.domain.change", "bot.domain.repair", "bot.domain.controls", "bot.ports"])
def test_the_domain_and_the_ports_load_the_standard_library_alone(imported: str) -> None:
    ours = loaded_by(imported)
    assert ours.isdisjoint({"boto3", "botocore", "pydantic", *HEAVY})


# Names, size, excuses.

VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|base|manager|processor|misc)$")


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_name_comes_from_the_field(path: Path) -> None:
    assert not VAGUE.search(path.stem)
    assert not VAGUE.search(path.parent.name)


def test_no_class_is_a_manager() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                assert not re.search(r"(Manager|Helper|Processor|Utils?)$", node.name), f"{path}: {node.name}"


@pytest.mark.parametrize("path", [*SOURCES, *PAGE], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path: Path) -> None:
    """About 200 lines is the habit; 300 is where it has to be split."""
    assert len(path.read_text().splitlines()) <= 300


EXCUSE = re.compile(r"#\s*(type: ignore|noqa)\b(?P<codes>(\[[\w, -]+\]|: ?[A-Z]+\d+(, ?[A-Z]+\d+)*)?)(?P<reason>.*)$")


def excuses(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, codes, reason) of each `type: ignore` and `noqa` outside of strings."""
    import tokenize

    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT and (found := EXCUSE.search(token.string)):
                yield token.start[0], found["codes"], found["reason"]


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=lambda p: str(p.relative_to(ROOT)))
def test_every_excuse_names_its_rule_and_its_reason(path: Path) -> None:
    for line, codes, reason in excuses(path):
        assert codes, f"{path}:{line} silences everything"
        assert re.search(r"[a-z]{2,}", reason), f"{path}:{line} has no reason"


def test_excuses_are_found_at_all() -> None:
    assert any(list(excuses(path)) for path in SOURCES)


FORBIDDEN_IN_TESTS = ("unittest", "mock", "pytest_mock")


@pytest.mark.parametrize("path", TESTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_test_uses_fakes_and_nothing_patched(path: Path) -> None:
    assert not [n for n in imports(path) if n.split(".")[0] in FORBIDDEN_IN_TESTS]
    for node in ast.walk(ast.parse(path.read_text())):
        patching = isinstance(node, ast.Attribute) and node.attr == "setattr"
        assert not (patching and getattr(node.value, "id", "") == "monkeypatch"), f"{path}: monkeypatch.setattr"
        assert getattr(node, "id", "") not in ("Mock", "MagicMock"), path


def test_nothing_of_ours_is_created_at_import() -> None:
    """No client, session or engine stands at the top level of a module."""
    makers = {"client", "resource", "Session", "create_engine", "App", "WebClient"}
    for path in SOURCES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                called = node.value.func
                name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
                assert name not in makers, f"{path}: {name}"


def test_broad_excepts_are_few() -> None:
    broad = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        if not within(module(path), "bot.playground")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and getattr(node.type, "id", "bare") in ("Exception", "BaseException", "bare")
        and not isinstance(node.type, ast.Tuple | ast.Attribute)
    ]
    assert len(broad) <= 3, broad


def test_every_vendor_that_is_imported_is_a_dependency() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [d for extra in declared["optional-dependencies"].values() for d in extra]
    names = {re.split(r"[\[<>=;]", d)[0].replace("-", "_") for d in (*declared["dependencies"], *extras)}
    brought_along = {"botocore": "boto3", "pydantic": "pydantic_settings", "websocket": "websocket_client"}
    outside = {n.split(".")[0] for path in SOURCES for n in imports(path)} - STANDARD - set(PACKAGES)
    brought_along |= {"pythonjsonlogger": "python_json_logger", "opentelemetry": "opentelemetry_sdk"}
    brought_along |= {"werkzeug": "moto", "flask": "moto", "anyio": "starlette"}
    assert {brought_along.get(n, n) for n in outside} <= names
