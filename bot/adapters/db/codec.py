"""Domain objects as JSON text and back. pydantic does both; the domain does not know it."""

import json
import logging
from datetime import datetime
from functools import lru_cache

from pydantic import ConfigDict, TypeAdapter

from bot.domain.finding import Report
from bot.domain.plan import Plan, lost
from bot.domain.trail import Account

log = logging.getLogger(__name__)

STRICT = ConfigDict(extra="forbid")
"""A field that is not of the type tells it from another of a union: one fact must never be read as another."""

_plans = TypeAdapter(tuple[Plan], config=STRICT)
_reports = TypeAdapter(tuple[Report], config=STRICT)
"""Tuples of one, because pydantic takes no configuration for a dataclass itself."""


def dump_plan(plan: Plan) -> str:
    return _plans.dump_json((plan,)).decode()


def load_plan(text: str) -> Plan:
    return _plans.validate_json(text)[0]


def load_any_plan(text: str, at: datetime) -> Plan:
    """The plan, or what stands for one of another release: a change that cannot be read must not hide the others."""
    try:
        return load_plan(text)
    except ValueError as unreadable:
        log.warning("A plan of another release cannot be read: %s", str(unreadable).splitlines()[0])
        return lost(_account(text), at)


def _account(text: str) -> Account:
    """Its account at least, from wherever it stood in every release so far."""
    try:
        account = json.loads(text)[0]["before"]["account"]
        return Account(str(account["id"]), str(account["name"]))
    except (ValueError, LookupError, TypeError):
        return Account("", "an unknown account")


def dump_report(report: Report) -> str:
    return _reports.dump_json((report,)).decode()


@lru_cache(maxsize=2)
def load_report(text: str) -> Report:
    """What was read last is kept: the report of ten thousand accounts takes half a second, and every Home shows it."""
    return _reports.validate_json(text)[0]


def load_any_report(text: str | None) -> Report | None:
    """None too where it is of another release: then there is nothing to compare with."""
    try:
        return load_report(text) if text else None
    except ValueError as unreadable:
        log.warning("A report of another release cannot be read: %s", str(unreadable).splitlines()[0])
        return None
