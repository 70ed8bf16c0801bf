"""Building the sdist and the wheel, and what must be in them."""

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from deploy.release.source import Source, unpack

UV = Path(sys.prefix) / "bin" / "uv"
PACKAGES = ("bot/", "handlers/", "config/")
NOT_IN_THE_SDIST = ("docs/*.png",)
MASKS = (0o022, 0o077)
"""Who builds has one of these, and the packages must not show which."""


def build(root: Path, source: Source, folder: Path, mask: int) -> dict[str, Path]:
    """The sdist, and the wheel made from that sdist, by file name. With the pinned backend of this environment."""
    tree, out = folder / "tree", folder / "out"
    tree.mkdir(parents=True)
    unpack(root, source, tree)
    chosen = ("--quiet", "--no-build-isolation", "--python", sys.executable)
    command: list[str | Path] = [UV, "build", *chosen, "--out-dir", out, tree]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(source.made_at)}
    subprocess.run(command, check=True, env=environment, umask=mask)
    return {path.name: path for path in out.iterdir() if path.suffix in (".gz", ".whl")}


def differing(first: dict[str, Path], second: dict[str, Path]) -> list[str]:
    """The names of those that are not the same, byte by byte."""
    return [name for name in sorted(first | second) if _hash(first.get(name)) != _hash(second.get(name))]


def in_wheel(wheel: Path) -> frozenset[str]:
    """Our files; the metadata is the builder's."""
    with zipfile.ZipFile(wheel) as archive:
        return frozenset(n for n in archive.namelist() if ".dist-info/" not in n)


def in_sdist(sdist: Path) -> frozenset[str]:
    with tarfile.open(sdist) as archive:
        names = (member.name.partition("/")[2] for member in archive if member.isfile())
        return frozenset(names) - {"PKG-INFO"}


def wanted_in_wheel(files: Iterable[str]) -> frozenset[str]:
    """Every file of ours that runs, data included."""
    return frozenset(f for f in files if f.startswith(PACKAGES))


def wanted_in_sdist(files: Iterable[str]) -> frozenset[str]:
    """All that it takes to build, run and test it; the screenshots are only for whoever reads the README online."""
    return frozenset(f for f in files if not any(fnmatchcase(f, pattern) for pattern in NOT_IN_THE_SDIST))


def difference(found: frozenset[str], wanted: frozenset[str]) -> str:
    """What is missing and what should not be there; "" where nothing is."""
    words = [f"without {name}" for name in sorted(wanted - found)[:5]]
    return ", ".join(words + [f"with {name}" for name in sorted(found - wanted)[:5]])


def checksums(paths: Iterable[Path]) -> str:
    """As `sha256sum --check` reads them."""
    return "".join(f"{_hash(path)}  {path.name}\n" for path in sorted(paths))


def _hash(path: Path | None) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path else ""
