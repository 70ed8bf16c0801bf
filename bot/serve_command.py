"""`trailwarden serve`: the bot, until it is told to stop."""

import logging
import os
import signal
import sys
import threading

from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.db.engine import cannot_be_used
from bot.adapters.log import set_up
from bot.adapters.redaction import Redaction
from bot.adapters.web import Web
from bot.app import Bot
from bot.cli import EXIT_CANNOT_RUN
from bot.domain.refusal import Refused
from bot.ports import CannotRunError
from bot.ports.traces import UNTRACED, Traces
from bot.serving import unfit
from config import tracing
from config.secrets import known_secrets
from config.settings import Settings, SettingsError, load
from config.sources import exposed
from handlers.signed_doorway import PATH

log = logging.getLogger("trailwarden")

WAKES_EVERY = 1.0
"""Seconds: a signal that the system gives to another thread does not wake the main one, where Python handles it."""


def run() -> int:
    """Before the settings are known there is no log, so what is wrong with them is said plainly."""
    try:
        settings = load()
        if wrong := unfit(settings, os.environ):
            raise SettingsError("\n".join(wrong))
    except SettingsError as why:
        print(why, file=sys.stderr)
        return EXIT_CANNOT_RUN
    set_up(settings.log, Redaction(known_secrets(settings, os.environ)))
    try:
        return _with_database(settings)
    except (CannotRunError, Refused) as why:
        log.critical("%s", why)
        return EXIT_CANNOT_RUN


def _with_database(settings: Settings) -> int:
    """DBOS writes to it at the start too, and whoever is done lets go of it. Raises CannotRunError."""
    try:
        return _serve(settings)
    except SQLAlchemyError as failed:
        raise cannot_be_used(settings.database_url, failed) from failed


def _serve(settings: Settings) -> int:
    over = told_to_end()
    traces = _traces()
    bot = Bot(settings, traces)
    web = Web(settings.host, settings.port, bot.door, bot, bot.pages) if settings.port is not None else None
    try:
        bot.start()
        _say_ready(settings)
        wait(over)
    finally:
        bot.stop()
        if web:
            web.stop()
        traces.stop()
    return 0


def _traces() -> Traces:
    """Nothing of OpenTelemetry is imported unless it is asked for. Raises CannotRunError."""
    if not tracing.wanted(os.environ):
        return UNTRACED
    from bot.adapters.tracing import Tracing

    return Tracing()


def told_to_end() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    return over


def wait(over: threading.Event) -> None:
    while not over.wait(WAKES_EVERY):
        pass


def _say_ready(settings: Settings) -> None:
    for file in exposed():
        log.warning("%s holds secrets and others on this machine can read it: chmod 600 %s", file, file)
    if settings.host and settings.port is None:
        log.warning("TRAILWARDEN_HOST is not used, because PORT is not set.")
    if settings.slack_signing_secret and not settings.over_http:
        log.warning("SLACK_SIGNING_SECRET is not used in Socket Mode.")
    if not settings.approvers and not any(rule.approvers for rule in settings.rules):
        log.warning("TRAILWARDEN_APPROVERS is empty, so nobody may approve a change.")
    log.info("Trailwarden %s. Stop it with Ctrl-C.", _reached(settings))


def _reached(settings: Settings) -> str:
    if settings.over_http:
        return f"waits for Slack's requests at {PATH} on port {settings.port}"
    return "is connected to Slack"
