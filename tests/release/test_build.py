"""The packages of this very commit. `make release DRY=1` also installs them, and audits with them."""

from pathlib import Path

import pytest

from deploy.release import package
from deploy.release.source import read

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Path]]:
    folder, source = tmp_path_factory.mktemp("release"), read(ROOT)
    return [package.build(ROOT, source, folder / f"{mask:o}", mask) for mask in package.MASKS]


def test_they_are_the_same_byte_by_byte_whoever_builds_them_and_where(twice: list[dict[str, Path]]) -> None:
    first, second = twice
    assert len(first) == 2
    assert package.differing(first, second) == []


def test_they_hold_what_they_must_and_nothing_else(twice: list[dict[str, Path]]) -> None:
    files = read(ROOT).files
    wheel, sdist = (next(p for n, p in twice[0].items() if n.endswith(end)) for end in (".whl", ".tar.gz"))
    assert package.difference(package.in_wheel(wheel), package.wanted_in_wheel(files)) == ""
    assert package.difference(package.in_sdist(sdist), package.wanted_in_sdist(files)) == ""
    assert {"bot/adapters/db/migrations/script.py.mako", "config/slack_manifest.yml"} <= package.in_wheel(wheel)
