"""Domain objects as JSON text and back. pydantic does both; the domain does not know it."""

from pydantic import ConfigDict, TypeAdapter

from bot.domain.finding import Report
from bot.domain.plan import Plan

STRICT = ConfigDict(extra="forbid")
"""A field that is not of the type tells it from another of a union: one fact must never be read as another."""

_plans = TypeAdapter(tuple[Plan], config=STRICT)
_reports = TypeAdapter(tuple[Report], config=STRICT)
"""Tuples of one, because pydantic takes no configuration for a dataclass itself."""


def dump_plan(plan: Plan) -> str:
    return _plans.dump_json((plan,)).decode()


def load_plan(text: str) -> Plan:
    return _plans.validate_json(text)[0]


def dump_report(report: Report) -> str:
    return _reports.dump_json((report,)).decode()


def load_report(text: str) -> Report:
    return _reports.validate_json(text)[0]
