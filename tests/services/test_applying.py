"""Carrying out an approved change: look, write, look again, whatever happens in between."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import cast

import pytest

from bot import jobs
from bot.domain.change import Change, State
from bot.domain.evidence import broken
from bot.domain.finding import Verdict
from bot.domain.form import TrailForm
from bot.domain.plan import judged
from bot.domain.refusal import Refused
from bot.domain.selectors import Selectors
from bot.domain.trail import Account, Bucket, Delivery, Snapshot, Status, Unreadable
from bot.ports import AnswerLostError, AwsRefusedError, CannotAnnounceError, Cloud, Wish
from bot.services import applying, decisions, forms, proposals, settling
from bot.services.patience import BUSY, LOOK_EVERY, SOON
from bot.services.proposals import Asker, controls
from tests.builders import ACCOUNT, REGION, WRITE_ONLY, denied, surveyed, trail, trail_arn
from tests.fakes_bot import Bot, bot, stopped
from tests.services.crashing import Durable, Fuse, fused, until_done

ASKER = Asker("UREQUESTER", "C1")
FORM = TrailForm("audit", "logs-of-111122223333", new_bucket=True)
CREATION = (
    "s3:CreateBucket",
    "s3:PutPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutBucketEncryption",
    "s3:PutBucketLifecycleConfiguration",
    "s3:PutBucketPolicy",
    "cloudtrail:CreateTrail",
    "cloudtrail:StartLogging",
)
UNSEEN = CREATION[1:5]
"""What no read shows, so that it is sent again after a crash."""
START, CREATE, DELETE = "cloudtrail:StartLogging", "cloudtrail:CreateTrail", "cloudtrail:DeleteTrail"
SELECT = "cloudtrail:PutEventSelectors"


def approved_fix(*worlds: Snapshot) -> Bot:
    made = bot(*worlds)
    proposals.propose_fix(made.world, ASKER, ACCOUNT)
    decisions.approve(made.world, 1, "UALICE")
    return made


def approved_two_steps() -> Bot:
    """PutEventSelectors, then StartLogging."""
    return approved_fix(surveyed(trail(logging=False, selectors=WRITE_ONLY)))


def approved_create() -> Bot:
    made = bot(surveyed())
    forms.propose_form(made.world, ASKER, ACCOUNT, FORM)
    decisions.approve(made.world, 1, "UALICE")
    return made


def approved_delete(*worlds: Snapshot) -> Bot:
    made = bot(*(worlds or (surveyed(trail("main"), trail("spare")),)))
    proposals.propose_delete(made.world, ASKER, ACCOUNT, "spare")
    for user in ("UALICE", "UBOB"):
        decisions.approve(made.world, 1, user, typed="spare")
    return made


def applied(made: Bot) -> Change:
    Durable().apply(made.world, 1)
    return made.change()


def throttled() -> AwsRefusedError:
    return AwsRefusedError("ThrottlingException", "Rate exceeded")


def refused(code: str = "AccessDeniedException") -> AwsRefusedError:
    return AwsRefusedError(code, "not authorized")


def lost() -> AnswerLostError:
    """It did not even arrive."""
    return AnswerLostError("Connection reset")


@pytest.mark.parametrize(
    ("approved", "calls"),
    [(approved_fix, [START]), (approved_create, list(CREATION)), (approved_delete, [DELETE])],
    ids=["fix", "create", "delete"],
)
def test_an_approved_change_is_read_written_and_read_again(approved: Callable[[], Bot], calls: list[str]) -> None:
    made = approved()
    made.aws.log.clear()
    assert applied(made).state is State.VERIFIED
    assert made.aws.log == ["read", *(seen for call in calls for seen in ("read", call)), "read"]
    assert made.aws.effects == calls


def test_applying_is_saved_before_the_first_write() -> None:
    made = approved_fix()
    assert applying.begin(made.world, 1) == 1
    assert made.change().state is State.APPLYING
    assert made.aws.calls == []


@dataclass
class Overtaking:
    """AWS, at which a neighbour takes the step on while we look."""

    made: Bot

    def snapshot(self, account: Account, wish: Wish) -> Snapshot:
        self.made.changes.save(self.made.change())
        return self.made.aws.snapshot(account, wish)


def test_of_two_that_take_on_a_step_one_sends_it() -> None:
    made = approved_fix()
    applying.begin(made.world, 1)
    overtaken = replace(made.world, cloud=cast(Cloud, Overtaking(made)))
    assert applying.perform(overtaken, 1, 0) is False
    assert made.aws.calls == []


def test_the_evidence_tells_the_whole_story() -> None:
    made = approved_two_steps()
    applied(made)
    assert made.evidence.whats() == [
        "proposed",
        "approved",
        "applying",
        "step-started",
        "step-done",
        "step-started",
        "step-done",
        "verified",
    ]
    assert broken(made.evidence.entries()) == ""
    assert {e.facts["fingerprint"] for e in made.evidence.all} == {made.change().plan.fingerprint}
    assert [e.facts["request"] for e in made.evidence.all if e.what == "step-done"] == ["request-1", "request-2"]


def test_the_card_shows_each_state_in_turn() -> None:
    made = approved_fix()
    applied(made)
    states = [c.state for c in made.announcer.shown]
    assert states == [State.PROPOSED, State.APPROVED, State.APPLYING, State.VERIFIED]


def test_a_finished_change_is_applied_no_second_time() -> None:
    made = approved_fix()
    applied(made)
    Durable().apply(made.world, 1)
    assert made.aws.calls == [START]


@pytest.mark.parametrize(
    "state", [s for s in State if s not in (State.APPROVED, State.APPLYING)], ids=lambda state: state.value
)
def test_nothing_is_written_for_a_change_that_is_not_approved(state: State) -> None:
    made = approved_fix()
    made.changes.save(replace(made.change(), state=state))
    Durable().apply(made.world, 1)
    assert made.aws.calls == []


def test_a_change_that_is_not_in_the_database_is_an_error() -> None:
    with pytest.raises(LookupError, match="C-7"):
        applying.begin(bot().world, 7)


# The world between the card and the click


def test_what_somebody_mended_by_hand_is_superseded_without_a_new_card() -> None:
    made = approved_fix()
    made.aws.becomes(surveyed(trail()))
    assert applied(made).state is State.SUPERSEDED
    assert made.aws.calls == []
    assert "Nothing fails" in made.change().outcome
    assert made.changes.get(2) is None


def test_a_world_that_changed_supersedes_the_plan_and_a_new_card_says_what_is_needed_now() -> None:
    made = approved_fix()
    made.aws.becomes(surveyed(trail(logging=False, validation=False)))
    assert applied(made).state is State.SUPERSEDED
    assert made.aws.calls == []
    assert made.change().outcome.endswith("C-2 proposes what is needed now.")
    successor = made.change(2)
    assert successor.state is State.PROPOSED
    assert successor.plan.fingerprint != made.change().plan.fingerprint
    assert made.card(2).version == successor.version
    assert made.card().outcome == made.change().outcome


def test_a_superseded_delete_renews_for_the_same_trail_not_for_its_namesake() -> None:
    spare = trail("spare", multi_region=False)
    namesake = trail("spare", region="eu-west-1", multi_region=False)
    made = approved_delete(surveyed(trail("main"), spare))
    made.aws.becomes(surveyed(trail("main"), namesake))
    assert applied(made).state is State.SUPERSEDED
    assert made.changes.get(2) is None


def test_a_successor_that_cannot_be_posted_is_named_in_the_outcome() -> None:
    made = approved_fix()
    made.aws.becomes(surveyed(trail(logging=False, validation=False)))
    made.announcer.fails = CannotAnnounceError("This channel is archived.")
    applied(made)
    assert made.change().outcome.endswith("This channel is archived.")
    assert made.change(2).state is State.CANCELLED


@pytest.mark.parametrize(
    "world",
    [surveyed(unreadable=denied()), surveyed(trail(status=denied())), surveyed(trail(selectors=denied()))],
    ids=["the trails", "a status", "selectors"],
)
def test_a_world_that_cannot_be_read_at_the_click_fails_the_change_and_nothing_is_written(world: Snapshot) -> None:
    made = approved_fix()
    made.aws.becomes(world)
    change = applied(made)
    assert change.state is State.FAILED
    assert change.outcome.startswith("Nothing was changed, because cloudtrail:GetTrailStatus answered AccessDenied")
    assert made.aws.calls == []


def test_a_region_that_cannot_be_searched_at_the_click_fails_the_change_and_nothing_is_written() -> None:
    elsewhere = trail("old", region="eu-west-1", multi_region=False)
    made = approved_fix(stopped(elsewhere))
    made.aws.becomes(_without_region(stopped()))
    change = applied(made)
    assert change.state is State.FAILED
    assert "eu-west-1: cloudtrail:DescribeTrails answered ThrottlingException" in change.outcome
    assert made.aws.calls == []


def test_a_region_that_could_not_be_searched_for_the_plan_either_is_no_obstacle() -> None:
    made = approved_fix(_without_region(stopped()))
    assert applied(made).state is State.VERIFIED


def _without_region(world: Snapshot) -> Snapshot:
    assert world.survey
    note = "eu-west-1: cloudtrail:DescribeTrails answered ThrottlingException."
    return replace(world, survey=replace(world.survey, notes=(note,)))


def test_a_delete_is_not_called_verified_because_its_region_could_not_be_searched() -> None:
    old = trail("spare", region="eu-west-1", multi_region=False)
    made = approved_delete(surveyed(trail("main"), old))
    applying.begin(made.world, 1)
    made.aws.trouble[DELETE] = [lost()]
    applying.perform(made.world, 1, 0)
    made.aws.becomes(_without_region(surveyed(trail("main"))))
    settling.settle(made.world, 1)
    assert made.change().state is State.UNKNOWN


# Steps that AWS refuses


def test_a_refused_step_fails_the_change_and_says_which_steps_are_done() -> None:
    made = approved_create()
    made.aws.trouble["s3:PutBucketVersioning"] = [refused()]
    change = applied(made)
    assert change.state is State.FAILED
    assert change.done == 2
    assert change.outcome == (
        "s3:PutBucketVersioning was refused: AccessDeniedException (not authorized). The change role lacks a "
        "permission, or a policy of the organization forbids it. Give the role the policy in config/iam/change.json, "
        "then ask again. Done before it: s3:CreateBucket, s3:PutPublicAccessBlock."
    )
    assert made.aws.calls == list(CREATION[:3])
    assert made.card() == change


def test_a_refused_first_step_says_that_nothing_was_done() -> None:
    made = approved_fix()
    made.aws.trouble[START] = [refused()]
    assert applied(made).outcome.endswith("Done before it: nothing.")


@pytest.mark.parametrize("code", sorted(BUSY))
def test_what_aws_is_not_ready_for_is_tried_again_later_and_later(code: str) -> None:
    made = approved_fix()
    made.aws.trouble[START] = [refused(code), refused(code), refused(code)]
    assert applied(made).state is State.VERIFIED
    assert made.aws.calls == [START] * 4
    assert tuple(made.clock.slept) == BUSY[code][:3]


def test_patience_has_an_end() -> None:
    made = approved_fix()
    made.aws.trouble[START] = [throttled() for _ in range(100)]
    assert applied(made).state is State.FAILED
    assert len(made.aws.calls) == len(SOON) + 1
    assert all(later > sooner for sooner, later in pairwise(made.clock.slept))
    assert sum(made.clock.slept) <= 60


def test_a_policy_that_was_just_written_is_given_a_moment() -> None:
    made = approved_create()
    made.aws.trouble[CREATE] = [refused("InsufficientS3BucketPolicyException")] * 2
    assert applied(made).state is State.VERIFIED
    assert made.aws.calls.count(CREATE) == 3


def test_a_policy_that_nobody_has_written_is_refused_for_good() -> None:
    made = approved_fix()
    made.aws.trouble[START] = [refused("InsufficientS3BucketPolicyException")]
    assert applied(made).state is State.FAILED
    assert made.aws.calls == [START]


def test_mutations_keep_awss_pace_of_one_a_second() -> None:
    made = approved_create()
    applied(made)
    assert made.clock.slept == [1.0], "between CreateTrail and StartLogging"


def test_a_final_refusal_is_not_tried_again() -> None:
    made = approved_fix()
    made.aws.trouble[START] = [refused("TrailNotFoundException")]
    assert applied(made).state is State.FAILED
    assert made.aws.calls == [START]


# Answers that never came


@pytest.mark.parametrize("approved", [approved_fix, approved_create, approved_delete], ids=["fix", "create", "delete"])
def test_a_lost_answer_to_a_step_that_happened_lets_the_change_go_on(approved: Callable[[], Bot]) -> None:
    made = approved()
    last = made.change().plan.steps[-1].call
    made.aws.trouble[last] = ["lost"]
    assert applied(made).state is State.VERIFIED
    assert made.aws.calls.count(last) == 1
    assert "answer-lost" in made.evidence.whats()
    assert made.evidence.all[-2].facts["request"] == "found done after a lost answer"


def test_a_lost_answer_in_the_middle_lets_the_change_go_on() -> None:
    made = approved_create()
    made.aws.trouble[CREATE] = ["lost"]
    assert applied(made).state is State.VERIFIED
    assert made.aws.effects == list(CREATION)


def test_a_lost_answer_to_a_step_that_did_not_happen_is_never_a_second_write() -> None:
    made = approved_two_steps()
    made.aws.trouble[SELECT] = [lost()]
    change = applied(made)
    assert change.state is State.FAILED
    assert made.aws.calls == [SELECT]
    assert "AWS's answer to cloudtrail:PutEventSelectors was lost" in change.outcome
    assert "it did not happen" in change.outcome


@pytest.mark.parametrize("call", CREATION)
def test_a_lost_answer_is_looked_for_as_long_as_aws_may_take_to_show_it(call: str) -> None:
    made = approved_create()
    made.aws.lag = 20
    made.clock.move(minutes=1)
    made.aws.trouble[call] = ["lost"]
    change = applied(made)
    assert made.aws.calls.count(call) == 1
    if call in UNSEEN:
        assert change.state is State.FAILED
        assert f"whether {call} happened cannot be seen" in change.outcome
    else:
        assert change.state is State.VERIFIED, change.outcome


def test_a_step_that_is_found_done_at_the_end_counts_as_done() -> None:
    made = approved_fix()
    made.aws.trouble[START] = ["lost"]
    applying.begin(made.world, 1)
    made.aws.blind_after_write = [denied()] * 200
    assert not applying.perform(made.world, 1, 0)
    made.aws.blind = []
    settling.settle(made.world, 1)
    assert (made.change().state, made.change().done) == (State.VERIFIED, 1), "or an undo would leave it out"


def test_a_lost_answer_and_no_look_is_unknown_and_found_out_later() -> None:
    made = approved_fix()
    made.aws.trouble[START] = ["lost"]
    applying.begin(made.world, 1)
    made.aws.blind_after_write = [denied()] * 200
    assert not applying.perform(made.world, 1, 0)
    settling.settle(made.world, 1)
    assert made.change().state is State.UNKNOWN
    assert "AccessDeniedException" in made.change().outcome
    made.aws.blind = []
    settling.settle(made.world, 1)
    assert made.change().state is State.VERIFIED
    assert made.card().state is State.VERIFIED
    assert made.aws.calls == [START]


def test_an_unknown_change_that_did_not_happen_has_failed() -> None:
    made = approved_fix()
    made.aws.trouble[START] = [lost()]
    applying.begin(made.world, 1)
    made.aws.blind_after_write = [denied()] * 200
    applying.perform(made.world, 1, 0)
    settling.settle(made.world, 1)
    made.aws.blind = []
    settling.settle(made.world, 1)
    assert made.change().state is State.FAILED
    assert made.aws.calls == [START]


def test_an_unknown_change_that_stopped_half_way_does_not_deny_what_happened() -> None:
    made = approved_create()
    made.aws.trouble[CREATE] = ["lost"]
    for index in range(applying.begin(made.world, 1)):
        made.aws.blind_after_write = [denied()] * 200 if index == CREATION.index(CREATE) else []
        if not applying.perform(made.world, 1, index):
            break
    settling.settle(made.world, 1)
    assert made.change().state is State.UNKNOWN
    made.aws.blind = []
    settling.settle(made.world, 1)
    assert made.change().state is State.FAILED
    assert "cloudtrail:CreateTrail" in made.change().outcome
    assert "did not happen" not in made.change().outcome
    assert "it happened" in made.change().outcome


def test_an_unknown_change_stays_so_without_a_word_as_long_as_nobody_can_look() -> None:
    made = approved_fix()
    made.aws.trouble[START] = ["lost"]
    applying.begin(made.world, 1)
    made.aws.blind_after_write = [denied()] * 900
    applying.perform(made.world, 1, 0)
    settling.settle(made.world, 1)
    said = len(made.announcer.said)
    settling.settle(made.world, 1)
    assert made.change().state is State.UNKNOWN
    assert len(made.announcer.said) == said


# Verified, and when not


def test_a_slow_aws_is_waited_for() -> None:
    made = approved_fix()
    made.aws.lag = 30
    made.clock.move(minutes=1)
    assert applied(made).state is State.VERIFIED
    assert sum(made.clock.slept) >= 30


def test_an_aws_that_never_shows_it_is_waited_for_a_minute() -> None:
    made = approved_fix()
    made.aws.lag = 3600
    made.clock.move(hours=1)
    change = applied(made)
    assert change.state is State.FAILED
    assert "does not show the planned result" in change.outcome
    assert sum(made.clock.slept) == pytest.approx(60, abs=LOOK_EVERY)


def test_a_trail_that_somebody_stopped_at_once_is_not_verified() -> None:
    made = approved_fix()
    applying.begin(made.world, 1)
    applying.perform(made.world, 1, 0)
    made.aws.becomes(stopped())
    settling.settle(made.world, 1)
    assert made.change().state is State.FAILED


def test_a_verified_repair_passes_the_controls() -> None:
    made = approved_two_steps()
    applied(made)
    findings = judged(made.aws.truth(ACCOUNT), controls(made.world), made.rules.profile)
    assert {f.control: f.verdict for f in findings}["multi-region-trail"] is Verdict.PASS


def test_an_error_that_nobody_foresaw_leaves_the_change_unknown_until_it_was_looked_at() -> None:
    made = approved_fix()
    applying.begin(made.world, 1)
    settling.give_up(made.world, 1, "RuntimeError")
    assert made.change().state is State.UNKNOWN
    assert "RuntimeError" in made.change().outcome
    settling.settle(made.world, 1)
    assert made.change().state is State.FAILED


def test_an_error_before_any_write_fails_the_change() -> None:
    made = approved_fix()
    settling.give_up(made.world, 1, "RuntimeError")
    assert made.change().state is State.FAILED
    assert made.change().outcome.startswith("Nothing was changed")


@pytest.mark.parametrize("state", [State.VERIFIED, State.FAILED, State.UNKNOWN, State.PROPOSED, State.SUPERSEDED])
def test_giving_up_moves_no_change_that_is_not_under_way(state: State) -> None:
    made = approved_fix()
    made.changes.save(replace(made.change(), state=state))
    settling.give_up(made.world, 1, "RuntimeError")
    assert made.change().state is state


# Crashes

KINDS = {
    "fix": approved_fix,
    "two steps": approved_two_steps,
    "create": approved_create,
    "delete": approved_delete,
}
"""No read shows these, and setting them again does no harm."""
EFFECTS = {"fix": [START], "two steps": [SELECT, START], "create": list(CREATION), "delete": [DELETE]}


def crashed(kind: str, *at: int, before: bool = True, lag: float = 0) -> tuple[Bot, Fuse]:
    """The bot after it died at these calls, was started again each time, and swept up."""
    made, fuse, runner = KINDS[kind](), Fuse(*at, before=before), Durable()
    made.aws.lag = lag
    made.clock.move(minutes=1)
    world = fused(made.world, fuse)
    until_done(lambda: runner.apply(world, 1))
    made.clock.move(minutes=2)
    jobs.sweep(made.world)
    return made, fuse


def calls_of(kind: str, lag: float = 0) -> int:
    return crashed(kind, lag=lag)[1].calls


def assert_all_is_well(kind: str, made: Bot, fuse: Fuse) -> None:
    change = made.change()
    where = f"{kind}, died {', '.join(fuse.blown)}: {change.outcome}"
    assert change.state is State.VERIFIED, where
    assert made.aws.effects == EFFECTS[kind], where
    assert made.card() == change, where
    assert made.evidence.whats().count("verified") == 1, where
    assert made.evidence.whats().count("step-done") == len(EFFECTS[kind]), where
    assert broken(made.evidence.entries()) == "", where


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_crash_at_any_call_changes_nothing(kind: str, before: bool) -> None:
    for at in range(1, calls_of(kind) + 1):
        made, fuse = crashed(kind, at, before=before)
        assert len(fuse.blown) == 1
        assert_all_is_well(kind, made, fuse)
        sent = [call for call in made.aws.calls if call not in UNSEEN]
        assert sent == [call for call in EFFECTS[kind] if call not in UNSEEN], fuse.blown


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("kind", ["fix", "two steps", "delete"])
def test_two_crashes_change_nothing_either(kind: str, before: bool) -> None:
    calls = calls_of(kind) + 4
    for first in range(1, calls):
        for second in range(first + 1, calls, 3):
            assert_all_is_well(kind, *crashed(kind, first, second, before=before))


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_crash_at_any_call_changes_nothing_where_aws_shows_writes_late(kind: str, before: bool) -> None:
    for at in range(1, calls_of(kind, lag=8) + 1):
        assert_all_is_well(kind, *crashed(kind, at, before=before, lag=8))


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_crash_while_superseding_still_leaves_a_new_card(before: bool) -> None:
    def superseded(*at: int) -> tuple[Bot, Fuse]:
        made, fuse, runner = approved_fix(), Fuse(*at, before=before), Durable()
        made.aws.becomes(surveyed(trail(logging=False, validation=False)))
        world = fused(made.world, fuse)
        until_done(lambda: runner.apply(world, 1))
        made.clock.move(minutes=2)
        jobs.sweep(made.world)
        return made, fuse

    for at in range(1, superseded()[1].calls + 1):
        made, fuse = superseded(at)
        assert made.change().state is State.SUPERSEDED, fuse.blown
        assert made.change(2).state is State.PROPOSED, fuse.blown
        assert made.card(2).version == made.change(2).version, fuse.blown
        assert made.card().outcome == made.change().outcome, fuse.blown
        assert "C-2" in made.change().outcome, fuse.blown
        assert made.changes.get(3) is None, fuse.blown
        assert made.aws.calls == []


def test_after_a_crash_nothing_is_written_again_before_somebody_could_look() -> None:
    made = approved_create()
    applying.begin(made.world, 1)
    for index in range(CREATION.index(CREATE)):
        applying.perform(made.world, 1, index)
    until_crash = fused(made.world, Fuse(_calls_until_written(made)))
    with pytest.raises(BaseException, match=r"changes\.save"):
        applying.perform(until_crash, 1, CREATION.index(CREATE))
    made.aws.blind = [denied()] * 200
    assert not applying.perform(made.world, 1, CREATION.index(CREATE))
    settling.settle(made.world, 1)
    assert made.change().state is State.UNKNOWN
    assert made.aws.calls.count(CREATE) == 1


def test_a_policy_that_somebody_else_changed_between_two_steps_is_not_overwritten() -> None:
    made = approved_create()
    applying.begin(made.world, 1)
    policy = CREATION.index("s3:PutBucketPolicy")
    for index in range(policy):
        applying.perform(made.world, 1, index)
    theirs = Bucket(FORM.bucket, exists=True, region=REGION, policy='{"Statement": []}')
    made.aws.becomes(replace(made.aws.truth(ACCOUNT), buckets=(theirs,)))
    assert not applying.perform(made.world, 1, policy)
    assert made.change().state is State.FAILED
    assert "s3:PutBucketPolicy was not sent: somebody else changed meanwhile" in made.change().outcome
    assert f"Done before it: {', '.join(CREATION[:policy])}." in made.change().outcome
    assert made.aws.truth(ACCOUNT).bucket(FORM.bucket) == theirs


def test_a_moment_of_blindness_before_a_step_does_not_end_the_change() -> None:
    made = approved_fix()
    applying.begin(made.world, 1)
    made.aws.blind = [denied()] * 3
    assert applying.perform(made.world, 1, 0)


def test_a_step_is_not_sent_while_nobody_can_look() -> None:
    made = approved_fix()
    applying.begin(made.world, 1)
    made.aws.blind = [denied()] * 200
    assert not applying.perform(made.world, 1, 0)
    assert made.change().state is State.FAILED
    assert "cloudtrail:StartLogging was not sent: cloudtrail:GetTrailStatus answered" in made.change().outcome
    assert made.aws.calls == []


def _calls_until_written(made: Bot) -> int:
    """get, entries, now, snapshot, now, record, perform, now: the next one saves."""
    assert made.change().done == CREATION.index(CREATE)
    return 9


def test_an_unknown_bucket_is_could_not_look() -> None:
    made = approved_create()
    made.aws.becomes(surveyed(buckets=(Unreadable("s3:GetBucketPolicy", "AccessDenied"),)))
    assert applied(made).state is State.FAILED
    assert made.aws.calls == []


def test_a_bucket_that_somebody_made_meanwhile_supersedes_the_creation() -> None:
    made = approved_create()
    made.aws.becomes(surveyed(buckets=(Bucket(FORM.bucket, exists=True, region=REGION),)))
    assert applied(made).state is State.SUPERSEDED
    assert "exists already" in made.change().outcome


def test_deliveries_that_come_and_go_are_no_change_of_the_world() -> None:
    made = approved_fix()
    failing = Status(False, Delivery("AccessDenied"))
    made.aws.becomes(surveyed(trail(status=failing, selectors=Selectors())))
    assert applied(made).state is State.VERIFIED


# What a last look must see


def undoing_a_create() -> Bot:
    """A create into an existing bucket was carried out; its undo is approved: DeleteTrail, then PutBucketPolicy."""
    bucket = Bucket(FORM.bucket, exists=True, region=REGION, policy='{"Statement": []}')
    made = bot(surveyed(trail("main"), buckets=(bucket,)))
    forms.propose_form(made.world, ASKER, ACCOUNT, replace(FORM, new_bucket=False))
    decisions.approve(made.world, 1, "UALICE")
    assert applied(made).state is State.VERIFIED
    proposals.propose_undo(made.world, ASKER, 1)
    for user in ("UALICE", "UBOB"):
        decisions.approve(made.world, 2, user, typed="audit")
    return made


def test_an_undo_takes_back_the_policy_too() -> None:
    made = undoing_a_create()
    Durable().apply(made.world, 2)
    assert made.change(2).state is State.VERIFIED
    bucket = made.aws.truth(ACCOUNT).bucket(FORM.bucket)
    assert bucket is not None
    assert bucket.policy == '{"Statement": []}'


def test_a_policy_whose_answer_was_lost_and_that_is_not_seen_is_not_verified() -> None:
    made = undoing_a_create()
    made.aws.trouble["s3:PutBucketPolicy"] = [lost()]
    Durable().apply(made.world, 2)
    assert made.change(2).state is State.FAILED
    assert "AWS's answer to s3:PutBucketPolicy was lost" in made.change(2).outcome


def test_a_policy_is_not_written_while_the_one_that_is_there_cannot_be_seen() -> None:
    made = undoing_a_create()
    made.aws.hides_buckets_after = DELETE
    Durable().apply(made.world, 2)
    assert made.change(2).state is State.FAILED
    assert "s3:PutBucketPolicy was not sent: s3:GetBucketPolicy answered AccessDenied" in made.change(2).outcome


def test_while_aws_is_busy_somebody_elses_policy_is_not_overwritten() -> None:
    made = approved_create_in_existing()
    theirs = Bucket(FORM.bucket, exists=True, region=REGION, policy='{"Statement": [], "Id": "theirs"}')
    made.aws.trouble["s3:PutBucketPolicy"] = [refused("OperationAborted")]
    made.aws.meanwhile = lambda: made.aws.becomes(replace(made.aws.truth(ACCOUNT), buckets=(theirs,)))
    assert applied(made).state is State.FAILED
    assert "s3:PutBucketPolicy was not sent: somebody else changed meanwhile" in made.change().outcome
    assert made.aws.truth(ACCOUNT).bucket(FORM.bucket) == theirs


def approved_create_in_existing() -> Bot:
    bucket = Bucket(FORM.bucket, exists=True, region=REGION, policy='{"Statement": []}')
    made = bot(surveyed(buckets=(bucket,)))
    forms.propose_form(made.world, ASKER, ACCOUNT, replace(FORM, new_bucket=False))
    decisions.approve(made.world, 1, "UALICE")
    return made


# A second look, from another region


def test_a_trail_that_is_made_has_a_shadow_elsewhere_before_it_is_verified() -> None:
    made = approved_create()
    assert applied(made).state is State.VERIFIED
    assert made.aws.shadows_asked == ["eu-west-1"]


def test_a_trail_without_a_shadow_is_unknown_until_it_has_one() -> None:
    made = approved_create()
    made.aws.shadows["eu-west-1"] = False
    assert applied(made).state is State.UNKNOWN
    assert "the trail audit is not shown there yet" in made.change().outcome
    made.aws.shadows.clear()
    settling.settle(made.world, 1)
    assert made.change().state is State.VERIFIED


def test_a_region_that_cannot_be_seen_decides_nothing() -> None:
    made = approved_create()
    made.aws.shadows["eu-west-1"] = denied("cloudtrail:DescribeTrails")
    assert applied(made).state is State.VERIFIED


def test_a_delete_asks_for_no_shadow() -> None:
    made = approved_delete()
    assert applied(made).state is State.VERIFIED
    assert made.aws.shadows_asked == []


def test_the_successor_needs_an_approval_of_its_own() -> None:
    made = approved_fix()
    made.aws.becomes(surveyed(trail(logging=False, validation=False)))
    applied(made)
    with pytest.raises(Refused, match="somebody else"):
        decisions.approve(made.world, 2, ASKER.user)
    assert made.changes.started == [1]
    assert trail_arn() in made.change(2).plan.touched
