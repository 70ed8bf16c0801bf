"""Of any world: a plan repairs what it says, makes nothing worse and has no step too many, or there is none."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.control import Control, Profile
from bot.domain.controls import CONTROLS, named
from bot.domain.finding import WORST_FIRST, Verdict
from bot.domain.plan import Plan, judged, verdicts
from bot.domain.refusal import Refused
from bot.domain.repair import looks_at, plan_fix
from bot.domain.selectors import coverage
from bot.domain.steps import CreateTrail, PutEventSelectors, StartLogging, Step, UpdateTrail, predict
from bot.domain.trail import Snapshot, Unreadable
from tests.builders import DEFAULTS, OWNER
from tests.domain.worlds import readable_snapshots, snapshots

some_controls = st.sampled_from([DEFAULTS, CONTROLS]) | st.sets(
    st.sampled_from([c.id for c in CONTROLS]), min_size=1, max_size=3
).map(lambda ids: named(tuple(ids)))


def planned_for(world: Snapshot, controls: tuple[Control, ...], profile: Profile) -> Plan | None:
    try:
        return plan_fix(world, controls, profile)
    except Refused:
        return None


def repaired(plan: Plan, controls: tuple[Control, ...]) -> list[Control]:
    """What failed, and holds by the prediction."""
    return [c for c in controls if c.fails(plan.before, plan.profile) and c.holds(plan.after, plan.profile)]


@settings(max_examples=300, deadline=None)
@given(world=snapshots, controls=some_controls, profile=st.sampled_from(Profile))
def test_a_plan_repairs_something_and_makes_nothing_worse(
    world: Snapshot, controls: tuple[Control, ...], profile: Profile
) -> None:
    plan = planned_for(world, controls, profile)
    if plan is None:
        return
    assert repaired(plan, controls)
    before, after = (verdicts(judged(w, controls, profile)) for w in (plan.before, plan.after))
    for control in controls:
        worse = WORST_FIRST.index(after[control.id]) < WORST_FIRST.index(before[control.id])
        assert not worse or (control.takes_time and control.holds(plan.after, profile))


@settings(max_examples=300, deadline=None)
@given(world=snapshots, controls=some_controls)
def test_what_fails_is_repaired_or_the_card_says_that_it_is_not(world: Snapshot, controls: tuple[Control, ...]) -> None:
    plan = planned_for(world, controls, Profile.CIS)
    if plan is None:
        return
    done = {c.id for c in repaired(plan, controls)}
    left = " ".join(plan.notes)
    for control in controls:
        fails = control.fails(plan.after, Profile.CIS) and not control.holds(plan.after, Profile.CIS)
        assert f"{control.id}: " in left or not fails
        if not control.takes_time and control.id in done:
            assert control.judge(plan.after, Profile.CIS).verdict is Verdict.PASS


LEANED_ON = ("s3:CreateBucket", "kms:", "logs:", "iam:")
"""What AWS asks for before another step, and a verdict may not show."""


def may_be_spared(step: Step, plan: Plan) -> bool:
    """Nor does one show what belongs to whatever is made: how a bucket is set up, and that a trail is started."""
    made = any(s.kind in ("create-bucket", "create-trail") for s in plan.steps)
    belongs = step.kind in ("protect-bucket", "put-bucket-policy", "start-logging")
    return not step.call.startswith(LEANED_ON) and not (made and belongs)


@settings(max_examples=200, deadline=None)
@given(world=readable_snapshots, controls=some_controls)
def test_no_fewer_of_its_steps_would_do(world: Snapshot, controls: tuple[Control, ...]) -> None:
    plan = planned_for(world, controls, Profile.CIS)
    if plan is None:
        return
    wanted = repaired(plan, controls)
    spare = [s for s in plan.steps if may_be_spared(s, plan)]
    for number in range(1, min(len(spare), 4) + 1):
        for missing in combinations(spare, number):
            fewer = predict(plan.before, tuple(s for s in plan.steps if s not in missing))
            assert not all(c.holds(fewer, Profile.CIS) for c in wanted), missing


@settings(max_examples=150, deadline=None)
@given(world=readable_snapshots, controls=some_controls)
def test_a_plan_carried_out_twice_is_carried_out_once(world: Snapshot, controls: tuple[Control, ...]) -> None:
    plan = planned_for(world, controls, Profile.CIS)
    if plan is None:
        return
    again = predict(plan.after, plan.steps)
    assert {t.arn: t for t in again.known_trails} == {t.arn: t for t in plan.after.known_trails}
    assert set(again.buckets) == set(plan.after.buckets)
    assert set(again.resources) == set(plan.after.resources)


@settings(max_examples=200, deadline=None)
@given(world=readable_snapshots, controls=some_controls)
def test_a_member_covered_by_an_organization_trail_gets_no_second_one(
    world: Snapshot, controls: tuple[Control, ...]
) -> None:
    plan = planned_for(world, controls, Profile.CIS)
    if plan is None:
        return
    assert all(OWNER not in arn for arn in plan.touched)
    assert "delete-trail" not in [s.kind for s in plan.steps]
    if any(t.organization and not world.is_ours(t) for t in world.known_trails):
        assert not any(isinstance(s, CreateTrail | StartLogging) for s in plan.steps)
        assert not any(isinstance(s, UpdateTrail) and s.to.multi_region for s in plan.steps)
        chosen = [s for s in plan.steps if isinstance(s, PutEventSelectors)]
        assert all(coverage(s.after) == coverage(s.before) for s in chosen)


@settings(max_examples=150, deadline=None)
@given(world=snapshots, controls=some_controls)
def test_what_is_looked_at_is_the_accounts_own_and_settles(world: Snapshot, controls: tuple[Control, ...]) -> None:
    """A look asks for nothing anew of a world that has not changed, and of nothing where nobody could look."""
    look = looks_at(world, controls)
    assert looks_at(world, controls) == look
    if isinstance(world.trails, Unreadable):
        assert look.buckets == look.resources == ()
    ours = {t.bucket for t in world.known_trails if world.is_ours(t)}
    assert set(look.buckets) <= ours or world.trails == ()
