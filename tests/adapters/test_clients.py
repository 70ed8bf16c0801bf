"""Shared clients: the keys of two accounts never mix, and what one account does to a client costs no other."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from botocore.awsrequest import AWSResponse
from botocore.credentials import Credentials

from bot.adapters.aws.clients import _sign_for_whom_it_is_sent, signing_with
from bot.adapters.aws.cloud import BotoCloud
from bot.domain.trail import Account, Snapshot, Status, Unreadable
from tests.adapters.wire import OWN, Sent, Wire, assumed, error, ok, trying
from tests.builders import account, trail_arn
from tests.fakes import FakeClock

ONE, OTHER = account("111122223333"), account("444455556666")
PATIENCE = 20
"""Seconds after which a test that waits has failed; one that passes never waits so long."""
KEYS = Credentials("ASIAMEMBER", "s", "t")


def signer(sent: Sent) -> str:
    """The account whose key signed: the stub gives each role the key ASIA<account>."""
    return OWN if sent.key == "AKIDOWN" else sent.key.removeprefix("ASIA")


def asked_for(sent: Sent) -> str:
    """The account whose trail the call names by ARN."""
    arn: str = sent.json.get("Name") or sent.json["TrailName"]
    return arn.split(":")[4]


def as_the_signer_sees_it(wire: Wire, trails: int = 1) -> Wire:
    """Each account has its own trails, and nobody may ask for another's."""

    def described(sent: Sent) -> AWSResponse:
        return ok(trailList=[_described(trail_arn(f"t{n}", owner=signer(sent))) for n in range(trails)])

    def details(sent: Sent) -> AWSResponse:
        return ok(IsLogging=True, TrailARN="x") if signer(sent) == asked_for(sent) else error("Mixed")

    wire.answers |= {
        "sts:AssumeRole": assumed(),
        "cloudtrail:DescribeTrails": described,
        "cloudtrail:GetTrailStatus": details,
        "cloudtrail:GetEventSelectors": details,
    }
    return wire


def _described(arn: str) -> dict[str, object]:
    return {
        "TrailARN": arn,
        "Name": "t",
        "HomeRegion": "us-east-1",
        "IsMultiRegionTrail": True,
        "LogFileValidationEnabled": True,
        "S3BucketName": "b",
    }


def snapshots(wire: Wire, *accounts: Account) -> Iterator[Snapshot]:
    return BotoCloud(wire.session, FakeClock(), ()).snapshots(accounts)


def mixed(found: Iterator[Snapshot]) -> list[str]:
    """Accounts that were shown another's trails, or refused because another's key came."""
    return [s.account.id for s in found for t in s.known_trails if not s.is_ours(t) or isinstance(t.status, Unreadable)]


STEPS = ("before-call", "request-created", "before-send")
"""Before its keys are put into a call, after that, and when it leaves."""


@pytest.mark.parametrize("step", STEPS)
def test_two_calls_that_meet_at_the_same_step_are_signed_each_with_its_own_keys(wire: Wire, step: str) -> None:
    """Both threads wait for each other at that step of every call, so each call runs in the midst of the other's."""
    meeting = Barrier(2, timeout=PATIENCE)
    as_the_signer_sees_it(wire, trails=5)
    wire.session.identity()

    def meet(**_: object) -> None:
        meeting.wait()

    wire.session._boto.events.register_first(step, meet)
    assert mixed(snapshots(wire, ONE, OTHER)) == []
    assert {signer(s) for s in wire.calls("GetTrailStatus")} == {ONE.id, OTHER.id}
    assert len(wire.calls("GetTrailStatus")) == 10


def test_hundreds_of_accounts_on_many_threads_do_not_mix(wire: Wire) -> None:
    fleet = [account(f"{n:012}") for n in range(1, 301)]
    found = list(snapshots(as_the_signer_sees_it(wire), *fleet, account(OWN)))
    assert mixed(iter(found)) == []
    assert {s.account.id for s in found} == {a.id for a in fleet} | {OWN}
    assert all(isinstance(t.status, Status) for s in found for t in s.known_trails)


def test_a_call_that_is_tried_again_keeps_its_keys(new_wire: Callable[..., Wire]) -> None:
    wire = as_the_signer_sees_it(new_wire(reading=trying(times=2)))
    wire.answers["cloudtrail:GetTrailStatus"] = [error("InternalFailure", status=500), ok(IsLogging=True)]
    wire.session.read(ONE, "cloudtrail", "us-east-1", "GetTrailStatus", Name="x")
    assert [signer(s) for s in wire.calls("GetTrailStatus")] == [ONE.id, ONE.id]


# A shared client by itself can do nothing.


def test_outside_of_an_account_a_shared_client_sends_nothing(wire: Wire) -> None:
    client = wire.session._clients.shared("cloudtrail", "us-east-1")
    with pytest.raises(LookupError):
        client.describe_trails()
    assert wire.sent == []


def test_keys_are_gone_after_their_call_also_when_it_fails(wire: Wire) -> None:
    with pytest.raises(RuntimeError), signing_with(KEYS):
        raise RuntimeError
    with pytest.raises(LookupError):
        wire.session._clients.shared("cloudtrail", "us-east-1").describe_trails()


def test_keys_are_not_seen_by_another_thread(wire: Wire) -> None:
    client = wire.session._clients.shared("cloudtrail", "us-east-1")
    with signing_with(KEYS), ThreadPoolExecutor(1) as pool, pytest.raises(LookupError):
        pool.submit(client.describe_trails).result()


def test_were_botocore_to_forget_our_keys_it_would_sign_with_nobodys(wire: Wire) -> None:
    """Not with the bot's own: AWS then refuses the call, instead of showing one account for another."""
    wire.answers["cloudtrail:DescribeTrails"] = ok(trailList=[])
    client = wire.session._clients.shared("cloudtrail", "us-east-1")
    client.meta.events.unregister("before-sign", _sign_for_whom_it_is_sent)
    with signing_with(KEYS):
        client.describe_trails()
    assert wire.calls("DescribeTrails")[0].key == "NOBODY"


# Few clients.


def test_a_client_is_made_once_for_all_accounts(wire: Wire) -> None:
    made: list[str] = []
    as_the_signer_sees_it(wire)
    wire.session._boto.events.register("creating-client-class.*", lambda event_name, **_: made.append(event_name))
    list(snapshots(wire, *(account(f"{n:012}") for n in range(1, 30))))
    assert sorted(made) == [f"creating-client-class.{name}" for name in ("cloudtrail", "sts")]


# Retries are each call's own.


def test_accounts_that_fail_for_good_use_up_nobodys_retries(new_wire: Callable[..., Wire]) -> None:
    """Botocore's own quota would be spent after 36 of these retries: 500 tokens, 14 each."""
    wire = as_the_signer_sees_it(new_wire(reading=trying(times=2)))
    broken = error("InternalFailure", status=500)
    wire.answers["cloudtrail:GetTrailStatus"] = broken
    fleet = [account(f"{n:012}") for n in range(1, 51)]
    list(snapshots(wire, *fleet))
    assert len(wire.calls("GetTrailStatus")) == 100
    wire.answers["cloudtrail:GetTrailStatus"] = [broken, ok(IsLogging=True)]
    ((found,),) = (s.known_trails for s in snapshots(wire, OTHER))
    assert found.status == Status(True)
