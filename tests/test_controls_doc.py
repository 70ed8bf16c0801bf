"""The page on the controls says what the code does: ids, numbers, reason codes, warnings, and nothing left out."""

import ast
import re
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from bot.domain.control import Control
from bot.domain.controls import CONTROLS

ROOT = Path(__file__).parent.parent
DOMAIN = ROOT / "bot" / "domain"
PAGE = (ROOT / "docs" / "controls.md").read_text()
INTRODUCTION, *SECTIONS = re.split(r"^## ", PAGE, flags=re.MULTILINE)
BY_ID = {section.splitlines()[0]: section for section in SECTIONS}
PARTS = (
    "Level",
    "Description",
    "Rationale",
    "Impact",
    "Default value",
    "Audit by console",
    "Audit by CLI",
    "Remediation by console",
    "Remediation by CLI",
    "Back-out",
    "Where CIS is wrong",
    "References",
    "CIS numbers",
    "Security Hub",
    "Other mappings",
)
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")
IDS = {c.id for c in CONTROLS}
each = pytest.mark.parametrize("control", CONTROLS, ids=lambda c: c.id)


def part(control: Control, name: str) -> str:
    """The text behind a bold word, up to the next one or the table."""
    found = re.search(rf"^\*\*{name}\.\*\*(.*?)(?=^\*\*|^\| code)", BY_ID[control.id], re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""


def codes_on(text: str) -> set[str]:
    return set(re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.MULTILINE))


def codes_in(source: Path, kinds: tuple[str, ...]) -> set[str]:
    """Every string of the form of a code; in f"no-{kind}-events" the gap stands for each kind."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        if isinstance(node, ast.JoinedStr):
            found |= {"".join(str(v.value) if isinstance(v, ast.Constant) else k for v in node.values) for k in kinds}
    return {text for text in found if CODE.fullmatch(text)} - IDS


def sources(control: Control) -> list[Path]:
    """The control's own module, and what it shares with its sibling, as its imports say."""
    own = DOMAIN / "controls" / f"{control.id.replace('-', '_')}.py"
    shared = re.findall(r"^from bot\.domain\.(\w+_controls) import", own.read_text(), re.MULTILINE)
    return [own, *(DOMAIN / f"{name}.py" for name in shared)]


def test_the_page_has_every_control_in_the_tables_order_and_no_other() -> None:
    assert list(BY_ID) == [c.id for c in CONTROLS]


@each
def test_a_control_has_all_that_a_benchmarks_page_has_in_its_order(control: Control) -> None:
    found = re.findall(r"^\*\*([A-Z][^*]+)\.\*\*", BY_ID[control.id], re.MULTILINE)
    assert tuple(found) == PARTS
    assert all(part(control, name) for name in PARTS)


@each
def test_its_cis_numbers_are_those_of_the_code(control: Control) -> None:
    assert dict(re.findall(r"(\d\.\d): (\d+\.\d+)", part(control, "CIS numbers"))) == control.cis


@each
def test_its_security_hub_number_is_that_of_the_code(control: Control) -> None:
    named = re.match(r"CloudTrail\.\d+", part(control, "Security Hub"))
    assert (named[0] if named else "") == control.security_hub


@each
def test_its_codes_are_exactly_those_that_the_code_gives(control: Control) -> None:
    kinds = tuple(k for k in ("read", "write") if k in control.id) or ("read", "write")
    given = set().union(*(codes_in(source, kinds) for source in sources(control)))
    assert codes_on(BY_ID[control.id]) == given - shared_codes()


def shared_codes() -> set[str]:
    return codes_on(INTRODUCTION)


def test_the_shared_codes_are_exactly_those_that_the_code_gives() -> None:
    one_word = {"unreadable", "throttled", "timeout"}
    needs = {"bucket-access", "bucket-logging", "security-hub"}
    given = codes_in(DOMAIN / "control.py", ()) | codes_in(DOMAIN / "hints.py", ())
    assert shared_codes() - one_word == given - needs
    assert one_word <= shared_codes()


MODELS = botocore.session.Session()
EVERYWHERE = {"region", "query", "output"}
"""Options that the CLI gives to every command."""


def commands(text: str) -> list[tuple[str, str, set[str]]]:
    """(service, command, options) of each `$ aws …`, which may go on over several lines."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    typed = [c for block in blocks for c in re.split(r"^\$ ", block, flags=re.MULTILINE) if c.startswith("aws ")]
    return [(c.split()[1], c.split()[2], set(re.findall(r"\s--([a-z0-9-]+)", c))) for c in typed]


def options_of(service: str, command: str) -> set[str]:
    """Those of one command; none where there is no such command."""
    model = MODELS.get_service_model("s3" if service == "s3api" else service)
    name = next((n for n in model.operation_names if xform_name(n, "-") == command), "")
    shape = model.operation_model(name).input_shape if name else None
    return {xform_name(member, "-") for member in shape.members} if shape else set()


@each
def test_every_command_and_option_is_one_that_aws_has(control: Control) -> None:
    """By botocore's models, from which the CLI makes its own."""
    found = commands(BY_ID[control.id])
    assert found
    for service, command, options in found:
        if command == "validate-logs":  # the CLI's own, made of many calls
            continue
        assert options - EVERYWHERE <= options_of(service, command)


WRONG = [("create-trail", "--bucket-name b"), ("update-trail", "--kms-id k"), ("make-trail", "--name n")]


@pytest.mark.parametrize(("command", "option"), WRONG)
def test_a_command_or_option_that_aws_does_not_have_is_found(command: str, option: str) -> None:
    """The first two are CIS's."""
    ((service, read, options),) = commands(f"```console\n$ aws cloudtrail {command} {option}\n```\n")
    assert not options <= options_of(service, read)


def test_nothing_of_this_machine_is_on_the_page() -> None:
    assert not re.search(r"https?://|/tmp|/work", PAGE)
