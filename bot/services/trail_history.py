"""Who changed the trails of newly failing accounts, asked of CloudTrail's event history. Changes no verdict."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import starmap

from bot.domain.finding import AccountReport, Report
from bot.domain.trail import Account
from bot.domain.trail_events import history, is_trail, owner
from bot.ports import Cloud

ASKED = 10
"""So many accounts are asked about: each costs four calls or more, half a second apart."""


def who_changed(
    cloud: Cloud, failing: Iterable[AccountReport], since: datetime, before: Report | None = None
) -> dict[str, str]:
    """By account id, what people are told of the first ten accounts in which a trail decided; others are not in it.

    `before` is the earlier report, which names the trails that are deleted by now. The account that owns a trail is
    asked, once for all members; where it cannot be read the text says why, and which permission is missing.
    """

    @cache
    def told(owned_by: Account, trails: tuple[str, ...]) -> str:
        return history(cloud.trail_events(owned_by, trails, since), trails, since)

    chosen = _with_trails(failing, before)[:ASKED]
    return {account.id: " ".join(starmap(told, _by_owner(account, trails))) for account, trails in chosen}


def _with_trails(failing: Iterable[AccountReport], before: Report | None) -> list[tuple[Account, tuple[str, ...]]]:
    earlier = {a.account.id: a for a in before.accounts} if before else {}
    found = ((a.account, deciding(a, earlier.get(a.account.id))) for a in failing)
    return [(account, trails) for account, trails in found if trails]


def deciding(now: AccountReport, before: AccountReport | None) -> tuple[str, ...]:
    """The ARNs of the trails that decide what fails now, first those that decided it in the earlier report."""
    failing = {f.control for f in now.failing()}
    then = before.findings if before else ()
    arns = (f.resource or "" for f in (*then, *now.findings) if f.control in failing)
    return tuple(dict.fromkeys(filter(is_trail, arns)))


def _by_owner(account: Account, trails: tuple[str, ...]) -> Iterator[tuple[Account, tuple[str, ...]]]:
    """An organization's trail is changed in the account that owns it, whichever member asks."""
    for id in dict.fromkeys(map(owner, trails)):
        yield Account(id, partition=account.partition), tuple(t for t in trails if owner(t) == id)
