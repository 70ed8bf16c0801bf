"""A change and its life: the table of states, and who may move it. An approval is for exactly one plan."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.domain.asking import request
from bot.domain.authority import USUAL, Quorum, Standing
from bot.domain.plan import Plan
from bot.domain.refusal import Group, Part, Person, Refused, listed


class State(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    APPLYING = "applying"
    VERIFIED = "verified"
    FAILED = "failed"
    UNKNOWN = "unknown"
    ACTIVE = "active"
    ENDED = "ended"


NEXT: dict[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.APPROVED, State.DENIED, State.EXPIRED, State.CANCELLED, State.SUPERSEDED}),
    State.APPROVED: frozenset({State.APPLYING, State.SUPERSEDED, State.FAILED, State.ACTIVE}),
    State.APPLYING: frozenset({State.VERIFIED, State.FAILED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.VERIFIED, State.FAILED}),
    State.ACTIVE: frozenset({State.ENDED}),
    State.ENDED: frozenset(),
    State.VERIFIED: frozenset(),
    State.FAILED: frozenset(),
    State.DENIED: frozenset(),
    State.EXPIRED: frozenset(),
    State.CANCELLED: frozenset(),
    State.SUPERSEDED: frozenset(),
}
TOLD = frozenset({State.VERIFIED, State.FAILED, State.DENIED, State.EXPIRED, State.SUPERSEDED, State.ENDED})
"""The ends that the requester is told of, besides a withdrawal; who cancels knows it."""
OPEN = frozenset({State.PROPOSED, State.APPROVED, State.APPLYING, State.UNKNOWN})
"""Not ended: what `/trail-audit changes` lists. An active exception is carried out, and is in nobody's way."""


Delivery = Literal["", "awaited", "seen", "missing"]
"""Of the first log file after a start; "" where none is waited for."""


@dataclass(frozen=True)
class Vote:
    user: str
    approve: bool
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Change:
    """One proposed change. `version` counts the saves: a save succeeds only on the version that was read.

    `done` is the number of steps known to be carried out; `outcome` one sentence on how it ended, or stands.
    `channel` and `message` say where its card is; `message` is "" until it was posted. `delivery` is whether the first
    log file of a trail that was started has been seen. `ended_by` is who ended an exception early; `reviewed` counts
    the notices that its owner had of it, and is no part of a save.
    """

    number: int
    plan: Plan
    requester: str
    channel: str
    proposed_at: datetime
    expires_at: datetime
    state: State = State.PROPOSED
    version: int = 0
    votes: tuple[Vote, ...] = ()
    quorum: int = 1
    done: int = 0
    outcome: str = ""
    decided_at: datetime | None = None
    message: str = ""
    delivery: Delivery = ""
    ended_by: str = ""
    reviewed: int = 0

    @property
    def id(self) -> str:
        return f"C-{self.number}"

    @property
    def approvers(self) -> tuple[str, ...]:
        return tuple(v.user for v in self.votes if v.approve)

    @property
    def is_withdrawn(self) -> bool:
        """Cancelled by us, because nobody could see its card; `outcome` says why. A requester's cancel has none."""
        return self.state is State.CANCELLED and bool(self.outcome)

    def moved(self, to: State, now: datetime, outcome: str = "") -> "Change":
        """The change in its next state. A move that the table does not have is a defect of ours.

        Only an exception becomes active, and none is ever applied.
        """
        astray = State.APPLYING if self.plan.accepts else State.ACTIVE
        if to not in NEXT[self.state] or to is astray:
            raise ValueError(f"{self.id} cannot go from {self.state} to {to}")
        return replace(self, state=to, decided_at=now, outcome=outcome or self.outcome)


@dataclass(frozen=True)
class Entitled:
    """Who may approve, read afresh: the users, those of the groups among them, and how to name them all.

    `ping` is who is called when it matters; `barred` are those of the users whose account does not let them decide, and
    why: they are no part of `users`.
    """

    users: frozenset[str]
    named: tuple[Person | Group, ...] = ()
    ping: tuple[Person | Group, ...] = ()
    quorum: Quorum = USUAL
    barred: tuple[tuple[str, Standing], ...] = ()

    def barring(self, barred: dict[str, Standing]) -> "Entitled":
        named = tuple(p for p in self.named if p.id not in barred)
        return replace(self, users=self.users - barred.keys(), named=named, barred=tuple(barred.items()))


def votes_wanted(plan: Plan, entitled: Entitled) -> int:
    """What the rule says of this kind of change; wherever a trail is deleted, two at least."""
    return max(entitled.quorum.of(plan.kind), 2 if plan.trail_name else 1)


def quorum(plan: Plan, requester: str, entitled: Entitled) -> int:
    """As many as are wanted, but never more than there are people besides the requester: nobody waits for who left."""
    others = entitled.users - {requester}
    return max(1, min(votes_wanted(plan, entitled), len(others)))


def approve(change: Change, user: str, entitled: Entitled, now: datetime, typed: str = "") -> Change:
    """The change with this person's vote, APPROVED if it was the last one needed. `typed` is the trail's name."""
    refuse_closed(change, now)
    if user == change.requester:
        raise Refused(f"You asked for {change.id}, so somebody else must approve it. ", *_ask(entitled, user))
    refuse_stranger(change, user, entitled, "approve")
    if change.plan.is_lost:
        raise Refused(
            f"{change.id} was proposed by another release of Trailwarden, whose plan this one cannot read. "
            f"{_again(change)}"
        )
    if user in change.approvers and not _suffice(change, entitled):
        others = _ask(entitled, user, change.requester)
        raise Refused(f"You approved {change.id} already; it waits for one more. ", *others)
    if wrong := misnamed(change.plan.trail_name, typed):
        raise Refused(wrong)
    votes = change.votes if user in change.approvers else (*change.votes, Vote(user, True, now))
    voted = replace(change, votes=votes, quorum=quorum(change.plan, change.requester, entitled))
    return _approved(voted, now) if _suffice(voted, entitled) else voted


def misnamed(name: str, typed: str) -> str:
    """What is wrong with the typed name of the trail that a delete is of; "" where nothing is, or it is no delete."""
    right = not name or typed.strip() == name
    return "" if right else f"That is not the trail's name. Type {name} to delete it."


def _approved(change: Change, now: datetime) -> Change:
    """An exception has nothing to be applied, so it is active at once."""
    approved, accepts = change.moved(State.APPROVED, now), change.plan.accepts
    return approved.moved(State.ACTIVE, now, f"Accepted {accepts.period}.") if accepts else approved


def _suffice(change: Change, entitled: Entitled) -> bool:
    """Only votes of those who are still entitled count, against the quorum that those who are still there can reach."""
    counting = frozenset(change.approvers) & entitled.users
    return len(counting) >= quorum(change.plan, change.requester, entitled)


def deny(change: Change, user: str, entitled: Entitled, now: datetime, reason: str) -> Change:
    """One Deny ends it, and takes back what its author approved before."""
    refuse_closed(change, now)
    if user == change.requester:
        raise Refused(f"{change.id} is yours: press Cancel to take it back.")
    refuse_stranger(change, user, entitled, "deny")
    if not reason.strip():
        raise Refused("Say why, in a few words: the requester will read it.")
    if len(reason) > LONGEST_REASON:
        raise Refused(f"Say why in at most {LONGEST_REASON:,} characters: the requester will read it.")
    others = tuple(vote for vote in change.votes if vote.user != user)
    return replace(change, votes=(*others, Vote(user, False, now, reason))).moved(State.DENIED, now, reason)


LONGEST_REASON = 3_000
"""As Slack's own text fields; Block Kit reference, "plain-text input"."""


def cancel(change: Change, user: str, now: datetime, requester: Standing = Standing.MEMBER) -> Change:
    """`requester` is what became of the account that asked."""
    refuse_closed(change, now)
    if user != change.requester:
        gone = "" if requester is Standing.MEMBER else f", and that account {requester}"
        asked = f", who asked for {change.id}, can cancel it{gone}. An approver can deny it."
        raise Refused("Only ", Person(change.requester), asked)
    return change.moved(State.CANCELLED, now)


def half_way(change: Change) -> datetime:
    """When its approvers are reminded."""
    return change.proposed_at + (change.expires_at - change.proposed_at) / 2


def expire(change: Change, now: datetime) -> Change | None:
    """The expired change, or None where it still has time or is decided."""
    if change.state is not State.PROPOSED or now < change.expires_at:
        return None
    return change.moved(State.EXPIRED, now, "Nobody decided in time.")


def refuse_closed(change: Change, now: datetime) -> None:
    if change.state is not State.PROPOSED:
        raise Refused(*_already(change))
    if now >= change.expires_at:
        raise Refused(f"{change.id} expired ", change.expires_at, f". {_again(change)}")


def _already(change: Change) -> tuple[Part, ...]:
    again = f" {_again(change)}" if change.state not in NOT_ASKED_ANEW else ""
    return (f"{change.id} was already ", *_decision(change), f"{SINCE.get(change.state, '')}.{again}")


NOT_ASKED_ANEW = OPEN | {State.VERIFIED, State.ACTIVE, State.ENDED}


def _decision(change: Change) -> tuple[Part, ...]:
    """Who decided what, and when. What became of an approved change is nobody's doing."""
    when: tuple[Part, ...] = (" ", change.decided_at) if change.decided_at else ()
    match change.state:
        case State.EXPIRED:
            return ("expired", *when)
        case State.CANCELLED if change.is_withdrawn:
            return ("withdrawn", *when, ", because its card could not be posted")
        case State.CANCELLED:
            return ("cancelled by ", Person(change.requester), *when)
        case State.DENIED:
            return ("denied by ", Person(change.votes[-1].user), *when)
        case _ if not change.votes:
            return (str(change.state), *when)
        case _:
            by = listed(tuple(Person(user) for user in change.approvers))
            return ("approved by ", *by, " ", change.votes[-1].at)


SINCE = {
    State.VERIFIED: ", and verified",
    State.FAILED: ", and has failed",
    State.UNKNOWN: "; what became of it is being found out",
    State.SUPERSEDED: ", and superseded because the account had changed",
    State.ACTIVE: ", and is active",
    State.ENDED: ", and has ended",
}


def _again(change: Change) -> str:
    return f"If it is still wanted, ask anew: `{request(change.plan)}`."


def refuse_stranger(change: Change, user: str, entitled: Entitled, verb: str) -> None:
    """Raises Refused where this person may not decide on the change; `verb` is what they wanted."""
    if not entitled.users and not entitled.barred:
        raise Refused(
            f"Nobody may {verb} {change.id}: no approvers are configured for {change.plan.account.label}. "
            "Whoever runs Trailwarden sets TRAILWARDEN_APPROVERS."
        )
    if user not in entitled.users:
        standing = dict(entitled.barred).get(user)
        why = f"Your account {standing}" if standing else "You are not an approver"
        raise Refused(f"{why}, so you cannot {verb} {change.id}. ", *_ask(entitled, user, change.requester))


def _ask(entitled: Entitled, *without: str) -> tuple[Part, ...]:
    """Who else can: a sentence of its own."""
    others = tuple(p for p in entitled.named if p.id not in without)
    if not others:
        return ("There is no other approver: whoever runs Trailwarden sets TRAILWARDEN_APPROVERS.",)
    return ("Ask ", *listed(others), ".")
