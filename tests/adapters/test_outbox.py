"""The outbox on a SQLite file, and its stand-in by the same tests: one at a time for each channel, in order."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from sqlite3 import connect as raw_connect

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, text

from bot.adapters.db import codec
from bot.adapters.db import engine as database
from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect
from bot.adapters.db.outbox import OutboxTable
from bot.domain.change import Change, State
from bot.domain.evidence import Fact
from bot.domain.outgoing import LEASE, LONGEST_WAIT, Draft, Outgoing, Stage
from bot.ports import Outbox
from tests.builders import NOW, change, elsewhere, plan
from tests.fakes_bot import InMemoryOutbox

SECOND = timedelta(seconds=1)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = connect(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield made
    made.dispose()


@pytest.fixture(params=["table", "in memory"])
def outbox(request: pytest.FixtureRequest, engine: Engine) -> Outbox:
    return OutboxTable(engine) if request.param == "table" else InMemoryOutbox()


def draft(subject: str = "change:C-1", **different: object) -> Draft:
    return replace(Draft(subject, "C1", "words", '[{"type": "section"}]'), **different)  # type: ignore[arg-type]  # its own


def put(outbox: Outbox, *drafts: Draft) -> None:
    for one in drafts:
        outbox.put(one, NOW)


def claimed(outbox: Outbox, **different: str) -> Outgoing:
    claim = outbox.claim("me", NOW, **different)
    assert claim
    return claim


def row(outbox: Outbox, subject: str = "change:C-1") -> Outgoing:
    found = outbox.get(subject)
    assert found
    return found


def send(outbox: Outbox, message: str = "1.0") -> None:
    outbox.sent(claimed(outbox), message)


def test_a_draft_comes_back_as_it_was_put(outbox: Outbox) -> None:
    wanted = draft(text="é ✓ \N{PILE OF POO}", version=7, thread="3.0")
    put(outbox, wanted)
    found = row(outbox)
    assert (found.draft, found.stage, found.since, found.not_before) == (wanted, Stage.WAITING, NOW, NOW)
    assert outbox.get("change:C-2") is None


def test_a_claim_is_saved_before_it_is_given(outbox: Outbox) -> None:
    put(outbox, draft())
    claim = claimed(outbox)
    assert replace(row(outbox), in_doubt=False) == claim
    assert (claim.stage, claim.owner, claim.attempts, claim.not_before) == (Stage.SENDING, "me", 1, NOW + LEASE)
    assert row(outbox).in_doubt, "what is being posted is in doubt until there is an answer"


def test_only_the_oldest_of_a_channel_can_be_had(outbox: Outbox) -> None:
    put(outbox, draft(), draft("change:C-2"), draft("change:C-3", channel="C2"))
    assert [claimed(outbox).draft.subject for _ in range(2)] == ["change:C-1", "change:C-3"]
    assert outbox.claim("me", NOW) is None
    assert outbox.claim("another", NOW, "C1") is None


def test_a_claim_may_be_for_one_channel_only(outbox: Outbox) -> None:
    put(outbox, draft(), draft("change:C-2", channel="C2"))
    assert claimed(outbox, channel="C2").draft.subject == "change:C-2"
    assert outbox.claim("me", NOW, "C3") is None


def test_the_next_can_be_had_once_the_first_is_sent_or_given_up(outbox: Outbox) -> None:
    put(outbox, draft(), draft("change:C-2"), draft("change:C-3"))
    send(outbox)
    outbox.give_up(claimed(outbox), "no")
    assert claimed(outbox).draft.subject == "change:C-3"
    assert [row(outbox, f"change:C-{n}").stage for n in (1, 2)] == [Stage.SENT, Stage.GIVEN_UP]


def test_one_that_is_put_off_is_claimed_when_its_time_has_come(outbox: Outbox) -> None:
    put(outbox, draft(), draft("change:C-2"))
    outbox.put_off(claimed(outbox), NOW + SECOND, "slow down", in_doubt=True)
    assert outbox.claim("me", NOW) is None
    claim = outbox.claim("me", NOW + SECOND)
    assert claim
    assert (claim.draft.subject, claim.in_doubt, claim.attempts) == ("change:C-1", True, 2)


def test_a_time_that_no_wait_explains_is_no_wait(outbox: Outbox) -> None:
    put(outbox, draft())
    outbox.put_off(claimed(outbox), NOW, "slow down", in_doubt=False)
    assert outbox.claim("me", NOW - LONGEST_WAIT) is None
    assert outbox.claim("me", NOW - LONGEST_WAIT - SECOND)


def test_what_was_put_while_it_was_sent_is_still_to_be_sent(outbox: Outbox) -> None:
    put(outbox, draft(), draft("change:C-2"))
    claim = claimed(outbox)
    put(outbox, draft(text="newer", version=1))
    outbox.sent(claim, "1.0")
    again = claimed(outbox)
    assert (again.draft.text, again.message, again.in_doubt) == ("newer", "1.0", False)
    assert outbox.depth() == 2


def test_a_repaint_goes_to_the_end_of_the_queue_and_an_older_one_nowhere(outbox: Outbox) -> None:
    put(outbox, draft(version=3))
    send(outbox)
    put(outbox, draft("change:C-2"), draft(text="older", version=2))
    assert row(outbox).stage is Stage.SENT
    put(outbox, draft(text="the same", version=3), draft("change:C-3"))
    assert claimed(outbox).draft.subject == "change:C-2"
    send_next = row(outbox, "change:C-2")
    outbox.sent(send_next, "2.0")
    assert claimed(outbox).draft.text == "the same"


def test_a_refused_repaint_is_tried_again_at_a_start_and_a_refused_post_never(outbox: Outbox) -> None:
    put(outbox, draft())
    send(outbox)
    put(outbox, draft(text="newer", version=1), draft("change:C-2"))
    for _ in range(2):
        outbox.give_up(claimed(outbox), "no")
    put(outbox, draft("change:C-2", version=1))
    assert outbox.depth() == 0
    outbox.recover(NOW)
    assert [claimed(outbox).draft.text, outbox.claim("me", NOW)] == ["newer", None]


def test_with_one_process_what_a_dead_one_was_sending_can_be_claimed_at_once(outbox: Outbox) -> None:
    put(outbox, draft())
    claimed(outbox)
    outbox.recover(NOW)
    assert claimed(outbox).in_doubt


def test_of_many_senders_one_has_each_message_and_none_overtakes(outbox: Outbox) -> None:
    put(outbox, *(draft(f"change:C-{n}", channel=f"C{n % 3}") for n in range(30)))
    sent: list[Outgoing] = []

    def drain(owner: str) -> None:
        while outbox.depth():
            claim = outbox.claim(owner, NOW)
            if claim:
                sent.append(claim)
                outbox.sent(claim, f"{len(sent)}.0")

    threads = [threading.Thread(target=drain, args=[f"sender {n}"]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(Counter(one.key for one in sent).values()) == {1}
    for channel in ("C0", "C1", "C2"):
        places = [one.place for one in sent if one.channel == channel]
        assert places == sorted(places)
        assert len(places) == 10


def test_of_two_who_saw_the_same_message_the_faster_has_it(engine: Engine) -> None:
    slow, other = OutboxTable(engine), connect(str(engine.url))
    fast = OutboxTable(other)
    put(slow, draft())
    looks: list[object] = []

    def overtake(*connection: object) -> None:
        """The first connection is for looking at the queue, the second for claiming."""
        looks.append(connection)
        if len(looks) == 2:
            fast.claim("fast", NOW)

    event.listen(engine, "checkout", overtake)
    assert slow.claim("slow", NOW) is None
    assert row(slow).owner == "fast"
    other.dispose()


def test_of_many_who_put_the_same_subject_one_message_comes(outbox: Outbox) -> None:
    threads = [threading.Thread(target=put, args=[outbox, draft(version=n)]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (claimed(outbox).draft.version, outbox.claim("me", NOW)) == (5, None)


# Changes and their cards


@pytest.fixture
def changes(engine: Engine) -> ChangesTable:
    return ChangesTable(engine, lambda _connection, _change: None)


def proposed(changes: ChangesTable) -> Change:
    return changes.add(change(0, plan=elsewhere()), lambda c: Fact(NOW, c.id, "proposed", c.requester, {}))


def test_where_the_card_is_is_known_once_it_is_sent(engine: Engine, changes: ChangesTable) -> None:
    outbox = OutboxTable(engine)
    first, second = proposed(changes), proposed(changes)
    put(outbox, draft(f"change:{first.id}"))
    assert [c.message for c in changes.open()] == ["", ""]
    send(outbox, "5.0")
    assert {c.number: c.message for c in changes.open()} == {first.number: "5.0", second.number: ""}


def test_a_reminder_that_waits_is_not_said_after_the_decision(engine: Engine, changes: ChangesTable) -> None:
    outbox, added = OutboxTable(engine), proposed(changes)
    put(outbox, draft(f"reminder:{added.id}"))
    voted = changes.save(added)
    assert voted
    assert outbox.depth() == 1
    changes.save(replace(voted, state=State.APPROVED))
    assert outbox.depth() == 0
    assert outbox.claim("me", NOW) is None


def test_a_change_is_unpainted_until_its_newest_version_is_put(engine: Engine, changes: ChangesTable) -> None:
    outbox, added = OutboxTable(engine), proposed(changes)
    assert changes.unpainted() == (added,)
    put(outbox, draft(f"change:{added.id}"))
    assert changes.unpainted() == ()
    saved = changes.save(added)
    assert saved
    assert changes.unpainted() == (saved,)
    put(outbox, draft(f"change:{added.id}", version=1))
    assert changes.unpainted() == ()


def test_a_change_that_ended_before_it_was_put_is_not_unpainted(changes: ChangesTable) -> None:
    changes.save(replace(proposed(changes), state=State.CANCELLED))
    assert changes.unpainted() == ()


def test_a_proposal_whose_card_was_refused_is_unseen(engine: Engine, changes: ChangesTable) -> None:
    outbox, added = OutboxTable(engine), proposed(changes)
    put(outbox, draft(f"change:{added.id}"))
    assert changes.unseen() == ()
    outbox.give_up(claimed(outbox), "This channel is archived.")
    assert changes.unseen() == ((added, "This channel is archived."),)
    changes.save(replace(added, state=State.CANCELLED))
    assert (changes.unseen(), changes.unpainted()) == ((), ())


def test_a_proposal_that_was_seen_stays_seen_where_its_repaint_is_refused(
    engine: Engine, changes: ChangesTable
) -> None:
    outbox, added = OutboxTable(engine), proposed(changes)
    put(outbox, draft(f"change:{added.id}"))
    send(outbox)
    put(outbox, draft(f"change:{added.id}"))
    outbox.give_up(claimed(outbox), "This channel is archived.")
    assert changes.unseen() == ()


# A database of the release before


def upgrade(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).with_name("migrations")))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def old_database(file: Path) -> None:
    """Three changes: shown as it is, shown in an older version, and never shown; and an audit that is under way."""
    engine = create_engine(f"sqlite:///{file}")
    upgrade(engine, "0002")
    row = (
        "INSERT INTO changes (number, state, version, plan, requester, channel, message, painted, proposed_at, "
        "expires_at, quorum, done, outcome) VALUES (:number, 'proposed', :version, :plan, 'UALICE', 'C1', :message, "
        ":painted, :at, :at, 1, 0, '')"
    )
    run = "INSERT INTO runs (id, channel, requester, scope, started, message) VALUES ('r', 'C1', 'U', '[]', :at, '9.0')"
    with engine.begin() as connection:
        for number, version, message, painted in ((1, 2, "1.0", 2), (2, 2, "2.0", 1), (3, 0, "", -1)):
            values = {"number": number, "version": version, "message": message, "painted": painted}
            connection.execute(text(row), {**values, "plan": codec.dump_plan(plan()), "at": str(NOW)})
        connection.execute(text(run), {"at": str(NOW)})
    engine.dispose()


def test_cards_of_the_release_before_are_known_and_painted_where_they_are(tmp_path: Path) -> None:
    old_database(tmp_path / "old.sqlite")
    engine = connect(f"sqlite:///{tmp_path / 'old.sqlite'}")
    outbox, changes = OutboxTable(engine), ChangesTable(engine, lambda _connection, _change: None)
    assert [c.number for c in changes.unpainted()] == [2, 3]
    assert (row(outbox, "change:C-1").message, row(outbox, "run:r").message) == ("1.0", "9.0")
    assert outbox.depth() == 0
    put(outbox, draft("change:C-2", version=2))
    assert claimed(outbox).message == "2.0"
    engine.dispose()


def test_what_ended_before_anybody_was_told_of_ends_is_not_told_after_the_upgrade(tmp_path: Path) -> None:
    old_database(tmp_path / "old.sqlite")
    with closing(raw_connect(tmp_path / "old.sqlite")) as raw:
        raw.execute("UPDATE changes SET state = 'verified' WHERE number = 1")
        raw.commit()
    engine = connect(f"sqlite:///{tmp_path / 'old.sqlite'}")
    changes = ChangesTable(engine, lambda _connection, _change: None)
    assert changes.untold() == ()
    waiting = changes.get(2)
    assert waiting
    changes.save(replace(waiting, state=State.EXPIRED))
    assert [c.number for c in changes.untold()] == [2]
    engine.dispose()
