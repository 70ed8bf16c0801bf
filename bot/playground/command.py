"""`trailwarden playground`: a pretend AWS, a local Slack workspace with its page, and the real bot between them.

The bot is `trailwarden serve` in a process of its own, told by its environment alone where Slack and AWS are, so what
is tried here is what runs elsewhere. Nothing of the caller's environment that could reach a real Slack or AWS is
passed on.
"""

import os
import shlex
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.cli import EXIT_CANNOT_RUN
from bot.playground.aws import start_aws
from bot.playground.backstage import parts
from bot.playground.clock import MovableClock
from bot.playground.process import BotProcess
from bot.playground.slack import RunningWorkspace, Way, start_workspace

OURS = ("AWS_", "SLACK_", "TRAILWARDEN_", "BOTO_", "OTEL_")
APPROVERS = "U0ALICE,U0BOB,U0CAROL"
STARTS_WITHIN = 60.0
DELIVERS_EVERY = 5.0
"""Seconds until a started trail delivers its first log file; AWS takes about five minutes."""

TO_TRY = """
Trailwarden's playground runs at {url}

  1. As Alice, in #cloud-security, type   /trail-audit
  2. Press "Propose fix" on prod-payments, then "Approve": refused, because Alice asked for it.
  3. Become Bob (top left) and press "Approve": the change is applied, read again, and VERIFIED.

To run a command of the command line here:   (. {script}; trailwarden doctor)

Nothing here reaches a real Slack or AWS. Stop it with Ctrl-C.
"""
SCRIPT = "settings.sh"


def run(port: int, delivery: Way = "socket", *, keep: bool = False) -> int:
    """`keep`: the folder with the database, the bot's log and the clock stays."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with _folder(keep) as folder:
        try:
            return _play(start_workspace(port=port, delivery=delivery), folder, over)
        except OSError as taken:
            print(
                f"Port {port} cannot be used: {taken.strerror or taken}. Choose another with --port, or DEMO_PORT for "
                "`make demo`.",
                file=sys.stderr,
            )
            return EXIT_CANNOT_RUN


@contextmanager
def _folder(keep: bool) -> Iterator[Path]:
    """For this user only."""
    folder = Path(tempfile.mkdtemp(prefix="trailwarden-"))
    try:
        yield folder
    finally:
        if keep:
            print(f"Kept: {folder} (the database, the bot's log, the clock)", flush=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _play(workspace: RunningWorkspace, folder: Path, over: threading.Event) -> int:
    aws = start_aws()
    aws.deliver_every(DELIVERS_EVERY)
    clock = MovableClock(folder / "clock")
    told = {**environment(workspace, aws.environment(), folder), "TRAILWARDEN_LOG": "text"}
    script = folder / SCRIPT
    script.write_text(shell_script(told, clock.file))
    bot = BotProcess(told, folder, clock.file)
    workspace.open_backstage(parts(workspace, aws, bot, clock))
    try:
        if not _connected(workspace, bot, over):
            return _failed(bot) if not over.is_set() else 0
        print(TO_TRY.format(url=workspace.url, script=script), flush=True)
        while not over.wait(0.5):
            if bot.has_ended():
                return _failed(bot)
    finally:
        bot.stop()
        workspace.stop()
        aws.stop()
        clock.stop()
    return 0


def environment(workspace: RunningWorkspace, aws: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What the bot is told: the caller's environment without anything that names another Slack or AWS."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OURS) and k not in ("DATABASE_URL", "PORT")}
    return {
        **kept,
        **aws,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "SLACK_API_URL": workspace.api_url,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        **workspace.settings,
        "DATABASE_URL": f"sqlite:///{folder / 'trailwarden.sqlite'}",
        "TRAILWARDEN_ACCOUNTS": "organization",
        "TRAILWARDEN_APPROVERS": APPROVERS,
    }


def shell_script(told: Mapping[str, str], clock: Path) -> str:
    """What makes a shell's environment that one, and its `trailwarden` ours, with the playground's clock."""
    away = [f"unset {name}" for name in os.environ if name not in told]
    new = [f"export {name}={shlex.quote(value)}" for name, value in told.items() if os.environ.get(name) != value]
    words = shlex.join([sys.executable, "-m", "bot.playground.bot", str(clock)])
    return "\n".join([*away, *new, f'trailwarden() {{ {words} "$@"; }}', ""])


def _connected(workspace: RunningWorkspace, bot: BotProcess, over: threading.Event) -> bool:
    """Whether the bot came; False as soon as it is known that it will not."""
    deadline = time.monotonic() + STARTS_WITHIN
    while not bot.has_ended() and time.monotonic() < deadline and not over.wait(0.1):
        if workspace.connected():
            return True
    return False


def _failed(bot: BotProcess) -> int:
    print("The bot stopped. The end of its log:", file=sys.stderr)
    print("\n".join(bot.log.read_text().splitlines()[-15:]), file=sys.stderr)
    return EXIT_CANNOT_RUN
