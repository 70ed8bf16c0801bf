"""Domain objects as JSON text and back. pydantic does both; the domain does not know it."""

import json
import logging
import zlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter

from bot.domain.digest import Kept
from bot.domain.finding import Report
from bot.domain.plan import Plan, lost
from bot.domain.trail import Account

T = TypeVar("T")
log = logging.getLogger(__name__)

PACKED = 9
"""zlib's level: the smallest."""
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


def dump_report(report: Report) -> bytes:
    """Compressed: what one account says is much like what the next one says."""
    return zlib.compress(_reports.dump_json((report,)), PACKED)


@lru_cache(maxsize=2)
def load_report(packed: bytes) -> Report:
    """What was read last is kept: the report of ten thousand accounts takes half a second, and every Home shows it."""
    return _reports.validate_json(zlib.decompress(packed))[0]


def load_any_report(packed: bytes | None) -> Report | None:
    """None too where it is of another release: then there is nothing to compare with."""
    return _of_this_release(load_report, packed)


def dump_kept(kept: Kept) -> bytes:
    report = _reports.dump_python((kept.report,), mode="json")
    since = [[account, control, at.isoformat()] for (account, control), at in kept.since.items()]
    return zlib.compress(json.dumps({"report": report, "since": since}, separators=(",", ":")).encode(), PACKED)


@lru_cache(maxsize=2)
def load_kept(packed: bytes) -> Kept:
    found = json.loads(zlib.decompress(packed))
    since = {(str(account), str(control)): datetime.fromisoformat(at) for account, control, at in found["since"]}
    return Kept(_reports.validate_json(json.dumps(found["report"]))[0], since)


def load_any_kept(packed: bytes | None) -> Kept | None:
    return _of_this_release(load_kept, packed)


def _of_this_release(load: Callable[[bytes], T], packed: bytes | None) -> T | None:
    try:
        return load(packed) if packed else None
    except (ValueError, TypeError, LookupError, zlib.error) as unreadable:
        log.warning("A report of another release cannot be read: %s", str(unreadable).splitlines()[0])
        return None
