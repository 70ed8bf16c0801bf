"""`trailwarden playground` as somebody starts it, and the command line beside it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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


def test_the_doctor_runs_beside_it_as_it_prints(playground: str, tmp_path: Path) -> None:
    (script,) = re.findall(r"\(\. (\S+); trailwarden doctor\)", playground)
    command = f". {script}; exec trailwarden doctor --format json"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    assert {c["accounts"][0]["account_name"] for c in told["checks"] if c["state"] != "OK"} == {"security-vault"}
    assert done.returncode == 1


def test_the_script_makes_that_environment_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {**os.environ, "SLACK_BOT_TOKEN": "it's; $HOME\n`x`"}
    monkeypatch.setenv("AWS_PROFILE", "production")
    command = f"{shell_script(told)}\nexec python -c 'import os, json; print(json.dumps(dict(os.environ)))'"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["SLACK_BOT_TOKEN"] == told["SLACK_BOT_TOKEN"]
    assert "AWS_PROFILE" not in found
    assert Path(found["PATH"].split(":")[0]) == Path(sys.executable).parent
