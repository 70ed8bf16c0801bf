"""The life of an exception: its plan, its reviews and its end, and the findings that it accepts.

It writes nothing to AWS: proposed -> approved -> active -> ended.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import IntEnum

from bot.domain.acceptance import Acceptance, refused
from bot.domain.change import Change, Entitled, State, refuse_stranger
from bot.domain.control import Control, Profile
from bot.domain.finding import Accepted, AccountReport, Finding, Report, Verdict
from bot.domain.plan import Plan, judged, refuse_unreadable
from bot.domain.refusal import Person, Refused
from bot.domain.trail import Snapshot

KEPT = timedelta(days=30)
"""So long one that has ended is listed."""


def plan_accept(world: Snapshot, controls: tuple[Control, ...], profile: Profile, wish: Acceptance) -> Plan:
    """The failures that the wish names, or, where it names no control, all. Refused where nothing of it fails now."""
    refuse_unreadable(world)
    findings = judged(world, controls, profile)
    asked = [f for f in findings if f.control in (wish.controls or (f.control,))]
    failing = tuple(f.control for f in asked if f.verdict is Verdict.FAIL)
    if not failing:
        raise _nothing_to_accept(world, findings, asked)
    unseen = tuple(f"Not accepted, because it could not be judged: {f.control}. {f.why}" for f in _unknown(asked))
    return Plan("accept", world, (), profile, failing, unseen, accepts=replace(wish, controls=failing))


def _unknown(findings: Iterable[Finding]) -> list[Finding]:
    return [f for f in findings if f.verdict is Verdict.UNKNOWN]


def _nothing_to_accept(world: Snapshot, findings: Iterable[Finding], asked: list[Finding]) -> Refused:
    """What nobody could see is never accepted."""
    account = world.account
    unknown = _unknown(asked)
    what = asked[0].control if len(asked) == 1 else "what is audited"
    why = f"{what} passes in {account.label}, so there is nothing to accept."
    if unknown:
        why = f"{unknown[0].control} could not be judged in {account.label}, so it cannot be accepted: {unknown[0].why}"
    failing = [f.control for f in findings if f.verdict is Verdict.FAIL]
    if failing:
        return refused(f"{why} What fails there can be.", account.id, world.taken_at.date(), failing[0])
    return Refused(f"{why} `/trail-audit` shows what fails elsewhere.")


def is_active(change: Change, now: datetime) -> bool:
    """An end that nobody has noted yet is an end."""
    accepts = change.plan.accepts
    return change.state is State.ACTIVE and accepts is not None and now < accepts.ends_at


SOON = timedelta(days=14)


def to_review(change: Change, now: datetime) -> bool:
    """It ends soon, or its last day is over and nothing has taken its place: somebody has to see to the failure."""
    accepts = change.plan.accepts
    if accepts is None or change.ended_by:
        return False
    over = change.state is State.ENDED and now >= accepts.ends_at
    return over or (change.state is State.ACTIVE and now >= accepts.ends_at - SOON)


# Its end


def end_early(change: Change, user: str, entitled: Callable[[], Entitled], now: datetime) -> Change:
    """By its owner or an approver: an account is judged more strictly afterwards, so one person is enough."""
    if change.state is not State.ACTIVE:
        raise Refused(_not_active(change))
    if user != change.requester:
        refuse_stranger(change, user, entitled(), "end")
    ended = change.moved(State.ENDED, now, "Ended early.")
    return replace(ended, ended_by=user)


def _not_active(change: Change) -> str:
    if change.state is State.PROPOSED:
        return f"{change.id} waits for approval: its owner can cancel it on its card, an approver can deny it there."
    return f"{change.id} is {change.state}, so there is nothing to end. `/trail-audit exceptions` shows those that are."


def ended(change: Change, active: Iterable[Change], now: datetime) -> Change | None:
    """The exception at its end, or None where it goes on; a later one that covers it takes its place."""
    if change.state is not State.ACTIVE or change.plan.accepts is None:
        return None
    if not is_active(change, now):
        return change.moved(State.ENDED, now, "Its last day is over: the failure is an ordinary one again.")
    successor = next((c for c in active if is_active(c, now) and _takes_over(c, change)), None)
    return change.moved(State.ENDED, now, f"{successor.id} has taken its place.") if successor else None


def _takes_over(new: Change, old: Change) -> bool:
    one, other = new.plan.accepts, old.plan.accepts
    if new.number <= old.number or new.plan.account.id != old.plan.account.id or not (one and other):
        return False
    return set(other.controls) <= set(one.controls) and other.until <= one.until


# What its owner is told


class Review(IntEnum):
    """What its owner is told while it is active, in this order."""

    BEGUN = 1
    WEEK = 2
    DAY = 3


BEFORE = {Review.WEEK: timedelta(days=7), Review.DAY: timedelta(days=1)}
"""So long before the end."""


def review_due(change: Change, now: datetime) -> Review | None:
    """The latest one that is due and not given. A short exception has no review for which it began too late."""
    if change.plan.accepts is None or change.decided_at is None or not is_active(change, now):
        return None
    ends = change.plan.accepts.ends_at
    times = {Review.BEGUN: change.decided_at, **{review: ends - before for review, before in BEFORE.items()}}
    latest = max(review for review, at in times.items() if change.decided_at <= at <= now or review is Review.BEGUN)
    return latest if latest > change.reviewed else None


# What it does to a report


def marked(report: Report, active: Iterable[Change], owners: Callable[[str], Person], now: datetime) -> Report:
    """With the failures that are accepted now. A verdict stays what it is; PASS and UNKNOWN are never accepted.

    `owners` gives an owner's id a name.
    """
    marks = {
        (change.plan.account.id, control): Accepted(accepts.until, owners(change.requester), change.id)
        for change, accepts in _longest_last(active, now)
        for control in accepts.controls
    }
    accounts = {account for account, _ in marks}
    return replace(
        report, accounts=tuple(_marked(a, marks) if a.account.id in accounts else a for a in report.accounts)
    )


def _longest_last(active: Iterable[Change], now: datetime) -> list[tuple[Change, Acceptance]]:
    """So that of two for the same failure the one that holds longer is told."""
    found = [(c, c.plan.accepts) for c in active if c.plan.accepts and is_active(c, now)]
    return sorted(found, key=lambda one: (one[1].until, one[0].number))


def _marked(account: AccountReport, marks: dict[tuple[str, str], Accepted]) -> AccountReport:
    """`marks` by the account's id and the control's."""
    findings = tuple(
        replace(f, accepted=marks.get((account.account.id, f.control))) if f.verdict is Verdict.FAIL else f
        for f in account.findings
    )
    return replace(account, findings=findings)
