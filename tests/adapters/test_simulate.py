"""What the change role may do is simulated, resource by resource; what AWS does not answer is no denial."""

from urllib.parse import parse_qs

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from bot.adapters.aws.cloud import BotoCloud
from bot.domain.grant import Grant, Ruling
from bot.domain.trail import Unreadable
from tests.adapters.wire import Sent, Wire, assumed, xml, xml_error
from tests.builders import account
from tests.fakes import FakeClock

BUCKET = "arn:aws:s3:::logs"
CREATE = Grant("s3:CreateBucket", BUCKET, "eu-west-1")
POLICY = Grant("s3:PutBucketPolicy", BUCKET, "eu-west-1")
START = Grant("cloudtrail:StartLogging", "arn:aws:cloudtrail:us-east-1:111122223333:trail/a", "us-east-1")


def result(action: str, decision: str = "allowed", more: str = "") -> str:
    names = f"<EvalActionName>{action}</EvalActionName><EvalResourceName>*</EvalResourceName>"
    return f"<member>{names}<EvalDecision>{decision}</EvalDecision>{more}</member>"


def answered(*results: str, marker: str = "") -> AWSResponse:
    paging = (
        f"<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>" if marker else "<IsTruncated>false</IsTruncated>"
    )
    inner = f"<EvaluationResults>{''.join(results)}</EvaluationResults>{paging}"
    return xml(
        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult>"
        f"{inner}</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )


def asked_for(sent: Sent) -> AWSResponse:
    """Everything that was asked for is allowed."""
    actions = [v[0] for k, v in parse_qs(sent.body).items() if k.startswith("ActionNames")]
    return answered(*map(result, actions))


def simulate(wire: Wire, *grants: Grant) -> dict[Grant, Ruling | Unreadable]:
    wire.answers.setdefault("sts:AssumeRole", assumed())
    return dict(BotoCloud(wire.session, FakeClock(), ()).simulate(account(), grants))


def test_it_is_the_change_role_of_that_account_that_is_asked_about_by_the_audit_role(wire: Wire) -> None:
    wire.answers["iam:SimulatePrincipalPolicy"] = asked_for
    assert simulate(wire, CREATE) == {CREATE: Ruling.ALLOWED}
    (sent,) = wire.calls("SimulatePrincipalPolicy")
    assert sent.form["PolicySourceArn"] == "arn:aws:iam::111122223333:role/TrailwardenChange"
    assert [s.form["RoleArn"] for s in wire.calls("AssumeRole")] == ["arn:aws:iam::111122223333:role/TrailwardenAudit"]


def test_one_call_asks_for_all_actions_on_one_resource_with_what_is_known_of_the_real_call(wire: Wire) -> None:
    wire.answers["iam:SimulatePrincipalPolicy"] = asked_for
    assert list(simulate(wire, CREATE, START, POLICY)) == [CREATE, START, POLICY]
    calls = wire.calls("SimulatePrincipalPolicy")
    assert sorted(c.form["ResourceArns.member.1"] for c in calls) == sorted([START.resource, BUCKET])
    of_bucket = next(c.form for c in calls if c.form["ResourceArns.member.1"] == BUCKET)
    known = {of_bucket[f"ContextEntries.member.{n}.ContextKeyName"]: n for n in (1, 2, 3, 4)}
    assert of_bucket[f"ContextEntries.member.{known['aws:RequestedRegion']}.ContextKeyValues.member.1"] == "eu-west-1"
    assert {"iam:PassedToService", "iam:AWSServiceName", "aws:SecureTransport"} < known.keys()


def test_the_second_page_is_read_too(wire: Wire) -> None:
    pages = [answered(result(CREATE.action), marker="more"), answered(result(POLICY.action, "implicitDeny"))]
    wire.answers["iam:SimulatePrincipalPolicy"] = list(pages)
    assert simulate(wire, CREATE, POLICY) == {CREATE: Ruling.ALLOWED, POLICY: Ruling.MISSING}
    assert wire.calls("SimulatePrincipalPolicy")[1].form["Marker"] == "more"


MISSING_KEY = "<MissingContextValues><member>aws:PrincipalTag/team</member></MissingContextValues>"
BESIDE = "<EvalResourceName>x</EvalResourceName><EvalResourceDecision>implicitDeny</EvalResourceDecision>"
BOUNDARY = "<AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>"
RULINGS = [
    ("allowed", "", Ruling.ALLOWED),
    ("implicitDeny", "", Ruling.MISSING),
    ("explicitDeny", "", Ruling.DENIED),
    (
        "explicitDeny",
        "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations>"
        "</OrganizationsDecisionDetail>",
        Ruling.ORGANIZATION,
    ),
    (
        "implicitDeny",
        f"<PermissionsBoundaryDecisionDetail>{BOUNDARY}</PermissionsBoundaryDecisionDetail>",
        Ruling.BOUNDARY,
    ),
    ("implicitDeny", MISSING_KEY, Ruling.DEPENDS),
    (
        "explicitDeny",
        f"<ResourceSpecificResults><member>{BESIDE}{MISSING_KEY}</member></ResourceSpecificResults>",
        Ruling.DEPENDS,
    ),
]


@pytest.mark.parametrize(("decision", "more", "ruling"), RULINGS, ids=[f"{r[0]} {r[2]}" for r in RULINGS])
def test_a_denial_says_whose_it_is_and_one_on_unknown_conditions_is_none(
    wire: Wire, decision: str, more: str, ruling: Ruling
) -> None:
    wire.answers["iam:SimulatePrincipalPolicy"] = answered(result(CREATE.action, decision, more))
    assert simulate(wire, CREATE) == {CREATE: ruling}


LOST: list[tuple[str, AWSResponse | Exception, str]] = [
    ("denied", xml_error("AccessDenied"), "AccessDenied"),
    ("no such role", xml_error("NoSuchEntity", status=404), "NoSuchEntity"),
    ("timed out", ReadTimeoutError(endpoint_url="https://aws.test"), "Timeout"),
    ("without an answer on it", answered(), "UnknownShape"),
]


@pytest.mark.parametrize(("answer", "code"), [row[1:] for row in LOST], ids=[row[0] for row in LOST])
def test_what_cannot_be_simulated_is_unreadable(wire: Wire, answer: AWSResponse | Exception, code: str) -> None:
    wire.answers["iam:SimulatePrincipalPolicy"] = answer
    (found,) = simulate(wire, CREATE).values()
    assert isinstance(found, Unreadable)
    assert found.error == code
    assert found.permission == ("iam:SimulatePrincipalPolicy" if code == "AccessDenied" else "")


def test_once_it_is_denied_nothing_more_is_asked(wire: Wire) -> None:
    wire.answers["iam:SimulatePrincipalPolicy"] = xml_error("AccessDenied")
    found = simulate(wire, CREATE, START)
    assert found[CREATE] == found[START]
    assert len(wire.calls("SimulatePrincipalPolicy")) == 1


def test_without_the_audit_role_nothing_is_simulated(wire: Wire) -> None:
    wire.answers["sts:AssumeRole"] = xml_error("AccessDenied")
    assert isinstance(simulate(wire, CREATE)[CREATE], Unreadable)
    assert wire.calls("SimulatePrincipalPolicy") == []


def test_a_plan_that_needs_nothing_asks_nothing(wire: Wire) -> None:
    assert simulate(wire) == {}
    assert wire.sent == []
