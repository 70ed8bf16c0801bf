"""The same stories over Socket Mode and over signed HTTP; what is forged, old or sent again has no effect."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.playground.aws import start_aws
from bot.playground.slack import DEFAULT_SETUP, Actor, Message, Way, start_workspace
from bot.playground.slack.posts import Address, Posts, Request
from tests.stories.stage import (
    CHANNEL,
    UNHURRIED,
    Stage,
    change_id,
    log_is_fit_for_machines_and_tells_no_secret,
)

PAYMENTS, LEDGER, API, TOOLS, WEBSITE = "111122223333", "567890123456", "901234567890", "210987654321", "890123456789"
DELIVERIES: tuple[Way, ...] = ("socket", "http")


@contextmanager
def staged(delivery: Way, folder: Path) -> Iterator[Stage]:
    """With an AWS of its own, so that the same accounts can be repaired over each delivery."""
    aws, slack = start_aws(), start_workspace(DEFAULT_SETUP, delivery=delivery, **UNHURRIED)
    aws.deliver_every(1)
    made = Stage(aws, slack, folder)
    yield made
    slack.stop()
    log_is_fit_for_machines_and_tells_no_secret(made)
    aws.stop()


@pytest.fixture(scope="module", params=DELIVERIES)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(request.param, tmp_path_factory.mktemp(request.param)) as made, made.bot():
        yield made


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged("http", tmp_path_factory.mktemp("signed")) as made, made.bot():
        yield made


def test_a_failing_account_is_found_repaired_with_consent_and_proved(stage: Stage) -> None:
    report = stage.audit(stage.alice, PAYMENTS)
    card = stage.proposal(lambda: stage.alice.clicks(report, "propose_fix", PAYMENTS))
    stage.alice.clicks(card, "approve")
    assert "somebody else must approve it" in stage.told(stage.alice, "You asked for")
    assert stage.writes(PAYMENTS) == []
    stage.bob.clicks(card, "approve")
    assert "Approved by <@U0BOB>" in stage.becomes(card, "VERIFIED").all_text()
    assert stage.writes(PAYMENTS) == ["UpdateTrail"]
    assert "PASS: CloudTrail is on in 1 of 1 account." in stage.audit(stage.alice, PAYMENTS).text


def test_a_form_opens_says_what_is_wrong_in_it_and_leads_to_the_next(stage: Stage) -> None:
    stage.create_form(stage.alice, WEBSITE)
    assert set(stage.alice.submits({"name": "a..b", "bucket": "Not A Bucket"}).errors) == {"name", "bucket"}
    stage.review(stage.alice, {"name": "website-trail", "bucket": "website-trail-logs"})
    card = stage.proposal(lambda: stage.alice.submits({}))
    stage.bob.clicks(card, "deny")
    stage.until(stage.bob.modal)
    assert stage.bob.submits({"reason": "next week, please"}).errors == {}
    assert "next week, please" in stage.becomes(card, "DENIED").all_text()
    assert stage.writes(WEBSITE) == []


def test_clicks_at_once_and_clicks_that_come_twice_are_one_approval(stage: Stage) -> None:
    card = stage.proposal(lambda: stage.types(stage.alice, "fix dev-api"))
    stage.slack.deliver_twice()
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda who: who.clicks(card, "approve"), [stage.bob, stage.carol, stage.bob, stage.carol]))
    assert stage.becomes(card, "VERIFIED").all_text().count("Approved by") == 1
    assert stage.writes(API) == ["PutEventSelectors"]
    late = lambda: [words for words in were_told(stage.bob, stage.carol) if "was already approved" in words]  # noqa: E731 - read anew
    stage.until(lambda: len(late()) == 4 or None)


def were_told(*people: Actor) -> list[str]:
    return [m.all_text() for who in people for m in who.ephemerals(CHANNEL)]


def test_a_command_that_comes_twice_is_one_proposal(stage: Stage) -> None:
    stage.slack.deliver_twice()
    card = stage.proposal(lambda: stage.types(stage.alice, "fix prod-ledger"))
    stage.types(stage.carol, f"change {change_id(card)}")
    stage.told(stage.carol, change_id(card))
    assert not [m for m in stage.alice.ephemerals(CHANNEL) if "prod-ledger" in m.all_text()]
    stage.alice.clicks(card, "cancel")
    stage.becomes(card, "CANCELLED")


@pytest.mark.parametrize("delivery", DELIVERIES)
def test_a_stop_answers_who_clicked_and_the_next_start_goes_on(delivery: Way, tmp_path: Path) -> None:
    with staged(delivery, tmp_path) as stage:
        bot = stage.started()
        card = stage.proposal(lambda: stage.types(stage.alice, "fix dev-tools"))
        stage.aws.delay(TOOLS, "cloudtrail:UpdateTrail", seconds=2)
        stage.bob.clicks(card, "approve")
        assert stage.carol.clicks(card, "approve").acked
        bot.terminate()
        bot.join(30)
        assert bot.exitcode == 0
        told = [m.all_text() for who in (stage.bob, stage.carol) for m in who.ephemerals(CHANNEL)]
        assert ["was already approved" in text for text in told] == [True], "whoever of the two came second"
        assert not stage.bob.clicks(card, "approve").acked
        with stage.bot():
            stage.becomes(card, "VERIFIED")
        assert stage.writes(TOOLS) == ["UpdateTrail"]
        assert "Traceback" not in stage.log()


# What only HTTP has


def click_of_bob(stage: Stage, card: Message) -> dict[str, Any]:
    """What Slack would send if Bob pressed Approve, but for the answer's URL: Dave, who may not, has pressed it."""
    sent = stage.dave.clicks(card, "approve").payload
    assert sent
    stage.told(stage.dave, "You are not an approver")
    return {"type": "interactive", "payload": {**sent, "user": {**sent["user"], "id": "U0BOB"}, "trigger_id": "bob"}}


def test_nobody_approves_without_slacks_signature_of_just_now_and_nobody_twice(http: Stage) -> None:
    stage, posts = http, http.slack.posts
    card = stage.proposal(lambda: stage.types(stage.alice, "fix prod-payments"))
    click = click_of_bob(stage, card)
    good, daves = posts.signed(click), posts.requests[-1]
    forger = Posts(Address(0, "another secret"), 1, lambda: float(good.headers["X-Slack-Request-Timestamp"]))
    forger.stop()
    refused = [
        Request(good.body, {"Content-Type": good.headers["Content-Type"]}),
        replace(daves, body=good.body),
        forger.signed(click),
        posts.signed(click, age=301),
        posts.signed(click, age=-310),
    ]
    for request in refused * 20:
        assert not posts.post(request).acked
    stage.types(stage.alice, f"change {change_id(card)}")
    assert "is PROPOSED" in stage.told(stage.alice, f"{change_id(card)}: ")
    assert stage.log().count("refused with 401") == 3  # no signature, a wrong one, an old one

    assert posts.post(good).acked
    stage.becomes(card, "VERIFIED")
    assert all(posts.post(good).acked for _ in range(3))
    stage.until(lambda: sum("was already approved" in words for words in were_told(stage.dave)) == 3 or None)
    assert stage.writes(PAYMENTS) == ["UpdateTrail"]


def test_a_command_that_is_sent_again_says_and_does_nothing(http: Stage) -> None:
    stage, posts = http, http.slack.posts
    stage.audit(stage.alice, LEDGER)
    [again] = [r for r in posts.requests if LEDGER.encode() in r.body]
    known = len(stage.slack.messages(CHANNEL))
    assert all(posts.post(again).acked for _ in range(3))
    stage.audit(stage.carol, LEDGER)
    assert len(stage.slack.messages(CHANNEL)) == known + 1


def test_with_an_app_token_the_signing_secret_is_not_used(tmp_path: Path) -> None:
    with staged("socket", tmp_path) as stage, stage.bot(SLACK_SIGNING_SECRET="8f742231b10e8888"):
        for told in ("SLACK_SIGNING_SECRET is not used in Socket Mode.", "is connected to Slack"):
            stage.until(lambda told=told: told in stage.log() or None)


def test_a_bot_that_starts_and_stops_warns_of_nothing_and_connects_once(tmp_path: Path) -> None:
    with staged("socket", tmp_path) as stage:
        with stage.bot():
            stage.until(lambda: "is connected to Slack" in stage.log() or None)
        assert [line for line in stage.log().splitlines() if json.loads(line)["level"] != "INFO"] == []
        assert sum(call.method == "apps.connections.open" for call in stage.slack.calls) == 1
