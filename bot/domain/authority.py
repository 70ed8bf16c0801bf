"""Who may ask and who may decide, by rule: the first that covers the account counts, and without one the default."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.plan import Kind
from bot.domain.trail import Account, Unreadable

Under = Callable[[str], frozenset[str] | Unreadable]
"""The ids of the accounts below an organizational unit, by its name or path."""


class Standing(StrEnum):
    """What the workspace says of somebody's account now. Only a member may decide."""

    MEMBER = "is a member's"
    DEACTIVATED = "is deactivated"
    BOT = "is a bot's"
    STRANGER = "belongs to another workspace"
    GUEST = "is a guest's"
    UNKNOWN = "is not known in this workspace"


@dataclass(frozen=True)
class Quorum:
    """How many approvals each kind of change needs."""

    fix: int = 1
    create: int = 1
    update: int = 1
    delete: int = 2
    undo: int = 1
    accept: int = 1

    def of(self, kind: Kind) -> int:
        return int(getattr(self, kind))


USUAL = Quorum()


@dataclass(frozen=True)
class Rule:
    """Who may do what in the accounts that it covers: those named by id or name, or those below the unit.

    People are ids of users (U…, W…) and groups (S…). Without requesters everybody may ask. An asterisk in an account's
    name stands for any letters.
    """

    approvers: tuple[str, ...] = ()
    requesters: tuple[str, ...] = ()
    ping: tuple[str, ...] = ()
    quorum: Quorum = USUAL
    accounts: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Authority:
    """The rules in their order, and what holds where none covers the account."""

    default: Rule
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Viewer:
    """What somebody may see and decide, for showing only: each decision reads it afresh.

    `approver` means anywhere. `decides` are ids of accounts; `unsure` those of which it cannot be told without AWS.
    """

    approver: bool = False
    decides: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()


def is_below(path: str, unit: str) -> bool:
    """Is an account at that path below the unit, which is a name or a path, as `Cloud.under` understands it?"""
    wanted, parts = unit.strip("/"), path.split("/")
    above = ["/".join(parts[:n]) for n in range(1, len(parts) + 1)]
    return bool(wanted) and any(wanted in (a, a.rsplit("/", 1)[-1], a.partition("/")[2]) for a in above)


def rule_for(authority: Authority, account: Account, under: Under) -> Rule | Unreadable:
    """The first rule that covers the account. A unit is looked up only when its rule is reached.

    Unreadable where a rule before the first match could not be looked at: it may be the stricter one.
    """
    for rule in authority.rules:
        covered = _covers(rule, account, under)
        if isinstance(covered, Unreadable):
            return covered
        if covered:
            return rule
    return authority.default


def _covers(rule: Rule, account: Account, under: Under) -> bool | Unreadable:
    if rule.unit:
        inside = under(rule.unit)
        return inside if isinstance(inside, Unreadable) else account.id in inside
    names = [word for word in rule.accounts if not is_id(word)]
    if account.id in rule.accounts or any(_named(account.name, word) for word in names):
        return True
    return Unreadable("", "NotKnown", "the account's name is not known") if names and not account.name else False


def is_id(word: str) -> bool:
    return re.fullmatch(r"[0-9]{12}", word) is not None


def _named(name: str, pattern: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), name, re.IGNORECASE) is not None
