"""From an account's facts to the smallest plan that helps, or to a refusal that says who can."""

from dataclasses import replace
from itertools import product

from bot.domain.control import Control, Profile
from bot.domain.creation import creation
from bot.domain.finding import Finding, Verdict
from bot.domain.form import TrailForm, default_form
from bot.domain.plan import Plan, judged, planned, verdicts
from bot.domain.refusal import Refused
from bot.domain.steps import STEPS, Step, UpdateTrail, predict
from bot.domain.trail import Snapshot, Unreadable


def plan_fix(world: Snapshot, controls: tuple[Control, ...], profile: Profile) -> Plan:
    """The smallest repair of what fails. Refused: nothing fails, we could not look, or it is somebody else's to do."""
    if isinstance(world.trails, Unreadable):
        raise Refused(f"Could not look into {world.account.label}: {world.trails.sentence}. Nothing was proposed.")
    findings = judged(world, controls, profile)
    failing = tuple(f for f in findings if f.verdict is Verdict.FAIL)
    if not failing:
        raise Refused(f"Nothing fails in {world.account.label} that a change of ours could mend.")
    _refuse_organization_member(world, failing)
    options = _options(world, controls, profile, failing) if _can_be_proved(failing, controls) else []
    steps = _smallest(world, options, _to_pass(findings, controls), controls, profile)
    if steps is None:
        raise Refused(_no_repair(world, failing))
    return planned("fix", world, steps, controls, profile)


def _can_be_proved(failing: tuple[Finding, ...], controls: tuple[Control, ...]) -> bool:
    """Where only that fails which no step of ours is known to help, any step would be made for nothing."""
    repairable = {c.id for c in controls if c.repairable and not c.takes_time}
    return any(f.control in repairable for f in failing)


def _to_pass(findings: tuple[Finding, ...], controls: tuple[Control, ...]) -> tuple[str, ...]:
    """What fails is to pass where a step can do it, and what passes to stay so; what takes its time shows later."""
    of = {c.id: c for c in controls}
    promised = (
        f for f in findings if f.verdict is Verdict.PASS or (f.verdict is Verdict.FAIL and of[f.control].repairable)
    )
    return tuple(f.control for f in promised if not of[f.control].takes_time)


def _refuse_organization_member(world: Snapshot, failing: tuple[Finding, ...]) -> None:
    """A second trail for a member covered by an organization trail would be paid for twice."""
    foreign = next((t for t in world.known_trails if t.organization and not world.is_ours(t)), None)
    decisive = {f.resource for f in failing}
    ours = any(world.is_ours(t) for t in world.known_trails)
    if foreign and (foreign.arn in decisive or not ours):
        raise Refused(
            f"{world.account.label} is covered by the organization trail {foreign.name}, which belongs to account "
            f"{foreign.owner}. Fix it there: `/trail-audit fix {foreign.owner}`. A trail of its own would be a second, "
            f"paid copy."
        )


def _options(
    world: Snapshot, controls: tuple[Control, ...], profile: Profile, failing: tuple[Finding, ...]
) -> list[tuple[tuple[Step, ...], ...]]:
    """Of each control: a repair, or none where it does not fail (a repair for another may make one necessary)."""
    if not world.known_trails:
        return [(creation(world, _form(world)),)]
    wanted = {f.control for f in failing}
    return [c.fix(world, profile) or ((),) if c.id in wanted else ((), *c.fix(world, profile)) for c in controls]


def _form(world: Snapshot) -> TrailForm:
    """The default; its bucket may be left from a trail that was deleted, or from a change that failed half-way."""
    form = default_form(world.account)
    left = world.bucket(form.bucket)
    return replace(form, new_bucket=left is None or not left.exists)


def _smallest(
    world: Snapshot,
    options: list[tuple[tuple[Step, ...], ...]],
    targets: tuple[str, ...],
    controls: tuple[Control, ...],
    profile: Profile,
) -> tuple[Step, ...] | None:
    """Fewest steps first; of equals, the one that the controls name first."""
    for steps in sorted((_combined(choice) for choice in product(*options)), key=len):
        after = verdicts(judged(predict(world, steps), controls, profile))
        if steps and all(after[t] is Verdict.PASS for t in targets):
            return steps
    return None


def _combined(choice: tuple[tuple[Step, ...], ...]) -> tuple[Step, ...]:
    """One list in the order of STEPS, two updates of one trail made one call."""
    updates: dict[str, UpdateTrail] = {}
    others: list[Step] = []
    for step in (s for steps in choice for s in steps):
        if isinstance(step, UpdateTrail):
            updates[step.arn] = _both(step, updates.get(step.arn, step))
        elif step not in others:
            others.append(step)
    return tuple(sorted([*others, *updates.values()], key=lambda s: STEPS.index(type(s))))


def _both(one: UpdateTrail, other: UpdateTrail) -> UpdateTrail:
    return UpdateTrail(one.arn, one.region, other.before | one.before, other.to | one.to)


def _no_repair(world: Snapshot, failing: tuple[Finding, ...]) -> str:
    whys = " ".join(f.why for f in failing)
    advice = "Mend it by hand"
    if any("delivery-error" in f.reasons for f in failing):
        advice = "See that the bucket exists and that its policy and key let CloudTrail write"
    return f"No repair fits {world.account.label} that could be proved beforehand. {whys} {advice}, then audit again."
