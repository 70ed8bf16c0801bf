"""`trailwarden serve`: the bot, until it is told to stop."""

import logging
import signal
import sys
import threading

from bot.adapters.web import Web
from bot.app import Bot
from bot.cli import EXIT_CANNOT_RUN
from bot.domain.refusal import Refused
from bot.ports import CannotRunError
from config.settings import Settings, SettingsError, load, missing_for_slack
from handlers.signed_doorway import PATH


def run() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    for noisy in ("apscheduler", "alembic", "botocore", "websocket"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        settings = load()
        if missing := missing_for_slack(settings):
            raise SettingsError("\n".join(missing))
        return _serve(settings)
    except (SettingsError, CannotRunError, Refused) as why:
        print(why, file=sys.stderr)
        return EXIT_CANNOT_RUN


def _serve(settings: Settings) -> int:
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    bot = Bot(settings)
    web = Web(settings.host, settings.port, bot.door, bot.pages) if settings.port is not None else None
    try:
        bot.start()
        _say_ready(settings)
        over.wait()
    finally:
        bot.stop()
        if web:
            web.stop()
    return 0


def _say_ready(settings: Settings) -> None:
    if settings.slack_signing_secret and not settings.over_http:
        print("Note: SLACK_SIGNING_SECRET is not used in Socket Mode.", file=sys.stderr)
    if not settings.approvers and not any(rule.approvers for rule in settings.rules):
        print("Note: TRAILWARDEN_APPROVERS is empty, so nobody may approve a change.", file=sys.stderr)
    print(f"Trailwarden {_reached(settings)}. Stop it with Ctrl-C.", file=sys.stderr)


def _reached(settings: Settings) -> str:
    if settings.over_http:
        return f"waits for Slack's requests at {PATH} on port {settings.port}"
    return "is connected to Slack"
