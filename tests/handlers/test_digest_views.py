"""The digest as it is read: what comes first, how long it has been, what went wrong, and what hangs below it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.digest import Comparison, compare, kept
from bot.domain.finding import AccountReport, Verdict
from bot.domain.subscription import Ended, Subscribed, Subscription
from bot.ports import Digest
from handlers.views import digest, subscriptions
from handlers.views.message import Message
from handlers.views.words import prose
from tests.builders import HOUR, NOW, active, change
from tests.handlers.test_views import (
    NAMES,
    NASTY,
    WORST_SUBSCRIPTION,
    WORST_WHY,
    as_accepted,
    assert_fine,
    create_buttons,
    delete_plan,
    judged,
    marked,
    number,
    propose_buttons,
    reported,
    without_trail,
)

NOTHING = Comparison((), (), (), ())
DAILY = Subscription("C1", NOW.time(), "UTC", "UALICE", NOW, id=3)


def digested(total: int, name: str, why: str, **different: Any) -> Digest:
    def some(verdict: Verdict) -> tuple[AccountReport, ...]:
        return tuple(judged(n, name, verdict, why) for n in range(total))

    made = Digest(
        report=reported(total, name, why),
        comparison=Comparison(some(Verdict.FAIL), some(Verdict.PASS), some(Verdict.FAIL), some(Verdict.UNKNOWN)),
        since={},
        score_before=40,
        waiting=tuple(change(n, plan=delete_plan()) for n in range(total)),
        next_run=NOW + HOUR,
        chain_head="f" * 64,
        due=NOW,
        late=True,
        to_review=(active(),) * total,
    )
    return replace(made, **different)


def first(content: Digest) -> Message:
    return digest.digest(content)[0]


def text(message: Message) -> str:
    return "\n".join(marked(message.as_dicts()))


def whole(content: Digest) -> str:
    """With what hangs below."""
    return "\n".join(map(text, digest.digest(content)))


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("total", [0, 1, 20, 143, 2_000])
def test_a_digest_of_any_length_is_accepted_with_all_that_hangs_below_it(total: int, name: str) -> None:
    why = WORST_WHY if name == NASTY else "because"
    missed = tuple(NOW - n * HOUR for n in range(total))
    who = {number(n): f"{NASTY} " * 40 for n in range(total)}
    made = digested(total, name, why, subscription=WORST_SUBSCRIPTION, missed=missed, changed_by=who)
    accepted = tuple(as_accepted(a, name=NASTY) for a in made.comparison.still)
    made = replace(made, comparison=replace(made.comparison, accepted=accepted))
    messages = digest.digest(made)
    for message in messages:
        assert_fine(message)
    assert len(messages) <= 12


@pytest.mark.parametrize("total", [1, 20, 143])
def test_accounts_without_a_trail_have_the_form_as_a_second_way(total: int) -> None:
    accounts = tuple(without_trail(n, NASTY, WORST_WHY) for n in range(total))
    shown = first(digested(total, NASTY, "because", comparison=Comparison(accounts, (), (), ())))
    assert_fine(shown)
    assert [b["value"] for b in create_buttons(shown)] == [b["value"] for b in propose_buttons(shown)]


def test_a_digest_says_what_is_new_before_what_is_fixed_before_what_is_still_open() -> None:
    shown = json.dumps(first(digested(1, "web", "because")).as_dicts())
    titles = (
        "*FAIL* web",
        "*Fixed*",
        "*Still failing*",
        "*Waiting for approval*",
        "*Exceptions",
        "*Could not be judged*",
    )
    places = [shown.index(word) for word in titles]
    assert places == sorted(places)


LISTS = [
    "Fixed",
    "Still failing",
    "Could not be judged",
    "Waiting for approval",
    "Exceptions that end soon, or have ended",
]


@pytest.mark.parametrize("title", LISTS)
def test_long_lists_of_a_digest_are_cut_visibly_and_go_on_below(title: str) -> None:
    shown, *below = digest.digest(digested(143, NASTY, WORST_WHY))
    found = next(line for line in marked(shown.as_dicts()) if line.startswith(f"*{title}*"))
    assert found.endswith(" of 143 shown; the others are below.")
    assert below


def test_what_hangs_below_is_the_rest_and_nothing_twice() -> None:
    """143 accounts of one list; each is named once in all."""
    still = tuple(judged(n, "web", Verdict.FAIL, "because") for n in range(143))
    messages = digest.digest(digested(0, "", "", comparison=replace(NOTHING, still=still)))
    said = "\n".join(text(m) for m in messages)
    assert [said.count(f"({number(n)})") for n in range(143)] == [1] * 143
    assert "do not fit" not in said


def test_what_does_not_even_fit_below_is_counted() -> None:
    still = tuple(judged(n, "web", Verdict.FAIL, "because") for n in range(5_000))
    *_, last = digest.digest(digested(0, "", "", comparison=replace(NOTHING, still=still)))
    assert "more lines do not fit here. `trailwarden export` has them all." in last.text


def test_new_failures_that_do_not_fit_are_counted_and_named_below() -> None:
    shown, *below = digest.digest(digested(143, "web", "because"))
    assert f"{len(propose_buttons(shown))} of 143 new failures shown; the others are below." in text(shown)
    assert number(142) in "".join(map(text, below))


def test_no_change_is_one_line_and_all_else_hangs_below() -> None:
    still = tuple(judged(n, "web", Verdict.FAIL, "because") for n in range(3))
    shown, *below = digest.digest(digested(3, "web", "because", comparison=replace(NOTHING, still=still)))
    assert [block.type for block in shown.blocks] == ["section", "context"]
    assert "3 still failing, 0 accounts could not be judged, 3 changes waiting for approval." in text(shown)
    assert number(2) not in text(shown)
    assert number(2) in "".join(map(text, below))
    assert "C-2" in "".join(map(text, below))


def test_a_first_digest_compares_with_none() -> None:
    shown = first(digested(3, "web", "because", comparison=NOTHING, score_before=None)).text
    assert "the first digest here. This digest is late" in shown
    assert "Nothing fails anew: 0 still failing" in shown


def test_what_can_no_longer_be_judged_is_no_nothing_changed() -> None:
    lost = tuple(judged(n, "web", Verdict.UNKNOWN, "denied") for n in range(2))
    shown = first(digested(0, "", "", comparison=replace(NOTHING, unreadable=lost, lost=lost))).text
    assert "Nothing fails anew, but 2 accounts can no longer be judged: " in shown
    assert "Nothing changed" not in shown


def test_a_list_that_broke_off_is_not_the_whole() -> None:
    made = digested(0, "", "", comparison=NOTHING)
    shown = first(replace(made, report=replace(made.report, complete=False))).text
    assert "Not every account could be listed, so this is not the whole. Nothing fails anew" in shown


def test_a_late_digest_says_so() -> None:
    shown = first(digested(3, "web", "because", comparison=NOTHING)).text
    assert "Nothing changed since the last digest" in shown
    assert "This digest is late" in shown


@pytest.mark.parametrize(
    ("before", "words"), [(None, "33 % pass, the first digest here."), (40, "(-7)"), (33, ", as before"), (0, "(+33)")]
)
def test_a_digest_says_the_trend(before: int | None, words: str) -> None:
    assert words in first(digested(3, "web", "because", score_before=before)).text


def test_the_head_of_the_evidence_is_in_every_digest() -> None:
    assert "evidence `ffffffffffff`" in text(first(digested(0, "", "")))


def test_a_first_digest_calls_everything_that_fails_new() -> None:
    now = reported(4, "web", "because", (Verdict.FAIL,))
    made = digested(4, "web", "because", report=now, comparison=compare(None, now), score_before=None)
    assert first(made).text.startswith("CloudTrail digest: 0 % pass, the first digest here. ")
    assert len(propose_buttons(first(made))) == 4


@pytest.mark.parametrize(("days", "words"), [(0, "_since today_"), (1, "_1 day_"), (40, "_40 days_")])
def test_what_still_fails_says_for_how_long_and_who_is_at_it(days: int, words: str) -> None:
    failing = reported(1, "web", "because", (Verdict.FAIL,))
    a_moment_later_than_today = NOW - timedelta(days=days) + timedelta(seconds=3)
    since = kept(None, replace(failing, started=a_moment_later_than_today)).since
    still = Comparison((), (), failing.accounts, ())
    made = digested(0, "", "", report=failing, comparison=still, since=since, waiting=())
    assert f": because · {words} · nobody is at it" in whole(made)


def test_what_is_asked_for_in_an_account_is_said_and_nobody_is_called() -> None:
    waiting = change(7)
    failing = (replace(judged(0, "web", Verdict.FAIL, "because"), account=waiting.plan.account),)
    made = digested(0, "", "", comparison=Comparison((), (), failing, ()), waiting=(waiting,))
    assert "C-7 waits for approval" in whole(made)
    assert "<@" not in whole(made)


def test_which_digest_it_is_and_of_what_is_said() -> None:
    assert "D-3: 09:00 UTC every day · 3 accounts" in text(first(digested(3, "web", "b", subscription=DAILY)))


@pytest.mark.parametrize(
    ("missed", "words"),
    [
        ((), "(-7). Nothing changed"),
        ((NOW,), "was missed. Nothing changed"),
        ((NOW, NOW - HOUR), "2 digests were missed, since <!date^"),
    ],
)
def test_what_was_missed_is_said(missed: tuple[Any, ...], words: str) -> None:
    made = digested(3, "web", "b", comparison=NOTHING, subscription=DAILY, missed=missed, late=False)
    assert words in first(made).text


def test_after_a_pause_it_is_said_why() -> None:
    paused = replace(DAILY, paused="I am not in this channel.")
    shown = first(digested(3, "web", "b", comparison=NOTHING, subscription=paused, missed=(NOW,), late=False)).text
    assert "was missed: I am not in this channel. Nothing changed" in shown


def test_what_could_not_be_made_or_posted_is_said_whole() -> None:
    for message in (
        digest.started(),
        digest.failed(WORST_SUBSCRIPTION, prose(WORST_WHY)),
        digest.paused(WORST_SUBSCRIPTION, prose(WORST_WHY)),
    ):
        assert_fine(message)
    assert "so nobody knows how things are. Why." in digest.failed(DAILY, "Why.").text
    assert "is paused: Why. It goes on by itself" in digest.paused(DAILY, "Why.").text


def test_who_changed_the_trail_of_a_new_failure_is_said_below_it() -> None:
    new = (judged(0, "web", Verdict.FAIL, "because"),)
    words = f"Trail main was stopped by {NASTY} at 08:00."
    made = digested(0, "", "", comparison=replace(NOTHING, new=new), changed_by={number(0): words})
    assert_fine(first(made))
    assert "Trail main was stopped by" in text(first(made))


def test_a_digest_counts_accepted_failures_and_lists_them_last() -> None:
    holds = as_accepted(judged(0, "web", Verdict.FAIL))
    made = digested(1, "web", "because", comparison=replace(NOTHING, accepted=(holds,)), waiting=())
    message = first(made)
    assert "could not be judged, 1 failing as accepted." in message.text
    assert "accepted until 2027-01-31 (C-7, asked by Alice): " in whole(made)
    assert propose_buttons(message) == []


# Subscriptions


@pytest.mark.parametrize("count", [0, 1, 10])
def test_a_list_of_digests_is_accepted(count: int) -> None:
    there = tuple(replace(WORST_SUBSCRIPTION, id=n) for n in range(count))
    assert_fine(subscriptions.listing(there, NOW))


def test_answers_about_subscriptions_are_accepted() -> None:
    for message in (
        subscriptions.subscribed(Subscribed(WORST_SUBSCRIPTION, DAILY), NOW),
        subscriptions.told_subscribed(Subscribed(WORST_SUBSCRIPTION, WORST_SUBSCRIPTION)),
        subscriptions.told_subscribed(Subscribed(DAILY, WORST_SUBSCRIPTION)),
        *(said(ended) for ended in ENDED for said in (subscriptions.unsubscribed, subscriptions.told_unsubscribed)),
    ):
        assert_fine(message)


ENDED = (
    Ended("UDAVE", NOW, (WORST_SUBSCRIPTION,) * 10),
    Ended("UDAVE", NOW, (WORST_SUBSCRIPTION,), (WORST_SUBSCRIPTION,) * 9),
)


def test_the_next_three_runs_are_shown() -> None:
    said = text(subscriptions.listing((DAILY,), NOW))
    assert said.count("<!date^") == 3
    assert subscriptions.subscribed(Subscribed(DAILY), NOW).text.count("<!date^") == 3
