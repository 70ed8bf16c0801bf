"""A message on its way to the front end, written down before it is sent: the rules that `handlers/sender.py` obeys.

    waiting -> sending -> sent | given-up | waiting again

One row is one message, named by its subject for ever: what is put under a known subject later repaints it. So only the
newest repaint is ever sent, a message that is put twice (a step that is repeated after a crash) is one message, and a
card that changes before it was posted is posted as it is by then.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol, TypeVar

LEASE = timedelta(seconds=90)
"""So long a claim holds: longer than a try (a search and two sends of 20 s), so that nobody sends beside a live one."""
LONGEST_WAIT = timedelta(minutes=10)
"""A time further off than any wait of ours was written by a clock that has been set back since."""


class Stage(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    GIVEN_UP = "given-up"


UNSENT = (Stage.WAITING, Stage.SENDING)


@dataclass(frozen=True)
class Draft:
    """What is to be shown, rendered; `blocks` as JSON text.

    `version` is that of what it shows: an older one never goes over a newer one. `thread` is the id of the message
    under which it hangs, or that message's subject (it has a colon), which is sent before it; or "".
    """

    subject: str
    channel: str
    text: str
    blocks: str
    version: int = 0
    thread: str = ""


def card_of(change: str) -> str:
    """The subject of a change's card."""
    return f"change:{change}"


def change_in(subject: str) -> str:
    """The id of the change that it is about, such as "C-42"; or ""."""
    found = re.search(r":(C-[0-9]+)(?![^:])", subject)
    return found[1] if found else ""


DIGEST = "digest:"


def digest_of(channel: str, key: str) -> str:
    """The subject of a channel's digest."""
    return f"{DIGEST}{channel}:{key}"


def reminder_of(change: str) -> str:
    """The subject of the reminder that a change waits."""
    return f"reminder:{change}"


def told_of(subscription: int, at: datetime) -> str:
    """The subject of what is said to a channel when somebody sets, changes or ends a digest of it."""
    return f"subscription:{subscription}:{at.isoformat()}"


def picture_of(channel: str, subscription: int, week: str) -> str:
    """The subject of a digest's picture of that week: so there is one a week."""
    return f"picture:{channel}:{subscription}:{week}"


@dataclass(frozen=True)
class Outgoing:
    """`key` goes along as metadata, for finding a post whose answer was lost. `message` is its id there, once known.

    `place` is its place in the channel's queue, since `since`. `not_before`: for one that is being sent, when its claim
    ends. `in_doubt`: a try to post it had no answer, so it may be there. `revision` counts what was put.
    """

    key: str
    place: int
    draft: Draft
    since: datetime
    not_before: datetime
    stage: Stage = Stage.WAITING
    message: str = ""
    revision: int = 0
    attempts: int = 0
    owner: str = ""
    in_doubt: bool = False
    error: str = ""

    @property
    def channel(self) -> str:
        return self.draft.channel


def redrafted(old: Outgoing, draft: Draft, place: int, now: datetime) -> Outgoing | None:
    """With newer content; None where nothing is to be done: it is older, or nobody may see the message any more."""
    never_seen = old.stage is Stage.GIVEN_UP and not old.message
    if never_seen or _is_said(old) or draft.version < old.draft.version:
        return None
    newer = replace(old, draft=draft, revision=old.revision + 1)
    return newer if old.stage in UNSENT else _queued(newer, place, now)


def _is_said(old: Outgoing) -> bool:
    """To a person, and sent: a repaint needs the id of the conversation, where we have only that of the person."""
    return bool(old.message) and old.channel.startswith(("U", "W"))


def _queued(one: Outgoing, place: int, now: datetime) -> Outgoing:
    return replace(one, stage=Stage.WAITING, place=place, since=now, not_before=now, attempts=0, error="")


class Queued(Protocol):
    @property
    def channel(self) -> str: ...

    @property
    def not_before(self) -> datetime: ...


Q = TypeVar("Q", bound=Queued)


def claimable(queue: Iterable[Q], now: datetime) -> Iterator[Q]:
    """Of the unsent in their order: the first of each channel, if its time has come. The others wait behind it."""
    seen: set[str] = set()
    for one in queue:
        if one.channel not in seen and not now < one.not_before <= now + LONGEST_WAIT:
            yield one
        seen.add(one.channel)


def claimed(one: Outgoing, owner: str, now: datetime) -> Outgoing:
    """Saved before the try: if the process dies in it, a post is in doubt."""
    doubt = not one.message
    return replace(
        one, stage=Stage.SENDING, owner=owner, attempts=one.attempts + 1, not_before=now + LEASE, in_doubt=doubt
    )


def is_claim_of(saved: Outgoing, claim: Outgoing) -> bool:
    """Not where the claim ended, and somebody else took over."""
    mine = (saved.owner, saved.attempts) == (claim.owner, claim.attempts)
    return mine and saved.stage is Stage.SENDING


def sent(saved: Outgoing, claim: Outgoing, message: str) -> Outgoing:
    """What was put meanwhile is still to be sent. What was sent is kept in the channel, and no longer here."""
    done = replace(saved, message=message, in_doubt=False, error="", attempts=0, not_before=saved.since)
    if saved.revision != claim.revision:
        return replace(done, stage=Stage.WAITING)
    return replace(done, stage=Stage.SENT, draft=replace(saved.draft, text="", blocks="[]"))


def put_off(saved: Outgoing, until: datetime, why: str, in_doubt: bool) -> Outgoing:
    return replace(saved, stage=Stage.WAITING, not_before=until, error=why, in_doubt=in_doubt and not saved.message)


def given_up(saved: Outgoing, why: str) -> Outgoing:
    return replace(saved, stage=Stage.GIVEN_UP, error=why)


def tried_again(saved: Outgoing, place: int, now: datetime) -> Outgoing:
    """At a start: a repaint that was refused; the token may be a new one, the channel open again."""
    return _queued(saved, place, now)
