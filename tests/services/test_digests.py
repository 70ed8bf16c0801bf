"""The digest: once for each day, compared with the last one, late rather than never, and not too late."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot import jobs
from bot.domain.subscription import Subscription
from bot.domain.trail import Delivery
from bot.domain.trail_events import TrailEvent
from bot.ports import CannotAnnounceError, CannotRunError, Digest
from bot.services import decisions, digests, proposals
from bot.services.proposals import Asker
from tests.builders import ACCOUNT, denied, surveyed, trail, trail_arn
from tests.fakes_bot import Bot, bot
from tests.services.crashing import Fuse, fused, until_done

NINE_IN_PARIS = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DAY = "2026-11-23T0900"


def subscribed(**different: object) -> Bot:
    made = bot()
    made.clock.time = NINE_IN_PARIS
    values = {"channel": "C1", "at": time(9), "zone": "Europe/Paris", "owner": "UALICE"}
    since = NINE_IN_PARIS - timedelta(days=1, hours=-1)
    made.subscriptions.put(Subscription(**{**values, "since": since, **different}))  # type: ignore[arg-type]  # its own
    return made


def posted(made: Bot) -> list[Digest]:
    return [digest for _, digest in made.announcer.of("digest")]


def test_a_digest_is_posted_once_for_each_key() -> None:
    made = subscribed()
    for _ in range(2):
        digests.post_scheduled(made.world, 1, DAY)
    assert len(posted(made)) == 1
    digests.post_scheduled(made.world, 1, "2026-11-22T0900")
    made.clock.move(days=1)
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    assert len(posted(made)) == 2


def test_the_comparison_is_with_the_last_digest_of_the_channel() -> None:
    made = subscribed()
    digests.post_scheduled(made.world, 1, DAY)
    made.clock.move(days=1)
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    made.clock.move(days=1)
    made.aws.becomes(surveyed(trail(delivery=Delivery(last=made.clock.now()))))
    digests.post_scheduled(made.world, 1, "2026-11-25T0900")
    first, second, third = posted(made)
    assert [[len(c.new), len(c.still), len(c.fixed)] for c in (d.comparison for d in (first, second, third))] == [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
    ]
    assert [d.score_before for d in (first, second, third)] == [None, 0, 0]


def test_two_subscriptions_of_a_channel_compare_each_with_its_own() -> None:
    made = subscribed()
    made.subscriptions.put(replace(made.subscriptions.all()[0], scope=(ACCOUNT,), id=0))
    digests.post_scheduled(made.world, 1, DAY)
    digests.post_scheduled(made.world, 2, DAY)
    assert [len(d.comparison.new) for d in posted(made)] == [1, 1]
    assert [d.subscription.name for d in posted(made) if d.subscription] == ["D-1", "D-2"]


def test_a_subscription_that_was_changed_goes_on_with_what_it_knew_also_on_the_same_day() -> None:
    made = subscribed()
    digests.post_scheduled(made.world, 1, DAY)
    made.subscriptions.put(replace(made.subscriptions.all()[0], at=time(10)))
    made.clock.move(hours=1)
    digests.post_scheduled(made.world, 1, "2026-11-23T1000")
    assert [len(d.comparison.still) for d in posted(made)] == [0, 1]


def test_one_whose_accounts_became_others_compares_with_nothing_before() -> None:
    made = subscribed()
    digests.post_scheduled(made.world, 1, DAY)
    made.subscriptions.put(replace(made.subscriptions.all()[0], scope=(ACCOUNT,)))
    made.clock.move(days=1)
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    assert [d.score_before for d in posted(made)] == [None, None]


def test_one_that_is_changed_while_it_is_made_is_posted_and_remembered() -> None:
    """The id stays, so neither the digest nor what it found is lost."""
    made = subscribed()
    made.subscriptions.put(replace(made.subscriptions.all()[0], at=time(10), since=NINE_IN_PARIS))
    digests.post_scheduled(made.world, 1, DAY)
    assert posted(made)[0].due == NINE_IN_PARIS
    made.clock.move(hours=1)
    digests.post_scheduled(made.world, 1, "2026-11-23T1000")
    assert [len(d.comparison.still) for d in posted(made)] == [0, 1]


def test_a_digest_is_of_its_accounts_and_controls() -> None:
    made = subscribed(scope=(ACCOUNT,), controls=("log-delivery",))
    digests.post_scheduled(made.world, 1, DAY)
    (digest,) = posted(made)
    assert (digest.report.controls, len(digest.report.accounts)) == (("log-delivery",), 1)


def test_who_wants_only_changes_hears_nothing_else_but_the_first_and_what_was_asked_for() -> None:
    made = subscribed(only_changes=True)
    digests.post_scheduled(made.world, 1, DAY)
    made.clock.move(days=1)
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    assert len(posted(made)) == 1
    assert made.history.has("C1", "digest:1:2026-11-24T0900")
    digests.post_digest(made.world, "C1", "now:1", made.subscriptions.all()[0])
    assert len(posted(made)) == 2


def test_who_wants_only_changes_hears_that_nobody_can_look_any_more() -> None:
    made = subscribed(only_changes=True)
    digests.post_scheduled(made.world, 1, DAY)
    made.clock.move(days=1)
    made.aws.becomes(surveyed(unreadable=denied()))
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    assert len(posted(made)) == 2


def test_who_wants_only_changes_hears_that_it_goes_on_after_a_pause() -> None:
    """Otherwise what stands there while it is made would stand there for ever."""
    made = subscribed(only_changes=True)
    digests.post_scheduled(made.world, 1, DAY)
    made.subscriptions.pause(1, "archived")
    made.clock.move(days=1)
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    assert len(made.announcer.of("digest started")) == 1
    assert len(posted(made)) == 2


def test_an_hourly_digest_comes_each_hour_once() -> None:
    made = subscribed(rhythm="hourly", at=time(0), zone="UTC")
    for slot in ("2026-11-23T08", "2026-11-23T08", "2026-11-23T07"):
        digests.post_scheduled(made.world, 1, slot)
    assert [d.report.run for d in posted(made)] == ["digest:1:2026-11-23T08", "digest:1:2026-11-23T07"]


def test_how_long_a_failure_is_open_is_known() -> None:
    made = subscribed()
    digests.post_scheduled(made.world, 1, DAY)
    made.clock.move(days=1)
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    assert set(posted(made)[1].since.values()) == {NINE_IN_PARIS}


def test_a_digest_in_another_channel_compares_with_its_own() -> None:
    made = subscribed()
    digests.post_digest(made.world, "C1", "now:1")
    digests.post_digest(made.world, "C2", "now:1")
    assert [len(d.comparison.new) for d in posted(made)] == [1, 1]


@pytest.mark.parametrize(
    ("minutes", "late"), [(0, False), (10, False), (11, True), (360, True)], ids=lambda value: str(value)
)
def test_a_late_digest_says_so(minutes: int, late: bool) -> None:
    made = subscribed()
    made.clock.move(minutes=minutes)
    digests.post_scheduled(made.world, 1, DAY)
    assert posted(made)[0].late is late
    assert posted(made)[0].due == NINE_IN_PARIS


def test_after_six_hours_the_next_digest_tells_it(caplog: pytest.LogCaptureFixture) -> None:
    made = subscribed()
    made.clock.move(hours=6, seconds=1)
    digests.post_scheduled(made.world, 1, DAY)
    assert posted(made) == []
    assert f"digest:1:{DAY}" in caplog.text


def test_a_subscription_that_was_replaced_has_no_digest() -> None:
    made = subscribed()
    made.subscriptions.remove(1)
    digests.post_scheduled(made.world, 1, DAY)
    assert made.announcer.said == []
    assert made.aws.reads == []


@pytest.mark.parametrize(
    ("different", "now", "found"),
    [
        ({}, NINE_IN_PARIS, [DAY]),
        ({}, NINE_IN_PARIS + timedelta(hours=6), [DAY]),
        ({}, NINE_IN_PARIS + timedelta(hours=6, seconds=1), []),
        ({}, NINE_IN_PARIS - timedelta(seconds=1), []),
        ({"since": NINE_IN_PARIS + timedelta(seconds=1)}, NINE_IN_PARIS + timedelta(hours=1), []),
        ({"rhythm": "weekdays"}, NINE_IN_PARIS, [DAY]),
        ({"rhythm": "weekdays"}, NINE_IN_PARIS - timedelta(days=1), []),
        ({"at": time(23, 30), "zone": "Pacific/Auckland"}, NINE_IN_PARIS + timedelta(hours=3), ["2026-11-23T2330"]),
        ({"at": time(0, 30), "zone": "Pacific/Auckland"}, NINE_IN_PARIS + timedelta(hours=4), ["2026-11-24T0030"]),
    ],
    ids=["now", "in grace", "too late", "to come", "made later", "Monday", "Sunday", "same day", "next day there"],
)
def test_digests_that_nobody_was_there_for_are_found_at_the_start(
    different: dict[str, object], now: datetime, found: list[str]
) -> None:
    made = subscribed(**different)
    made.clock.time = now
    assert [slot for _, slot in digests.missed(made.world)] == found


@pytest.mark.parametrize(
    "slot",
    ["2027-03-28T0230", "2026-10-25T0230", "2026-11-23T0230"],
    ids=["the clocks go forward", "the clocks go back", "an ordinary day"],
)
def test_the_slot_of_a_fire_and_the_fire_of_a_slot_agree(slot: str) -> None:
    made = subscribed(at=time(2, 30), since=datetime(2026, 1, 1, tzinfo=UTC))
    fire = made.subscriptions.all()[0].due(slot).astimezone(UTC)
    made.clock.time = fire + timedelta(minutes=1)
    assert [found for _, found in digests.missed(made.world)] == [slot]
    digests.post_scheduled(made.world, 1, slot)
    assert not posted(made)[0].late


def test_what_waits_for_approval_is_told_and_what_is_decided_is_not() -> None:
    made = subscribed()
    proposals.propose_fix(made.world, Asker("UREQUESTER", "C1"), ACCOUNT)
    digests.post_digest(made.world, "C1", "now:1")
    decisions.approve(made.world, 1, "UALICE")
    digests.post_digest(made.world, "C1", "now:2")
    assert [[c.id for c in d.waiting] for d in posted(made)] == [["C-1"], []]


def test_the_head_of_the_evidence_and_the_next_run_are_told() -> None:
    made = subscribed()
    proposals.propose_fix(made.world, Asker("UREQUESTER", "C1"), ACCOUNT)
    digests.post_scheduled(made.world, 1, DAY)
    assert posted(made)[0].chain_head == made.evidence.head()
    assert posted(made)[0].next_run == NINE_IN_PARIS + timedelta(days=1)


def test_a_channel_without_a_subscription_has_no_next_run() -> None:
    made = bot()
    digests.post_digest(made.world, "C9", "now:1")
    assert posted(made)[0].next_run is None
    assert not posted(made)[0].late


def test_whoever_asks_for_a_digest_that_is_refused_is_told() -> None:
    made = subscribed()
    made.announcer.fails = CannotAnnounceError("I am not in this channel.")
    with pytest.raises(CannotAnnounceError):
        digests.post_digest(made.world, "C1", "now:1")
    assert not made.history.has("C1", "now:1")


def test_a_digest_of_accounts_that_cannot_be_listed_says_nothing_false() -> None:
    made = subscribed()
    made.aws.broken = CannotRunError("No AWS credentials.")
    with pytest.raises(CannotRunError):
        digests.post_scheduled(made.world, 1, DAY)
    assert made.announcer.said == []
    assert not made.history.has("C1", f"digest:1:{DAY}")


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_crash_at_any_call_of_a_digest_makes_no_second_one(before: bool) -> None:
    """What is said again under the same key is the same message."""
    whole = Fuse()
    digests.post_scheduled(fused(subscribed().world, whole), 1, DAY)
    for at in range(1, whole.calls + 1):
        made, fuse = subscribed(), Fuse(at, before=before)
        until_done(lambda: digests.post_scheduled(fused(made.world, fuse), 1, DAY))  # noqa: B023 - called at once
        assert {digest.report.run for digest in posted(made)} == {f"digest:1:{DAY}"}
        assert made.history.has("C1", f"digest:1:{DAY}")


def test_who_changed_a_trail_that_fails_newly_is_told_and_not_in_the_first_digest() -> None:
    made = subscribed()
    made.aws.becomes(surveyed(trail(delivery=Delivery(last=made.clock.now()))))
    digests.post_scheduled(made.world, 1, DAY)
    made.clock.move(days=1)
    made.aws.becomes(surveyed(trail(logging=False)))
    made.aws.history[ACCOUNT] = (TrailEvent(made.clock.now(), "StopLogging", "Admin/eve", trail_arn()),)
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    first, second = posted(made)
    assert first.changed_by == {}
    assert second.changed_by == {ACCOUNT: "Trail main was stopped by Admin/eve at 2026-11-24 08:00 UTC."}


# What went wrong is said, once


def test_what_nobody_was_there_for_is_said_by_the_next_digest() -> None:
    made = subscribed(since=NINE_IN_PARIS - timedelta(days=9))
    digests.post_scheduled(made.world, 1, DAY)
    made.clock.move(days=3)
    digests.post_scheduled(made.world, 1, "2026-11-26T0900")
    missed = [[m.date().isoformat() for m in d.missed] for d in posted(made)]
    assert len(missed[0]) == 9
    assert missed[1] == ["2026-11-25", "2026-11-24"]


REFUSED = CannotAnnounceError("This channel is archived.")


def test_where_the_channel_cannot_be_written_to_it_is_paused_and_its_owner_is_told_once() -> None:
    made = subscribed()
    made.announcer.fails = REFUSED
    digests.post_scheduled(made.world, 1, DAY)
    made.clock.move(days=1)
    reads = len(made.aws.reads)
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    assert made.subscriptions.all()[0].paused == "This channel is archived."
    assert [why for _, _, why in made.announcer.of("digest paused")] == ["This channel is archived."]
    assert len(made.aws.reads) == reads, "nobody can read what an audit finds"


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_crash_at_any_call_of_a_pause_is_no_silent_one(before: bool) -> None:
    whole, first = Fuse(), subscribed()
    first.announcer.fails = REFUSED
    digests.post_scheduled(fused(first.world, whole), 1, DAY)
    for at in range(1, whole.calls + 1):
        made, fuse = subscribed(), Fuse(at, before=before)
        made.announcer.fails = REFUSED
        until_done(lambda: digests.post_scheduled(fused(made.world, fuse), 1, DAY))  # noqa: B023 - called at once
        assert made.subscriptions.all()[0].paused
        assert {(slot, why) for _, slot, why in made.announcer.of("digest paused")} == {(DAY, str(REFUSED))}


def test_it_goes_on_by_itself_and_says_what_was_missed() -> None:
    made = subscribed()
    made.announcer.fails = REFUSED
    digests.post_scheduled(made.world, 1, DAY)
    made.announcer.fails = None
    made.clock.move(days=1)
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    assert made.subscriptions.all()[0].paused == ""
    (digest,) = posted(made)
    assert [m.astimezone(UTC) for m in digest.missed] == [NINE_IN_PARIS]
    assert digest.subscription
    assert digest.subscription.paused == "This channel is archived."
    assert len(digest.comparison.new) == 1


def test_accounts_that_are_gone_are_said_in_the_place_of_the_digest() -> None:
    made = subscribed(scope=("nosuch",))
    digests.post_scheduled(made.world, 1, DAY)
    ((channel, key, _, why),) = made.announcer.of("digest failed")
    assert (channel, key) == ("C1", f"digest:1:{DAY}")
    assert "No account in scope is called nosuch" in why


def test_a_digest_that_could_not_be_made_in_any_try_says_why() -> None:
    made = subscribed()
    digests.give_up(made.world, 1, DAY, "No AWS credentials.")
    assert made.announcer.of("digest failed")[0][3] == "No AWS credentials."
    digests.give_up(made.world, 7, DAY, "gone")
    assert len(made.announcer.of("digest failed")) == 1


def test_what_is_posted_is_not_missed_any_more() -> None:
    made = subscribed()
    assert [slot for _, slot in digests.missed(made.world)] == [DAY]
    digests.post_scheduled(made.world, 1, DAY)
    assert digests.missed(made.world) == ()


# Where the accounts are


def test_a_digest_of_everything_knows_the_units_and_one_of_some_accounts_asks_for_none() -> None:
    made = subscribed()
    made.aws.units = {ACCOUNT: "Root/Prod"}
    digests.post_digest(made.world, "C1", "now:1")
    digests.post_digest(made.world, "C1", "now:2", replace(made.subscriptions.all()[0], scope=(ACCOUNT,)))
    assert [d.report.accounts[0].account.path for d in posted(made)] == ["Root/Prod", ""]


def test_units_that_nobody_could_read_are_a_note() -> None:
    made = subscribed()
    made.aws.units = denied("organizations:ListRoots")
    digests.post_digest(made.world, "C1", "now:1")
    assert (
        "The organizational units were not read: organizations:ListRoots answered" in posted(made)[0].report.left_out[0]
    )


# The picture


def test_a_digest_has_the_way_of_its_score_once_it_is_of_two_weeks() -> None:
    made = subscribed()
    digests.post_scheduled(made.world, 1, DAY)
    made.clock.move(days=7)
    digests.post_scheduled(made.world, 1, "2026-11-30T0900")
    digests.post_digest(made.world, "C1", "now:1")
    assert [[week.name for week in d.trend] for d in posted(made)] == [[], ["2026-W48", "2026-W49"], []]


def test_a_zone_that_this_machine_does_not_know_stops_no_other_digest() -> None:
    made = subscribed()
    made.subscriptions.put(replace(made.subscriptions.all()[0], id=0, zone="Mars/Phobos", scope=(ACCOUNT,)))
    assert [s.name for s, _ in digests.missed(made.world)] == ["D-1"]


def test_who_changed_it_is_asked_since_the_accounts_were_read_and_of_ninety_days_at_most() -> None:
    made = subscribed()
    made.aws.becomes(surveyed(trail(delivery=Delivery(last=made.clock.now()))))
    digests.post_scheduled(made.world, 1, DAY)
    made.clock.move(days=120)
    made.aws.becomes(surveyed(trail(logging=False)))
    digests.post_digest(made.world, "C1", "now:1", made.subscriptions.all()[0])
    (told,) = posted(made)[-1].changed_by.values()
    assert "has no change of trail main itself since 2026-12-23" in told


# Refused after a while


def refused_late(made: Bot, key: str = f"digest:1:{DAY}") -> None:
    made.history.refused["C1", key] = "I am not in this channel."
    jobs.sweep(made.world)


def test_what_slack_refused_after_a_while_is_news_again_and_its_owner_is_told() -> None:
    made = subscribed()
    digests.post_scheduled(made.world, 1, DAY)
    refused_late(made)
    assert made.subscriptions.all()[0].paused == "I am not in this channel."
    assert [why for _, _, why in made.announcer.of("digest paused")] == ["I am not in this channel."]
    made.clock.move(days=1)
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    assert [len(d.comparison.new) for d in posted(made)] == [1, 1]
    refused_late(made)
    assert len(made.announcer.of("digest paused")) == 1


@pytest.mark.parametrize("key", ["now:1", "digest:9:2026-11-23T0900", "digest:x"])
def test_one_that_is_nobodys_is_forgotten_too(key: str) -> None:
    made = subscribed()
    digests.post_digest(made.world, "C1", key)
    refused_late(made, key)
    assert not made.history.has("C1", key)
    assert made.announcer.of("digest paused") == []


def late(made: Bot) -> tuple[int, int, int, float]:
    found = digests.timeliness(made.world)
    return found.active, found.paused, found.overdue, found.latest / timedelta(minutes=1)


def test_a_digest_that_was_due_and_not_made_is_late_and_after_ten_minutes_overdue() -> None:
    made = subscribed()
    assert late(made) == (1, 0, 0, 0)
    made.clock.move(minutes=10)
    assert late(made) == (1, 0, 0, 10)
    made.clock.move(hours=9)
    assert late(made) == (1, 0, 1, 550)
    digests.post_scheduled(made.world, 1, DAY)
    assert late(made) == (1, 0, 1, 550), "it was too late to be posted"
    made.clock.move(hours=14, minutes=55)
    digests.post_scheduled(made.world, 1, "2026-11-24T0900")
    assert late(made) == (1, 0, 0, 0)


def test_a_paused_digest_is_not_late_nor_is_one_of_an_unknown_zone() -> None:
    made = subscribed()
    made.subscriptions.pause(1, "This channel is archived.")
    made.subscriptions.put(replace(made.subscriptions.all()[0], id=0, channel="C2", zone="Mars/Olympus", paused=""))
    made.clock.move(hours=9)
    assert late(made) == (1, 1, 0, 0)
