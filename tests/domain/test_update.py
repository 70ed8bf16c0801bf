"""Changing a trail that exists by the form: each setting's steps, what stays as it is, and refusals."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.control import Profile
from bot.domain.controls import CONTROLS
from bot.domain.data_events import S3_OBJECT
from bot.domain.form import OFF, Choice, TrailForm, problems
from bot.domain.plan import Plan, is_as_predicted
from bot.domain.refusal import Refused
from bot.domain.requests import request
from bot.domain.resources import Key, LogGroup, Resource, Role, Topic
from bot.domain.selectors import MAX_BASIC_SELECTORS, BasicSelector, Selectors
from bot.domain.steps import PutEventSelectors, Settings, UpdateTrail, predict
from bot.domain.support import leans_on
from bot.domain.trail import Bucket, Snapshot, Trail
from bot.domain.update import asked, form_of, plan_update
from tests.builders import (
    ACCOUNT,
    KMS_KEY,
    OWNER,
    REGION,
    account,
    basic,
    data_resource,
    denied,
    organization_trail,
    surveyed,
    trail,
    trail_arn,
)

EU = "eu-west-1"
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1111"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:trails"
GROUP_ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trails:*"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/writer"
THERE = (
    Key(KEY_ARN, True, REGION, KEY_ARN, "Enabled", policy='{"Version": "2012-10-17", "Statement": []}'),
    Topic(TOPIC_ARN, True),
    LogGroup("trails", True, REGION),
    Role("writer", True, arn=ROLE_ARN),
)
ANNOUNCED = trail(topic=TOPIC_ARN, kms_key=KEY_ARN, log_group=GROUP_ARN, log_role=ROLE_ARN)


def world(found: Trail, form: TrailForm, *there: Resource, **more: Any) -> Snapshot:
    """What was looked at for this form: `there` as it is, all else absent."""
    known = surveyed(found, buckets=(Bucket(found.bucket, True, REGION),), resources=there, **more)
    seen = (known.resource(w) or replace(w, exists=False) for w in leans_on(account(), asked(found, form), REGION))
    return replace(known, resources=tuple(seen))


def update(found: Trail, *there: Resource, **answers: Any) -> Plan:
    form = replace(form_of(found), **answers)
    return plan_update(world(found, form, *there), form, CONTROLS, Profile.CIS)


def calls(plan: Plan) -> list[str]:
    return [step.call.partition(":")[2] for step in plan.steps]


def settings(plan: Plan) -> Settings:
    (step,) = (s for s in plan.steps if isinstance(s, UpdateTrail))
    return step.to


def after(plan: Plan) -> Trail:
    (made,) = plan.after.known_trails
    return made


ANSWERS: dict[str, tuple[Trail, dict[str, Any], list[str], dict[str, Any]]] = {
    "a new topic": (
        trail(),
        {"topic": Choice("new", "made")},
        ["CreateTopic", "UpdateTrail"],
        {"topic": f"arn:aws:sns:{REGION}:{ACCOUNT}:made"},
    ),
    "an existing topic": (
        trail(),
        {"topic": Choice("existing", TOPIC_ARN)},
        ["SetTopicAttributes", "UpdateTrail"],
        {"topic": TOPIC_ARN},
    ),
    "no topic": (ANNOUNCED, {"topic": OFF}, ["UpdateTrail"], {"topic": ""}),
    "a new key": (
        trail(),
        {"key": Choice("new", "alias/logs")},
        ["CreateKey", "CreateAlias", "UpdateTrail"],
        {"kms_key": "alias/logs"},
    ),
    "an existing key": (
        trail(),
        {"key": Choice("existing", KEY_ARN)},
        ["PutKeyPolicy", "UpdateTrail"],
        {"kms_key": KEY_ARN},
    ),
    "no key": (ANNOUNCED, {"key": OFF}, ["UpdateTrail"], {"kms_key": ""}),
    "a new group and a new role": (
        trail(),
        {"logs": Choice("new", "made"), "role": Choice("new", "maker")},
        ["CreateLogGroup", "CreateRole", "PutRolePolicy", "UpdateTrail"],
        {"log_group": GROUP_ARN.replace("trails", "made"), "log_role": ROLE_ARN.replace("writer", "maker")},
    ),
    "an existing group, with another role": (
        ANNOUNCED,
        {"role": Choice("existing", "other")},
        ["UpdateTrail"],
        {"log_group": GROUP_ARN, "log_role": f"arn:aws:iam::{ACCOUNT}:role/other"},
    ),
    "no log group": (ANNOUNCED, {"logs": OFF, "role": OFF}, ["UpdateTrail"], {"log_group": "", "log_role": ""}),
    "no validation": (trail(), {"validation": False}, ["UpdateTrail"], {"validation": False}),
    "every region": (
        trail(multi_region=False),
        {"all_regions": "yes"},
        ["UpdateTrail"],
        {"multi_region": True},
    ),
    "logging": (trail(logging=False), {"logging": "yes"}, ["StartLogging"], {}),
    "insights": (trail(), {"insights": True}, ["PutInsightSelectors"], {"insights": True}),
    "no insights": (trail(insights=True), {"insights": False}, ["PutInsightSelectors"], {"insights": False}),
}


@pytest.mark.parametrize(("found", "answers", "wanted", "fields"), ANSWERS.values(), ids=ANSWERS)
def test_each_answer_is_the_fewest_steps_and_is_proved_by_the_world_that_they_predict(
    found: Trail, answers: dict[str, Any], wanted: list[str], fields: dict[str, Any]
) -> None:
    plan = update(found, *THERE, Role("other", True), **answers)
    assert calls(plan) == wanted
    assert {name: getattr(after(plan), name) for name in fields} == fields
    assert is_as_predicted(plan, plan.after, CONTROLS) is True
    assert is_as_predicted(plan, plan.before, CONTROLS) is False


OF_WHAT_IS_THERE = {name: a[:2] for name, a in ANSWERS.items() if "new" not in name}


@pytest.mark.parametrize(("found", "answers"), OF_WHAT_IS_THERE.values(), ids=OF_WHAT_IS_THERE)
def test_who_asks_for_what_is_so_already_is_told(found: Trail, answers: dict[str, Any]) -> None:
    done = after(update(found, *THERE, Role("other", True), **answers))
    with pytest.raises(Refused, match="is like that already"):
        update(done, *THERE, Role("other", True), **answers)


def test_the_form_begins_with_the_trail_as_it_is() -> None:
    form = form_of(trail(multi_region=False, logging=False, prefix="p"))
    assert (form.name, form.bucket, form.prefix, form.updates) == ("main", "logs-of-ours", "p", trail_arn())
    assert (form.all_regions, form.logging, form.management, form.data_events) == ("no", "no", "Keep", "Keep")
    form = form_of(ANNOUNCED)
    assert (form.all_regions, form.logging) == ("already", "already")
    assert [c.name for c in (form.key, form.topic, form.logs, form.role)] == [KEY_ARN, TOPIC_ARN, "trails", "writer"]


def test_nothing_is_looked_at_for_what_stays_as_it_is() -> None:
    """A key that was deleted since, or a topic of another account, is no obstacle to another setting."""
    assert leans_on(account(), asked(ANNOUNCED, replace(form_of(ANNOUNCED), validation=False)), REGION) == ()
    assert calls(update(ANNOUNCED, validation=False)) == ["UpdateTrail"]
    assert settings(update(ANNOUNCED, validation=False)) == Settings(validation=False)


def test_what_an_old_trail_has_is_not_asked_of_it_again() -> None:
    odd = trail(name="old", prefix="with blanks/")
    assert problems(form_of(odd)) == {}
    assert calls(update(odd, validation=False)) == ["UpdateTrail"]


def test_a_group_is_never_named_without_its_role() -> None:
    plan = update(ANNOUNCED, *THERE, Role("other", True), role=Choice("existing", "other"))
    named = request(plan.steps[-1], ACCOUNT).parameters
    assert {"CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"} <= named.keys()


def test_what_a_trail_leans_on_is_made_in_its_home_region() -> None:
    abroad = trail(region=EU)
    plan = update(
        abroad,
        topic=Choice("new", "trails"),
        logs=Choice("new", "trails"),
        role=Choice("new", "writer"),
    )
    assert {step.region for step in plan.steps} == {EU}
    assert after(plan).topic == f"arn:aws:sns:{EU}:{ACCOUNT}:trails"
    assert after(plan).log_group == f"arn:aws:logs:{EU}:{ACCOUNT}:log-group:trails:*"


# Events: kept, or more; never fewer.

WRITES = basic(BasicSelector("WriteOnly"))


def selected(plan: Plan) -> Selectors:
    (step,) = (s for s in plan.steps if isinstance(s, PutEventSelectors))
    return step.after


def test_all_management_events_are_added_and_every_data_event_is_kept() -> None:
    data = BasicSelector("ReadOnly", management=False, data_resources=(data_resource("arn:aws:s3:::a/"),))
    plan = update(trail(selectors=basic(BasicSelector("WriteOnly"), data)), management="All")
    assert selected(plan) == basic(data, BasicSelector())


def test_what_was_left_out_is_recorded_when_all_is_asked_for() -> None:
    plan = update(trail(selectors=basic(BasicSelector(excluded_sources=("kms.amazonaws.com",)))), management="All")
    assert selected(plan) == basic(BasicSelector())


@pytest.mark.parametrize(("wanted", "kinds"), [("All", "All"), ("ReadOnly", "ReadOnly"), ("WriteOnly", "WriteOnly")])
def test_object_events_are_added_to_what_is_recorded(wanted: str, kinds: str) -> None:
    plan = update(trail(selectors=WRITES), data_events=wanted)
    added = BasicSelector(kinds, management=False, data_resources=(data_resource("arn:aws:s3"),))
    assert selected(plan) == Selectors(basic=(*WRITES.basic, added))
    assert added.data_resources[0].type == S3_OBJECT
    assert any("$0.10 per 100,000" in note for note in plan.notes)


def test_what_is_recorded_already_is_no_step() -> None:
    with pytest.raises(Refused, match="is like that already"):
        update(trail(), management="All")


def test_where_no_selector_fits_it_is_said_who_has_to_act() -> None:
    full = basic(*[BasicSelector("ReadOnly", False, (), (data_resource(f"arn:aws:s3:::{n}/"),)) for n in range(5)])
    assert len(full.basic) == MAX_BASIC_SELECTORS
    with pytest.raises(Refused, match="has to take one out first"):
        update(trail(selectors=full), management="All")


def test_what_nobody_can_see_is_kept_but_not_added_to() -> None:
    unseen = trail(selectors=denied("cloudtrail:GetEventSelectors"))
    assert calls(update(unseen, validation=False)) == ["UpdateTrail"]
    with pytest.raises(Refused, match="Could not look at what trail main records"):
        update(unseen, management="All")


def test_insights_need_writes() -> None:
    with pytest.raises(Refused, match="choose all of them"):
        update(trail(selectors=basic(BasicSelector("ReadOnly"))), insights=True)
    both = update(trail(selectors=basic(BasicSelector("ReadOnly"))), insights=True, management="All")
    assert calls(both) == ["PutEventSelectors", "PutInsightSelectors"]


# Refusals


def test_a_trail_that_is_gone_or_anothers_is_refused_with_what_to_do() -> None:
    form = form_of(trail())
    with pytest.raises(Refused, match="has no trail named"):
        plan_update(surveyed(), form, CONTROLS, Profile.CIS)
    theirs = organization_trail()
    with pytest.raises(Refused, match=f"only that account can update it: `/trail-audit update org {OWNER}`"):
        plan_update(surveyed(theirs), form_of(theirs), CONTROLS, Profile.CIS)
    with pytest.raises(Refused, match="Could not look into"):
        plan_update(surveyed(unreadable=denied()), form, CONTROLS, Profile.CIS)


def test_every_region_needs_a_place_in_each() -> None:
    here, full = trail("here", multi_region=False), [trail(f"t{n}", multi_region=False, region=EU) for n in range(5)]
    form = replace(form_of(here), all_regions="yes")
    with pytest.raises(Refused, match=f"{EU} holds 5 trails already"):
        plan_update(surveyed(here, *full), form, CONTROLS, Profile.CIS)


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"topic": Choice("new", "trails")}, "exists already"),
        ({"topic": Choice("existing", "other")}, "There is no topic other"),
        ({"key": Choice("existing", "alias/none")}, "There is no key alias/none"),
        ({"logs": Choice("existing", "trails")}, "needs a role"),
        ({"key": Choice("new", "no alias")}, "by an alias such as"),
    ],
)
def test_what_aws_would_not_take_is_refused(answers: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        update(trail(), *THERE, **answers)


def test_a_key_of_another_region_than_the_bucket_is_refused() -> None:
    form = replace(form_of(trail()), key=Choice("existing", KMS_KEY))
    elsewhere = Key(KMS_KEY, True, EU, KMS_KEY, "Enabled", policy="{}")
    with pytest.raises(Refused, match="CloudTrail needs both in one"):
        plan_update(world(trail(), form, elsewhere), form, CONTROLS, Profile.CIS)


def test_a_setting_that_somebody_else_changed_meanwhile_is_another_world() -> None:
    """The fingerprint is of the facts, so the workflow would end as superseded."""
    plan = update(trail(), validation=False)
    changed = predict(plan.before, (UpdateTrail(trail_arn(), REGION, Settings(topic=""), Settings(topic=TOPIC_ARN)),))
    assert replace(plan, before=changed).fingerprint != plan.fingerprint
