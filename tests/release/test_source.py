"""A release is refused, in one sentence, where what it is made of does not fit together."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.release.source import Source, read, refusal, unpack

GOOD = Source(
    commit="abc",
    made_at=1_800_000_000,
    version="0.1.0",
    heading="0.1.0 (2026-11-30)",
    tags=("v0.1.0",),
    changed=(),
    files=frozenset({"pyproject.toml"}),
)
UNRELEASED = replace(GOOD, heading="0.1.0 (unreleased)", tags=())


def test_a_tag_that_fits_is_released() -> None:
    assert refusal(GOOD, dry=False) == ""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (replace(GOOD, tags=()), "This commit is not tagged: it must be v0.1.0"),
        (replace(GOOD, tags=("v0.2.0", "nightly")), "This commit is tagged v0.2.0, nightly: it must be v0.1.0"),
        (replace(GOOD, changed=("bot/app.py",)), "Not everything is committed (bot/app.py)"),
        (replace(GOOD, heading="0.2.0 (2026-11-30)"), "the newest heading of CHANGELOG.md is “0.2.0 (2026-11-30)”"),
        (replace(GOOD, heading="0.1.0 (unreleased)"), "CHANGELOG.md still calls 0.1.0 unreleased"),
        (replace(GOOD, heading=""), "the newest heading of CHANGELOG.md is “”"),
        (replace(GOOD, version="0.1", heading="0.1.0 (2026-11-30)"), "pyproject.toml says 0.1, but"),
    ],
)
def test_what_does_not_fit_is_refused(source: Source, words: str) -> None:
    said = refusal(source, dry=False)
    assert words in said
    assert said.count("\n") == 0


def test_a_dry_run_needs_no_tag_no_date_and_no_clean_tree() -> None:
    assert refusal(replace(UNRELEASED, changed=("bot/app.py",)), dry=True) == ""
    assert refusal(replace(UNRELEASED, version="0.2.0"), dry=True)


def git(root: Path, *words: str) -> None:
    settings = {"user.name": "a", "user.email": "a@example.com", "commit.gpgsign": "false", "tag.gpgsign": "false"}
    me = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    subprocess.run(["git", "-C", root, *me, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init")
    (root / "pyproject.toml").write_text('[project]\nname = "trailwarden"\nversion = "0.1.0"\n')
    (root / "CHANGELOG.md").write_text("# Changelog\n\n## 0.1.0 (2026-11-30)\n\n- All.\n\n## 0.0.9\n")
    (root / ".gitignore").write_text("dist/\n")
    git(root, "add", "--all")
    git(root, "commit", "--message", "All")
    return root


def test_it_is_read_from_the_commit_and_its_tags(repository: Path) -> None:
    assert "not tagged" in refusal(read(repository), dry=False)
    git(repository, "tag", "--annotate", "v0.1.0", "--message", "First")
    source = read(repository)
    assert refusal(source, dry=False) == ""
    assert (source.version, source.heading, source.tags) == ("0.1.0", "0.1.0 (2026-11-30)", ("v0.1.0",))
    assert source.files == {"pyproject.toml", "CHANGELOG.md", ".gitignore"}


def test_what_no_commit_has_is_refused_but_what_is_ignored_does_not_count(repository: Path) -> None:
    git(repository, "tag", "--annotate", "v0.1.0", "--message", "First")
    (repository / "dist").mkdir()
    (repository / "dist" / "old.whl").touch()
    assert refusal(read(repository), dry=False) == ""
    (repository / "new.py").touch()
    assert "(new.py)" in refusal(read(repository), dry=False)


def test_the_commits_files_are_unpacked_and_not_what_lies_about(repository: Path, tmp_path: Path) -> None:
    (repository / "pyproject.toml").write_text("broken")
    (repository / "new.py").touch()
    unpack(repository, read(repository), tmp_path / "tree")
    assert {p.name for p in (tmp_path / "tree").iterdir()} == {"pyproject.toml", "CHANGELOG.md", ".gitignore"}
    assert "0.1.0" in (tmp_path / "tree" / "pyproject.toml").read_text()
