"""Stand-ins for the ports of a whole bot: an AWS that changes, a store that compares and sets, a Slack that records."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.domain import outgoing
from bot.domain.authority import Standing, Viewer
from bot.domain.change import OPEN, TOLD, Change, Entitled, State
from bot.domain.control import Profile
from bot.domain.controls import DEFAULT_CONTROLS
from bot.domain.digest import Kept, score
from bot.domain.evidence import GENESIS, Entry, Fact, chained
from bot.domain.exceptions import Review
from bot.domain.finding import Report
from bot.domain.grant import Grant, Ruling, Rulings
from bot.domain.outgoing import Draft, Outgoing, Stage
from bot.domain.refusal import Person, Refused
from bot.domain.steps import CreateBucket, CreateTrail, DeleteTrail, ProtectBucket, Step
from bot.domain.subscription import Ended, Subscribed, Subscription
from bot.domain.trail import Account, Bucket, Snapshot, Trail, Unreadable
from bot.domain.trail_events import TrailEvent
from bot.domain.twins import refuse_twin
from bot.ports import (
    Accounts,
    AnswerLostError,
    AwsRefusedError,
    CannotAnnounceError,
    CannotRunError,
    Digest,
    Rules,
    Run,
    Wish,
    World,
)
from tests.builders import HOUR, NOW, denied, entitled, surveyed, trail
from tests.fakes import FakeClock


class Crash(BaseException):
    """The process died here."""


class LiveAws:
    """One AWS: read as `Cloud`, written as `Writer`. Strict where AWS is: what exists cannot be made again.

    Reads show what was true `lag` seconds ago. `blind` stands in place of the trails, in so many of the next reads.
    """

    def __init__(self, clock: FakeClock, *worlds: Snapshot) -> None:
        self.clock = clock
        self.lag = 0.0
        self._history = {w.account.id: [(clock.now() - HOUR, w)] for w in worlds}
        self._protected: set[Step] = set()
        self.blind: list[Unreadable | None] = []
        self.blind_after_write: list[Unreadable | None] = []
        """What `blind` becomes once a write was sent."""
        self.hides_buckets_after = ""
        """The call after which no bucket can be read any more."""
        self.meanwhile: Callable[[], object] = lambda: None
        """What somebody else does right after a write of ours was refused."""
        self.trouble: dict[str, list[Exception | str]] = {}
        """By call, what happens to its next tries: an error instead of it, or "lost" after it."""
        self.units: dict[str, str] | Unreadable = {}
        """The OU path of each account, by its id."""
        self.reads: list[Wish] = []
        self.rulings: dict[str, Ruling | Unreadable] = {}
        """By action, what a simulation says of it; what is not here is allowed."""
        self.simulated: list[tuple[Grant, ...]] = []
        self.calls: list[str] = []
        """Each write that was sent, in order; `effects` are those that changed something."""
        self.effects: list[str] = []
        self.log: list[str] = []
        """Reads and writes in one order."""
        self.broken: CannotRunError | None = None
        self.shadows: dict[str, bool | Unreadable] = {}
        """By region, what a look for a shadow trail there says; without a word what is true."""
        self.shadows_asked: list[str] = []
        self.history: dict[str, tuple[TrailEvent, ...] | Unreadable] = {}
        """By account id, who changed its trails; without a word nobody did."""

    def truth(self, account: str) -> Snapshot:
        return self._history[account][-1][1]

    def becomes(self, world: Snapshot) -> None:
        self._history.setdefault(world.account.id, []).append((self.clock.now(), world))

    def accounts(self) -> Accounts:
        if self.broken:
            raise self.broken
        return Accounts(tuple(versions[-1][1].account for versions in self._history.values()))

    def pages(self) -> Iterator[Accounts]:
        yield self.accounts()

    def under(self, unit: str) -> frozenset[str] | Unreadable:  # noqa: ARG002 - no units here
        return frozenset()

    def paths(self) -> dict[str, str] | Unreadable:
        return self.units

    def shows(self, account: Account, arn: str, region: str) -> bool | Unreadable:
        self.shadows_asked.append(region)
        return self.shadows.get(region, self.truth(account.id).trail(arn) is not None)

    def snapshots(self, accounts: Iterable[Account], wish: Wish = Wish()) -> Iterator[Snapshot]:  # noqa: B008 - frozen
        return (self.snapshot(account, wish) for account in accounts)

    def snapshot(self, account: Account, wish: Wish = Wish()) -> Snapshot:  # noqa: B008 - frozen
        self.reads.append(wish)
        self.log.append("read")
        now = self.clock.now()
        blind = self.blind.pop(0) if self.blind else None
        if blind or account.id not in self._history:
            return Snapshot(account, now, blind or denied("sts:AssumeRole", "AccessDenied"))
        visible = now - timedelta(seconds=self.lag)
        versions = self._history[account.id]
        seen = next((w for at, w in reversed(versions) if at <= visible), versions[0][1])
        hidden = denied("s3:GetBucketPolicy", "AccessDenied") if self.hides_buckets_after in self.calls else None
        buckets = tuple(hidden or _read_bucket(seen, name) for name in wish.buckets)
        return replace(
            seen,
            account=account,
            taken_at=now,
            survey=seen.survey if wish.survey else None,
            buckets=buckets,
            resources=tuple(seen.resource(wanted) or replace(wanted, exists=False) for wanted in wish.resources),
            organization=seen.organization if wish.organization else "",
            manager=seen.manager if wish.organization else "",
        )

    def simulate(self, account: Account, grants: tuple[Grant, ...]) -> Rulings:  # noqa: ARG002 - one change role
        self.simulated.append(grants)
        return {grant: self.rulings.get(grant.action, Ruling.ALLOWED) for grant in grants}

    def trail_events(
        self,
        account: Account,
        trails: tuple[str, ...],  # noqa: ARG002 - a history is written for its trails
        since: datetime,  # noqa: ARG002 - and for its time
    ) -> tuple[TrailEvent, ...] | Unreadable:
        return self.history.get(account.id, ())

    def perform(self, change: Change, step: Step) -> str:
        if change.state is not State.APPLYING or step not in change.plan.steps or not change.approvers:
            raise PermissionError(step.call)
        self.calls.append(step.call)
        self.log.append(step.call)
        self.blind = self.blind or self.blind_after_write
        what = self.trouble[step.call].pop(0) if self.trouble.get(step.call) else None
        if isinstance(what, Exception):
            self.meanwhile()
            raise what
        self._carry_out(change.plan.account.id, step)
        if what == "lost":
            raise AnswerLostError("Read timeout")
        return f"request-{len(self.calls)}"

    def _carry_out(self, account: str, step: Step) -> None:
        before = self.truth(account)
        if problem := _refusal(before, step):
            raise AwsRefusedError(problem, "says AWS")
        if step.already(before) or step in self._protected:
            return
        self.effects.append(step.call)
        self._protected |= {step} if isinstance(step, ProtectBucket) else set()
        self.becomes(replace(step.apply(before), taken_at=self.clock.now()))


def _read_bucket(world: Snapshot, name: str) -> Bucket | Unreadable:
    unreadable = next((b for b in world.buckets if isinstance(b, Unreadable)), None)
    return unreadable or world.bucket(name) or Bucket(name, exists=False)


def _refusal(world: Snapshot, step: Step) -> str:
    match step:
        case CreateTrail() if world.trail(step.arn):
            return "TrailAlreadyExistsException"
        case CreateBucket() if step.already(world):
            return "BucketAlreadyOwnedByYou"
        case DeleteTrail() if world.trail(step.arn) is None:
            return "TrailNotFoundException"
    return ""


class InMemoryEvidence:
    def __init__(self) -> None:
        self.all: list[Entry] = []

    def entries(self, change: str = "") -> Iterator[Entry]:
        return iter([e for e in self.all if change in ("", e.change)])

    def record(self, fact: Fact) -> None:
        self.all.append(chained(fact, len(self.all) + 1, self.head()))

    def head(self) -> str:
        return self.all[-1].hash if self.all else GENESIS

    def whats(self) -> list[str]:
        return [e.what for e in self.all]


class InMemoryChanges:
    """Compare-and-set under a lock; `started` are the changes whose work was enqueued. `broken` is raised by reads."""

    def __init__(self, evidence: InMemoryEvidence, announcer: "FakeAnnouncer | None" = None) -> None:
        self._evidence = evidence
        self._announcer = announcer or FakeAnnouncer()
        self._saved: dict[int, Change] = {}
        self._claimed: set[tuple[str, int]] = set()
        self._reviewed: dict[int, int] = {}
        self._lock = threading.RLock()
        self._numbers = count(1)
        self.started: list[int] = []
        self.broken: Exception | None = None

    def add(self, change: Change, fact: Callable[[Change], Fact]) -> Change:
        with self._lock:
            refuse_twin(change.plan, (c for c in self._saved.values() if c.state in OPEN))
            added = replace(change, number=next(self._numbers))
            self._evidence.record(fact(added))
            self._saved[added.number] = added
            return added

    def get(self, number: int) -> Change | None:
        self._break()
        saved = self._saved.get(number)
        shown = saved and saved.number in self._announcer.cards
        return replace(saved, message=f"{number}.0") if saved and shown else saved

    def _break(self) -> None:
        if self.broken:
            raise self.broken

    def open(self) -> tuple[Change, ...]:
        self._break()
        return tuple(c for c in self._saved.values() if c.state in OPEN)

    def ended(self, most: int) -> tuple[Change, ...]:
        over = [c for c in self._saved.values() if c.state not in OPEN]
        return tuple(sorted(over, key=lambda c: (c.decided_at or c.proposed_at, c.number), reverse=True)[:most])

    def all(self) -> tuple[Change, ...]:
        return tuple(self._saved.values())

    def save(self, change: Change, fact: Fact | None = None, start: bool = False) -> Change | None:
        with self._lock:
            now = self._saved[change.number]
            if now.version != change.version:
                return None
            saved = replace(change, version=change.version + 1)
            self._saved[change.number] = saved
            if fact:
                self._evidence.record(fact)
            if start:
                self.started.append(change.number)
            return saved

    def active(self) -> tuple[Change, ...]:
        self._break()
        active = (c for c in self._saved.values() if c.state is State.ACTIVE)
        return tuple(replace(c, reviewed=self._reviewed.get(c.number, 0)) for c in active)

    def exceptions(self, since: datetime) -> tuple[Change, ...]:
        lately = (c for c in self._saved.values() if c.state is not State.ENDED or (c.decided_at or since) >= since)
        return tuple(c for c in lately if c.plan.accepts and c.state in (State.PROPOSED, State.ACTIVE, State.ENDED))

    def awaiting_delivery(self) -> tuple[Change, ...]:
        return tuple(c for c in self._saved.values() if c.delivery == "awaited")

    def unpainted(self) -> tuple[Change, ...]:
        return tuple(c for c in self._saved.values() if self._is_unpainted(c))

    def _is_unpainted(self, change: Change) -> bool:
        if change.number in self._announcer.refused:
            return False
        shown = self._announcer.cards.get(change.number)
        return shown.version < change.version if shown else change.state in OPEN

    def unseen(self) -> tuple[tuple[Change, str], ...]:
        refused = ((self._saved[number], why) for number, why in self._announcer.refused.items())
        return tuple((change, why) for change, why in refused if change.state is State.PROPOSED)

    def unreminded(self) -> tuple[Change, ...]:
        return tuple(c for c in self._free("reminded", {State.PROPOSED}) if c.number in self._announcer.cards)

    def untold(self) -> tuple[Change, ...]:
        return tuple(c for c in self._free("told", TOLD | {State.CANCELLED}) if c.state in TOLD or c.is_withdrawn)

    def _free(self, what: str, states: Collection[State]) -> list[Change]:
        return [c for c in self._saved.values() if c.state in states and (what, c.number) not in self._claimed]

    def claim_reminder(self, number: int) -> bool:
        return self._claim("reminded", number, {State.PROPOSED})

    def claim_review(self, number: int, review: Review) -> bool:
        with self._lock:
            free = self._saved[number].state is State.ACTIVE and self._reviewed.get(number, 0) < review
            self._reviewed |= {number: review} if free else {}
            return free

    def claim_notice(self, number: int) -> bool:
        return self._claim("told", number, TOLD | {State.CANCELLED})

    def _claim(self, what: str, number: int, states: Collection[State]) -> bool:
        with self._lock:
            free = number in {c.number for c in self._free(what, states)}
            self._claimed |= {(what, number)} if free else set()
            return free


class InMemoryRuns:
    def __init__(self) -> None:
        self.saved: dict[str, tuple[Run, Report | None]] = {}

    def start(self, run: Run) -> None:
        self.saved[run.id] = (run, None)

    def finish(self, run: str, report: Report | None, at: datetime) -> None:
        self.saved[run] = (replace(self.saved[run][0], finished=at), report)

    def unfinished(self, owner: str = "") -> tuple[Run, ...]:  # noqa: ARG002 - all belong to one
        return tuple(run for run, _ in self.saved.values() if run.finished is None)

    def get(self, run: str) -> tuple[Run, Report | None] | None:
        return self.saved.get(run)

    def previous(self, channel: str, scope: tuple[str, ...], before: datetime) -> Report | None:
        same = [
            (run.started, report)
            for run, report in self.saved.values()
            if report and (run.channel, run.scope) == (channel, scope) and run.started < before
        ]
        return max(same, key=lambda found: found[0])[1] if same else None

    def newest(self) -> tuple[Run, Report] | None:
        whole = [(run, report) for run, report in self.saved.values() if report and not run.scope]
        return max(whole, key=lambda found: found[0].finished or NOW, default=None)

    def underway(self) -> tuple[Run, ...]:
        return tuple(run for run in self.unfinished() if not run.scope)

    def prune(self, before: datetime) -> int:
        gone = [
            run.id
            for run, report in self.saved.values()
            if run.finished
            and run.started < before
            and (report is None or self.previous(run.channel, run.scope, datetime.max.replace(tzinfo=UTC)) != report)
        ]
        for id in gone:
            del self.saved[id]
        return len(gone)


class InMemoryInbox:
    def __init__(self) -> None:
        self.taken: set[str] = set()

    def take(self, id: str, now: datetime) -> bool:  # noqa: ARG002 - the port's
        """It forgets nothing."""
        first = id not in self.taken
        self.taken.add(id)
        return first


class InMemorySubscriptions:
    def __init__(self, history: "InMemoryHistory") -> None:
        self.saved: dict[int, Subscription] = {}
        self._history = history
        self._ids = count(1)

    def put(self, subscription: Subscription) -> Subscription:
        alike = (s for s in self.of(subscription.channel) if s.is_of == subscription.is_of)
        before = self.saved.get(subscription.id) or (None if subscription.id else next(alike, None))
        saved = replace(subscription, id=before.id if before else next(self._ids))
        if before and before.is_of != saved.is_of:
            self._history.begin_anew(before.id)
        self.saved[saved.id] = saved
        return saved

    def remove(self, id: int) -> bool:
        return self.saved.pop(id, None) is not None

    def pause(self, id: int, why: str) -> bool:
        found = self.saved[id]
        self.saved[id] = replace(found, paused=why)
        return found.paused != why

    def of(self, channel: str) -> tuple[Subscription, ...]:
        return tuple(s for s in self.saved.values() if s.channel == channel)

    def get(self, id: int) -> Subscription | None:
        return self.saved.get(id)

    def all(self) -> tuple[Subscription, ...]:
        return tuple(self.saved.values())


class InMemoryHistory:
    """By channel and key: the line, when, and what was found."""

    def __init__(self) -> None:
        self.digests: dict[tuple[str, str], tuple[int, datetime, Kept]] = {}
        self.whole: set[tuple[str, str]] = set()
        self.refused: dict[tuple[str, str], str] = {}
        """Those that Slack refused after a while, and why."""

    def begin_anew(self, id: int) -> None:
        for key, (line, at, kept) in self.digests.items():
            self.digests[key] = (-id if line == id else line, at, kept)

    def add(self, channel: str, subscription: int, key: str, kept: Kept, at: datetime, whole: bool = True) -> None:
        if (channel, key) in self.digests:
            raise KeyError(key)
        self.digests[channel, key] = (subscription, at, kept)
        if whole:
            self.whole.add((channel, key))

    def has(self, channel: str, key: str) -> bool:
        return (channel, key) in self.digests

    def unseen(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((c, k, self.refused[c, k]) for c, k in self.digests if (c, k) in self.refused)

    def forget(self, channel: str, key: str) -> None:
        self.digests.pop((channel, key), None)

    def last(self, channel: str, subscription: int) -> Kept | None:
        here = self._line(channel, subscription)
        return max(here, key=lambda found: found[1])[2] if here else None

    def newest(self, after: datetime | None = None) -> tuple[str, Report] | None:
        whole = ((name[0], at, kept) for name, (_, at, kept) in self.digests.items() if name in self.whole)
        late = (found for found in whole if after is None or found[1] > after)
        last = max(late, key=lambda found: found[1], default=None)
        return (last[0], last[2].report) if last else None

    def scores(self, channel: str, subscription: int, since: datetime) -> tuple[tuple[datetime, int], ...]:
        here = sorted((at, score(kept.report)) for _, at, kept in self._line(channel, subscription))
        return tuple(found for found in here if found[0] >= since)

    def each(self, since: datetime) -> Iterator[tuple[str, Kept | None]]:
        yield from ((key, kept) for (_, key), (_, at, kept) in self.digests.items() if at >= since)

    def prune(self, before: datetime) -> int:
        newest = {
            (channel, line): at for (channel, _), (line, at, _) in sorted(self.digests.items(), key=lambda d: d[1][1])
        }
        gone = [
            (channel, key)
            for (channel, key), (line, at, _) in self.digests.items()
            if at < before and at < newest[channel, line]
        ]
        for key in gone:
            del self.digests[key]
        return len(gone)

    def _line(self, channel: str, subscription: int) -> list[tuple[int, datetime, Kept]]:
        return [f for (where, _), f in self.digests.items() if (where, f[0]) == (channel, subscription)]


class FakeAnnouncer:
    """`cards` is what the channel shows now, by change; `shown` every card in order, posts and repaints.

    `fails` is raised instead of beginning something; a card that nobody saw is never shown later.
    """

    def __init__(self) -> None:
        self.fails: CannotAnnounceError | None = None
        self.cards: dict[int, Change] = {}
        self.refused: dict[int, str] = {}
        self.shown: list[Change] = []
        self.said: list[tuple[Any, ...]] = []
        self.waiting = 0
        self.once_posted: Callable[[Change], object] = lambda _: None
        """What happens once a card is seen."""

    def _begin(self, *what: Any) -> None:
        if self.fails:
            raise self.fails
        self.said.append(what)

    def audit_started(self, run: Run) -> None:
        self._begin("audit started", run)

    def audit_progress(self, run: Run, done: int, total: int) -> None:
        self.said.append(("audit progress", run, done, total))

    def audit_finished(self, run: Run, report: Report, before: Report | None) -> None:
        self.said.append(("audit finished", run, report, before))

    def audit_failed(self, run: Run, why: str) -> None:
        self.said.append(("audit failed", run, why))

    def card(self, change: Change) -> None:
        if self.fails:
            self.refused[change.number] = str(self.fails)
        self._begin("card", change)
        self._show(change)
        self.once_posted(change)

    def repaint(self, change: Change) -> None:
        self.said.append(("repaint", change))
        self._show(change)

    def _show(self, change: Change) -> None:
        known = self.cards.get(change.number)
        if change.number not in self.refused and (known is None or known.version <= change.version):
            self.shown.append(change)
            self.cards[change.number] = change

    def remind(self, change: Change) -> None:
        self._once("remind", change)

    def tell(self, change: Change) -> None:
        self._once("tell", change)

    def _once(self, what: str, change: Change) -> None:
        """As the outbox: saying the same again is one message."""
        if change.id not in [c.id for (c,) in self.of(what)]:
            self.said.append((what, change))

    def review(self, change: Change, review: Review) -> None:
        if (change.id, review) not in [(c.id, r) for c, r in self.of("review")]:
            self.said.append(("review", change, review))

    def digest(self, channel: str, digest: Digest) -> None:
        self._begin("digest", channel, digest)

    def digest_started(self, channel: str, key: str) -> None:
        self._begin("digest started", channel, key)

    def digest_failed(self, channel: str, key: str, subscription: Subscription, why: str) -> None:
        self.said.append(("digest failed", channel, key, subscription, why))

    def digest_paused(self, subscription: Subscription, slot: str, why: str) -> None:
        self.said.append(("digest paused", subscription, slot, why))

    def subscribed(self, subscribed: Subscribed) -> None:
        self.said.append(("subscribed", subscribed))

    def unsubscribed(self, ended: Ended) -> None:
        self.said.append(("unsubscribed", ended))

    def unsent(self) -> int:
        return self.waiting

    def of(self, what: str) -> list[tuple[Any, ...]]:
        return [said[1:] for said in self.said if said[0] == what]


class InMemoryOutbox:
    """The rules of `bot.domain.outgoing` over a dictionary, under a lock. Without another process, as SQLite."""

    def __init__(self) -> None:
        self.rows: dict[str, Outgoing] = {}
        self._lock = threading.RLock()
        self._places = count(1)

    def recover(self, now: datetime) -> None:
        with self._lock:
            for one in self._queue():
                self._save(replace(one, not_before=now) if one.stage is Stage.SENDING else one)
            for one in list(self.rows.values()):
                if one.stage is Stage.GIVEN_UP and one.message:
                    self._save(outgoing.tried_again(one, next(self._places), now))

    def put(self, draft: Draft, now: datetime) -> None:
        with self._lock:
            known, place = self.rows.get(draft.subject), next(self._places)
            newer = outgoing.redrafted(known, draft, place, now) if known else _new(draft, place, now)
            if newer:
                self._save(newer)

    def get(self, subject: str) -> Outgoing | None:
        return self.rows.get(subject)

    def claim(self, owner: str, now: datetime, channel: str = "") -> Outgoing | None:
        with self._lock:
            queue = [one for one in self._queue() if channel in ("", one.channel)]
            for one in outgoing.claimable(queue, now):
                claim = outgoing.claimed(one, owner, now)
                self._save(claim)
                return replace(claim, in_doubt=one.in_doubt)
        return None

    def sent(self, claim: Outgoing, message: str) -> None:
        self._settle(claim, lambda saved: outgoing.sent(saved, claim, message))

    def put_off(self, claim: Outgoing, until: datetime, why: str, in_doubt: bool) -> None:
        self._settle(claim, lambda saved: outgoing.put_off(saved, until, why, in_doubt))

    def give_up(self, claim: Outgoing, why: str) -> None:
        self._settle(claim, lambda saved: outgoing.given_up(saved, why))

    def depth(self) -> int:
        return len(self._queue())

    def _queue(self) -> list[Outgoing]:
        return sorted((o for o in self.rows.values() if o.stage in outgoing.UNSENT), key=lambda one: one.place)

    def _settle(self, claim: Outgoing, rule: Callable[[Outgoing], Outgoing]) -> None:
        with self._lock:
            saved = self.rows[claim.draft.subject]
            if outgoing.is_claim_of(saved, claim):
                self._save(rule(saved))

    def _save(self, one: Outgoing) -> None:
        self.rows[one.draft.subject] = one


def _new(draft: Draft, place: int, now: datetime) -> Outgoing:
    return Outgoing(f"key-{place}", place, draft, now, now)


class FakeDirectory:
    """`unreadable` is raised instead of an answer: a group could not be read. Whoever has no `standings` is a member.

    `of` holds who may approve in an account that has a rule of its own.
    """

    def __init__(self, approvers: Entitled | None = None, requesters: Entitled | None = None) -> None:
        self.may_approve = entitled() if approvers is None else approvers
        self.may_request = requesters
        self.of: dict[str, Entitled] = {}
        self.standings: dict[str, Standing | Refused] = {}
        self.unreadable: Refused | None = None
        self.unsure: set[str] = set()
        """Accounts of which a viewer is told nothing."""
        self.looked_up: list[str] = []
        self.out_of_reach: dict[str, Refused] = {}

    def reach(self, channel: str) -> None:
        if channel in self.out_of_reach:
            raise self.out_of_reach[channel]

    def approvers(self, account: Account) -> Entitled:
        if self.unreadable:
            raise self.unreadable
        return self.of.get(account.id, self.may_approve)

    def requesters(self, account: Account) -> Entitled | None:  # noqa: ARG002 - one rule for all here
        if self.unreadable and self.may_request:
            raise self.unreadable
        return self.may_request

    def standing(self, user: str) -> Standing:
        self.looked_up.append(user)
        standing = self.standings.get(user, Standing.MEMBER)
        if isinstance(standing, Refused):
            raise standing
        return standing

    def named(self, person: Person) -> Person:
        return replace(person, name=person.id.removeprefix("U").title())

    def shown(self, account: Account) -> Entitled:
        return self.approvers(account)

    def viewer(self, user: str, accounts: tuple[Account, ...]) -> Viewer:
        if self.unreadable:
            raise self.unreadable
        known = [a for a in accounts if a.id not in self.unsure]
        decides = frozenset(a.id for a in known if user in self.approvers(a).users)
        return Viewer(user in self.may_approve.users, decides, frozenset(a.id for a in accounts if a not in known))


class FakeRunner:
    def __init__(self) -> None:
        self.digests: list[tuple[int, str]] = []
        self.settled: list[tuple[int, str]] = []

    def digest(self, subscription: int, day: str) -> None:
        self.digests.append((subscription, day))

    def settle(self, change: int, attempt: str) -> None:
        self.settled.append((change, attempt))


RULES = Rules(DEFAULT_CONTROLS, Profile.CIS, timedelta(hours=4), timedelta(days=730))


@dataclass
class Bot:
    """A world of fakes, with each of them at hand."""

    clock: FakeClock
    aws: LiveAws
    evidence: InMemoryEvidence
    changes: InMemoryChanges
    runs: InMemoryRuns
    subscriptions: InMemorySubscriptions
    history: InMemoryHistory
    inbox: InMemoryInbox
    announcer: FakeAnnouncer
    directory: FakeDirectory
    rules: Rules = RULES

    @property
    def world(self) -> World:
        return World(
            cloud=self.aws,
            writer=self.aws,
            clock=self.clock,
            changes=self.changes,
            evidence=self.evidence,
            runs=self.runs,
            subscriptions=self.subscriptions,
            history=self.history,
            inbox=self.inbox,
            announcer=self.announcer,
            directory=self.directory,
            rules=self.rules,
        )

    def change(self, number: int = 1) -> Change:
        found = self.changes.get(number)
        assert found
        return found

    def card(self, number: int = 1) -> Change:
        """What the channel shows of the change now."""
        return self.announcer.cards[number]


def bot(*worlds: Snapshot) -> Bot:
    """A bot over these accounts; by default one whose only trail is stopped."""
    clock, evidence, announcer, history = FakeClock(NOW), InMemoryEvidence(), FakeAnnouncer(), InMemoryHistory()
    return Bot(
        clock=clock,
        aws=LiveAws(clock, *(worlds or (stopped(),))),
        evidence=evidence,
        changes=InMemoryChanges(evidence, announcer),
        runs=InMemoryRuns(),
        subscriptions=InMemorySubscriptions(history),
        history=history,
        inbox=InMemoryInbox(),
        announcer=announcer,
        directory=FakeDirectory(),
    )


def stopped(*more: Trail) -> Snapshot:
    """The default account with its one trail stopped, as a survey would show it."""
    return surveyed(trail(logging=False), *more)
