"""docs/playground.md and the tests of the pretend AWS, of the local Slack and of Backstage say the same."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "playground.md").read_text()
FILE = r"(?P<file>tests/(?:playground/test_(?:aws|slack|backstage)_\w+|stories/test_chaos)\.py)"
SECTION = re.compile(rf"Tests: `{FILE}`\n(?P<table>.*?)(?=\n#|\Z)", re.DOTALL)


def named() -> dict[str, set[str]]:
    """File to the tests that the document names in its section."""
    return {s["file"]: set(re.findall(r"`(test_\w+)`", s["table"])) for s in SECTION.finditer(DOCUMENT)}


def written_in(file: str) -> set[str]:
    return set(re.findall(r"^def (test_\w+)", (ROOT / file).read_text(), re.MULTILINE))


@pytest.mark.parametrize("file", sorted(named()))
def test_every_test_that_the_document_names_exists(file: str) -> None:
    assert named()[file] - written_in(file) == set()


@pytest.mark.parametrize("row", [line for line in DOCUMENT.splitlines() if line.startswith("| ")])
def test_every_rule_in_the_document_has_a_test(row: str) -> None:
    assert row.endswith("| test |") or re.search(r"`test_\w+`", row)


def test_every_file_of_rules_is_in_the_document() -> None:
    folder, about_running = ROOT / "tests" / "playground", {"test_aws_start.py"}
    files = {path.name for kind in ("aws", "slack") for path in folder.glob(f"test_{kind}_*.py")} - about_running
    assert {name for file in named() if (name := Path(file).name).startswith(("test_aws_", "test_slack_"))} == files
