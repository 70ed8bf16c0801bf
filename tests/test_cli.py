"""What the command line itself says, before any command is loaded."""

import tomllib
from pathlib import Path

import pytest

from bot.cli import main

PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr() == (f"trailwarden {PROJECT['version']}\n", "")


@pytest.mark.parametrize("words", [[], ["sevre"], ["serve", "--fast"]], ids=" ".join)
def test_a_wrong_command_line_cannot_run(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(words) == 3
    assert "usage: trailwarden" in capsys.readouterr().err
