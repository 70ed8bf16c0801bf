"""Every listener's work comes to an answer: once, and only to who asked."""

import logging
import threading
import time
from collections.abc import Callable

import pytest
from slack_sdk.models.views import View

from bot.domain.refusal import Person, Refused
from bot.ports import CannotAnnounceError, CannotRunError
from bot.ports.context import known
from handlers.talk import Caller, Talk, caller_of
from handlers.views.message import Message, section
from tests.fakes import FakeTraces
from tests.fakes_bot import bot
from tests.handlers.fake_slack import (
    CHANNEL,
    TEAM,
    FakeSlack,
    TalkAtOnce,
    click,
    command,
    refusal,
    response_url,
    submission,
)

CALLER = Caller("UALICE", TEAM, CHANNEL)


def talking(slack: FakeSlack, *channels: str, team: str = TEAM) -> TalkAtOnce:
    return TalkAtOnce(bot().world, slack, team, frozenset(channels))  # type: ignore[arg-type]  # our stand-in


def raising(error: Exception) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (Refused("Ask ", Person("UBOB"), "."), "Ask <@UBOB>."),
        (Refused("No account is called <!channel>."), "No account is called &lt;!channel&gt;."),
        (CannotRunError("No AWS credentials: set `AWS_PROFILE`."), "No AWS credentials: set `AWS_PROFILE`."),
        (CannotAnnounceError("I am not in this channel."), "I am not in this channel."),
    ],
    ids=["refused", "refused with markup", "cannot run", "cannot announce"],
)
def test_an_error_becomes_an_answer_once_and_only_to_who_asked(error: Exception, answer: str) -> None:
    slack = FakeSlack()
    talking(slack).hand_over(CALLER, raising(error))
    assert slack.told() == [answer]
    assert [(t["user"], t["channel"]) for t in slack.of("chat_postEphemeral")] == [("UALICE", CHANNEL)]


def test_an_error_that_nobody_foresaw_is_logged_with_the_id_that_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    slack = FakeSlack()
    talking(slack).hand_over(CALLER, raising(RuntimeError("secret details")))
    (told,) = slack.told()
    assert "secret details" not in told
    id = told.split("`")[1]
    assert id in caplog.text
    assert "secret details" in caplog.text


def test_each_line_on_it_carries_its_id_its_user_and_its_channel() -> None:
    found: list[dict[str, str]] = []
    for _ in range(2):
        talking(FakeSlack()).hand_over(CALLER, lambda: found.append(dict(known())))
    assert [(ids["user"], ids["channel"]) for ids in found] == [("UALICE", CHANNEL)] * 2
    assert len({ids["request"] for ids in found}) == 2
    assert known() == {}


@pytest.mark.parametrize("work", [lambda: None, raising(RuntimeError("no"))], ids=["done", "broke"])
def test_each_is_a_span_with_its_id(work: Callable[[], None]) -> None:
    talk, traces = talking(FakeSlack()), FakeTraces()
    talk.traces = traces
    talk.hand_over(CALLER, work)
    ((name, ids),) = traces.ended
    assert name == "request"
    assert ids["request"]


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (lambda: None, "done"),
        (raising(Refused("no")), "refused"),
        (raising(CannotRunError("no")), "cannot"),
        (raising(CannotAnnounceError("no")), "cannot"),
        (raising(RuntimeError("no")), "broke"),
    ],
    ids=["done", "refused", "cannot run", "cannot announce", "broke"],
)
def test_what_came_of_it_is_told_once(work: Callable[[], None], told: str) -> None:
    found: list[str] = []
    talk = talking(FakeSlack())
    talk.came_of_it = found.append
    talk.hand_over(CALLER, work)
    assert found == [told]


def test_work_that_ends_well_says_nothing_of_its_own() -> None:
    slack = FakeSlack()
    talking(slack).hand_over(CALLER, lambda: None)
    assert slack.calls == []


def test_an_answer_that_cannot_be_delivered_is_logged_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    refuses: dict[str, list[Exception]] = {
        "chat_postEphemeral": [refusal("user_not_in_channel")],
        "chat_postMessage": [refusal("messages_tab_disabled")],
    }
    slack = FakeSlack(refuses=refuses)
    talking(slack).hand_over(CALLER, raising(Refused("no")))
    assert len(slack.calls) == 2
    assert "no answer reached UALICE" in caplog.text


@pytest.mark.parametrize("channel", ["", CHANNEL], ids=["no channel", "a channel that is not ours"])
def test_where_a_form_has_no_channel_of_ours_the_answer_goes_to_the_person(channel: str) -> None:
    slack = FakeSlack(refuses={"chat_postEphemeral": [refusal("not_in_channel")]})
    talking(slack).answer(Caller("UALICE", TEAM, channel), MESSAGE)
    ((sent),) = slack.of("chat_postMessage")
    assert (sent["channel"], sent["text"]) == ("UALICE", "hello")


def test_the_payload_of_another_app_is_logged_once_and_not_answered(caplog: pytest.LogCaptureFixture) -> None:
    slack, did = FakeSlack(), []
    talk = TalkAtOnce(bot().world, slack, TEAM, frozenset(), "A1")  # type: ignore[arg-type]  # our stand-in
    talk.hand_over(Caller("UALICE", TEAM, CHANNEL, app="A2"), lambda: did.append(1))
    assert (slack.calls, did) == ([], [])
    assert [r.getMessage() for r in caplog.records] == ["payload of another app refused: 'A2'"]
    talk.hand_over(Caller("UALICE", TEAM, CHANNEL, app="A1"), lambda: did.append(1))
    assert did == [1]


def test_a_refusal_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="handlers")
    talking(FakeSlack()).hand_over(CALLER, raising(Refused("Ask ", Person("UBOB"), ".\nnow")))
    assert [r.getMessage() for r in caplog.records] == [r"refused UALICE in C1: 'Ask @UBOB.\nnow'"]


@pytest.mark.parametrize("team", ["T2", ""], ids=["another workspace", "nobody knows which"])
def test_an_outsider_is_refused(team: str) -> None:
    slack, did = FakeSlack(), []
    talking(slack).hand_over(Caller("UEVE", team, CHANNEL), lambda: did.append(1))
    assert slack.told() == ["You are from another workspace. Ask somebody of this one."]
    assert did == []


def test_another_channel_is_refused_where_channels_are_set() -> None:
    slack, did = FakeSlack(), []
    talk = talking(slack, "C7", "C8")
    talk.hand_over(CALLER, lambda: did.append(1))
    assert slack.told() == ["I work in <#C7>, <#C8>, and not here. Whoever runs Trailwarden sets TRAILWARDEN_CHANNELS."]
    assert did == []
    talk.hand_over(Caller("UALICE", TEAM, "C8"), lambda: did.append(1))
    assert did == [1]


def test_without_channels_every_channel_will_do() -> None:
    did: list[int] = []
    talking(FakeSlack()).hand_over(CALLER, lambda: did.append(1))
    assert did == [1]


def test_closing_waits_for_all_that_was_acknowledged() -> None:
    did: list[int] = []
    talk = Talk(bot().world, FakeSlack(), TEAM, frozenset())  # type: ignore[arg-type]  # our stand-in
    for n in range(40):
        talk.hand_over(CALLER, lambda n=n: (time.sleep(0.002), did.append(n)))  # type: ignore[misc]  # a default binds it
    talk.close()
    assert sorted(did) == list(range(40))


MESSAGE = Message("hello", (section("hello"),))


def test_an_answer_goes_to_the_response_url_and_nowhere_else() -> None:
    slack = FakeSlack()
    with response_url() as (url, got):
        talking(slack).answer(Caller("UALICE", TEAM, CHANNEL, url), MESSAGE)
    assert slack.calls == []
    assert [(g["text"], g["response_type"], g["replace_original"]) for g in got] == [("hello", "ephemeral", False)]


@pytest.mark.parametrize("status", [404, 500, 410])
def test_a_response_url_that_is_used_up_falls_back_to_an_ephemeral_message(status: int) -> None:
    slack = FakeSlack()
    with response_url(status) as (url, got):
        talking(slack).answer(Caller("UALICE", TEAM, CHANNEL, url), MESSAGE)
    assert len(got) == 1
    assert slack.told() == ["hello"]


def test_a_response_url_where_nobody_is_falls_back_too() -> None:
    slack = FakeSlack()
    talking(slack).answer(Caller("UALICE", TEAM, CHANNEL, "http://127.0.0.1:1/"), MESSAGE)
    assert slack.told() == ["hello"]


def test_a_form_that_slack_does_not_open_is_told() -> None:
    slack = FakeSlack(refuses={"views_open": [refusal("expired_trigger_id")]})
    talk = talking(slack)
    talk.hand_over(CALLER, lambda: talk.open(CALLER, View(type="modal")))
    assert slack.told() == ["Slack waited too long for the form. Try again."]


def test_work_is_done_on_another_thread_so_that_the_listener_returns() -> None:
    slack, did = FakeSlack(), []
    talk = Talk(bot().world, slack, TEAM, frozenset())  # type: ignore[arg-type]  # our stand-in
    begun, go_on = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(5)
        did.append(threading.current_thread().name)

    talk.hand_over(CALLER, work)
    assert begun.wait(5)
    assert did == []
    go_on.set()
    talk.close()
    assert len(did) == 1
    assert did[0] != threading.current_thread().name


def test_commands_clicks_and_forms_name_the_caller_in_their_own_ways() -> None:
    assert caller_of(command("help", response_url="u", trigger_id="t-1")) == Caller("UALICE", TEAM, CHANNEL, "u", "t-1")
    assert caller_of(click("C-1:0", response_url="u", trigger_id="t")) == Caller("UALICE", TEAM, CHANNEL, "u", "t")
    assert caller_of(submission("C-1 C9", {}) | {"trigger_id": "t"}) == Caller("UALICE", TEAM, "", trigger="t")
    assert caller_of({}) == Caller("", "", "")


def test_a_guest_of_another_team_is_known_by_their_own_team() -> None:
    assert caller_of(click("C-1:0", team="T2")).team == "T2"


def test_names_do_not_make_identities() -> None:
    body = {**command("help"), "user_name": "UBOB"}
    assert caller_of(body).user == "UALICE"
    assert logging.getLogger("handlers.talk").name == "handlers.talk"
