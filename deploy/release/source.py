"""What a release is made of, and whether it may be made: one version in three places, and nothing uncommitted."""

import re
import subprocess
import tarfile
import tomllib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

UNRELEASED = "(unreleased)"


@dataclass(frozen=True)
class Source:
    """A commit. `heading` is the newest of the CHANGELOG, `tags` are its own, `changed` what no commit has yet.

    `made_at` in seconds of the epoch, `files` are paths from the root.
    """

    commit: str
    made_at: int
    version: str
    heading: str
    tags: tuple[str, ...]
    changed: tuple[str, ...]
    files: frozenset[str]


def read(root: Path) -> Source:
    """HEAD. Raises CalledProcessError where there is none."""
    return Source(
        commit=_git(root, "rev-parse", "HEAD"),
        made_at=int(_git(root, "log", "-1", "--format=%ct")),
        version=tomllib.loads(_git(root, "show", "HEAD:pyproject.toml"))["project"]["version"],
        heading=_heading(_git(root, "show", "HEAD:CHANGELOG.md")),
        tags=tuple(_git(root, "tag", "--points-at", "HEAD").split()),
        changed=tuple(line[3:] for line in _git(root, "status", "--porcelain").splitlines()),
        files=frozenset(_git(root, "ls-tree", "-r", "-z", "--name-only", "HEAD").strip("\0").split("\0")),
    )


def refusal(source: Source, dry: bool) -> str:
    """Why no release may be made of it, in a sentence; "" where one may. A dry run needs no tag and no date."""
    version, heading = source.version, source.heading
    if heading.removesuffix(UNRELEASED).split(" ")[0] != version:
        return f"pyproject.toml says {version}, but the newest heading of CHANGELOG.md is “{heading}”: make them agree."
    if dry:
        return ""
    if source.changed:
        return f"Not everything is committed ({', '.join(source.changed[:3])}): commit it or take it back."
    if heading.endswith(UNRELEASED):
        return f"CHANGELOG.md still calls {version} unreleased: write the day there, commit, and tag that."
    if f"v{version}" not in source.tags:
        found = f"tagged {', '.join(source.tags)}" if source.tags else "not tagged"
        return f"This commit is {found}: it must be v{version} (`git tag -a v{version}`), or try it with DRY=1."
    return ""


def unpack(root: Path, source: Source, into: Path) -> None:
    """The commit's files alone, without what lies about in the tree."""
    command = ["git", "-C", str(root), "archive", "--format=tar", source.commit]
    archive = subprocess.run(command, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        tar.extractall(into, filter="data")


def _heading(changelog: str) -> str:
    found = re.search(r"^## (.+)$", changelog, re.MULTILINE)
    return found[1].strip() if found else ""


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True, text=True).stdout.rstrip()
