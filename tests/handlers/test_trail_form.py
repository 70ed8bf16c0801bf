"""The form of a trail, from the command to the approval card: what each step says, carries, and refuses."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.models.views import View

from bot.domain.form import OFF, Choice, TrailForm
from bot.domain.trail import Snapshot
from bot.services.forms import SINCE_REVIEW
from handlers.private import NOTHING, PERHAPS, Form, load_form
from handlers.talk import PAUSE, TRIES
from tests.builders import ACCOUNT, OWNER, account, denied, entitled, surveyed, trail
from tests.fakes_bot import bot
from tests.handlers.fake_slack import CHANNEL, click, refusal
from tests.handlers.test_listeners import Desk


def option(value: str) -> dict[str, Any]:
    return {"selected_option": {"value": value}}


TICKED: dict[str, Any] = {"selected_options": [{"value": "on"}]}
NOT_TICKED: dict[str, Any] = {"selected_options": []}
TRAIL: dict[str, Any] = {
    "name": {"value": " audit "},
    "bucket": {"value": "logs-of-111122223333"},
    "bucket_kind": option("new"),
    "prefix": {"value": None},
    "validation": NOT_TICKED,
}
EVENTS: dict[str, Any] = {"management": option("All"), "data_events": option("None"), "insights": NOT_TICKED}
WORDS = TrailForm("audit", "logs-of-111122223333", new_bucket=True, validation=False)


def opened(world: Snapshot | None = None) -> Desk:
    desk = Desk(bot(world or surveyed()))
    desk.types(f"create {ACCOUNT}")
    return desk


def next_view(desk: Desk) -> View:
    """What the last acknowledgement puts in the place of the step."""
    assert desk.acks.said[-1]["response_action"] == "update"
    view = desk.acks.said[-1]["view"]
    assert isinstance(view, View)
    return view


def reviewed(desk: Desk, trail_answers: dict[str, Any] = TRAIL, events: dict[str, Any] = EVENTS) -> View:
    desk.fills("trail", desk.shown, **trail_answers)
    desk.fills("events", next_view(desk), **events)
    shown = desk.shown
    assert isinstance(shown, View)
    return shown


def words(view: View) -> str:
    return json.dumps(view.to_dict(), ensure_ascii=False)


def test_the_modal_is_there_at_once_and_its_first_step_when_the_account_is_known() -> None:
    desk = opened()
    assert "Looking at the account" in words(desk.slack.of("views_open")[0]["view"])
    assert [name for name, _ in desk.slack.calls] == ["views_open", "views_update"]
    assert desk.slack.of("views_update")[0]["view_id"] == "V1"
    assert desk.shown.callback_id == "trail_form"
    form = load_form(desk.shown.private_metadata)
    assert (form.account, form.channel, form.answers.name) == (ACCOUNT, CHANNEL, "trailwarden")


def test_three_steps_lead_to_one_proposal_in_the_name_of_who_submitted() -> None:
    desk = opened()
    review = reviewed(desk)
    assert review.callback_id == "trail_review"
    assert desk.bot.changes.all() == ()
    desk.fills("review", review, "UBOB")
    assert desk.acks.said[-1] == {}
    made = desk.bot.change()
    assert (made.requester, made.channel) == ("UBOB", CHANNEL)
    assert made.plan.form == WORDS
    assert SINCE_REVIEW not in made.plan.notes
    assert made.plan.fingerprint in words(review)


def test_the_button_of_a_report_opens_the_same_form() -> None:
    desk = Desk(bot(surveyed()))
    desk.trails.pressed(desk.acks, click(ACCOUNT))  # type: ignore[arg-type]  # our stand-in
    assert desk.acks.said == [{}]
    assert desk.shown.callback_id == "trail_form"


def test_the_second_step_is_acknowledged_before_aws_is_read() -> None:
    desk = opened()
    desk.fills("trail", desk.shown, **TRAIL)
    reads = len(desk.bot.aws.reads)
    step_two = next_view(desk)
    assert step_two.callback_id == "trail_events"
    assert len(desk.bot.aws.reads) == reads
    desk.fills("events", step_two, **EVENTS)
    assert "Looking at the account" in words(next_view(desk))
    assert desk.slack.of("views_update")[-1]["external_id"] == next_view(desk).external_id


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"name": {"value": "a..b"}}, {"name"}),
        ({"bucket": {"value": "Upper"}}, {"bucket"}),
        ({"prefix": {"value": "a b"}}, {"prefix"}),
        ({"key_kind": option("new"), "key": {"value": "no alias"}}, {"key"}),
        ({"key_kind": option("off"), "key": {"value": "no alias"}}, set()),
        ({"topic_kind": option("existing"), "topic": {"value": ""}}, {"topic"}),
        ({"logs_kind": option("new"), "logs": {"value": "a b"}}, {"logs", "role"}),
        ({"logs_kind": option("new"), "logs": {"value": "g"}}, {"role"}),
        ({"role_kind": option("new"), "role": {"value": "a b"}}, set()),
        ({"name": {"value": ""}, "bucket": {"value": ""}}, {"name", "bucket"}),
    ],
)
def test_a_wrong_answer_is_told_at_its_field(answers: dict[str, Any], wrong: set[str]) -> None:
    desk = opened()
    desk.fills("trail", desk.shown, **{**TRAIL, **answers})
    said = desk.acks.said[-1]
    assert said["response_action"] == ("errors" if wrong else "update")
    assert set(said.get("errors", {})) == wrong
    assert not any("`" in words for words in said.get("errors", {}).values())


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"management": option("ReadOnly"), "insights": TICKED}, {"insights"}),
        ({"management": option("None")}, {"management"}),
        ({"management": option("None"), "data_events": option("All")}, set()),
    ],
)
def test_wrong_events_are_told_at_their_field(answers: dict[str, Any], wrong: set[str]) -> None:
    desk = opened()
    desk.fills("trail", desk.shown, **TRAIL)
    desk.fills("events", next_view(desk), **{**EVENTS, **answers})
    assert set(desk.acks.said[-1].get("errors", {})) == wrong


def test_every_answer_arrives_in_the_plan() -> None:
    desk = opened(replace(surveyed(), organization="o-1", manager=ACCOUNT))
    assert "Record every account of the organization" in words(desk.shown)
    answers = {
        "validation": TICKED,
        "organization": TICKED,
        "prefix": {"value": "/web/"},
        "key_kind": option("new"),
        "key": {"value": "alias/logs"},
        "topic_kind": option("new"),
        "topic": {"value": "trails"},
        "logs_kind": option("new"),
        "logs": {"value": "/trails"},
        "role_kind": option("new"),
        "role": {"value": "writer"},
    }
    events = {"management": option("WriteOnly"), "data_events": option("All"), "insights": TICKED}
    desk.fills("review", reviewed(desk, {**TRAIL, **answers}, events))
    assert desk.bot.change().plan.form == TrailForm(
        "audit",
        "logs-of-111122223333",
        new_bucket=True,
        prefix="web",
        validation=True,
        organization=True,
        key=Choice("new", "alias/logs"),
        topic=Choice("new", "trails"),
        logs=Choice("new", "/trails"),
        role=Choice("new", "writer"),
        management="WriteOnly",
        data_events="All",
        insights=True,
    )


@pytest.mark.parametrize(
    ("manager", "offered"),
    [(ACCOUNT, ""), (OWNER, None), ("", None), (denied(), "could not be seen")],
    ids=["manager", "member", "no organization", "unseen"],
)
def test_an_organizations_trail_is_offered_where_the_account_may(manager: Any, offered: str | None) -> None:
    mine = "o-1" if manager == ACCOUNT else ""
    shown = words(opened(replace(surveyed(), organization=mine, manager=manager)).shown)
    assert ("Record every account of the organization" in shown) == (offered is not None)
    assert (offered or "") in shown


# Refusals, and the ways back


def test_what_the_review_finds_out_is_said_in_the_form_with_a_way_back() -> None:
    desk = opened(surveyed(trail("audit")))
    refused = reviewed(desk)
    assert "has a trail named audit already. Choose another name." in words(refused)
    assert desk.told == []
    assert desk.bot.changes.all() == ()
    goes_back(desk, "back_to_trail", refused)
    assert load_form(desk.shown.private_metadata).answers == WORDS
    assert desk.shown.callback_id == "trail_form"
    assert '"initial_value": "audit"' in words(desk.shown)


def goes_back(desk: Desk, way: str, view: View, **values: Any) -> None:
    shown = view.to_dict()
    state = {"values": {id: {id: value} for id, value in values.items()}}
    body = {**click(""), "view": {"id": "V7", "hash": "7.h", "callback_id": "", **shown, "state": state}}
    getattr(desk.trails, way)(desk.acks, body)


def test_going_back_from_the_review_keeps_all_answers() -> None:
    desk = opened()
    review = reviewed(desk, events={**EVENTS, "data_events": option("All"), "insights": TICKED})
    goes_back(desk, "back_to_events", review)
    assert desk.shown.callback_id == "trail_events"
    assert load_form(desk.shown.private_metadata).answers == replace(WORDS, data_events="All", insights=True)
    assert desk.slack.of("views_update")[-1]["hash"] == "7.h"


def test_going_back_from_the_events_keeps_what_is_picked_there() -> None:
    desk = opened()
    desk.fills("trail", desk.shown, **TRAIL)
    goes_back(desk, "back_to_trail", next_view(desk), **{**EVENTS, "management": option("WriteOnly")})
    assert load_form(desk.shown.private_metadata).answers == replace(WORDS, management="WriteOnly")


@pytest.mark.parametrize("world", [surveyed(unreadable=denied()), surveyed(*(trail(f"t{n}") for n in range(5)))])
def test_what_no_answer_could_change_is_said_before_the_first_step(world: Snapshot) -> None:
    desk = opened(world)
    assert desk.shown.callback_id is None
    assert desk.shown.submit is None
    assert desk.told == []


def test_an_account_that_is_not_in_scope_is_said_in_the_modal() -> None:
    desk = Desk(bot(surveyed()))
    desk.types("create 999999999999")
    assert "No account in scope is called 999999999999" in words(desk.shown)


def test_create_for_who_may_not_ask_is_refused_in_the_modal() -> None:
    desk = Desk(bot(surveyed()))
    desk.bot.directory.may_request = entitled("UCAROL")
    desk.types(f"create {ACCOUNT}")
    (shown,) = desk.slack.of("views_update")
    assert "You may not ask for changes in 111122223333. Ask <@UCAROL>" in str(shown["view"].to_dict())


def test_who_may_not_ask_any_more_is_refused_at_the_end_too() -> None:
    desk = opened()
    review = reviewed(desk)
    desk.bot.directory.may_request = entitled("UCAROL")
    desk.fills("review", review)
    assert "You may not ask for changes in 111122223333" in desk.told[0]
    assert desk.bot.changes.all() == ()


def test_an_error_is_said_in_the_modal_that_waits(caplog: pytest.LogCaptureFixture) -> None:
    desk = opened()
    desk.bot.changes.broken = ZeroDivisionError("the disk is full")
    shown = words(reviewed(desk))
    assert "Something broke." in shown
    assert "trail_back_1" in shown
    assert "ZeroDivisionError" in caplog.text


def test_a_plan_that_has_changed_since_the_review_says_so_on_its_card() -> None:
    desk = opened()
    review = reviewed(desk)
    desk.bot.aws.becomes(surveyed(trail("other")))
    desk.fills("review", review)
    assert desk.bot.change().plan.notes[0] == SINCE_REVIEW


# A form that is closed, or not there yet


def test_a_form_that_was_closed_leaves_nothing_behind() -> None:
    desk = opened()
    desk.fills("trail", desk.shown, **TRAIL)
    step_two = next_view(desk)
    desk.slack.refuses["views_update"] = [refusal("not_found")] * (TRIES + 1)
    desk.fills("events", step_two, **EVENTS)
    assert desk.slack.of("views_update")[-1]["view_id"] == "V7"
    assert desk.told == []
    assert desk.bot.changes.all() == ()
    assert desk.bot.evidence.all == []


def test_a_review_waits_for_slack_to_carry_out_the_acknowledgement() -> None:
    desk = opened()
    desk.fills("trail", desk.shown, **TRAIL)
    desk.slack.refuses["views_update"] = [refusal("not_found")] * 2
    desk.fills("events", next_view(desk), **EVENTS)
    tries = desk.slack.of("views_update")[1:]
    assert len(tries) == 3
    assert len({told["external_id"] for told in tries}) == 1
    assert desk.bot.clock.slept == [PAUSE, PAUSE]


def test_a_form_that_slack_refuses_to_show_is_told_in_the_channel() -> None:
    desk = Desk(bot(surveyed()))
    desk.slack.refuses["views_update"] = [refusal("invalid_arguments"), refusal("invalid_arguments")]
    desk.types(f"create {ACCOUNT}")
    assert "Slack answered invalid_arguments" in desk.told[0]


# What it carries


LONGEST = Form(
    ACCOUNT,
    "C" * 20,
    "\u202e<&>" * 10,
    "aws-us-gov",
    PERHAPS,
    TrailForm(
        "n" * 128,
        "b" * 63,
        new_bucket=False,
        prefix="p" * 200,
        validation=False,
        organization=True,
        key=Choice("existing", "k" * 330),
        topic=Choice("existing", "t" * 330),
        logs=Choice("existing", "l" * 512),
        role=Choice("existing", "r" * 64),
        management="WriteOnly",
        data_events="ReadOnly",
        insights=True,
    ),
    "f" * 16,
)


LONGEST_UPDATE = replace(
    LONGEST,
    answers=replace(
        LONGEST.answers,
        updates=f"arn:aws-us-gov:cloudtrail:us-gov-west-1:{ACCOUNT}:trail/{'n' * 128}",
        all_regions="yes",
        logging="no",
        management="Keep",
        data_events="All",
    ),
)


@pytest.mark.parametrize("form", [LONGEST, LONGEST_UPDATE])
def test_the_longest_answers_fit_into_what_slack_keeps(form: Form) -> None:
    assert len(form.dump()) < 3_000


@pytest.mark.parametrize(
    "form", [LONGEST, LONGEST_UPDATE, Form(ACCOUNT, CHANNEL), Form(ACCOUNT, CHANNEL, answers=WORDS)]
)
def test_what_is_dumped_is_loaded_again(form: Form) -> None:
    assert load_form(form.dump()) == form


def test_what_is_as_at_the_beginning_is_left_out() -> None:
    assert json.loads(Form(ACCOUNT, CHANNEL).dump()) == {"account": ACCOUNT, "channel": CHANNEL}
    assert Form(ACCOUNT, CHANNEL, "web").of == account(name="web")


TAMPERED = [
    "",
    "{",
    "[]",
    "{}",
    "null",
    '{"account":"1"}',
    '{"account":1,"channel":"C1"}',
    '{"account":"1","channel":"C1","more":"x"}',
    '{"account":"1","channel":"C1","name":["x"]}',
    '{"account":"1","channel":"C1","answers":[]}',
    '{"account":"1","channel":"C1","answers":"x"}',
    '{"account":"1","channel":"C1","answers":{"steps":[]}}',
    '{"account":"1","channel":"C1","answers":{"name":1}}',
    '{"account":"1","channel":"C1","answers":{"new_bucket":"yes"}}',
    '{"account":"1","channel":"C1","answers":{"management":"Everything"}}',
    '{"account":"1","channel":"C1","answers":{"key":"alias/x"}}',
    '{"account":"1","channel":"C1","answers":{"key":{"which":"mine"}}}',
    '{"account":"1","channel":"C1","answers":{"key":{"which":"new","name":1}}}',
    '{"account":"1","channel":"C1","answers":{"key":{"which":"new","more":"x"}}}',
]


@pytest.mark.parametrize("private", TAMPERED)
def test_what_is_not_ours_names_no_account(private: str) -> None:
    assert load_form(private) == Form("", "")


@pytest.mark.parametrize("private", TAMPERED)
def test_a_step_that_carries_nothing_of_ours_proposes_nothing_and_is_told(private: str) -> None:
    desk = Desk(bot(surveyed()))
    desk.fills("events", private, **EVENTS)
    assert "No account in scope is called" in words(desk.shown)
    desk.fills("review", private)
    assert "No account in scope is called" in desk.told[0]
    assert desk.bot.changes.all() == ()


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        (replace(WORDS, name="a..b"), "3 to 128"),
        (replace(WORDS, bucket="../x"), "3 to 63"),
        (replace(WORDS, key=Choice("new", "1111")), "alias"),
        (replace(WORDS, logs=Choice("new", "g"), role=OFF), "needs a role"),
        (replace(WORDS, organization=True), "manages no organization"),
        (NOTHING, "3 to 128"),
    ],
)
def test_tampered_answers_lead_to_a_refusal(answers: TrailForm, why: str) -> None:
    desk = Desk(bot(surveyed()))
    desk.fills("review", Form(ACCOUNT, CHANNEL, answers=answers, reviewed="f" * 16).dump())
    assert why in desk.told[0]
    assert desk.bot.changes.all() == ()


def test_answers_that_were_changed_after_the_review_are_proposed_as_they_are_and_differ() -> None:
    desk = opened()
    form = load_form(reviewed(desk).private_metadata or "")
    desk.fills("review", replace(form, answers=replace(form.answers, prefix="elsewhere")).dump())
    made = desk.bot.change()
    assert made.plan.notes[0] == SINCE_REVIEW
    assert any(re.search("elsewhere", line) for step in made.plan.steps for line in step.diff)


# A trail that exists

ODD = trail(multi_region=False, logging=False, validation=False, topic=f"arn:aws:sns:us-east-1:{ACCOUNT}:old")
KEPT: dict[str, Any] = {"validation": NOT_TICKED, "topic_kind": option("existing"), "topic": {"value": ODD.topic}}
KEPT_EVENTS: dict[str, Any] = {"management": option("Keep"), "data_events": option("Keep"), "insights": NOT_TICKED}


def updating(world: Snapshot) -> Desk:
    desk = Desk(bot(world))
    desk.types(f"update main {ACCOUNT}")
    return desk


def test_an_update_begins_with_the_trail_as_it_is_and_asks_no_name() -> None:
    shown = words(updating(surveyed(ODD)).shown)
    assert "Update a trail: 1 of 3" in shown
    assert ODD.topic in shown
    assert "Start logging" in shown
    assert '"name"' not in shown
    assert "Start logging" not in words(updating(surveyed(trail())).shown)


def test_an_update_is_proposed_from_what_was_changed_in_the_form() -> None:
    desk = updating(surveyed(ODD))
    review = reviewed(desk, {**KEPT, "validation": TICKED, "logging": TICKED, "all_regions": TICKED}, KEPT_EVENTS)
    assert "Update a trail: 3 of 3" in words(review)
    desk.fills("review", review, "UBOB")
    made = desk.bot.change().plan
    assert [step.call for step in made.steps] == ["cloudtrail:UpdateTrail", "cloudtrail:StartLogging"]
    assert made.kind == "update"


def test_an_update_that_changes_nothing_is_refused_with_the_ways_back() -> None:
    shown = words(reviewed(updating(surveyed(ODD)), KEPT, KEPT_EVENTS))
    assert "is like that already" in shown
    assert "Change the trail" in shown


@pytest.mark.parametrize("which", ["nosuch", "arn:aws:cloudtrail:us-east-1:999900001111:trail/main"])
def test_an_unknown_trail_is_told_in_the_modal(which: str) -> None:
    desk = Desk(bot(surveyed(ODD)))
    desk.types(f"update {which} {ACCOUNT}")
    assert "It has: main" in words(desk.shown)
