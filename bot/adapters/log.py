"""The log: one JSON object a line for machines, a readable line for a terminal; through one redaction, either way."""

import logging
import sys
import threading
from datetime import datetime
from typing import IO, Any, Literal

from pythonjsonlogger.json import JsonFormatter

from bot.adapters.redaction import Redaction
from bot.domain.printable import printable
from bot.ports import context

log = logging.getLogger(__name__)

Form = Literal["auto", "json", "text"]
QUIET = ("apscheduler", "alembic", "botocore", "dbos", "websocket")
"""Of these only warnings: what they do is ours to tell."""
BOLTS = ("`token` will be unused", "(or SLACK_BOT_TOKEN env variable) will be ignored")
"""Bolt warns so at each start, of the environment that it reads itself: the token is used, by the client we give it."""
NAMES = {"levelname": "level", "name": "logger", "exc_info": "traceback", "stack_info": "stack"}


def set_up(form: Form, redact: Redaction, stream: IO[str] = sys.stderr) -> None:
    """Everything that this process says from now on goes through here. `auto`: text where the stream is a terminal."""
    handler = logging.StreamHandler(stream)
    text = form == "text" or (form == "auto" and stream.isatty())
    handler.setFormatter(ForPeople(redact) if text else ForMachines(redact))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("slack_bolt.App").addFilter(_is_so)
    logging.getLogger("dbos").addHandler(logging.NullHandler())  # where it has one, it adds none of its own
    logging.captureWarnings(True)
    _catch_what_nobody_caught()


def _is_so(line: logging.LogRecord) -> bool:
    return not any(words in line.getMessage() for words in BOLTS)


def _catch_what_nobody_caught() -> None:
    """A traceback that Python prints itself would be many lines, and go past the redaction."""
    sys.excepthook = lambda kind, error, trace: log.critical("it broke", exc_info=(kind, error, trace))
    threading.excepthook = _a_thread_broke


def _a_thread_broke(how: threading.ExceptHookArgs) -> None:
    if how.exc_value is not None and not isinstance(how.exc_value, SystemExit):
        name = how.thread.name if how.thread else "that has ended"
        log.error("the thread %s broke", name, exc_info=(how.exc_type, how.exc_value, how.exc_traceback))


class ForMachines(JsonFormatter):
    """`time`, `level`, `logger`, `message`, the ids of what is worked on, and `traceback` where something broke."""

    def __init__(self, redact: Redaction) -> None:
        super().__init__(["levelname", "name", "message"], rename_fields=NAMES, timestamp="time")
        self._redact = redact

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        log_data.update(context.known())

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {name: self._shown(value) for name, value in log_data.items()}

    def _shown(self, value: object) -> object:
        """What can hold no secret stays what it is; all else becomes text."""
        if value is None or isinstance(value, bool | int | float | datetime):
            return value
        return self._redact(str(value))


class ForPeople(logging.Formatter):
    """Time, level, logger, message, and the ids behind it. Others' words do nothing to a terminal."""

    def __init__(self, redact: Redaction) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._redact = redact

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        ids = " ".join(f"{name}={id}" for name, id in context.known().items())
        return printable(f"{super().formatMessage(record)}{ids and f' [{ids}]'}")

    def format(self, record: logging.LogRecord) -> str:
        lines = super().format(record).split("\n")
        return self._redact("\n".join(map(printable, lines)))
