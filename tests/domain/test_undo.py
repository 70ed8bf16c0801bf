"""The back-out of a change that was carried out."""

from dataclasses import replace

import pytest

from bot.domain.change import Change, State, quorum
from bot.domain.control import Profile
from bot.domain.controls import CONTROLS
from bot.domain.creation import plan_create
from bot.domain.form import Choice, TrailForm
from bot.domain.plan import Plan
from bot.domain.refusal import Refused
from bot.domain.selectors import BasicSelector, Selectors
from bot.domain.steps import DeleteTrail, PutBucketPolicy, PutEventSelectors, Settings, StartLogging, predict, updating
from bot.domain.trail import Bucket, Snapshot
from bot.domain.undo import inverse, plan_undo
from tests.builders import WRITE_ONLY, change, denied, entitled, plan, snapshot, surveyed, trail, trail_arn, update
from tests.domain.test_steps import EVERY_STEP, WITH_TRAIL

ARN = trail_arn()


def carried_out(of: Plan, state: State = State.VERIFIED, done: int | None = None) -> Change:
    return change(state=state, plan=of, done=len(of.steps) if done is None else done)


def undo(undone: Change, world: Snapshot | None = None) -> Plan:
    return plan_undo(world or undone.plan.after, undone, CONTROLS, Profile.CIS)


def test_a_start_is_undone_by_a_stop() -> None:
    back = undo(carried_out(plan()))
    assert [s.call for s in back.steps] == ["cloudtrail:StopLogging"]
    assert (back.kind, back.undoes) == ("undo", 42)


def test_an_update_goes_back_to_what_it_was() -> None:
    before = snapshot(trail(validation=False, kms_key="old"))
    step = replace(update(validation=True, kms_key="new"), before=Settings(validation=False, kms_key="old"))
    made = plan(step, before=before)
    back = undo(carried_out(made))
    assert back.after.trail(ARN) == before.trail(ARN)


def test_selectors_go_back_and_the_default_is_spelled_out() -> None:
    before = snapshot(trail(selectors=WRITE_ONLY))
    made = plan(PutEventSelectors(ARN, "us-east-1", Selectors(), WRITE_ONLY), before=before)
    (back,) = undo(carried_out(made)).steps
    assert isinstance(back, PutEventSelectors)
    assert back.after == Selectors(basic=(BasicSelector(),))


def test_the_last_step_is_taken_back_first() -> None:
    steps = (PutEventSelectors(ARN, "us-east-1", WRITE_ONLY, Selectors()), StartLogging(ARN, "us-east-1"))
    made = plan(*steps, before=snapshot(trail(logging=False, selectors=WRITE_ONLY)))
    assert [s.call for s in undo(carried_out(made)).steps] == ["cloudtrail:StopLogging", "cloudtrail:PutEventSelectors"]


def created() -> Plan:
    form = TrailForm("audit", "logs", new_bucket=True, key=Choice())
    return plan_create(surveyed(buckets=(Bucket("logs", exists=False),)), form, CONTROLS, Profile.CIS)


def test_a_creation_is_undone_by_a_delete_alone_and_needs_what_a_delete_needs() -> None:
    back = undo(carried_out(created()))
    assert [s.call for s in back.steps] == ["cloudtrail:DeleteTrail"]
    assert back.trail_name == "audit"
    assert quorum(back, "UREQUESTER", entitled("UALICE", "UBOB")) == 2


def test_of_a_change_that_failed_half_way_only_what_was_done_is_taken_back() -> None:
    steps = (PutEventSelectors(ARN, "us-east-1", WRITE_ONLY, Selectors()), StartLogging(ARN, "us-east-1"))
    made = plan(*steps, before=snapshot(trail(logging=False, selectors=WRITE_ONLY)))
    world = predict(made.before, made.steps[:1])
    back = undo(carried_out(made, State.FAILED, done=1), world)
    assert [s.call for s in back.steps] == ["cloudtrail:PutEventSelectors"]


def test_a_policy_goes_back_to_what_it_was_and_a_first_policy_stays() -> None:
    put = PutBucketPolicy("logs", "us-east-1", '{"Id": "old"}', '{"Id": "new"}', ())
    assert inverse(put) == PutBucketPolicy("logs", "us-east-1", put.after, put.before, ("what was there before",))
    assert inverse(replace(put, before="")) is None


def test_a_conversion_that_turned_global_events_on_turns_them_off_again() -> None:
    before = trail(multi_region=False, global_events=False)
    made = plan(updating(before, Settings(multi_region=True)), before=snapshot(before))
    assert "+ IncludeGlobalServiceEvents: true" in made.steps[0].diff
    assert undo(carried_out(made)).after.trail(ARN) == before


def changed_since() -> Snapshot:
    """Somebody made the organization's trail of the one that C-42 has created."""
    left = created().after
    (made,) = left.known_trails
    return left.with_trail(replace(made, organization=True, bucket="theirs"))


REFUSALS = [
    ("a creation that is somebody else's now", carried_out(created()), changed_since(), "no longer as C-42 left it"),
    ("one that was denied", carried_out(plan(), State.DENIED, done=0), None, "has changed nothing"),
    ("one that failed before its first step", carried_out(plan(), State.FAILED, done=0), None, "has changed nothing"),
    ("one under way", carried_out(plan(), State.APPLYING), None, "is still being found out.*/trail-audit change C-42"),
    ("one of which nobody knows", carried_out(plan(), State.UNKNOWN), None, "is still being found out"),
    (
        "a setting that somebody changed since",
        carried_out(plan(update(kms_key="new"), before=snapshot(trail()))),
        snapshot(trail(kms_key="theirs")),
        "was changed by somebody else since",
    ),
    (
        "one that is undone already",
        carried_out(plan()),
        snapshot(trail(logging=False)),
        "What of C-42 can be undone is undone already",
    ),
    ("a trail that is gone", carried_out(plan()), snapshot(), "What of C-42 can be undone is undone already"),
    (
        "one that nothing takes back",
        carried_out(plan(DeleteTrail(ARN, "main", "us-east-1"), before=snapshot(trail()))),
        None,
        "Nothing of C-42 can be undone, as its card says",
    ),
    ("an account that could not be read", carried_out(plan()), snapshot(unreadable=denied()), "Could not look"),
    (
        "selectors that somebody changed since",
        carried_out(plan(PutEventSelectors(ARN, "us-east-1", WRITE_ONLY, Selectors()), before=snapshot(trail()))),
        snapshot(trail(selectors=Selectors(basic=(BasicSelector("ReadOnly"),)))),
        "was changed by somebody else since",
    ),
]


@pytest.mark.parametrize(("undone", "world", "words"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_what_cannot_be_undone_says_why(undone: Change, world: Snapshot | None, words: str) -> None:
    with pytest.raises(Refused, match=words):
        undo(undone, world)


def test_a_step_says_beforehand_whether_it_can_be_undone() -> None:
    """Its words on the card agree with what the undo does."""
    for step in EVERY_STEP:
        back = inverse(step)
        assert (back is None) == (step.undo.startswith("none") or getattr(step, "before", None) == ""), step
        if back:
            assert back.call == step.undo
            assert back.already(back.apply(step.apply(WITH_TRAIL))), step
