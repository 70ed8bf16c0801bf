"""The Procfile as honcho, and platforms like Heroku, run it: told by PORT and DATABASE_URL (postgres://…)."""

import os
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

from bot.playground.command import environment
from tests.stories.stage import Stage

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent


def test_the_procfiles_web_process_serves_on_port_and_ends_when_it_is_told(
    empty_stage: Stage, postgres_url: str
) -> None:
    stage, port = empty_stage, free_port()
    shutil.copy(ROOT / "Procfile", stage.folder)
    told = {
        **environment(stage.slack, stage.aws.environment(), stage.folder),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "PORT": str(port),
        "DATABASE_URL": postgres_url.replace("postgresql://", "postgres://"),
    }
    with (stage.folder / "honcho.log").open("wb") as log:
        honcho = subprocess.Popen([BIN / "honcho", "start"], env=told, cwd=stage.folder, stdout=log, stderr=log)
    stage.until(lambda: answer(port, "/readyz") == 200 or honcho.poll() is not None)
    assert answer(port, "/healthz") == 200, (stage.folder / "honcho.log").read_text()
    honcho.terminate()
    honcho.wait(timeout=30)
    stage.until(lambda: answer(port, "/healthz") is None)
    assert "SIGKILL" not in (stage.folder / "honcho.log").read_text()


def answer(port: int, path: str) -> int | None:
    """None where nobody listens."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
