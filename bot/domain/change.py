"""A change and its life: the table of states, and who may move it. An approval is for exactly one plan."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

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


NEXT: dict[State, frozenset[State]] = {
    State.PROPOSED: frozenset({State.APPROVED, State.DENIED, State.EXPIRED, State.CANCELLED, State.SUPERSEDED}),
    State.APPROVED: frozenset({State.APPLYING, State.SUPERSEDED, State.FAILED}),
    State.APPLYING: frozenset({State.VERIFIED, State.FAILED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.VERIFIED, State.FAILED}),
    State.VERIFIED: frozenset(),
    State.FAILED: frozenset(),
    State.DENIED: frozenset(),
    State.EXPIRED: frozenset(),
    State.CANCELLED: frozenset(),
    State.SUPERSEDED: frozenset(),
}
OPEN = frozenset({State.PROPOSED, State.APPROVED, State.APPLYING, State.UNKNOWN})
"""Not ended: what `/trail-audit changes` lists."""


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
    log file of a trail that was started has been seen.
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

    @property
    def id(self) -> str:
        return f"C-{self.number}"

    @property
    def approvers(self) -> tuple[str, ...]:
        return tuple(v.user for v in self.votes if v.approve)

    def moved(self, to: State, now: datetime, outcome: str = "") -> "Change":
        """The change in its next state. A move that the table does not have is a defect of ours."""
        if to not in NEXT[self.state]:
            raise ValueError(f"{self.id} cannot go from {self.state} to {to}")
        return replace(self, state=to, decided_at=now, outcome=outcome or self.outcome)


@dataclass(frozen=True)
class Entitled:
    """Who may approve, read afresh: the users, those of the groups among them, and how to name them all."""

    users: frozenset[str]
    named: tuple[Person | Group, ...] = ()


def quorum(plan: Plan, requester: str, entitled: Entitled) -> int:
    """Two where a trail is deleted and two entitled people besides the requester exist; else one."""
    others = entitled.users - {requester}
    return 2 if plan.trail_name and len(others) >= 2 else 1


def approve(change: Change, user: str, entitled: Entitled, now: datetime, typed: str = "") -> Change:
    """The change with this person's vote, APPROVED if it was the last one needed. `typed` is the trail's name."""
    _refuse_closed(change, now)
    if user == change.requester:
        raise Refused(f"You asked for {change.id}, so somebody else must approve it: ", *_others(entitled, user), ".")
    _refuse_stranger(change, user, entitled, "approve")
    if change.plan.is_lost:
        raise Refused(f"{change.id} was proposed by another release of Trailwarden, whose plan this one cannot read.")
    if user in change.approvers and not _suffice(change, entitled):
        raise Refused(f"You approved {change.id} already; it waits for one more: ", *_others(entitled, user), ".")
    if change.plan.trail_name and typed.strip() != change.plan.trail_name:
        raise Refused(f"That is not the trail's name. Type {change.plan.trail_name} to delete it.")
    votes = change.votes if user in change.approvers else (*change.votes, Vote(user, True, now))
    voted = replace(change, votes=votes)
    return voted.moved(State.APPROVED, now) if _suffice(voted, entitled) else voted


def _suffice(change: Change, entitled: Entitled) -> bool:
    """Only votes of those who are still entitled count, against the quorum that those who are still there can reach."""
    counting = frozenset(change.approvers) & entitled.users
    return len(counting) >= quorum(change.plan, change.requester, entitled)


def deny(change: Change, user: str, entitled: Entitled, now: datetime, reason: str) -> Change:
    """One Deny ends it."""
    _refuse_closed(change, now)
    if user == change.requester:
        raise Refused(f"{change.id} is yours: press Cancel to take it back.")
    _refuse_stranger(change, user, entitled, "deny")
    if not reason.strip():
        raise Refused("Say why, in a few words: the requester will read it.")
    return replace(change, votes=(*change.votes, Vote(user, False, now, reason))).moved(State.DENIED, now, reason)


def cancel(change: Change, user: str, now: datetime) -> Change:
    _refuse_closed(change, now)
    if user != change.requester:
        raise Refused(
            "Only ", Person(change.requester), f", who asked for {change.id}, can cancel it. You can deny it."
        )
    return change.moved(State.CANCELLED, now)


def expire(change: Change, now: datetime) -> Change | None:
    """The expired change, or None where it still has time or is decided."""
    if change.state is not State.PROPOSED or now < change.expires_at:
        return None
    return change.moved(State.EXPIRED, now, "Nobody decided in time.")


def _refuse_closed(change: Change, now: datetime) -> None:
    if change.state is not State.PROPOSED:
        raise Refused(*_already(change))
    if now >= change.expires_at:
        raise Refused(f"{change.id} expired at ", change.expires_at, f". {_again(change)}")


def _already(change: Change) -> tuple[Part, ...]:
    again = f" {_again(change)}" if change.state not in OPEN | {State.VERIFIED} else ""
    return (f"{change.id} was already ", *_decision(change), f"{SINCE.get(change.state, '')}.{again}")


def _decision(change: Change) -> tuple[Part, ...]:
    """Who decided what, and when. What became of an approved change is nobody's doing."""
    when: tuple[Part, ...] = (" at ", change.decided_at) if change.decided_at else ()
    match change.state:
        case State.EXPIRED:
            return ("expired", *when)
        case State.CANCELLED:
            return ("cancelled by ", Person(change.requester), *when)
        case State.DENIED:
            return ("denied by ", Person(change.votes[-1].user), *when)
        case _:
            by = listed(tuple(Person(user) for user in change.approvers))
            return ("approved by ", *by, " at ", change.votes[-1].at)


SINCE = {
    State.VERIFIED: ", and verified",
    State.FAILED: ", and has failed",
    State.UNKNOWN: "; what became of it is being found out",
    State.SUPERSEDED: ", and superseded because the account had changed",
}


def _again(change: Change) -> str:
    return f"If it is still wanted, ask anew: `{request(change.plan)}`."


def request(plan: Plan) -> str:
    """The command that asks for such a plan again."""
    if plan.kind == "undo":
        return f"/trail-audit undo C-{plan.undoes}"
    name = f"{plan.trail_name} " if plan.kind == "delete" else ""
    return f"/trail-audit {plan.kind} {name}{plan.account.id}"


def _refuse_stranger(change: Change, user: str, entitled: Entitled, verb: str) -> None:
    if not entitled.users:
        raise Refused(
            f"Nobody may {verb} {change.id} yet: no approvers are configured. Whoever runs Trailwarden sets "
            "TRAILWARDEN_APPROVERS."
        )
    if user not in entitled.users:
        raise Refused(f"You are not an approver, so you cannot {verb} {change.id}. Ask ", *listed(entitled.named), ".")


def _others(entitled: Entitled, user: str) -> tuple[Part, ...]:
    others = tuple(p for p in entitled.named if p != Person(user))
    return listed(others) or ("but there is no other approver. Whoever runs Trailwarden sets TRAILWARDEN_APPROVERS",)
