"""`python -m tests.bench.audit [ACCOUNTS …]`: the real `trailwarden audit` over the stub, as a table on stdout."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from tests.bench import fleet, stub

FLEETS = (1, 100, 1_000, 10_000)
LATENCY_MS = 80
ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Measured:
    """One audit. Wall and CPU in seconds (user and system, of the bot and of the stub), memory in MB."""

    accounts: int
    wall: float
    cpu: float
    stub_cpu: float
    memory: float
    calls: int
    mixed: int
    correct: float


def measured(count: int, latency_ms: int = LATENCY_MS) -> Measured:
    with _stub(count, latency_ms) as (address, server):
        started = time.perf_counter()
        report, used = _audit(address)
        wall = time.perf_counter() - started
        with urlopen(f"{address}/calls") as answer:  # noqa: S310 - our own stub, on loopback
            calls = json.load(answer)
        server_cpu = _cpu_of(server.pid)
    mixed = calls.pop("mixed", 0)
    correct = fleet.share_correct(report, count)
    cpu = used.ru_utime + used.ru_stime
    return Measured(count, wall, cpu, server_cpu, used.ru_maxrss / 1024, sum(calls.values()), mixed, correct)


@contextmanager
def _stub(count: int, latency_ms: int) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    command = [sys.executable, "-m", "tests.bench.stub", str(count), str(latency_ms)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}", server
        finally:
            server.terminate()


def _audit(address: str) -> tuple[dict[str, Any], resource.struct_rusage]:
    """The report, and what the process used; in an empty directory, where no `.env` interferes."""
    command = [sys.executable, "-m", "bot", "audit", "--format", "json"]
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as out:
        bot = subprocess.Popen(command, cwd=empty, stdout=out, env=_environment(address))
        _, status, used = os.wait4(bot.pid, 0)
        bot.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return json.load(out), used


def _environment(address: str) -> dict[str, str]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TRAILWARDEN_"))}
    nothing = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    keys = {"AWS_ACCESS_KEY_ID": stub.OWN_KEY, "AWS_SECRET_ACCESS_KEY": "s", "AWS_ENDPOINT_URL": address}
    return {**ours, **nothing, **keys, "PYTHONPATH": str(ROOT), "TRAILWARDEN_ACCOUNTS": "organization"}


def _cpu_of(pid: int) -> float:
    """Seconds so far, user and system: fields 14 and 15 of proc(5)'s stat."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


HEAD = """| accounts | wall s | CPU s | stub's CPU s | peak MB | calls | accounts mixed | correct verdicts |
|---:|---:|---:|---:|---:|---:|---:|---:|"""


def _row(m: Measured) -> str:
    used = f"{m.wall:.1f} | {m.cpu:.1f} | {m.stub_cpu:.1f} | {m.memory:.0f}"
    return f"| {m.accounts:,} | {used} | {m.calls:,} | {m.mixed} | {m.correct:.2%} |"


def main(arguments: Sequence[str]) -> None:
    print(HEAD)
    for count in [int(a) for a in arguments] or FLEETS:
        print(_row(measured(count)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
