"""The page on troubleshooting names what the code really says."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text()
MESSAGES = re.findall(r"^\| `([^|]+?)` \|", PAGE, re.MULTILINE)
SLACKS_OWN = 1
"""One row is about what Slack says."""


def literals() -> list[str]:
    """Every text of the code, with … in the place of what differs."""
    found = []
    for package in ("bot", "handlers", "config"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.JoinedStr):
                    found.append("".join(_part(value) for value in node.values))
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.append(node.value)
    return found


def _part(value: ast.expr) -> str:
    return str(value.value) if isinstance(value, ast.Constant) else "…"


SAID = literals()


def is_said(message: str) -> bool:
    """Its fixed parts stand in one text, in their order."""
    pattern = ".*".join(re.escape(part.strip()) for part in message.split("…"))
    return any(re.search(pattern, re.sub(r"\{\w+\}", "…", text), re.DOTALL) for text in SAID)


@pytest.mark.parametrize("message", MESSAGES)
def test_the_code_says_it(message: str) -> None:
    assert is_said(message)


def test_what_nobody_says_is_found() -> None:
    assert not is_said("The moon cannot be opened: …")


def test_every_row_has_a_reason_and_a_remedy() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "message |" not in line]
    assert len(rows) == len(MESSAGES) + SLACKS_OWN
    assert all(len([cell for cell in row.strip("|").split("|") if cell.strip()]) == 3 for row in rows)
