"""Credentials: of the right account, assumed once, and in one sentence what is wrong with them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError

from bot.adapters.aws.session import Roles, Session
from bot.domain.trail import Account, Unreadable
from bot.ports import CannotRunError
from tests.adapters.wire import OWN, Wire, assumed, caller_identity, ok, xml, xml_error
from tests.builders import account

MEMBER = account()


def describe(wire: Wire, of: Account = MEMBER) -> object:
    wire.answers.setdefault("sts:AssumeRole", assumed())
    wire.answers["cloudtrail:DescribeTrails"] = ok(trailList=[])
    return wire.session.read(of, "cloudtrail", "us-east-1", "DescribeTrails")


def test_our_own_account_is_read_with_our_own_credentials(wire: Wire) -> None:
    describe(wire, account(OWN))
    assert wire.calls("AssumeRole") == []
    assert wire.calls("DescribeTrails")[0].key == "AKIDOWN"


def test_another_account_is_read_with_its_audit_role(wire: Wire) -> None:
    describe(wire)
    (assume,) = wire.calls("AssumeRole")
    assert assume.form["RoleArn"] == "arn:aws:iam::111122223333:role/TrailwardenAudit"
    assert "ExternalId" not in assume.form
    assert wire.calls("DescribeTrails")[0].key == "ASIA111122223333"


def test_the_external_id_is_passed(new_wire: Callable[..., Wire]) -> None:
    wire = new_wire(external_id="secret-word")
    describe(wire)
    assert wire.calls("AssumeRole")[0].form["ExternalId"] == "secret-word"


@pytest.mark.parametrize("partition", ["aws-us-gov", "aws-cn"])
def test_a_role_of_another_partition_has_its_arn(wire: Wire, partition: str) -> None:
    describe(wire, account(partition=partition))
    assert wire.calls("AssumeRole")[0].form["RoleArn"].startswith(f"arn:{partition}:iam::")


def test_credentials_of_another_account_are_unreadable_and_not_used(wire: Wire) -> None:
    wire.answers["sts:AssumeRole"] = assumed("444455556666")
    found = describe(wire)
    assert isinstance(found, Unreadable)
    assert (found.error, found.message) == ("WrongAccount", "asked for 111122223333, got into 444455556666")
    assert wire.calls("DescribeTrails") == []


def test_a_role_that_cannot_be_assumed_names_role_and_trust(wire: Wire) -> None:
    wire.answers["sts:AssumeRole"] = xml_error("AccessDenied", "not authorized")
    found = describe(wire)
    assert isinstance(found, Unreadable)
    assert found.permission == (
        "sts:AssumeRole on arn:aws:iam::111122223333:role/TrailwardenAudit, and that role's trust"
    )


def test_a_throttled_assume_asks_for_no_permission(wire: Wire) -> None:
    wire.answers["sts:AssumeRole"] = xml_error("Throttling", "Rate exceeded", 400)
    found = describe(wire)
    assert isinstance(found, Unreadable)
    assert (found.error, found.permission) == ("Throttling", "")


@pytest.mark.parametrize(
    ("lasts", "times"),
    [(timedelta(minutes=6), 1), (timedelta(minutes=4), 3)],
    ids=["until five minutes before their end", "and anew after that"],
)
def test_credentials_are_kept(wire: Wire, lasts: timedelta, times: int) -> None:
    wire.answers["sts:AssumeRole"] = assumed(lasts=lasts)
    for _ in range(3):
        describe(wire)
    assert len(wire.calls("AssumeRole")) == times


def test_credentials_that_end_in_mid_audit_are_assumed_again(wire: Wire) -> None:
    wire.answers["sts:AssumeRole"] = [
        lambda sent: assumed(lasts=timedelta(minutes=4), key="FIRST")(sent),
        lambda sent: assumed(key="SECOND")(sent),
    ]
    wire.answers["cloudtrail:GetTrailStatus"] = ok(IsLogging=True)
    describe(wire)
    wire.session.read(MEMBER, "cloudtrail", "us-east-1", "GetTrailStatus", Name="main")
    assert [(s.operation, s.key) for s in wire.sent if s.service == "cloudtrail"] == [
        ("DescribeTrails", "FIRST"),
        ("GetTrailStatus", "SECOND"),
    ]


def test_each_account_has_its_own_credentials(wire: Wire) -> None:
    describe(wire)
    describe(wire, account("444455556666"))
    assert [s.key for s in wire.calls("DescribeTrails")] == ["ASIA111122223333", "ASIA444455556666"]


def test_a_failed_assume_is_tried_again_next_time(wire: Wire) -> None:
    wire.answers["sts:AssumeRole"] = [xml_error("AccessDenied"), xml_error("AccessDenied")]
    assert isinstance(describe(wire), Unreadable)
    wire.answers["sts:AssumeRole"] = assumed()
    assert not isinstance(describe(wire), Unreadable)


def test_who_we_are_is_asked_once(wire: Wire) -> None:
    assert wire.session.identity() == wire.session.identity() == (OWN, "aws")
    assert len(wire.calls("GetCallerIdentity")) == 1


def test_our_partition_is_known_from_our_own_arn(wire: Wire) -> None:
    wire.answers["sts:GetCallerIdentity"] = xml(caller_identity(partition="aws-us-gov"))
    assert wire.session.identity() == (OWN, "aws-us-gov")


def test_a_partition_that_we_do_not_know_is_said_to_be_one(wire: Wire) -> None:
    wire.answers["sts:GetCallerIdentity"] = xml(caller_identity(partition="aws-eusc"))
    with pytest.raises(CannotRunError, match="The AWS partition aws-eusc is not supported yet; I know aws, "):
        wire.session.identity()


# What is wrong, in one sentence.


@pytest.mark.usefixtures("no_credentials")
def test_without_credentials_it_cannot_run_and_says_how_to_get_some() -> None:
    with pytest.raises(CannotRunError, match=r"No AWS credentials: .*Set AWS_PROFILE, or AWS_ACCESS_KEY_ID"):
        Session(Roles("a", "c")).identity()


@pytest.mark.usefixtures("no_credentials")
def test_credentials_that_come_later_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire()
    with pytest.raises(CannotRunError, match="No AWS credentials"):
        wire.session.identity()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "pretend")
    assert wire.session.identity() == (OWN, "aws")


@pytest.mark.usefixtures("no_credentials")
def test_half_of_the_credentials_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    with pytest.raises(CannotRunError, match="No AWS credentials: Partial credentials"):
        Session(Roles("a", "c")).identity()


@pytest.mark.usefixtures("no_credentials")
def test_a_profile_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    with pytest.raises(CannotRunError, match=r"No AWS credentials: .*\(nope\)"):
        Session(Roles("a", "c")).identity()


def test_credentials_that_aws_does_not_accept_are_to_be_renewed(wire: Wire) -> None:
    wire.answers["sts:GetCallerIdentity"] = xml_error("ExpiredToken", "The security token is expired")
    with pytest.raises(CannotRunError, match=r"does not accept the credentials: .*ExpiredToken.*Renew them"):
        wire.session.identity()


def test_aws_out_of_reach_is_said(wire: Wire) -> None:
    wire.answers["sts:GetCallerIdentity"] = EndpointConnectionError(endpoint_url="https://sts.test")
    with pytest.raises(CannotRunError, match=r"AWS cannot be reached: .*See to the network, or to AWS_ENDPOINT_URL"):
        wire.session.identity()


@pytest.mark.usefixtures("no_credentials")
def test_a_pods_web_identity_gets_past_the_guard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On EKS botocore itself sends AssumeRoleWithWebIdentity, with a client of our guarded session."""
    (tmp_path / "token").write_text("a.web.token")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", f"arn:aws:iam::{OWN}:role/pod")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    wire = Wire()
    wire.answers["sts:AssumeRoleWithWebIdentity"] = xml(
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
        "<AccessKeyId>ASIAPOD</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
        f"<AssumedRoleUser><Arn>arn:aws:sts::{OWN}:assumed-role/pod/x</Arn><AssumedRoleId>a:b</AssumedRoleId>"
        "</AssumedRoleUser></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
    )
    assert wire.session.identity() == (OWN, "aws")
    assert wire.calls("GetCallerIdentity")[0].key == "ASIAPOD"
