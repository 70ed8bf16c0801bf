"""No write without consent: every operation that there is, one by one."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.session
import pytest
from botocore.credentials import Credentials

from bot.adapters.aws.clients import signing_with
from bot.adapters.aws.guard import BOTOCORES_OWN, READS, NotApprovedError, _refuse_unapproved, allowing
from tests.adapters.wire import Wire, ok

SERVICES = ("cloudtrail", "s3", "s3control", "sts", "organizations", "ec2", "iam", "kms", "logs", "sns")
LOADER = botocore.session.Session()
MODELS = {name: LOADER.get_service_model(name) for name in SERVICES}
EVERY_OPERATION = [(service, name) for service, model in MODELS.items() for name in model.operation_names]
WRITES = [call for call in EVERY_OPERATION if call not in READS | BOTOCORES_OWN]


def send(service: str, operation: str) -> None:
    """What botocore does before each request: `before-call` with the operation's model."""
    _refuse_unapproved(MODELS[service].operation_model(operation), params={}, request_signer=None)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_outside_the_list_is_refused(service: str) -> None:
    refused = []
    for operation in MODELS[service].operation_names:
        try:
            send(service, operation)
        except NotApprovedError:
            refused.append((service, operation))
    assert refused == [(s, o) for s, o in WRITES if s == service]


def test_there_are_hundreds_of_them() -> None:
    assert len(WRITES) > 900


@pytest.mark.parametrize(("service", "operation"), sorted(READS))
def test_a_read_is_let_through(service: str, operation: str) -> None:
    send(service, operation)


READING_WORDS = ("Describe", "Get", "List", "Lookup")
OTHER_WORDS = {("sts", "AssumeRole"), ("iam", "SimulatePrincipalPolicy")}
"""The one gives credentials, the other an opinion."""


@pytest.mark.parametrize(("service", "operation"), sorted(READS))
def test_nothing_in_the_list_writes(service: str, operation: str) -> None:
    assert operation.startswith(READING_WORDS) or (service, operation) in OTHER_WORDS
    assert operation in MODELS[service].operation_names


@pytest.mark.parametrize(("service", "operation"), sorted(BOTOCORES_OWN))
def test_what_botocore_sends_by_itself_is_let_through(service: str, operation: str) -> None:
    """Else no pod with a web identity and nobody with `aws sso login` could run at all."""
    model = LOADER.get_service_model(service).operation_model(operation)
    _refuse_unapproved(model, params={})


@pytest.mark.parametrize("service", ["cloudtrail", "s3"])
def test_what_is_allowed_is_allowed_alone_and_only_within(service: str) -> None:
    own = [o for s, o in WRITES if s == service]
    with allowing(service, own[0]):
        send(service, own[0])
        for other in own[1:]:
            with pytest.raises(NotApprovedError):
                send(service, other)
    with pytest.raises(NotApprovedError):
        send(service, own[0])


def test_the_same_name_of_another_service_is_not_allowed() -> None:
    with allowing("cloudtrail", "CreateKey"), pytest.raises(NotApprovedError):
        send("kms", "CreateKey")


def test_another_thread_is_not_allowed() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with allowing("cloudtrail", "DeleteTrail"), ThreadPoolExecutor(1) as pool, pytest.raises(NotApprovedError):
        pool.submit(send, "cloudtrail", "DeleteTrail").result()


def test_consent_ends_also_when_the_call_fails() -> None:
    with pytest.raises(RuntimeError), allowing("cloudtrail", "DeleteTrail"):
        raise RuntimeError
    with pytest.raises(NotApprovedError):
        send("cloudtrail", "DeleteTrail")


def test_a_model_that_nobody_knows_is_refused() -> None:
    unknown = SimpleNamespace(service_model=SimpleNamespace(service_name="new"), name="DescribeAll")
    with pytest.raises(NotApprovedError):
        _refuse_unapproved(unknown)


REAL_CALLS = [
    ("cloudtrail", "delete_trail", {"Name": "main"}),
    ("cloudtrail", "stop_logging", {"Name": "main"}),
    ("cloudtrail", "start_logging", {"Name": "main"}),
    ("cloudtrail", "put_event_selectors", {"TrailName": "main", "EventSelectors": []}),
    ("cloudtrail", "list_trails", {}),
    ("s3", "delete_bucket", {"Bucket": "logs"}),
    ("s3", "put_bucket_policy", {"Bucket": "logs", "Policy": "{}"}),
    ("s3", "get_object", {"Bucket": "logs", "Key": "x"}),
    ("sts", "get_session_token", {}),
    ("organizations", "close_account", {"AccountId": "111122223333"}),
    ("ec2", "terminate_instances", {"InstanceIds": ["i-1"]}),
    ("iam", "create_access_key", {}),
]


KEYS = Credentials("ASIAMEMBER", "s", "t")
Kind = Callable[[Wire, str], Any]
KINDS: dict[str, Kind] = {
    "with the bot's own credentials": lambda wire, service: wire.session._clients.own(service, "us-east-1"),
    "shared by all accounts": lambda wire, service: wire.session._clients.shared(service, "us-east-1"),
    "made for a write": lambda wire, service: wire.session._clients.writing(service, "us-east-1", KEYS),
}
every_kind = pytest.mark.parametrize("client_of", KINDS.values(), ids=KINDS)


@every_kind
@pytest.mark.parametrize(("service", "method", "parameters"), REAL_CALLS, ids=[f"{c[0]} {c[1]}" for c in REAL_CALLS])
def test_a_real_client_sends_nothing(
    wire: Wire, client_of: Kind, service: str, method: str, parameters: dict[str, object]
) -> None:
    client = client_of(wire, service)
    with pytest.raises(NotApprovedError), signing_with(KEYS):
        getattr(client, method)(**parameters)
    assert wire.sent == []


@every_kind
def test_an_upload_in_boto3s_own_threads_sends_nothing(wire: Wire, client_of: Kind, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("x")
    client = client_of(wire, "s3")
    with allowing("s3", "PutObject"), signing_with(KEYS), pytest.raises(NotApprovedError):
        client.upload_file(str(file), "logs", "x")
    assert wire.sent == []


@every_kind
def test_a_real_client_sends_what_is_allowed(wire: Wire, client_of: Kind) -> None:
    wire.answers["cloudtrail:StartLogging"] = ok()
    client = client_of(wire, "cloudtrail")
    with signing_with(KEYS), allowing("cloudtrail", "StartLogging"):
        client.start_logging(Name="main")
        with pytest.raises(NotApprovedError):
            client.stop_logging(Name="main")
    assert [s.operation for s in wire.sent] == ["StartLogging"]
