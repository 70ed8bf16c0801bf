"""A log group and a role for a trail: what is there is used, what is missing made, what was not seen not guessed."""

from dataclasses import replace

import pytest

from bot.domain.control import Profile
from bot.domain.controls import cloudwatch_logs
from bot.domain.joined import joined
from bot.domain.log_writing import looks, wanting
from bot.domain.refusal import Refused
from bot.domain.resources import LogGroup, Resource, Role
from bot.domain.statements import Writer, log_role_policy, log_role_trust
from bot.domain.steps import PutRolePolicy, predict
from bot.domain.trail import Snapshot, Trail
from tests.builders import (
    ACCOUNT,
    HOUR,
    LOG_GROUP,
    REGION,
    account,
    delivery,
    denied,
    organization_trail,
    snapshot,
    trail,
    trail_arn,
)

WRITER = Writer(account(), trail_arn())
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/service-role/writer"
FAILING = delivery(logs_error="AccessDenied")
BARE, SET_UP = trail(), trail(log_group=LOG_GROUP, log_role=ROLE_ARN, delivery=FAILING)
NO_GROUP, NO_ROLE = (
    LogGroup("/trailwarden/cloudtrail/main", exists=False, region=REGION),
    looks(account(), BARE).resources[1],
)
assert isinstance(NO_ROLE, Role)
OURS = replace(NO_ROLE, exists=True, trust=log_role_trust(), policy=log_role_policy(WRITER, NO_GROUP.name))
GROUP, ROLE = (
    LogGroup("trails", exists=True, region=REGION),
    Role("writer", True, log_role_trust(), log_role_policy(WRITER, "trails")),
)


SHARED_ARN = f"arn:aws:iam::{ACCOUNT}:role/TrailwardenCloudTrailLogs"
WITH_OURS = replace(SET_UP, log_role=SHARED_ARN)
SHARED = Role("TrailwardenCloudTrailLogs", True, log_role_trust(), log_role_policy(WRITER, "of-another"), SHARED_ARN)
GUARDED = log_role_trust().replace(
    '"Action"', f'"Condition": {{"StringEquals": {{"aws:SourceAccount": "{ACCOUNT}"}}}}, "Action"'
)
ELSEWHERE = "444455556666"


def world(one: Trail, *resources: Resource) -> Snapshot:
    return snapshot(one, resources=resources)


SITUATIONS = [
    (
        "neither group nor role",
        world(BARE, NO_GROUP, NO_ROLE),
        ["create-log-group", "create-role", "put-role-policy", "update-trail"],
    ),
    ("both are left from an earlier time", world(BARE, replace(NO_GROUP, exists=True), OURS), ["update-trail"]),
    (
        "the role was made, and its policy not yet",
        world(BARE, replace(NO_GROUP, exists=True), replace(OURS, policy="")),
        ["put-role-policy", "update-trail"],
    ),
    ("the group was deleted", world(SET_UP, replace(GROUP, exists=False), ROLE, NO_ROLE), ["create-log-group"]),
    ("our role lost its permissions", world(WITH_OURS, GROUP, replace(SHARED, policy="")), ["put-role-policy"]),
    ("another trail writes with our role too", world(WITH_OURS, GROUP, SHARED), ["put-role-policy"]),
    (
        "the group was deleted, and CloudTrail may assume the role on a condition",
        world(SET_UP, replace(GROUP, exists=False), replace(ROLE, trust=GUARDED), NO_ROLE),
        ["create-log-group"],
    ),
    (
        "the role was deleted",
        world(SET_UP, GROUP, Role("writer", exists=False), NO_ROLE),
        ["create-role", "put-role-policy", "update-trail"],
    ),
    (
        "CloudTrail may not assume the role",
        world(SET_UP, GROUP, replace(ROLE, trust=""), NO_ROLE),
        ["create-role", "put-role-policy", "update-trail"],
    ),
    ("all is well", world(SET_UP, GROUP, ROLE, NO_ROLE), []),
]


@pytest.mark.parametrize(("seen", "kinds"), [s[1:] for s in SITUATIONS], ids=[s[0] for s in SITUATIONS])
def test_what_is_missing_is_made_and_then_events_will_arrive(seen: Snapshot, kinds: list[str]) -> None:
    steps = wanting(seen, seen.known_trails[0])
    assert [s.kind for s in steps] == kinds
    after = predict(seen, steps)
    assert wanting(after, after.known_trails[0]) == ()
    assert cloudwatch_logs.expects(after, Profile.CIS)


REFUSALS = [
    ("nobody looked at the group", world(BARE, NO_ROLE), "was not looked at"),
    ("nobody looked at the role", world(BARE, NO_GROUP), "was not looked at"),
    ("the group was denied", world(BARE, replace(NO_GROUP, exists=denied()), NO_ROLE), "could not be looked at"),
    ("the role was denied", world(BARE, NO_GROUP, replace(NO_ROLE, exists=denied())), "could not be looked at"),
    ("its policy was denied", world(BARE, NO_GROUP, replace(OURS, policy=denied())), "could not be looked at"),
    ("a role of our name for somebody else", world(BARE, NO_GROUP, replace(OURS, trust="")), "Whoever made it"),
    (
        "the trail's own role was denied",
        world(SET_UP, GROUP, replace(ROLE, exists=denied()), NO_ROLE),
        "role writer could not be looked at: .*Ask again when it can be",
    ),
    ("nobody looked at the trail's own role", world(SET_UP, GROUP, NO_ROLE), "was not looked at"),
    (
        "a role of theirs that may not be let write",
        world(SET_UP, GROUP, replace(ROLE, policy=""), NO_ROLE),
        "Role writer is not one that we may write to.* Whoever looks after it has to see",
    ),
    (
        "a group of another account",
        world(replace(SET_UP, log_group=LOG_GROUP.replace(ACCOUNT, ELSEWHERE)), NO_GROUP, ROLE, NO_ROLE),
        f"Whoever looks after {ELSEWHERE} has to see",
    ),
    (
        "a role of another account",
        world(replace(SET_UP, log_role=ROLE_ARN.replace(ACCOUNT, ELSEWHERE)), GROUP, NO_ROLE),
        f"Whoever looks after {ELSEWHERE} has to see",
    ),
    (
        "an organization's trail, and nobody knows the organization",
        world(trail(organization=True), NO_GROUP, NO_ROLE),
        "the organization's id is not known here",
    ),
    ("a trust that nobody understands", world(BARE, NO_GROUP, replace(OURS, trust="{")), "is not understood"),
]


@pytest.mark.parametrize(("seen", "words"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_what_was_not_seen_or_is_somebody_elses_is_refused(seen: Snapshot, words: str) -> None:
    with pytest.raises(Refused, match=words):
        wanting(seen, seen.known_trails[0])
    assert not cloudwatch_logs.expects(seen, Profile.CIS)


def test_what_another_trail_needs_of_a_shared_role_stays() -> None:
    (put,) = wanting(world(WITH_OURS, GROUP, SHARED), WITH_OURS)
    assert isinstance(put, PutRolePolicy)
    assert "log-group:of-another:" in put.after
    assert "log-group:trails:" in put.after


def test_two_trails_that_lack_the_same_role_get_it_in_one_step() -> None:
    second = trail("b", log_group=LOG_GROUP.replace("trails", "second"), log_role=SHARED_ARN, delivery=FAILING)
    seen = snapshot(WITH_OURS, second, resources=(GROUP, replace(GROUP, name="second"), replace(SHARED, policy="")))
    (steps,) = cloudwatch_logs.fix(seen, Profile.CIS)
    (put,) = joined((), steps)
    assert isinstance(put, PutRolePolicy)
    assert put.before == ""
    assert "log-group:second:" in put.after
    assert "log-group:trails:" in put.after


def test_an_organizations_trail_writes_the_members_streams_too() -> None:
    seen = replace(world(trail(organization=True), NO_GROUP, NO_ROLE), organization="o-1")
    (put,) = (s for s in wanting(seen, seen.known_trails[0]) if isinstance(s, PutRolePolicy))
    assert ":log-stream:o-1_*" in put.after


def test_where_nothing_is_missing_and_nothing_arrives_it_is_refused() -> None:
    with pytest.raises(Refused, match="look as they should"):
        cloudwatch_logs.fix(world(SET_UP, GROUP, ROLE, NO_ROLE), Profile.CIS)


NOT_EXPECTED = [
    ("a stopped trail", trail(logging=False)),
    ("an organization's trail without a group", organization_trail()),
]


@pytest.mark.parametrize("one", [n[1] for n in NOT_EXPECTED], ids=[n[0] for n in NOT_EXPECTED])
def test_nothing_is_expected_of_what_cannot_deliver(one: Trail) -> None:
    assert not cloudwatch_logs.expects(world(one, NO_GROUP, NO_ROLE), Profile.CIS)


def test_of_a_trail_that_delivers_nothing_is_asked() -> None:
    fine = trail(log_group=LOG_GROUP, log_role=ROLE_ARN, delivery=delivery(logs_last=HOUR))
    assert cloudwatch_logs.looks(snapshot(fine)).resources == ()
    assert cloudwatch_logs.looks(snapshot(SET_UP)).resources == (
        replace(GROUP, exists=False),
        Role("writer", exists=False),
        NO_ROLE,
    )
