"""The documents lead somewhere: every link's file and heading is there, and what they list is what the code has."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from handlers.parse import VERBS
from handlers.views.help import EXAMPLES

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
COMMANDS = (ROOT / "docs" / "commands.md").read_text()
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(page: Path) -> str:
    """Without blocks of code, in which nothing is a heading, a link or a list."""
    return re.sub(r"^( *)```.*?^\1```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """As GitHub and MkDocs make them of headings: where the two differ, a heading has what only one of them keeps."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def dead_links(page: Path) -> list[str]:
    found = [(page.parent / file if file else page, anchor) for file, anchor in LINK.findall(prose(page))]
    return [f"{to}#{at}" for to, at in found if not to.exists() or (at and at not in anchors(to))]


@each_page
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    assert dead_links(page) == []


@pytest.mark.parametrize("link", ["[a](gone.md)", "[a](#gone)", "[a](other.md#gone)"])
def test_a_dead_link_is_found(link: str, tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Here\n")
    (tmp_path / "page.md").write_text(f"# Page\n\n[fine](other.md#here), [fine](#page), {link}\n")
    assert len(dead_links(tmp_path / "page.md")) == 1


@each_page
def test_a_list_begins_after_an_empty_line(page: Path) -> None:
    """GitHub makes a list of it anyway, MkDocs a paragraph with dashes in it."""
    crowded = re.findall(r"^(?![-\d ])[^\n]+\n((?:- |1\. ).*)", prose(page), re.MULTILINE)
    assert crowded == []


@each_page
def test_code_within_a_list_is_four_blanks_in(page: Path) -> None:
    """MkDocs ends the list otherwise."""
    assert re.findall(r"^ {1,3}```.*", page.read_text(), re.MULTILINE) == []


@each_page
def test_what_is_to_be_pasted_into_a_file_ends_where_it_says(page: Path) -> None:
    """Else the commands below it go into the file too."""
    assert re.findall(r"^ *\$ .*\bcat >(?!.*<<).*", page.read_text(), re.MULTILINE) == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda page: page.name)
def test_a_heading_begins_with_a_letter(page: Path) -> None:
    """Else its anchor is no id that the page's own script can look for."""
    assert re.findall(r"^#+ [^A-Za-z`].*", prose(page), re.MULTILINE) == []


def test_what_is_built_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    built = {page.name: page.read_text() for page in tmp_path.glob("*.html")}
    assert built.keys() >= {f"{page.stem}.html" for page in ROOT.glob("docs/*.md")}
    loaded = r"<(?:script|img|link|iframe)[^>]+(?:src|href)=\"((?:https?:)?//[^\"]+)"
    assert {name: found for name, text in built.items() if (found := re.findall(loaded, text))} == {}


def test_every_page_is_in_the_navigation() -> None:
    text = (ROOT / "mkdocs.yml").read_text()
    assert [p.name for p in ROOT.glob("docs/*.md") if f": {p.name}\n" not in f"{text}\n"] == []


@pytest.mark.parametrize("command", [command for command, _ in EXAMPLES])
def test_every_example_of_the_help_is_on_the_page_of_commands(command: str) -> None:
    assert f"| `{command}` |" in COMMANDS


@pytest.mark.parametrize("command", re.findall(r"^\| `/trail-audit(.*?)` \|", COMMANDS, re.MULTILINE))
def test_the_page_has_no_command_that_is_none(command: str) -> None:
    (first, *_) = [*command.split(), "all"]
    assert first in VERBS or re.fullmatch(r"[0-9]{12}", first)


def test_the_table_of_scopes_is_the_manifests() -> None:
    page = (ROOT / "docs" / "connect-slack.md").read_text()
    manifest = yaml.safe_load((ROOT / "config" / "slack_manifest.yml").read_text())
    rows = re.findall(r"^\| `([a-z:.]+)` \| \S.+ \|$", page.partition("## Scopes")[2], re.MULTILINE)
    assert rows == manifest["oauth_config"]["scopes"]["bot"]
