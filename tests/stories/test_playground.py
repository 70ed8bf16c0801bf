"""`trailwarden playground` as somebody starts it, and the command line beside it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from bot.playground.command import shell_script


@pytest.fixture(scope="module")
def playground() -> Iterator[str]:
    """What it printed, while it runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "playground", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    printed = []
    for line in process.stdout:
        printed.append(line)
        if "Ctrl-C" in line:
            break
    yield "".join(printed)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    process.stdout.close()


def examined(playground: str, folder: Path) -> subprocess.CompletedProcess[str]:
    (script,) = re.findall(r"\(\. (\S+); trailwarden doctor\)", playground)
    command = f". {script}; trailwarden doctor --format json"
    return subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False)


def tomorrow_comes(playground: str) -> None:
    (url,) = re.findall(r"http://127\.0\.0\.1:\d+/", playground)
    page = urlopen(url).read().decode()  # noqa: S310 - our own
    (token,) = re.findall(r'page-token" content="([^"]+)"', page)
    urlopen(Request(f"{url}page/backstage/chaos/tomorrow", b"{}", {"X-Page-Token": token})).close()  # noqa: S310 - our own


def test_the_doctor_runs_beside_it_as_it_prints_on_any_day(playground: str, tmp_path: Path) -> None:
    for moved in (False, True):
        if moved:
            tomorrow_comes(playground)
        done = examined(playground, tmp_path)
        faults = [c for c in json.loads(done.stdout)["checks"] if c["state"] != "OK"]
        assert {a["account_name"] for c in faults for a in c["accounts"]} == {"security-vault"}
        assert done.returncode == 1


def test_the_script_makes_that_environment_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {**os.environ, "SLACK_BOT_TOKEN": "it's; $HOME\n`x`"}
    monkeypatch.setenv("AWS_PROFILE", "production")
    script = shell_script(told, Path("clock"))
    command = f"{script}\nexec python -c 'import os, json; print(json.dumps(dict(os.environ)))'"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["SLACK_BOT_TOKEN"] == told["SLACK_BOT_TOKEN"]
    assert "AWS_PROFILE" not in found
    asked = ["sh", "-c", f"{script}\ntrailwarden --version"]
    ours = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert ours.stdout == f"trailwarden {version('trailwarden')}\n"
