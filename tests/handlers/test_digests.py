"""A channel's digests: asked for, listed, changed by the form, and ended."""

import json
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.models.views import View

from bot.domain.authority import Standing
from bot.domain.controls import CONTROLS
from bot.domain.refusal import Refused
from handlers import parse
from handlers.views.subscriptions import form, told_subscribed, told_unsubscribed
from tests.builders import ACCOUNT
from tests.fakes_bot import bot
from tests.handlers.fake_slack import CHANNEL, TEAM, click, submission
from tests.handlers.test_home import in_home
from tests.handlers.test_listeners import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk(bot())


def presses(desk: Desk, button: str, value: str = "") -> None:
    getattr(desk.digests, button)(desk.acks, click(value))


def submits(desk: Desk, view: View, **different: Any) -> None:
    private = view.to_dict().get("private_metadata", "")
    body = submission(private, {**FORM, **different}, "UREQUESTER")
    desk.digests.submitted(desk.acks, body)  # type: ignore[arg-type]  # our stand-in


def opened(desk: Desk) -> View:
    view: View = desk.slack.of("views_open")[-1]["view"]
    return view


FORM: dict[str, Any] = {
    "rhythm": {"selected_option": {"value": "mondays"}},
    "time": {"selected_time": "08:30"},
    "zone": {"selected_option": {"value": "Europe/Paris"}},
    "scope": {"value": f" {ACCOUNT}, "},
    "controls": {"selected_options": [{"value": "log-delivery"}]},
    "only_changes": {"selected_options": [{"value": "on"}]},
}


def test_a_subscription_is_kept_shown_and_ended(desk: Desk) -> None:
    refreshed: list[int] = []
    desk.talk.digests_changed = lambda: refreshed.append(1)
    desk.types("digest 09:00 Europe/Paris")
    assert desk.bot.subscriptions.all()[0].owner == "UREQUESTER"
    desk.types("digest")
    desk.types("digest off")
    assert desk.bot.subscriptions.all() == ()
    assert len(refreshed) == 2
    assert "D-1: 09:00 Europe/Paris every day." in desk.told[1]
    assert [t.split(".")[0] for t in desk.told] == [
        "This channel gets a digest at 09:00 Europe/Paris every day",
        "This channel gets 1 digest",
        "D-1 is off: this channel gets no more digests",
    ]


def test_a_channel_has_several_digests_and_one_of_the_same_accounts_is_changed(desk: Desk) -> None:
    desk.types("digest 09:00 UTC")
    desk.types(f"digest 10:00 UTC {ACCOUNT}")
    desk.types("digest 11:00 UTC")
    assert [(s.name, s.at.hour) for s in desk.bot.subscriptions.all()] == [("D-1", 11), ("D-2", 10)]
    assert desk.told[2].startswith(
        "Changed: this channel gets a digest at 11:00 UTC every day, instead of 09:00 UTC every day."
    )
    desk.types("digest off")
    assert desk.told[3].startswith("Say which: D-1, D-2")
    desk.types("digest off D-2")
    assert "still gets 1 digest" in desk.told[4]
    desk.types("digest off all")
    assert desk.bot.subscriptions.all() == ()


def test_a_digest_that_takes_the_place_of_another_says_how_to_have_both(desk: Desk) -> None:
    desk.types("digest 09:00 UTC")
    desk.types("digest 10:00 UTC")
    answer = json.dumps(desk.slack.of("chat_postEphemeral")[-1]["blocks"])
    assert "To have both, ask for the other with accounts or controls of its own" in answer


def test_one_that_is_not_there_is_told_apart_from_one_that_is_not_named(desk: Desk) -> None:
    desk.types("digest 09:00 UTC")
    desk.types("digest off D-9")
    assert desk.told[-1].startswith("This channel has no D-9. Say which: D-1, as in `/trail-audit digest off D-1`")


@pytest.mark.parametrize(
    ("typed", "unknown", "meant"),
    [
        ("mondys 08:30 UTC", "mondys", " If you meant the word: `mondays`."),
        ("monday 08:30 UTC", "monday", " If you meant the word: `mondays`."),
        ("09:00 UTC only chages", "chages", " If you meant the word: `changes`."),
        ("09:00 UTC every morning", "every", " If you meant the word: `daily`."),
        ("09:00 UTC nosuch", "nosuch", ""),
    ],
)
def test_a_slip_in_a_digests_words_is_answered_with_examples_of_digests(
    desk: Desk, typed: str, unknown: str, meant: str
) -> None:
    desk.types(f"digest {typed}")
    (answer,) = desk.told
    assert answer.startswith(f"No account in scope is called {unknown}. ")
    assert answer.endswith(f"shows those that are.{meant} {parse.EXAMPLE}")
    assert desk.bot.subscriptions.all() == ()


def said_to_the_channel(desk: Desk) -> list[str]:
    of = desk.bot.announcer.of
    return [
        *(told_subscribed(made).text for (made,) in of("subscribed")),
        *(told_unsubscribed(ended).text for (ended,) in of("unsubscribed")),
    ]


def test_the_channel_is_told_who_set_changed_and_ended_its_digests(desk: Desk) -> None:
    desk.types("digest 09:00 UTC")
    desk.types(f"digest hourly {ACCOUNT}")
    desk.types("digest 10:00 UTC weekdays", user="UDAVE")
    desk.types("digest off D-1", user="UDAVE")
    presses(desk, "switched_off", "2")
    assert said_to_the_channel(desk) == [
        "<@UREQUESTER> set up D-1: this channel gets a digest at 09:00 UTC every day.",
        f"<@UREQUESTER> set up D-2: this channel gets a digest every hour at :00, of {ACCOUNT}.",
        "<@UDAVE> changed D-1: this channel gets a digest at 10:00 UTC on weekdays, instead of 09:00 UTC every day.",
        f"<@UDAVE> ended D-1 (10:00 UTC on weekdays): this channel still gets D-2 (every hour at :00, of {ACCOUNT}).",
        f"<@UALICE> ended D-2 (every hour at :00, of {ACCOUNT}): this channel gets no more digests.",
    ]


def test_what_changes_nothing_is_not_told_to_the_channel(desk: Desk) -> None:
    desk.types("digest 09:00 UTC")
    desk.types("digest 09:00 UTC")
    desk.types("digest off D-9")
    desk.types("digest")
    assert len(said_to_the_channel(desk)) == 1
    assert desk.told[1].startswith("As before, this channel gets a digest at 09:00 UTC every day. The next one")


def test_what_is_said_of_an_hourly_digest_and_of_two_that_end_is_a_sentence(desk: Desk) -> None:
    desk.types("digest 09:00 UTC")
    desk.types(f"digest hourly {ACCOUNT}")
    desk.types("digest off all")
    assert desk.told[1].startswith("This channel gets a digest every hour at :00, of ")
    assert desk.told[2].startswith("D-1, D-2 are off: this channel gets no more digests.")


def test_ten_digests_are_enough(desk: Desk) -> None:
    controls = [c.id for c in CONTROLS]
    for control in controls:
        desk.types(f"digest 09:00 UTC {control}")
    desk.types("digest 09:00 UTC")
    desk.types(f"digest 09:00 UTC {' '.join(controls[:2])}")
    assert len(desk.bot.subscriptions.all()) == 10
    assert "more nobody reads" in desk.told[-1]


@pytest.mark.parametrize("channel", ["D0REQUESTER", ""])
@pytest.mark.parametrize("typed", ["digest 09:00 UTC", "digest now"])
def test_a_digest_in_a_conversation_is_answered_with_what_would_work(desk: Desk, channel: str, typed: str) -> None:
    desk.types(typed, channel=channel)
    assert "A digest belongs to a channel" in desk.told[0]
    assert "/trail-audit digest 09:00 Europe/Paris" in desk.told[0]
    assert desk.bot.subscriptions.all() == ()
    assert desk.bot.announcer.said == []


@pytest.mark.parametrize("typed", ["digest 09:00 UTC", "digest now"])
def test_a_digest_in_a_channel_without_us_is_answered_with_what_to_do(desk: Desk, typed: str) -> None:
    desk.bot.directory.out_of_reach[CHANNEL] = Refused("I am not in this channel. Type `/invite @Trailwarden` here.")
    desk.types(typed)
    assert "/invite @Trailwarden" in desk.told[-1]
    assert desk.bot.subscriptions.all() == ()


def test_a_digest_now_is_each_of_the_channels(desk: Desk) -> None:
    desk.types("digest 09:00 UTC")
    desk.types(f"digest 09:00 UTC {ACCOUNT}")
    desk.types("digest now")
    found = [d.subscription for _, d in desk.bot.announcer.of("digest")]
    assert [s.name for s in found if s] == ["D-1", "D-2"]


def test_a_digest_is_made_changed_and_ended_by_its_buttons(desk: Desk) -> None:
    presses(desk, "added")
    submits(desk, opened(desk))
    (made,) = desk.bot.subscriptions.all()
    assert made.words == f"08:30 Europe/Paris on Mondays, of {ACCOUNT}, by log-delivery, only changes"
    presses(desk, "changed", "1")
    assert '"initial_time": "08:30"' in json.dumps(opened(desk).to_dict())
    submits(desk, opened(desk))
    assert [s.name for s in desk.bot.subscriptions.all()] == ["D-1"]
    presses(desk, "switched_off", "1")
    assert desk.bot.subscriptions.all() == ()


@pytest.mark.parametrize("value", ["1", "", "x", "9" * 30])
@pytest.mark.parametrize("button", ["changed", "switched_off"])
def test_a_button_of_a_digest_that_is_gone_is_answered(desk: Desk, button: str, value: str) -> None:
    presses(desk, button, value)
    assert "was changed or switched off meanwhile" in desk.told[-1]


@pytest.mark.parametrize("private", ["", "[]", "{}", '{"channel": 1, "id": "x"}', '{"channel": "@here", "id": 0}'])
def test_a_tampered_form_makes_no_digest(desk: Desk, private: str) -> None:
    submits(desk, form(None, private))
    assert desk.bot.subscriptions.all() == ()
    assert "A digest belongs to a channel" in desk.told[-1]


def test_a_form_of_what_was_switched_off_meanwhile_does_not_bring_it_back(desk: Desk) -> None:
    desk.types("digest 09:00 UTC")
    presses(desk, "changed", "1")
    stale = opened(desk)
    desk.types("digest off")
    submits(desk, stale)
    assert desk.bot.subscriptions.all() == ()
    assert "was changed or switched off meanwhile" in desk.told[-1]


def test_a_form_that_is_brought_again_makes_nothing_again(desk: Desk) -> None:
    presses(desk, "added")
    private = opened(desk).to_dict()["private_metadata"]
    body = submission(private, FORM, "UREQUESTER") | {"trigger_id": "the same"}
    desk.digests.submitted(desk.acks, body)  # type: ignore[arg-type]  # our stand-in
    desk.types("digest off all")
    desk.digests.submitted(desk.acks, body)  # type: ignore[arg-type]  # our stand-in
    assert desk.bot.subscriptions.all() == ()


def test_changing_one_to_what_another_is_already_changes_neither(desk: Desk) -> None:
    desk.types("digest 09:00 UTC")
    desk.types(f"digest 10:00 UTC {ACCOUNT}")
    before = desk.bot.subscriptions.all()
    presses(desk, "changed", "2")
    submits(desk, opened(desk), scope={"value": None}, controls={"selected_options": []})
    assert desk.bot.subscriptions.all() == before
    assert "D-1 is of the same accounts and controls already" in desk.told[-1]


def test_a_zone_that_is_none_is_refused(desk: Desk) -> None:
    presses(desk, "added")
    submits(desk, opened(desk), zone={"selected_option": {"value": "Mars/Phobos"}})
    assert desk.bot.subscriptions.all() == ()
    assert "Mars/Phobos is no time zone that I know." in desk.told[-1]


def test_one_that_cannot_be_made_now_keeps_no_other_away(desk: Desk) -> None:
    desk.types("digest 09:00 UTC")
    desk.types(f"digest 10:00 UTC {ACCOUNT}")
    saved = desk.bot.subscriptions.saved
    saved[1] = replace(saved[1], scope=("gone",))
    desk.types("digest now")
    assert len(desk.bot.announcer.of("digest")) == 1
    assert "D-1 cannot be made: No account in scope is called gone" in desk.told[-1]


@pytest.mark.parametrize("button", ["changed", "switched_off"])
def test_a_home_that_somebody_may_see_no_more_does_nothing(desk: Desk, button: str) -> None:
    desk.types("digest 09:00 UTC")
    desk.bot.directory.standings["UALICE"] = Standing.GUEST
    getattr(desk.digests, button)(desk.acks, in_home("1", "UALICE", TEAM))
    assert len(desk.bot.subscriptions.all()) == 1
    opened = [call["view"].to_dict() for call in desk.slack.of("views_open")]
    assert [view.get("callback_id") for view in opened] == [None], "a window with the refusal, and no form"
