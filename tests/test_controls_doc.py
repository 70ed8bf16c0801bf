"""The page on the controls says what the code does: ids, numbers, reason codes, warnings, and nothing left out."""

import ast
import re
from pathlib import Path

import pytest

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


def test_nothing_of_this_machine_is_on_the_page() -> None:
    assert not re.search(r"https?://|/tmp|/work", PAGE)
