"""The wheel on its own: in clean environments, away from the source, it says its version and audits a pretend AWS."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.release.package import UV

PRETEND_AWS = """
import json, sys
from bot.playground.aws import start_aws
aws = start_aws()
print(json.dumps([aws.environment(), [a.id for a in aws.organization.audited]]), flush=True)
sys.stdin.read()
aws.stop()
"""
SOMETHING_FAILS = 1
"""How `trailwarden audit` ends over the pretend organization."""


def installed(wheel: Path, lock: Path, folder: Path) -> Path:
    """The `bin` of a new environment with what the lock pins, hash by hash, and the wheel."""
    python = folder / "bin" / "python"
    _uv("venv", "--python", sys.executable, folder)
    _uv("pip", "sync", "--require-hashes", "--python", python, lock)
    _uv("pip", "install", "--no-deps", "--python", python, wheel)
    return python.parent


def version(binaries: Path) -> str:
    told = [str(binaries / "trailwarden"), "--version"]
    return subprocess.run(told, check=True, capture_output=True, text=True, env=_plain()).stdout.strip()


def audit(binaries: Path, playground: Path, empty: Path) -> int:
    """How many accounts of the pretend AWS it judged. Raises ValueError where that is not what must come of it."""
    with _pretend_aws(playground) as (environment, accounts):
        told = {**_plain(), **environment, "TRAILWARDEN_ACCOUNTS": "organization"}
        command: list[str | Path] = [binaries / "trailwarden", "audit", "--format", "json"]
        done = subprocess.run(command, capture_output=True, text=True, env=told, cwd=empty)
    if done.returncode != SOMETHING_FAILS:
        raise ValueError(f"trailwarden audit ended with {done.returncode}: {done.stderr[-500:]}")
    judged = {account["account_id"] for account in json.loads(done.stdout)["accounts"]}
    if judged != set(accounts):
        raise ValueError(f"trailwarden audit judged {len(judged)} of {len(accounts)} accounts")
    return len(judged)


@contextmanager
def _pretend_aws(binaries: Path) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Isolated, so that it comes from the wheel. It ends when its input does."""
    command: list[str | Path] = [binaries / "python", "-I", "-c", PRETEND_AWS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_plain()) as process:
        assert process.stdout  # noqa: S101 - for mypy: it was asked for
        environment, accounts = json.loads(process.stdout.readline())
        yield environment, accounts


def _plain() -> dict[str, str]:
    """Without our settings, and without a path to the source."""
    ours = ("AWS_", "SLACK_", "TRAILWARDEN_", "PYTHON", "DATABASE_URL", "PORT")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def _uv(*words: str | Path) -> None:
    subprocess.run([UV, *words, "--quiet"], check=True)
