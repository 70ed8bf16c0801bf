"""What one workspace has, another one neither sees nor moves: every method of every store, on both databases."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import time
from typing import Any

import pytest
from sqlalchemy import Engine, select

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect
from bot.adapters.db.evidence import EvidenceTable
from bot.adapters.db.history import HistoryTable
from bot.adapters.db.inbox import InboxTable
from bot.adapters.db.outbox import OutboxTable
from bot.adapters.db.runs import RunsTable
from bot.adapters.db.subscriptions import SubscriptionsTable
from bot.adapters.db.tables import metadata
from bot.adapters.db.teams import TABLES, Teams, adopt
from bot.domain.change import Change, State
from bot.domain.digest import kept
from bot.domain.evidence import Fact, broken
from bot.domain.exceptions import Review
from bot.domain.outgoing import Draft, Outgoing, card_of, digest_of
from bot.domain.refusal import Refused
from bot.domain.subscription import Subscription
from bot.ports import Run
from tests.builders import HOUR, NOW, account_report, change, elsewhere, exception, plan, report

OURS, THEIRS = "T0OURS", "T0THEIRS"
CHANNEL = "C0SHARED"
"""A channel that both are in (Slack Connect): it has the same id in both."""
CARD, NEVER, ACTIVE, ENDED, AWAITED, UNSAID = range(1, 7)
"""The numbers of the changes of `Stores.filled`."""


class Stores:
    """All that one workspace has."""

    def __init__(self, engine: Engine, team: str) -> None:
        self.changes = ChangesTable(engine, lambda _connection, _change: None, team)
        self.evidence = EvidenceTable(engine, team)
        self.runs = RunsTable(engine, "a process", team)
        self.subscriptions = SubscriptionsTable(engine, team)
        self.history = HistoryTable(engine, team)
        self.inbox = InboxTable(engine, team)
        self.outbox = OutboxTable(engine, team)
        self.daily = 0
        """The id of the digest of whoever has one."""

    def filled(self) -> "Stores":
        """With something for each question."""
        card = self.proposed(change(0, plan=elsewhere()))
        self.said(card_of(card.id), "1.0")
        never = self.proposed(change(0, plan=elsewhere()))
        self.refused(card_of(never.id))
        active = self.proposed(exception(0))
        self.changes.save(replace(active, state=State.ACTIVE, decided_at=NOW))
        ended = self.proposed(change(0, plan=elsewhere()))
        self.changes.save(replace(ended, state=State.DENIED, decided_at=NOW))
        awaited = self.proposed(change(0, plan=elsewhere()))
        self.changes.save(replace(awaited, state=State.VERIFIED, decided_at=NOW, delivery="awaited"))
        self.proposed(change(0, plan=elsewhere()))
        self.runs.start(Run("done", CHANNEL, "U0ALICE", (), NOW))
        self.runs.finish("done", report(account_report()), NOW)
        self.runs.start(Run("older", CHANNEL, "U0ALICE", (), NOW - HOUR))
        self.runs.finish("older", report(account_report()), NOW - HOUR)
        self.runs.start(Run("running", CHANNEL, "U0ALICE", (), NOW + HOUR))
        self.daily = self.subscriptions.put(daily_digest()).id
        for hour, key in enumerate(("old", "new")):
            found = kept(None, report(account_report(), run=key))
            self.history.add(CHANNEL, self.daily, key, found, NOW + hour * HOUR)
        self.history.add(CHANNEL, 0, "unseen", kept(None, report()), NOW)
        self.refused(digest_of(CHANNEL, "unseen"))
        self.inbox.take("trigger", NOW)
        self.said("run:done", "2.0")
        self.refused("run:done")
        self.outbox.put(draft("run:running"), NOW)
        return self

    def proposed(self, wish: Change) -> Change:
        return self.changes.add(wish, lambda c: Fact(NOW, c.id, "proposed", c.requester, {}))

    def said(self, subject: str, message: str) -> None:
        self.outbox.put(draft(subject), NOW)
        self.outbox.sent(self.claim(), message)

    def refused(self, subject: str) -> None:
        self.outbox.put(draft(subject), NOW)
        self.outbox.give_up(self.claim(), "This channel is archived.")

    def claim(self) -> Outgoing:
        claim = self.outbox.claim("me", NOW)
        assert claim
        return claim

    def change(self, number: int) -> Change:
        found = self.changes.get(number)
        assert found
        return found


def daily_digest(**different: Any) -> Subscription:
    return replace(Subscription(CHANNEL, time(9), "UTC", "U0ALICE", NOW), **different)


def draft(subject: str) -> Draft:
    return Draft(subject, CHANNEL, "A sentence.", "[]")


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    made = connect(url)
    yield made
    made.dispose()


@dataclass
class Two:
    """Ours has much, theirs nothing, in one database."""

    engine: Engine
    ours: Stores
    theirs: Stores
    claim: Outgoing
    """What ours is sending at the moment."""

    def rows(self) -> dict[str, list[Any]]:
        """All that is ours, as it stands in the tables."""
        with self.engine.connect() as connection:
            found = {t.name: connection.execute(select(t).where(t.c.team == OURS)).all() for t in TABLES}
            return {name: sorted(map(repr, rows)) for name, rows in found.items()}


@pytest.fixture
def two(engine: Engine) -> Two:
    ours, theirs = Stores(engine, OURS).filled(), Stores(engine, THEIRS)
    theirs.daily = ours.daily
    return Two(engine, ours, theirs, ours.claim())


Ask = Callable[[Stores], object]
QUESTIONS: dict[str, tuple[Ask, object]] = {
    "changes.get": (lambda s: s.changes.get(CARD), None),
    "changes.open": (lambda s: s.changes.open(), ()),
    "changes.active": (lambda s: s.changes.active(), ()),
    "changes.exceptions": (lambda s: s.changes.exceptions(NOW), ()),
    "changes.ended": (lambda s: s.changes.ended(9), ()),
    "changes.awaiting_delivery": (lambda s: s.changes.awaiting_delivery(), ()),
    "changes.unpainted": (lambda s: s.changes.unpainted(), ()),
    "changes.unseen": (lambda s: s.changes.unseen(), ()),
    "changes.unreminded": (lambda s: s.changes.unreminded(), ()),
    "changes.untold": (lambda s: s.changes.untold(), ()),
    "changes.claim_reminder": (lambda s: s.changes.claim_reminder(CARD), False),
    "changes.claim_notice": (lambda s: s.changes.claim_notice(ENDED), False),
    "changes.claim_review": (lambda s: s.changes.claim_review(ACTIVE, Review.WEEK), False),
    "evidence.entries": (lambda s: [e.change for e in s.evidence.entries()], []),
    "evidence.entries of one change": (lambda s: list(s.evidence.entries("C-1")), []),
    "runs.unfinished": (lambda s: s.runs.unfinished("a process"), ()),
    "runs.owners": (lambda s: s.runs.owners(), frozenset()),
    "runs.get": (lambda s: s.runs.get("done"), None),
    "runs.previous": (lambda s: s.runs.previous(CHANNEL, (), NOW + HOUR), None),
    "runs.newest": (lambda s: s.runs.newest(), None),
    "runs.underway": (lambda s: s.runs.underway(), ()),
    "subscriptions.get": (lambda s: s.subscriptions.get(s.daily), None),
    "subscriptions.of": (lambda s: s.subscriptions.of(CHANNEL), ()),
    "subscriptions.all": (lambda s: s.subscriptions.all(), ()),
    "subscriptions.pause": (lambda s: s.subscriptions.pause(s.daily, "why"), False),
    "subscriptions.remove": (lambda s: s.subscriptions.remove(s.daily), False),
    "history.has": (lambda s: s.history.has(CHANNEL, "new"), False),
    "history.unseen": (lambda s: s.history.unseen(), ()),
    "history.last": (lambda s: s.history.last(CHANNEL, s.daily), None),
    "history.newest": (lambda s: s.history.newest(), None),
    "history.scores": (lambda s: s.history.scores(CHANNEL, s.daily, NOW), ()),
    "history.each": (lambda s: list(s.history.each(NOW)), []),
    "history.prune": (lambda s: s.history.prune(NOW + HOUR), 0),
    "outbox.get": (lambda s: s.outbox.get("run:running"), None),
    "outbox.depth": (lambda s: s.outbox.depth(), 0),
    "outbox.claim": (lambda s: s.outbox.claim("me", NOW + HOUR), None),
}
"""What each answers where there is nothing. Of what is ours it must answer something else."""


@pytest.mark.parametrize("name", QUESTIONS)
def test_of_what_another_workspace_has_nothing_is_seen_and_nothing_is_moved(two: Two, name: str) -> None:
    ask, nothing = QUESTIONS[name]
    before = two.rows()
    assert ask(two.theirs) == nothing
    assert two.rows() == before
    assert ask(two.ours) != nothing, "else the question proves nothing"


def finished(two: Two) -> None:
    two.theirs.runs.finish("running", report(), NOW)


def pruned(two: Two) -> None:
    """Where theirs has newer ones, for which ours would be old."""
    two.theirs.runs.start(Run("theirs", CHANNEL, "U0ALICE", (), NOW + HOUR))
    two.theirs.runs.finish("theirs", report(), NOW + HOUR)
    two.theirs.history.add(CHANNEL, two.ours.daily, "theirs", kept(None, report()), NOW + 5 * HOUR)
    two.theirs.runs.prune(NOW + 9 * HOUR)
    two.theirs.history.prune(NOW + 9 * HOUR)


def saved(two: Two) -> None:
    moved = replace(two.ours.change(CARD), state=State.CANCELLED)
    assert two.theirs.changes.save(moved) is None


def settled(two: Two) -> None:
    two.theirs.outbox.sent(two.claim, "9.9")
    two.theirs.outbox.put_off(two.claim, NOW + HOUR, "why", True)
    two.theirs.outbox.give_up(two.claim, "why")


def recovered(two: Two) -> None:
    two.theirs.outbox.recover(NOW + 9 * HOUR)


def subscribed(two: Two) -> None:
    """By the same id, in the same channel, of the same."""
    assert two.theirs.subscriptions.put(daily_digest(id=two.ours.daily)).id != two.ours.daily
    two.theirs.subscriptions.put(daily_digest(rhythm="hourly"))


def forgotten(two: Two) -> None:
    two.theirs.history.forget(CHANNEL, "new")


def added(two: Two) -> None:
    two.theirs.proposed(change(0, plan=elsewhere()))
    two.theirs.runs.start(Run("theirs", CHANNEL, "U0ALICE", (), NOW))
    two.theirs.history.add(CHANNEL, 0, "theirs", kept(None, report()), NOW + 5 * HOUR)
    two.theirs.outbox.put(draft("run:theirs"), NOW)


def taken(two: Two) -> None:
    assert two.theirs.inbox.take("trigger", NOW), "the same id is another one there"
    assert two.theirs.inbox.take("later", NOW + 9 * HOUR)


MOVES: tuple[Callable[[Two], None], ...] = (
    finished, pruned, saved, settled, recovered, subscribed, forgotten, added, taken,
)  # fmt: skip


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
def test_what_another_workspace_does_leaves_ours_as_it_is(two: Two, move: Callable[[Two], None]) -> None:
    before = two.rows()
    move(two)
    assert two.rows() == before
    assert two.ours.outbox.depth() == 1


def test_what_belongs_to_a_change_stays_when_theirs_has_the_same_channel_and_people(two: Two) -> None:
    added(two)
    assert [c.number for c in two.theirs.changes.open()] == [UNSAID + 1]
    newest = two.ours.history.newest()
    assert newest
    assert newest[1].run == "new"


def test_what_theirs_keeps_does_not_make_ours_old(two: Two) -> None:
    """Of each channel and scope the newest stays: the newest of one's own."""
    two.theirs.runs.start(Run("theirs", CHANNEL, "U0ALICE", (), NOW + HOUR))
    two.theirs.runs.finish("theirs", report(account_report()), NOW + HOUR)
    two.theirs.history.add(CHANNEL, two.ours.daily, "theirs", kept(None, report()), NOW + 5 * HOUR)
    two.theirs.history.add(CHANNEL, 0, "theirs too", kept(None, report()), NOW + 5 * HOUR)
    assert (two.ours.runs.prune(NOW + 9 * HOUR), two.ours.history.prune(NOW + 9 * HOUR)) == (1, 1)
    assert two.ours.runs.get("done")
    assert two.ours.history.has(CHANNEL, "unseen")
    assert two.ours.history.has(CHANNEL, "new")


WRITES = {
    "changes": {"add", "save"},
    "evidence": {"record", "head"},
    "runs": {"start", "finish", "prune"},
    "subscriptions": {"put"},
    "history": {"add", "forget"},
    "inbox": {"take"},
    "outbox": {"put", "recover", "sent", "put_off", "give_up"},
}
"""Those of MOVES. The chain of evidence is one for all, and its head is a hash that tells nothing."""


@pytest.mark.parametrize("store", WRITES)
def test_every_method_of_a_store_is_tried(engine: Engine, store: str) -> None:
    methods = {name for name in vars(type(getattr(Stores(engine, OURS), store))) if not name.startswith("_")}
    asked = {name.split(".")[1].split(" ")[0] for name in QUESTIONS if name.startswith(f"{store}.")}
    assert methods == asked | WRITES[store]


def test_every_table_of_what_a_workspace_sees_has_its_team() -> None:
    common = {
        "evidence": "one chain over all",
        "votes": "read with their change alone",
        "installations": "the bot's own",
    }
    assert {t.name for t in metadata.sorted_tables} - common.keys() == {t.name for t in TABLES}


# What both look at


def test_of_two_workspaces_that_ask_for_one_account_one_gets_a_change(two: Two) -> None:
    two.ours.proposed(change(0, plan=plan()))
    with pytest.raises(Refused, match="another workspace asked for is open") as refused:
        two.theirs.proposed(change(0, plan=plan()))
    assert "C-" not in str(refused.value)
    assert "UREQUESTER" not in str(refused.value)


def test_when_it_has_ended_the_other_one_gets_it(two: Two) -> None:
    first = two.ours.proposed(change(0, plan=plan()))
    two.ours.changes.save(replace(first, state=State.DENIED))
    assert two.theirs.proposed(change(0, plan=plan())).number > first.number


def test_the_chain_of_evidence_is_one(two: Two) -> None:
    two.theirs.proposed(change(0, plan=elsewhere()))
    everything = EvidenceTable(two.engine)
    assert broken(everything.entries()) == ""
    assert {e.change for e in two.theirs.evidence.entries()} == {f"C-{UNSAID + 1}"}
    assert two.theirs.evidence.head() == two.ours.evidence.head() == list(everything.entries())[-1].hash


# Whose it is


def test_a_change_and_a_subscription_tell_whose_they_are(two: Two) -> None:
    teams, theirs = Teams(two.engine), two.theirs.proposed(change(0, plan=elsewhere()))
    daily = two.theirs.subscriptions.put(daily_digest())
    assert (teams.of_change(CARD), teams.of_change(theirs.number), teams.of_change(99)) == (OURS, THEIRS, None)
    assert (teams.of_subscription(two.ours.daily), teams.of_subscription(daily.id)) == (OURS, THEIRS)
    assert teams.of_subscription(99) is None


def test_who_has_something_unfinished_is_known(two: Two) -> None:
    teams, theirs = Teams(two.engine), two.theirs.proposed(exception(0))
    assert teams.unfinished() == {OURS, THEIRS}
    two.theirs.changes.save(replace(theirs, state=State.ENDED))
    assert teams.unfinished() == {OURS}
    assert teams.with_digests() == (OURS,)


def test_what_no_release_gave_a_workspace_is_taken_by_the_only_one_there_is(engine: Engine) -> None:
    nobodys = Stores(engine, "").filled()
    first, second = Stores(engine, OURS), Stores(engine, THEIRS)
    assert first.changes.open() == ()
    was = json.dumps([str(c) for c in nobodys.changes.open()])
    adopt(engine, OURS)
    adopt(engine, THEIRS)
    assert json.dumps([str(c) for c in first.changes.open()]) == was
    assert (second.changes.open(), second.subscriptions.all(), second.outbox.depth()) == ((), (), 0)
    assert not first.inbox.take("trigger", NOW)


def test_what_slack_brought_to_an_older_replica_and_to_ours_stops_no_start(engine: Engine) -> None:
    for team in ("", OURS):
        assert InboxTable(engine, team).take("trigger", NOW)
    adopt(engine, OURS)
    assert not InboxTable(engine, OURS).take("trigger", NOW)
    assert InboxTable(engine, "").take("trigger", NOW)
