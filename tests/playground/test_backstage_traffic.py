"""The tab "Traffic": every exchange is there with its answer and its time, and no secret."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.playground.aws import RunningAws
from bot.playground.backstage.masking import MASK, masked
from bot.playground.backstage.traffic import Traffic
from bot.playground.exchanges import MOST, Began, Journal
from bot.playground.slack import RunningWorkspace
from tests.playground.aws_steps import new_account, refused
from tests.playground.slack_app import bolt_app, client, running


@pytest.fixture
def traffic(workspace: RunningWorkspace, aws: RunningAws) -> Iterator[Traffic]:
    aws.journal.clear()
    yield Traffic((workspace.journal, aws.journal))
    aws.journal.clear()


def rows(traffic: Traffic, kind: str) -> list[dict[str, Any]]:
    return [row for row in traffic.shown()["exchanges"] if row["kind"] == kind]


def opened(traffic: Traffic, row: dict[str, Any]) -> str:
    return traffic.deeds["open"]({"number": row["number"]})


def test_a_command_its_ack_and_what_the_app_answers_are_told(workspace: RunningWorkspace, traffic: Traffic) -> None:
    app = bolt_app(workspace)

    @app.command("/trail-audit")
    def audit(ack: Any, respond: Any, say: Any) -> None:
        ack("I look.")
        say("Report")
        respond("Only to you")

    with running(app, workspace):
        workspace.person("alice").types("cloud-security", "/trail-audit all")
        workspace.wait_for(lambda: rows(traffic, "reply"))
    (command,) = rows(traffic, "envelope")
    assert (command["name"], command["about"], command["outcome"]) == (
        "slash_commands /trail-audit all",
        "alice",
        "ack",
    )
    assert 0 <= command["milliseconds"] < 10_000
    assert '"text": "I look."' in opened(traffic, command).partition("Answer, ack")[2]
    post = next(row for row in rows(traffic, "web") if row["name"] == "chat.postMessage")
    assert (post["about"], post["glance"], post["outcome"]) == ("C0CLOUDSEC", "Report", "ok")
    assert [row["glance"] for row in rows(traffic, "reply")] == ["Only to you"]
    numbers = [row["number"] for row in traffic.shown()["exchanges"]]
    assert numbers == sorted(numbers, reverse=True)


def test_what_is_refused_or_not_acked_says_so(workspace: RunningWorkspace, traffic: Traffic, aws: RunningAws) -> None:
    workspace.person("alice").types("cloud-security", "/trail-audit all")
    assert rows(traffic, "envelope")[0]["outcome"] == "dispatch_failed"
    workspace.set_fault("auth.test", "ratelimited")
    with pytest.raises(SlackApiError, match="ratelimited"):
        client(workspace).auth_test()
    assert rows(traffic, "web")[0]["outcome"] == "ratelimited"
    account = new_account()
    with refused("TrailNotFoundException"):
        aws.client(account, "cloudtrail").start_logging(Name="nobody")
    (call,) = rows(traffic, "aws")
    assert (call["name"], call["outcome"]) == ("cloudtrail:StartLogging", "400 TrailNotFoundException")
    assert call["about"] == f"{account} administrator us-east-1"
    assert '"Name": "nobody"' in opened(traffic, call)
    assert "nobody" in opened(traffic, call).partition("Answer")[2]


def test_json_inside_of_a_text_is_unfolded(traffic: Traffic, workspace: RunningWorkspace) -> None:
    client(workspace).chat_postMessage(channel="C0CLOUDSEC", text="x", blocks=[{"type": "divider"}])
    assert re.search(r'"blocks": \[\n +\{\n +"type": "divider"', opened(traffic, rows(traffic, "web")[0]))


def test_no_secret_is_shown(workspace: RunningWorkspace, traffic: Traffic, aws: RunningAws) -> None:
    client(workspace).apps_connections_open(app_token=workspace.app_token)
    client(workspace).chat_postMessage(channel="C0CLOUDSEC", text=f"My token is {workspace.bot_token}")
    workspace.person("alice").types("cloud-security", "/trail-audit all")
    keys = aws.client(new_account(), "sts").assume_role(
        RoleArn=f"arn:aws:iam::{new_account()}:role/x", RoleSessionName="me"
    )["Credentials"]
    everything = json.dumps(traffic.shown()) + "".join(opened(traffic, row) for row in traffic.shown()["exchanges"])
    secrets = [workspace.bot_token, workspace.app_token, keys["SecretAccessKey"], keys["SessionToken"]]
    assert not [secret for secret in secrets if secret in everything]
    assert re.findall(r"ticket=[^&\"]*", everything) == [f"ticket={MASK}"]
    assert set(re.findall(r"/response/[^\"]*", everything)) == {f"/response/{MASK}"}


@pytest.mark.parametrize(
    "secret",
    ['"token": "{}"', "xoxb-{}", "xapp-1-{}", "http://x/response/{}", "<SecretAccessKey>{}</SecretAccessKey>"],
)
def test_a_mask_leaves_how_a_secret_begins(secret: str) -> None:
    assert masked(secret.format("s3-cr_et")) == secret.format(MASK).replace("xapp-1-", "xapp-")


def test_only_the_last_of_each_kind_are_kept() -> None:
    journal = Journal()
    journal.add(Began(), "envelope", "first", "", {}, None, "ack")
    for number in range(MOST + 5):
        journal.add(Began(), "aws", str(number), "", {}, "", "200")
    found = [exchange.name for exchange in journal.all()]
    assert found == [*(str(number) for number in range(MOST + 4, 4, -1)), "first"]


def test_one_that_is_no_longer_kept_is_told(traffic: Traffic) -> None:
    with pytest.raises(LookupError, match="too old"):
        opened(traffic, {"number": 0})
