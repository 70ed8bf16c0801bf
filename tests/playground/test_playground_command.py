"""`trailwarden playground` as a whole: it listens on this machine only, and leaves nothing behind but what is asked."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.waiting import until

LISTENS = "0A"
LOOPBACK = "0100007F"
"""127.0.0.1 as /proc/net/tcp writes it."""
ROOT = Path(__file__).parent.parent.parent


@contextmanager
def played(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Running, with its page served; told to stop at the end. Its home and its temporary folder are in `home`."""
    for each in ("home", "temporary"):
        (home / each).mkdir()
    told = {"HOME": str(home / "home"), "TMPDIR": str(home / "temporary"), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "bot", "playground", "--port", "0", *arguments]
    with (home / "said").open("w") as said, (home / "errors").open("w") as errors:
        process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=said, stderr=errors, text=True)
        try:
            until(lambda: "runs at" in (home / "said").read_text() or process.poll() is not None, patience=60)
            assert process.poll() is None, (home / "errors").read_text()
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0


def family(pid: int) -> list[int]:
    """The process and those that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family(int(child)))]


def listening(pid: int) -> list[str]:
    """The addresses on which a process listens, as the kernel writes them."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            inodes.update(re.findall(r"^socket:\[(\d+)\]$", str(link.readlink())))
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return [row[1].partition(":")[0] for row in rows if row[3] == LISTENS and row[9] in inodes]


@pytest.mark.parametrize("delivery", ["socket", "http"])
def test_it_listens_on_loopback_only_and_leaves_nothing_behind(tmp_path: Path, delivery: str) -> None:
    with played(tmp_path, "--delivery", delivery) as process:
        processes = family(process.pid)
        found = [address for pid in processes for address in listening(pid)]
        (folder,) = (tmp_path / "temporary").iterdir()
        assert folder.stat().st_mode & 0o077 == 0, "for this user only"
    assert len(processes) == 2
    assert found == [LOOPBACK] * (3 if delivery == "http" else 2)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert list((tmp_path / "home").iterdir()) == []


def test_its_folder_is_kept_if_asked_and_it_says_where(tmp_path: Path) -> None:
    with played(tmp_path, "--keep"):
        pass
    (folder,) = (tmp_path / "temporary").iterdir()
    assert f"Kept: {folder} " in (tmp_path / "said").read_text()
    assert {"trailwarden.sqlite", "bot.log"} <= {file.name for file in folder.iterdir()}
