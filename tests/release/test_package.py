"""What must be in the packages, and how it is told when something else is."""

import io
import subprocess
import tarfile
import zipfile
from pathlib import Path

from deploy.release import package

FILES = frozenset(
    {
        "bot/app.py",
        "bot/adapters/db/migrations/script.py.mako",
        "bot/playground/slack/page/app.js",
        "config/iam/audit.json",
        "config/slack_manifest.yml",
        "docs/controls.md",
        "docs/digest.png",
        "handlers/home.py",
        "pyproject.toml",
        "tests/builders.py",
    }
)


def test_the_wheel_has_every_file_that_runs_data_included_and_no_other() -> None:
    wanted = package.wanted_in_wheel(FILES)
    assert wanted == {f for f in FILES if f.split("/")[0] in ("bot", "handlers", "config")}


def test_the_sdist_has_all_but_the_screenshots() -> None:
    assert package.wanted_in_sdist(FILES) == FILES - {"docs/digest.png"}


def test_what_is_missing_or_too_much_is_named() -> None:
    assert package.difference(FILES, FILES) == ""
    found = (FILES - {"config/slack_manifest.yml"}) | {"bot/left.sqlite"}
    assert package.difference(found, FILES) == "without config/slack_manifest.yml, with bot/left.sqlite"


def test_a_wheel_is_read_without_the_builders_metadata(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        for name in ("bot/app.py", "trailwarden-0.1.0.dist-info/METADATA"):
            wheel.writestr(name, "")
    assert package.in_wheel(tmp_path / "a.whl") == {"bot/app.py"}


def test_an_sdist_is_read_without_its_folder_and_the_builders_metadata(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as sdist:
        for name in ("PKG-INFO", "bot/app.py"):
            sdist.addfile(tarfile.TarInfo(f"trailwarden-0.1.0/{name}"), io.BytesIO())
    assert package.in_sdist(tmp_path / "a.tar.gz") == {"bot/app.py"}


def test_two_builds_differ_where_a_byte_does_or_one_is_not_there(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("a")
    second.write_text("a")
    assert package.differing({"a.whl": first}, {"a.whl": second}) == []
    second.write_text("b")
    assert package.differing({"a.whl": first}, {"a.whl": second}) == ["a.whl"]
    assert package.differing({"a.whl": first}, {}) == ["a.whl"]


def test_the_checksums_are_read_by_sha256sum(tmp_path: Path) -> None:
    made = [tmp_path / "b.whl", tmp_path / "a.tar.gz"]
    for path in made:
        path.write_text(path.name)
    (tmp_path / "SHA256SUMS").write_text(package.checksums(made))
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    made[0].write_text("altered")
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 1
