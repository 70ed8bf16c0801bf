"""Every option of the create form: the steps that it adds, what the judge says of the prediction, and refusals."""

import json
from dataclasses import replace

import pytest

from bot.domain.control import Profile
from bot.domain.controls import CONTROLS
from bot.domain.creation import DATA_COST, INSIGHTS_COST, NARROWER, plan_create, trail_arn
from bot.domain.finding import Verdict
from bot.domain.form import Choice, TrailForm, default_form, problems
from bot.domain.plan import WHOLE_ORGANIZATION, Plan, is_as_predicted, judged, verdicts
from bot.domain.refusal import Refused
from bot.domain.requests import request
from bot.domain.resources import Key, LogGroup, Resource, Role, Topic, description_for
from bot.domain.selectors import BasicSelector, DataResource, Selectors
from bot.domain.statements import Writer, new_key_policy
from bot.domain.steps import (
    CreateTrail,
    PutBucketPolicy,
    PutEventSelectors,
    PutKeyPolicy,
    PutRolePolicy,
    predict,
    would_overwrite,
)
from bot.domain.support import leans_on
from bot.domain.trail import Bucket, Snapshot, Unreadable
from tests.builders import ACCOUNT, OWNER, REGION, account, denied, surveyed

ABSENT, PRESENT = Bucket("logs", exists=False), Bucket("logs", exists=True, region="eu-west-1")
FORM = TrailForm("audit", "logs", new_bucket=True)
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1111"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:trails"
GROUP_ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trails:*"
NEW_KEY, OLD_KEY = Choice("new", "alias/logs"), Choice("existing", KEY_ARN)
NEW_TOPIC, OLD_TOPIC = Choice("new", "trails"), Choice("existing", TOPIC_ARN)
NEW_LOGS, OLD_LOGS = Choice("new", "trails"), Choice("existing", "trails")
NEW_ROLE, OLD_ROLE = Choice("new", "writer"), Choice("existing", "writer")
ENABLED = Key(KEY_ARN, True, REGION, KEY_ARN, "Enabled", policy='{"Version": "2012-10-17", "Statement": []}')
THERE = (ENABLED, Topic(TOPIC_ARN, True), LogGroup("trails", True, REGION), Role("writer", True))


def look(form: TrailForm, *there: Resource, bucket: Bucket = ABSENT, **more: object) -> Snapshot:
    """What was looked at for this form: `there` as it is, all else absent."""
    wanted = leans_on(account(), form, bucket.region or REGION)
    world = surveyed(buckets=(bucket,), resources=there)
    seen = tuple(world.resource(w) or replace(w, exists=False) for w in wanted)
    return replace(world, resources=seen, **more)  # type: ignore[arg-type]  # Snapshot's own


def create(form: TrailForm, *there: Resource, bucket: Bucket = ABSENT, **more: object) -> Plan:
    return plan_create(look(form, *there, bucket=bucket, **more), form, CONTROLS, Profile.CIS)


def calls(plan: Plan) -> list[str]:
    """Without what every new trail needs for its bucket."""
    return [step.call for step in plan.steps if not step.call.startswith("s3:")]


def predicted(plan: Plan) -> dict[str, Verdict]:
    return verdicts(judged(plan.after, CONTROLS, Profile.CIS))


OPTIONS: dict[str, tuple[TrailForm, tuple[str, ...]]] = {
    "a new key": (replace(FORM, key=NEW_KEY), ("kms:CreateKey", "kms:CreateAlias")),
    "an existing key": (replace(FORM, key=OLD_KEY), ("kms:PutKeyPolicy",)),
    "a new topic": (replace(FORM, topic=NEW_TOPIC), ("sns:CreateTopic",)),
    "an existing topic": (replace(FORM, topic=OLD_TOPIC), ("sns:SetTopicAttributes",)),
    "an existing topic by its name": (
        replace(FORM, topic=Choice("existing", "trails")),
        ("sns:SetTopicAttributes",),
    ),
    "a new group and a new role": (
        replace(FORM, logs=NEW_LOGS, role=NEW_ROLE),
        ("logs:CreateLogGroup", "iam:CreateRole", "iam:PutRolePolicy"),
    ),
    "a new group and an existing role": (replace(FORM, logs=NEW_LOGS, role=OLD_ROLE), ("logs:CreateLogGroup",)),
    "an existing group and a new role": (
        replace(FORM, logs=OLD_LOGS, role=NEW_ROLE),
        ("iam:CreateRole", "iam:PutRolePolicy"),
    ),
    "an existing group and an existing role": (replace(FORM, logs=OLD_LOGS, role=OLD_ROLE), ()),
}


def existing_for(form: TrailForm) -> tuple[Resource, ...]:
    """What the form calls existing is there; what it calls new is not."""
    chosen = {"key": form.key, "topic": form.topic, "log-group": form.logs, "role": form.role}
    return tuple(r for r in THERE if chosen[r.kind].which == "existing")


@pytest.mark.parametrize(("form", "before"), OPTIONS.values(), ids=OPTIONS)
def test_what_the_trail_leans_on_is_made_ready_before_it(form: TrailForm, before: tuple[str, ...]) -> None:
    plan = create(form, *existing_for(form))
    assert calls(plan) == [*before, "cloudtrail:CreateTrail", "cloudtrail:StartLogging"]


@pytest.mark.parametrize("form", [form for form, _ in OPTIONS.values()], ids=OPTIONS)
def test_the_prediction_satisfies_the_same_judge_and_is_verified_by_the_world_that_it_predicts(
    form: TrailForm,
) -> None:
    plan = create(form, *existing_for(form))
    assert predicted(plan)["multi-region-trail"] is Verdict.PASS
    assert predicted(plan)["log-file-validation"] is Verdict.PASS
    assert (predicted(plan)["kms-encryption"] is Verdict.PASS) == bool(form.key)
    assert (predicted(plan)["cloudwatch-logs"] is Verdict.FAIL) == (not form.logs)
    assert is_as_predicted(plan, plan.after, CONTROLS) is True
    assert is_as_predicted(plan, plan.before, CONTROLS) is False


def test_the_trail_names_what_it_leans_on() -> None:
    form = replace(FORM, key=OLD_KEY, topic=OLD_TOPIC, logs=OLD_LOGS, role=OLD_ROLE)
    (made,) = create(form, *THERE).after.known_trails
    assert (made.kms_key, made.topic, made.log_group) == (KEY_ARN, TOPIC_ARN, GROUP_ARN)
    assert made.log_role == f"arn:aws:iam::{ACCOUNT}:role/writer"


def test_a_new_key_that_aws_answers_with_its_arn_is_still_the_predicted_one() -> None:
    plan = create(replace(FORM, key=NEW_KEY))
    (made,) = plan.after.known_trails
    named = Key("alias/logs", True, REGION, KEY_ARN, "Enabled")
    fresh = plan.after.with_resource(named).with_trail(replace(made, kms_key=KEY_ARN))
    assert is_as_predicted(plan, fresh, CONTROLS) is True
    other = plan.after.with_resource(named).with_trail(replace(made, kms_key=f"{KEY_ARN}2"))
    assert is_as_predicted(plan, other, CONTROLS) is False


def test_a_key_that_an_earlier_try_left_without_its_name_is_only_named() -> None:
    policy = new_key_policy(Writer(account(), trail_arn(account(), FORM.name)))
    left = Key("alias/logs", True, REGION, KEY_ARN, "Enabled", policy, named=False)
    plan = create(replace(FORM, key=NEW_KEY), left)
    assert calls(plan)[:2] == ["kms:CreateAlias", "cloudtrail:CreateTrail"]
    (alias,) = (s for s in plan.steps if s.kind == "create-alias")
    assert alias.description == description_for("alias/logs")


def test_a_key_that_an_earlier_try_left_for_a_trail_of_another_name_lets_this_one_in_too() -> None:
    policy = new_key_policy(Writer(account(), trail_arn(account(), "first-try")))
    left = Key("alias/logs", True, REGION, KEY_ARN, "Enabled", policy, named=False)
    plan = create(replace(FORM, key=NEW_KEY), left)
    assert calls(plan)[:3] == ["kms:PutKeyPolicy", "kms:CreateAlias", "cloudtrail:CreateTrail"]
    (put,) = (s for s in plan.steps if isinstance(s, PutKeyPolicy))
    assert all(trail_arn(account(), name) in put.after for name in ("first-try", FORM.name))


def test_a_key_is_looked_for_where_the_bucket_is() -> None:
    (wanted,) = leans_on(account(), replace(FORM, key=NEW_KEY), "eu-west-1")
    assert isinstance(wanted, Key)
    assert wanted.region == "eu-west-1"


def test_a_new_key_is_made_where_the_bucket_is() -> None:
    plan = create(replace(FORM, new_bucket=False, key=NEW_KEY), bucket=PRESENT)
    (made,) = (s for s in plan.steps if s.kind == "create-key")
    assert made.region == "eu-west-1"


def test_the_policy_of_a_key_that_is_named_by_its_alias_is_put_by_its_arn() -> None:
    """KMS takes no alias there."""
    by_alias = replace(ENABLED, name="alias/ours")
    plan = create(replace(FORM, key=Choice("existing", "alias/ours")), by_alias)
    (put,) = (s for s in plan.steps if isinstance(s, PutKeyPolicy))
    assert request(put, ACCOUNT).parameters["KeyId"] == KEY_ARN
    assert put.already(plan.after)


def test_selectors_are_not_taken_for_somebody_elses_when_aws_spells_the_default_out() -> None:
    plan = create(replace(FORM, management="WriteOnly"))
    (put,) = (s for s in plan.steps if isinstance(s, PutEventSelectors))
    made = predict(plan.before, plan.steps[: plan.steps.index(put)])
    (trail,) = made.known_trails
    answered = made.with_trail(replace(trail, selectors=Selectors((BasicSelector(),))))
    assert not would_overwrite(put, answered)


def test_policies_that_suffice_are_left_alone() -> None:
    form = replace(FORM, key=OLD_KEY)
    (put,) = (s for s in create(form, ENABLED).steps if isinstance(s, PutKeyPolicy))
    assert "kms:PutKeyPolicy" not in calls(create(form, replace(ENABLED, policy=put.after)))


def test_a_new_role_may_write_to_the_trails_own_streams_only() -> None:
    form = replace(FORM, logs=NEW_LOGS, role=NEW_ROLE)
    (put,) = (s for s in create(form).steps if isinstance(s, PutRolePolicy))
    resources = {r for s in json.loads(put.after)["Statement"] for r in s["Resource"]}
    assert resources == {f"{GROUP_ARN.removesuffix(':*')}:log-stream:{ACCOUNT}_CloudTrail_{REGION}*"}


REFUSED: dict[str, tuple[TrailForm, tuple[Resource, ...], str]] = {
    "a new key whose alias is taken": (
        replace(FORM, key=NEW_KEY),
        (Key("alias/logs", True, REGION, KEY_ARN, "Enabled"),),
        "key alias/logs exists already",
    ),
    "an existing key that is not there": (replace(FORM, key=OLD_KEY), (), f"There is no key {KEY_ARN}"),
    "a key of another region": (
        replace(FORM, key=OLD_KEY),
        (replace(ENABLED, region="eu-west-1"),),
        f"is in eu-west-1, and the bucket in {REGION}",
    ),
    "a key that is disabled": (replace(FORM, key=OLD_KEY), (replace(ENABLED, state="Disabled"),), "is Disabled"),
    "a key that is being deleted": (
        replace(FORM, key=OLD_KEY),
        (replace(ENABLED, state="PendingDeletion"),),
        "is PendingDeletion",
    ),
    "a key that nobody may look at": (
        replace(FORM, key=OLD_KEY),
        (replace(ENABLED, exists=denied("kms:DescribeKey")),),
        "Could not look at the key",
    ),
    "a key whose policy nobody may read": (
        replace(FORM, key=OLD_KEY),
        (replace(ENABLED, policy=denied("kms:GetKeyPolicy")),),
        "Could not look at the policy of key",
    ),
    "a new topic that is there": (replace(FORM, topic=NEW_TOPIC), (THERE[1],), "The topic trails exists already"),
    "an existing topic that is not": (replace(FORM, topic=OLD_TOPIC), (), "There is no topic"),
    "a new group that is there": (
        replace(FORM, logs=NEW_LOGS, role=NEW_ROLE),
        (THERE[2],),
        "The log group trails exists already",
    ),
    "an existing group that is not": (replace(FORM, logs=OLD_LOGS, role=NEW_ROLE), (), "There is no log group trails"),
    "a new role that is there": (
        replace(FORM, logs=NEW_LOGS, role=NEW_ROLE),
        (THERE[3],),
        "The role writer exists already",
    ),
    "an existing role that is not": (replace(FORM, logs=NEW_LOGS, role=OLD_ROLE), (), "There is no role writer"),
    "a group without a role": (replace(FORM, logs=NEW_LOGS), (), "needs a role"),
    "nothing at all to record": (replace(FORM, management="None"), (), "must record something"),
    "insights without writes": (replace(FORM, management="ReadOnly", insights=True), (), "Insights analyse write"),
}


@pytest.mark.parametrize(("form", "there", "words"), REFUSED.values(), ids=REFUSED)
def test_what_the_trail_cannot_lean_on_is_refused_with_what_to_do(
    form: TrailForm, there: tuple[Resource, ...], words: str
) -> None:
    with pytest.raises(Refused) as refusal:
        create(form, *there)
    assert words in str(refusal.value)


def test_what_nobody_looked_at_is_not_taken_for_missing() -> None:
    form = replace(FORM, topic=NEW_TOPIC)
    with pytest.raises(Refused, match="was not looked at"):
        plan_create(surveyed(buckets=(ABSENT,)), form, CONTROLS, Profile.CIS)


# What it records

EVERYTHING = (DataResource("AWS::S3::Object", ("arn:aws:s3",)),)
EVENTS: dict[str, tuple[dict[str, str], Selectors]] = {
    "writes only": ({"management": "WriteOnly"}, Selectors((BasicSelector("WriteOnly"),))),
    "reads only": ({"management": "ReadOnly"}, Selectors((BasicSelector("ReadOnly"),))),
    "everything, with data": (
        {"data_events": "All"},
        Selectors((BasicSelector("All", data_resources=EVERYTHING),)),
    ),
    "everything, with the data that is written": (
        {"data_events": "WriteOnly"},
        Selectors((BasicSelector(), BasicSelector("WriteOnly", management=False, data_resources=EVERYTHING))),
    ),
    "data alone": (
        {"management": "None", "data_events": "ReadOnly"},
        Selectors((BasicSelector("ReadOnly", management=False, data_resources=EVERYTHING),)),
    ),
}


@pytest.mark.parametrize(("answers", "selectors"), EVENTS.values(), ids=EVENTS)
def test_selectors_are_put_before_the_trail_is_started(answers: dict[str, str], selectors: Selectors) -> None:
    plan = create(replace(FORM, **answers))  # type: ignore[arg-type]  # TrailForm's own words
    assert calls(plan) == ["cloudtrail:CreateTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StartLogging"]
    (put,) = (s for s in plan.steps if isinstance(s, PutEventSelectors))
    assert put.after == selectors
    assert is_as_predicted(plan, plan.after, CONTROLS) is True


@pytest.mark.parametrize(("answers", "selectors"), EVENTS.values(), ids=EVENTS)
def test_only_all_management_events_satisfy_the_control_and_less_is_said(
    answers: dict[str, str], selectors: Selectors
) -> None:
    plan = create(replace(FORM, **answers))  # type: ignore[arg-type]  # TrailForm's own words
    narrower = "management" in answers
    assert (predicted(plan)["multi-region-trail"] is Verdict.FAIL) == narrower
    assert (NARROWER in plan.notes) == narrower
    assert (DATA_COST in plan.notes) == any(s.data_resources for s in selectors.basic)


@pytest.mark.parametrize(
    ("events", "read", "write"),
    [("All", True, True), ("ReadOnly", True, False), ("WriteOnly", False, True), ("None", False, False)],
)
def test_data_events_satisfy_their_controls(events: str, read: bool, write: bool) -> None:
    found = predicted(create(replace(FORM, data_events=events)))  # type: ignore[arg-type]  # one of the four words
    assert (found["s3-object-read-events"] is Verdict.PASS) == read
    assert (found["s3-object-write-events"] is Verdict.PASS) == write


def test_insights_are_turned_on_last_and_cost() -> None:
    plan = create(replace(FORM, insights=True))
    assert calls(plan)[-1] == "cloudtrail:PutInsightSelectors"
    assert plan.after.known_trails[0].insights
    assert INSIGHTS_COST in plan.notes
    assert INSIGHTS_COST not in create(FORM).notes


# Whose it is

WHOLE = replace(FORM, organization=True)


def test_the_management_account_makes_a_trail_for_every_member() -> None:
    plan = create(WHOLE, organization="o-1", manager=ACCOUNT)
    (made,) = (s for s in plan.steps if isinstance(s, CreateTrail))
    assert made.organization
    assert plan.after.known_trails[0].organization
    assert WHOLE_ORGANIZATION in plan.notes
    (put,) = (s for s in plan.steps if isinstance(s, PutBucketPolicy))
    written = {r for s in json.loads(put.after)["Statement"] for r in [s["Resource"]] if isinstance(r, str)}
    assert {"arn:aws:s3:::logs/AWSLogs/o-1/*", f"arn:aws:s3:::logs/AWSLogs/{ACCOUNT}/*"} <= written
    assert is_as_predicted(plan, plan.after, CONTROLS) is True


@pytest.mark.parametrize(
    ("manager", "words"),
    [
        (OWNER, f"`/trail-audit create {OWNER}`"),
        ("", "manages no organization"),
        (denied("organizations:DescribeOrganization"), "it needs organizations:DescribeOrganization"),
    ],
    ids=["a member", "no organization", "nobody could look"],
)
def test_another_account_is_told_who_can(manager: str | Unreadable, words: str) -> None:
    with pytest.raises(Refused) as refusal:
        create(WHOLE, manager=manager)
    assert words in str(refusal.value)


def test_a_trail_of_its_own_says_nothing_of_an_organization() -> None:
    plan = create(FORM, organization="o-1", manager=ACCOUNT)
    assert not plan.after.known_trails[0].organization
    assert WHOLE_ORGANIZATION not in plan.notes
    assert "o-1" not in repr(plan.steps)


# Fields on their own


@pytest.mark.parametrize(
    ("field", "choice", "fine"),
    [
        ("key", Choice("new", "alias/logs"), True),
        ("key", Choice("new", KEY_ARN), False),
        ("key", Choice("new", "alias/aws/s3"), False),
        ("key", Choice("existing", "alias/logs"), True),
        ("key", Choice("existing", KEY_ARN), True),
        ("key", Choice("existing", "1111"), False),
        ("key", Choice("existing", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{'1' * 900}"), False),
        ("topic", Choice("new", "trails"), True),
        ("topic", Choice("new", TOPIC_ARN), False),
        ("topic", Choice("existing", TOPIC_ARN), True),
        ("topic", Choice("existing", "a topic"), False),
        ("logs", Choice("new", "/aws/cloudtrail/x"), True),
        ("logs", Choice("new", ""), False),
        ("logs", Choice("existing", GROUP_ARN), False),
        ("role", Choice("new", "writer"), True),
        ("role", Choice("new", "a/b"), False),
        ("role", Choice("new", ""), False),
    ],
)
def test_a_name_is_checked_at_its_field(field: str, choice: Choice, fine: bool) -> None:
    beside = {"logs": OLD_LOGS, "role": OLD_ROLE} if field in ("logs", "role") else {}
    found = problems(replace(FORM, **{**beside, field: choice}))  # type: ignore[arg-type]  # TrailForm's own
    assert set(found) == (set() if fine else {field})


def test_the_policies_are_bound_to_the_trail_that_is_made() -> None:
    plan = create(replace(FORM, key=NEW_KEY, topic=NEW_TOPIC))
    texts = [s.policy for s in plan.steps if s.kind in ("create-key", "create-topic")]
    assert len(texts) == 2
    assert all(trail_arn(account(), "audit") in text for text in texts)


# What a review found


def test_an_existing_role_is_named_by_its_own_arn_path_and_all() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/service-role/writer"
    form = replace(FORM, logs=OLD_LOGS, role=OLD_ROLE)
    plan = create(form, LogGroup("trails", True, REGION), Role("writer", True, arn=arn))
    (made,) = (s for s in plan.steps if isinstance(s, CreateTrail))
    assert made.log_role == arn


def test_a_bucket_of_ours_that_was_left_half_made_is_protected_before_it_is_used() -> None:
    left = Bucket(default_form(account()).bucket, exists=True, region=REGION)
    form = replace(default_form(account()), new_bucket=False)
    plan = create(form, bucket=left)
    assert [s.kind for s in plan.steps] == [
        *["protect-bucket"] * 4,
        "put-bucket-policy",
        "create-trail",
        "start-logging",
    ]
    (put,) = (s for s in plan.steps if isinstance(s, PutBucketPolicy))
    assert "TrailwardenHttpsOnly" in put.after


def test_a_trail_with_an_existing_key_named_by_alias_is_seen_done() -> None:
    plan = create(replace(FORM, key=Choice("existing", "alias/logs")), replace(ENABLED, name="alias/logs"))
    (made,) = (s for s in plan.steps if isinstance(s, CreateTrail))
    assert made.already(made.apply(plan.before))
