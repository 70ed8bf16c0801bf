"""`make release`, or `make release DRY=1` for a commit without a tag. What it makes is in dist/, checked."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from deploy.release import package, trial
from deploy.release.source import Source, read, refusal, unpack

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.prefix) / "tools" / "bin"


def main(arguments: list[str]) -> int:
    source = read(ROOT)
    reason = refusal(source, dry="--dry" in arguments)
    if reason:
        print(reason, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as name:
        try:
            made = _made(source, Path(name))
        except (ValueError, subprocess.CalledProcessError) as failed:
            print(f"No release: {failed}.", file=sys.stderr)
            return 1
        _keep(made, ROOT / "dist")
    return 0


def _made(source: Source, folder: Path) -> list[Path]:
    """What is to be published. Raises ValueError for what is wrong with it, CalledProcessError for a failed tool."""
    print(f"trailwarden {source.version}, commit {source.commit[:12]}", flush=True)
    built = _built(source, folder)
    tree = folder / "tree"
    unpack(ROOT, source, tree)
    wheel = next(path for path in built if path.suffix == ".whl")
    _try(wheel, source.version, tree, folder)
    return [*built, _sbom(source, tree, folder)]


def _built(source: Source, folder: Path) -> list[Path]:
    first, second = (package.build(ROOT, source, folder / f"built-{mask:o}", mask) for mask in package.MASKS)
    if different := package.differing(first, second):
        raise ValueError(f"built twice, {' and '.join(different)} differ")
    for path in first.values():
        wrong = _wrong_content(path, source)
        if wrong:
            raise ValueError(f"{path.name} is {wrong}")
        size = path.stat().st_size / 1024
        print(f"  {path.name}: {size:,.0f} kB, built twice, the same; nothing missing, nothing else", flush=True)
    return list(first.values())


def _wrong_content(path: Path, source: Source) -> str:
    if path.suffix == ".whl":
        return package.difference(package.in_wheel(path), package.wanted_in_wheel(source.files))
    return package.difference(package.in_sdist(path), package.wanted_in_sdist(source.files))


def _try(wheel: Path, version: str, tree: Path, folder: Path) -> None:
    clean = trial.installed(wheel, tree / "requirements.lock", folder / "clean")
    playground = trial.installed(wheel, tree / "requirements-playground.lock", folder / "playground")
    told = trial.version(clean)
    if version not in told.split():
        raise ValueError(f"trailwarden --version says “{told}”")
    empty = folder / "empty"
    empty.mkdir()
    judged = trial.audit(clean, playground, empty)
    print(f"  installed from requirements.lock: says {told}, audits {judged} accounts of the pretend AWS")


def _sbom(source: Source, tree: Path, folder: Path) -> Path:
    """CycloneDX, of what requirements.lock pins."""
    file = folder / f"trailwarden-{source.version}.cdx.json"
    about: list[str | Path] = ["--pyproject", tree / "pyproject.toml", "--mc-type", "application"]
    written: list[str | Path] = ["--output-reproducible", "--output-format", "JSON", "--output-file", file]
    tool: list[str | Path] = [
        TOOLS / "python",
        "-W",
        "ignore",
        "-m",
        "cyclonedx_py",
    ]  # it warns that a lock has no graph
    subprocess.run([*tool, "requirements", *about, *written, tree / "requirements.lock"], check=True)
    print(f"  {file.name}: {len(json.loads(file.read_text())['components'])} components")
    return file


def _keep(made: list[Path], folder: Path) -> None:
    """dist/ holds this release and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    kept = [Path(shutil.copy(path, folder)) for path in made]
    (folder / "SHA256SUMS").write_text(package.checksums(kept))
    print(f"  in {folder.name}/, with SHA256SUMS")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
