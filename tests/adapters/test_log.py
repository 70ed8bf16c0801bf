"""What a line of the log holds, for machines and for people."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from bot.adapters.log import Form, set_up
from bot.adapters.redaction import Redaction
from bot.ports.context import known, note, working_on

log = logging.getLogger("tests.log")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    """The log of the process is everybody's."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level = root.handlers[:], root.level
    yield
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook = hooks


def saying(form: Form = "json", *secrets: str, stream: io.StringIO | None = None) -> io.StringIO:
    said = stream or io.StringIO()
    set_up(form, Redaction(secrets), said)
    return said


def objects(said: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.getvalue().splitlines()]


def test_each_line_is_one_object_with_time_level_logger_and_message() -> None:
    said = saying()
    log.info("two\nlines of %s", "words")
    (line,) = objects(said)
    assert {k: v for k, v in line.items() if k != "time"} == {
        "level": "INFO",
        "logger": "tests.log",
        "message": "two\nlines of words",
    }
    assert line["time"].endswith("+00:00")


def test_a_line_carries_the_ids_of_what_is_worked_on_and_no_others() -> None:
    said = saying()
    with working_on(request="ab12", channel=""):
        log.info("asked")
        with working_on(change="C-42"):
            log.info("applying")
        note(run="r1")
        log.info("noted")
    log.info("after")
    ids = [{k: v for k, v in line.items() if k in ("request", "channel", "change", "run")} for line in objects(said)]
    assert ids == [{"request": "ab12"}, {"request": "ab12", "change": "C-42"}, {"request": "ab12", "run": "r1"}, {}]


def test_what_is_noted_outside_of_any_work_stays_with_nobody() -> None:
    note(change="C-42")
    assert known() == {}


def test_another_thread_knows_nothing_of_it() -> None:
    found: list[object] = []
    with working_on(change="C-42"):
        other = threading.Thread(target=lambda: found.append(dict(known())))
        other.start()
        other.join()
    assert found == [{}]


def test_a_traceback_is_a_field_without_secrets() -> None:
    said = saying("json", "s3cr3t-of-ours")
    try:
        raise RuntimeError("s3cr3t-of-ours and xoxb-1-2-3")
    except RuntimeError:
        log.exception("it broke with %s", "s3cr3t-of-ours")
    (line,) = objects(said)
    assert "Traceback" in line["traceback"]
    assert "RuntimeError: [redacted] and [redacted]" in line["traceback"]
    assert line["message"] == "it broke with [redacted]"


def test_a_secret_is_taken_out_before_json_escapes_it() -> None:
    said = saying("json", 'quo"ted\\secret')
    log.info('with quo"ted\\secret %s', {"token": 'quo"ted\\secret'}, extra={"more": {"a": "xapp-1-abcdefgh"}})
    assert "secret" not in said.getvalue()
    assert "abcdefgh" not in said.getvalue()


@pytest.mark.parametrize(
    ("form", "stream", "is_json"),
    [
        ("auto", io.StringIO(), True),
        ("auto", Terminal(), False),
        ("json", Terminal(), True),
        ("text", io.StringIO(), False),
    ],
    ids=["auto elsewhere", "auto on a terminal", "json on a terminal", "text elsewhere"],
)
def test_the_form_is_as_set_and_by_default_fits_the_stream(form: Form, stream: io.StringIO, is_json: bool) -> None:
    saying(form, stream=stream)
    log.info("hello")
    assert stream.getvalue().startswith("{") is is_json


def test_on_a_terminal_others_words_do_nothing_and_the_ids_stand_behind() -> None:
    said = saying("text")
    with working_on(change="C-42"):
        log.info("refused %s", "mallory\x1b[2J\n2026-11-24 INFO forged xoxb-1-2")
    (line,) = said.getvalue().splitlines()
    assert line.endswith("INFO tests.log refused mallory [2J 2026-11-24 INFO forged [redacted] [change=C-42]")


def test_what_nobody_caught_is_a_line_too() -> None:
    said = saying()

    def breaks() -> None:
        raise RuntimeError("xoxb-1-2-3")

    thread = threading.Thread(target=breaks, name="audit_7")
    thread.start()
    thread.join()
    (line,) = objects(said)
    assert (line["level"], line["message"]) == ("ERROR", "the thread audit_7 broke")
    assert line["traceback"].endswith("RuntimeError: [redacted]")


def test_a_thread_that_ends_itself_has_not_broken() -> None:
    said = saying()
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()
    assert said.getvalue() == ""


def test_a_library_that_brings_a_handler_of_its_own_is_kept_from_it() -> None:
    from dbos._logger import dbos_logger, init_logger

    said = saying()
    init_logger()
    dbos_logger.warning("from DBOS")
    assert [line["message"] for line in objects(said)] == ["from DBOS"]
