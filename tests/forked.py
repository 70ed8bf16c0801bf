"""Processes of tests, forked from one that has imported the bot already: a start costs no second of imports.

They share nothing with the test but their arguments: the process they are forked from has opened nothing.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.__main__ import main
from bot.playground.clock import follow

PATIENCE = 120.0
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.adapters.bot_process", "bot.app", "bot.doctor_command"])


def forked(main: Callable[..., object], *arguments: object) -> ForkServerProcess:
    """The process, begun; `main` is a function of a module."""
    process = _context.Process(target=main, args=arguments)
    process.start()
    return process


@dataclass(frozen=True)
class Ended:
    """What a command came to."""

    returncode: int
    stdout: str
    stderr: str


def begun(
    words: tuple[str, ...],
    environment: Mapping[str, str],
    folder: Path,
    *,
    out: Path = Path(os.devnull),
    errors: Path,
    clock: Path | None = None,
) -> ForkServerProcess:
    """`trailwarden …` in that folder, with that environment and no other; `clock` is the file of a MovableClock."""
    return forked(_trailwarden, words, dict(environment), folder, out, errors, clock)


def ran(words: tuple[str, ...], environment: Mapping[str, str], folder: Path) -> Ended:
    """The same to its end; what it says is kept elsewhere than in its folder."""
    with TemporaryDirectory() as said:
        out, errors = Path(said, "out"), Path(said, "errors")
        process = begun(words, environment, folder, out=out, errors=errors)
        process.join(PATIENCE)
        assert process.exitcode is not None, f"{words} did not end: {errors.read_text()}"
        return Ended(process.exitcode, out.read_text(), errors.read_text())


def _trailwarden(
    words: tuple[str, ...], environment: dict[str, str], folder: Path, out: Path, errors: Path, clock: Path | None
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    with ExitStack() as opened:
        for file, number in ((out, 1), (errors, 2)):
            os.dup2(opened.enter_context(file.open("ab")).fileno(), number)
    if clock:
        follow(clock)
    sys.argv = ["trailwarden", *words]
    main()
