"""Backstage's tab "AWS": what its buttons do to the pretend AWS, and what the bot's next audit finds of it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest

from bot.cli import main
from bot.playground.aws import MANAGEMENT_ACCOUNT, RunningAws, start_aws
from bot.playground.backstage.trail_deeds import THROTTLED_CALLS, writes_only
from bot.playground.backstage.trails import Trails
from tests.playground.aws_steps import make_key, refused
from tests.playground.backstage_steps import (
    ARCHIVE,
    MANAGEMENT,
    TOOLS,
    VAULT,
    WEB,
    account,
    advanced,
    basic,
    do,
    texts,
    trail,
)


@pytest.fixture
def aws() -> Iterator[RunningAws]:
    """One for each test, which breaks it."""
    running = start_aws()
    yield running
    running.stop()


@pytest.fixture
def tab(aws: RunningAws) -> Trails:
    return Trails(aws)


@pytest.fixture
def bot(aws: RunningAws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The bot's environment, for `verdicts`."""
    for name in [n for n in os.environ if n.startswith(("AWS_", "TRAILWARDEN_", "SLACK_"))]:
        monkeypatch.delenv(name)
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TRAILWARDEN_ACCOUNTS", "organization")
    monkeypatch.chdir(tmp_path)


def verdicts(capsys: pytest.CaptureFixture[str], id: str) -> list[str]:
    """What the bot's audit finds in the account: multi-region-trail, log-delivery, log-file-validation."""
    main(["audit", id, "--format", "json"])
    (found,) = json.loads(capsys.readouterr().out)["accounts"]
    return [finding["verdict"] for finding in found["findings"]]


def test_a_key_is_told(aws: RunningAws, tab: Trails) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
    }
    key = make_key(aws, TOOLS, statement)
    aws.client(TOOLS, "cloudtrail").update_trail(Name="tools-trail", KmsKeyId=key)
    assert f"KMS key {key.split('/')[1][:8]}" in texts(trail(tab, TOOLS)["facts"])


@pytest.mark.usefixtures("bot")
def test_a_trail_is_stopped_by_the_administrator_and_started_again(
    aws: RunningAws, tab: Trails, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdicts(capsys, WEB) == ["PASS", "PASS", "PASS"]
    assert do(tab, "stop", WEB) == "web-trail in prod-web is stopped."
    assert "stopped" in texts(trail(tab, WEB)["facts"])
    assert verdicts(capsys, WEB)[0] == "FAIL"
    (event,) = aws.client(WEB, "cloudtrail", "eu-west-1").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "StopLogging"}]
    )["Events"]
    assert event["Username"] == "administrator"
    assert do(tab, "start", WEB) == "web-trail in prod-web logs again."
    assert verdicts(capsys, WEB)[0] == "PASS"


@pytest.mark.usefixtures("bot")
def test_selectors_are_narrowed_to_writes_once(tab: Trails, capsys: pytest.CaptureFixture[str]) -> None:
    assert do(tab, "narrow", WEB) == "web-trail in prod-web records writes only."
    assert "management writes only" in texts(trail(tab, WEB)["facts"])
    assert verdicts(capsys, WEB)[0] == "FAIL"
    with pytest.raises(ValueError, match=r"^web-trail records no reads as it is\.$"):
        do(tab, "narrow", WEB)


def test_advanced_selectors_are_narrowed_too(tab: Trails) -> None:
    do(tab, "narrow", ARCHIVE)
    assert "management writes only" in texts(trail(tab, ARCHIVE)["facts"])


def test_what_is_about_other_events_stays_as_it_is_when_selectors_are_narrowed() -> None:
    objects = advanced(eventCategory=["Data"], readOnly=["true"])
    narrowed = writes_only({"AdvancedEventSelectors": [advanced(eventCategory=MANAGEMENT, readOnly=["true"]), objects]})
    assert narrowed == {"AdvancedEventSelectors": [advanced(eventCategory=MANAGEMENT, readOnly=["false"]), objects]}
    resources = basic("ReadOnly", on=False, data=True)
    assert writes_only({"EventSelectors": [resources]}) == {"EventSelectors": [resources]}


@pytest.mark.usefixtures("bot")
def test_a_bucket_is_deleted_with_its_log_files_also_from_another_account(
    aws: RunningAws, tab: Trails, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.deliver_every(0)
    bucket = trail(tab, WEB)["bucket"]
    assert aws.client(ARCHIVE, "s3").list_objects_v2(Bucket=bucket)["KeyCount"]
    assert do(tab, "delete-bucket", WEB) == f"{bucket} is deleted, with every log file in it."
    with refused("NoSuchBucket"):
        aws.client(ARCHIVE, "s3").list_objects_v2(Bucket=bucket)
    assert trail(tab, WEB)["delivery"] == {"text": "delivery fails: NoSuchBucket", "wrong": True, "age": ""}
    assert verdicts(capsys, WEB)[1] == "FAIL"
    with pytest.raises(LookupError, match=r"^The bucket of web-trail is gone already\.$"):
        do(tab, "delete-bucket", WEB)


def test_a_bucket_with_versions_is_emptied_of_them_all(aws: RunningAws, tab: Trails) -> None:
    bucket, s3 = trail(tab, TOOLS)["bucket"], aws.client(TOOLS, "s3")
    s3.delete_bucket_policy(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"one", b"two"):
        s3.put_object(Bucket=bucket, Key="a", Body=body)
    s3.delete_object(Bucket=bucket, Key="a")
    do(tab, "delete-bucket", TOOLS)
    assert bucket not in [each["Name"] for each in s3.list_buckets()["Buckets"]]


@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(("id", "who"), [(WEB, "TrailwardenAudit"), (MANAGEMENT_ACCOUNT, "trailwarden")])
def test_the_bot_is_locked_out_of_an_account_until_it_is_let_in(
    tab: Trails, capsys: pytest.CaptureFixture[str], id: str, who: str
) -> None:
    assert f"{who} is denied" in tab.deeds["deny-reading"]({"account": id})
    assert texts(account(tab, id)["notes"]) == ["The bot may not read here."]
    assert set(verdicts(capsys, id)) == {"UNKNOWN"}
    do(tab, "stop", id)
    do(tab, "start", id)
    tab.deeds["allow"]({"account": id})
    assert (account(tab, id)["notes"], account(tab, id)["closed"]) == ([], False)
    assert verdicts(capsys, id)[0] == "PASS"


def test_a_session_that_is_under_way_is_locked_out_too(aws: RunningAws, tab: Trails) -> None:
    keys = aws.environment()
    role = f"arn:aws:iam::{WEB}:role/TrailwardenAudit"
    made = aws.client(MANAGEMENT_ACCOUNT, "sts").assume_role(RoleArn=role, RoleSessionName="bot")["Credentials"]
    client = botocore.session.Session().create_client(
        "cloudtrail",
        region_name="eu-west-1",
        endpoint_url=keys["AWS_ENDPOINT_URL"],
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretAccessKey"],
        aws_session_token=made["SessionToken"],
    )
    client.describe_trails()
    tab.deeds["deny-reading"]({"account": WEB})
    with refused("AccessDeniedException", "with an explicit deny in an identity-based policy"):
        client.describe_trails()
    client.close()


def test_the_bot_may_read_and_change_nothing(aws: RunningAws, tab: Trails) -> None:
    def decision(role: str) -> str:
        arn = f"arn:aws:iam::{WEB}:role/{role}"
        iam = aws.client(WEB, "iam")
        answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["cloudtrail:DescribeTrails"])
        return str(answer["EvaluationResults"][0]["EvalDecision"])

    tab.deeds["deny-changes"]({"account": WEB})
    assert texts(account(tab, WEB)["notes"]) == ["The bot may change nothing here."]
    assert (decision("TrailwardenChange"), decision("TrailwardenAudit")) == ("explicitDeny", "allowed")
    tab.deeds["allow"]({"account": WEB})
    assert decision("TrailwardenChange") == "allowed"


@pytest.mark.usefixtures("bot")
def test_an_account_that_never_let_the_bot_in_gets_its_roles(tab: Trails, capsys: pytest.CaptureFixture[str]) -> None:
    assert set(verdicts(capsys, VAULT)) == {"UNKNOWN"}
    assert tab.deeds["allow"]({"account": VAULT}) == "The bot may read and change in security-vault again."
    assert not account(tab, VAULT)["wrong"]
    assert verdicts(capsys, VAULT) == ["PASS", "PASS", "PASS"]


@pytest.mark.usefixtures("bot")
def test_throttling_is_told_keeps_an_audit_from_knowing_and_ends_by_itself(
    aws: RunningAws, tab: Trails, capsys: pytest.CaptureFixture[str]
) -> None:
    tab.deeds["throttle"]({"account": WEB})
    with pytest.raises(ValueError, match=r"^AWS refuses this: Rate exceeded \(ThrottlingException\)$"):
        do(tab, "stop", WEB)
    assert texts(account(tab, WEB)["notes"]) == [f"AWS throttles the next {THROTTLED_CALLS - 1} CloudTrail calls."]
    assert set(verdicts(capsys, WEB)) == {"UNKNOWN"}
    while aws.throttled(WEB):
        with refused("ThrottlingException"):
            aws.client(WEB, "cloudtrail").describe_trails()
    assert account(tab, WEB)["notes"] == []
    assert verdicts(capsys, WEB) == ["PASS", "PASS", "PASS"]


@pytest.mark.usefixtures("bot")
def test_a_new_account_is_found_by_the_next_audit(tab: Trails, capsys: pytest.CaptureFixture[str]) -> None:
    assert "without a trail" in tab.deeds["add-account"]({"name": " Prod <b>new</b> "})
    shown = tab.shown()["accounts"][-1]
    assert (shown["name"], shown["path"], texts(shown["notes"])) == ("Prod <b>new</b>", "Root", ["No trail."])
    assert verdicts(capsys, shown["id"]) == ["FAIL", "FAIL", "FAIL"]


def test_a_refusal_of_aws_is_a_sentence(aws: RunningAws, tab: Trails) -> None:
    aws.deny(WEB, "cloudtrail:StopLogging", because="with an explicit deny in a service control policy")
    words = (
        r"^AWS refuses this: User: .* is not authorized to perform: cloudtrail:StopLogging .*AccessDeniedException\)$"
    )
    with pytest.raises(ValueError, match=words):
        do(tab, "stop", WEB)
    assert "logging" in texts(trail(tab, WEB)["facts"])
