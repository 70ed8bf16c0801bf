"""From an account's facts to the smallest plan that helps, or to a refusal that says who can."""

from dataclasses import replace

from bot.domain.control import Control, Look, Profile
from bot.domain.creation import creation
from bot.domain.finding import Finding, Verdict, worst
from bot.domain.form import TrailForm, default_form
from bot.domain.organization import refuse_covered
from bot.domain.plan import Plan, judged, planned, refuse_unreadable
from bot.domain.refusal import Refused
from bot.domain.resources import unread
from bot.domain.trail import Snapshot, Unreadable
from bot.domain.ways import Left, Way, helps, made_worse, ways


def plan_fix(world: Snapshot, controls: tuple[Control, ...], profile: Profile) -> Plan:
    """The smallest repair of what fails. Refused: nothing fails, we could not look, or it is somebody else's to do.

    Where a part of it is somebody else's, the rest is planned, and a note says what is left and to whom.
    """
    refuse_unreadable(world)
    _refuse_what_does_not_fail(world, judged(world, controls, profile))
    if not any(map(world.is_ours, world.known_trails)):
        refuse_covered(world)
    best = _best(_start(world), controls, profile)
    plan = planned("fix", _relied_upon(world), best.steps, controls, profile)
    return replace(plan, notes=(*plan.notes, *_left_over(best.left)))


def _refuse_what_does_not_fail(world: Snapshot, findings: tuple[Finding, ...]) -> None:
    verdict = worst(tuple(f.verdict for f in findings))
    if verdict is not Verdict.FAIL:
        unknown = ", but not all could be judged" if verdict is Verdict.UNKNOWN else ""
        raise Refused(
            f"Nothing fails in {world.account.label}{unknown}: `/trail-audit {world.account.id}` shows each verdict."
        )


def looks_at(world: Snapshot, controls: tuple[Control, ...]) -> Look:
    """What must be looked at before `plan_fix`, as far as it can be told from what is known already.

    Where there is no trail, one would be made, so its bucket matters, and then what the controls ask of that trail.
    """
    if isinstance(world.trails, Unreadable):
        return Look()
    bucket = () if world.trails else (default_form(world.account).bucket,)
    try:
        after = _start(world).world
    except Refused:
        return Look(bucket)
    look = Look(bucket)
    for control in controls:
        look |= control.looks(after)
    return look


def _relied_upon(world: Snapshot) -> Snapshot:
    """Without what could not be read: no step rests on it, and at the next look it would be another fact."""
    buckets = tuple(b for b in world.buckets if not isinstance(b, Unreadable))
    return replace(world, buckets=buckets, resources=tuple(r for r in world.resources if unread(r) is None))


def _start(world: Snapshot) -> Way:
    return Way(world) if world.known_trails else Way(world, creation(world, _form(world)))


def _form(world: Snapshot) -> TrailForm:
    """The default; its bucket may be left from a trail that was deleted, or from a change that failed half-way."""
    form = default_form(world.account)
    left = world.bucket(form.bucket)
    return replace(form, new_bucket=left is None or not left.exists)


def _best(start: Way, controls: tuple[Control, ...], profile: Profile) -> Way:
    """The best way that makes nothing worse. Refused: there is none that helps."""
    found = ways(start, controls, profile)
    judged_ways = [(way, made_worse(way, controls, profile)) for way in found if helps(way, controls, profile)]
    harmless = next((way for way, worse in judged_ways if not worse), None)
    if harmless:
        return harmless
    broken = judged_ways[0][1] if judged_ways else ()
    price = (f"What would help makes {' and '.join(broken)} fail.",) if broken else ()
    whys = " ".join(dict.fromkeys((*(left.why for left in found[0].left), *price)))
    raise Refused(
        f"No repair fits {start.start.account.label} that could be proved beforehand. {whys} When that is mended, "
        "audit again."
    )


def _left_over(left: tuple[Left, ...]) -> tuple[str, ...]:
    """One note for the card."""
    if not left:
        return ()
    return ("Not mended by this: " + " ".join(f"{each.control}: {each.why}" for each in left),)
