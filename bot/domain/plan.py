"""A plan: steps against a known world, the world they predict, and the fingerprint that an approval is given for."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

from bot.domain.acceptance import Acceptance
from bot.domain.check import Check
from bot.domain.consequences import costs, side_effects
from bot.domain.control import Control, Profile
from bot.domain.delivery import can_deliver, lacks
from bot.domain.finding import Finding, Verdict
from bot.domain.form import TrailForm
from bot.domain.refusal import Refused
from bot.domain.resources import identity, unread
from bot.domain.selectors import Selectors, spelled_out
from bot.domain.steps import Step, could_not_see, predict
from bot.domain.trail import Account, Bucket, Snapshot, Status, Trail, Unreadable

Kind = Literal["fix", "create", "update", "delete", "undo", "accept"]


@dataclass(frozen=True)
class Plan:
    """What an approval is given for. `before` is the world that it was made against; `notes` are for the card.

    `form` is what was filled in for a create or an update; `undoes` the number of the change that an undo takes back.
    `checks` are what preflight found, and no part of the fingerprint: they say what is likely, not what is wanted.
    `accepts` makes it an exception, which has no steps.
    """

    kind: Kind
    before: Snapshot
    steps: tuple[Step, ...]
    profile: Profile
    controls: tuple[str, ...]
    notes: tuple[str, ...] = ()
    form: TrailForm | None = None
    undoes: int = 0
    checks: tuple[Check, ...] = ()
    accepts: Acceptance | None = None

    @property
    def is_lost(self) -> bool:
        """Nothing is left of it but its account: every other plan that was ever proposed has a step, or accepts."""
        return not self.steps and self.accepts is None

    @property
    def account(self) -> Account:
        return self.before.account

    @property
    def after(self) -> Snapshot:
        return predict(self.before, self.steps)

    @property
    def touched(self) -> frozenset[str]:
        """The ARNs of the trails that it changes."""
        return frozenset(step.arn for step in self.steps if hasattr(step, "arn"))

    @property
    def awaits_delivery(self) -> tuple[str, ...]:
        """The ARNs of the trails that could not deliver before and can afterwards: their next log file is the proof."""
        if self.kind != "fix":
            return ()
        after = self.after
        return tuple(t.arn for t in self.before.known_trails if _is_mended(t, self.before, after))

    @property
    def regions(self) -> tuple[str, ...]:
        """Where its steps are carried out."""
        return tuple(dict.fromkeys(step.region for step in self.steps))

    @property
    def trail_name(self) -> str:
        """The name to type before a delete."""
        return next((step.name for step in self.steps if step.kind == "delete-trail"), "")

    @property
    def fingerprint(self) -> str:
        """16 hex digits over the steps and the facts they were chosen for; times of reading play no part."""
        return fingerprint(self, self.before)


def _is_mended(trail: Trail, before: Snapshot, after: Snapshot) -> bool:
    """Its bucket was looked at only where its delivery failed; see `log_delivery.looks`."""
    then = after.trail(trail.arn)
    logs = then is not None and isinstance(then.status, Status) and then.status.logging
    return bool(then and logs and lacks(before, trail) and can_deliver(after, then))


def lost(account: Account, at: datetime) -> Plan:
    """What stands for a plan of another release that this one cannot read."""
    return Plan("fix", Snapshot(account, at, Unreadable("the plan", "OtherRelease")), (), Profile.CIS, ())


def fingerprint(plan: Plan, world: Snapshot) -> str:
    """What the plan's fingerprint would be in this world: equal as long as nothing that it rests on has changed."""
    content = {"account": plan.account.id, "kind": plan.kind, "steps": [asdict(s) for s in plan.steps]}
    accepts = {"accepts": asdict(plan.accepts)} if plan.accepts else {}
    text = json.dumps({**content, **accepts, "facts": facts(world)}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def facts(world: Snapshot) -> dict[str, object]:
    """The world without what changes by itself (deliveries, times), in a fixed order."""
    trails = {t.arn: asdict(settled(t)) for t in sorted(world.known_trails, key=lambda t: t.arn)}
    unreadable = asdict(world.trails) if isinstance(world.trails, Unreadable) else None
    buckets = sorted((asdict(_noted(b)) for b in world.buckets), key=str)
    resources = [asdict(r) for r in sorted(world.resources, key=identity)]
    return {"trails": trails, "unreadable": unreadable, "buckets": buckets, "resources": resources}


def _noted(bucket: Bucket | Unreadable) -> Bucket | Unreadable:
    """Who pays is a fact only where it is known to be the requester: else a moment's denial would change the world."""
    if isinstance(bucket, Unreadable):
        return bucket
    return replace(bucket, requester_pays=bucket.requester_pays is True)


def settled(trail: Trail) -> Trail:
    """Its configuration alone: no delivery, the default selectors always spelled in one way."""
    status = replace(trail.status, delivery=Unreadable("", "")) if isinstance(trail.status, Status) else trail.status
    selectors = spelled_out(trail.selectors) if isinstance(trail.selectors, Selectors) else trail.selectors
    return replace(trail, status=status, selectors=selectors, custom_selectors=None)


def judged(world: Snapshot, controls: tuple[Control, ...], profile: Profile) -> tuple[Finding, ...]:
    return tuple(c.judge(world, profile) for c in controls)


def verdicts(findings: tuple[Finding, ...]) -> dict[str, Verdict]:
    return {f.control: f.verdict for f in findings}


def is_as_predicted(plan: Plan, fresh: Snapshot, controls: tuple[Control, ...]) -> bool | Unreadable:
    """Is every step seen done, and do the touched trails and the verdicts equal the prediction?

    Unreadable where that could not be seen. What takes its time, such as a delivery, is no part of it.
    """
    if blind := _blind_for(plan, fresh):
        return blind
    wanted = plan.after
    same = all(_same(fresh, wanted, arn) for arn in plan.touched)
    done = all(step.already(fresh) for step in plan.steps if _shows(step, fresh))
    settled_controls = tuple(c for c in controls if not c.takes_time)
    now, then = (verdicts(judged(w, settled_controls, plan.profile)) for w in (fresh, wanted))
    different = {now[control] for control in now if _differs(now[control], then[control])}
    if same and done and different == {Verdict.UNKNOWN}:
        return _unseen_elsewhere(fresh)
    return same and done and not different


def _differs(now: Verdict, then: Verdict) -> bool:
    """What nobody could see for the plan, and passes by now, is no disappointment."""
    return now is not then and (now, then) != (Verdict.PASS, Verdict.UNKNOWN)


def _shows(step: Step, fresh: Snapshot) -> bool:
    """Would a read show it? The protection of a bucket is not read, so it is taken for done."""
    return step.already(step.apply(fresh))


def _blind_for(plan: Plan, fresh: Snapshot) -> Unreadable | None:
    """What the plan touches and cannot be read now. What could not be read for the plan either, it does not promise."""
    if isinstance(fresh.trails, Unreadable):
        return fresh.trails
    promised = (arn for arn in sorted(plan.touched) if _could_not_see(plan.after.trail(arn)) is None)
    trails = (_could_not_see(fresh.trail(arn)) for arn in promised)
    steps = (could_not_see(step, fresh) for step in plan.steps)
    return next((u for u in (*trails, *steps) if u), None)


def _unseen_elsewhere(fresh: Snapshot) -> Unreadable:
    """What of the other trails could not be read, so that a verdict is open."""
    missing = (_could_not_see(trail) for trail in fresh.multi_region)
    return next((m for m in missing if m), Unreadable("the fresh read", "Unknown"))


def refuse_unreadable(world: Snapshot) -> None:
    """No plan for a world that nobody can see."""
    if isinstance(world.trails, Unreadable):
        raise Refused(
            f"Could not look into {world.account.label}: {world.trails.sentence}. Nothing was proposed. When that is "
            "mended, ask again."
        )


def could_not_look(plan: Plan, fresh: Snapshot) -> Unreadable | None:
    """What the plan rests on and cannot be read now: then nobody knows whether the world is still the same."""
    if isinstance(fresh.trails, Unreadable):
        return fresh.trails
    known = (t for t in plan.before.known_trails if _could_not_see(t) is None)
    trails = (_could_not_see(fresh.trail(t.arn)) for t in known)
    buckets = (b for b in fresh.buckets if isinstance(b, Unreadable))
    resources = (unread(fresh.resource(r)) for r in plan.before.resources if unread(r) is None)
    return next((u for u in (*trails, *buckets, *resources) if u), None)


def _could_not_see(trail: Trail | None) -> Unreadable | None:
    if trail is None:
        return None
    return next((f for f in (trail.status, trail.selectors) if isinstance(f, Unreadable)), None)


def _same(fresh: Snapshot, wanted: Snapshot, arn: str) -> bool:
    one, other = fresh.trail(arn), wanted.trail(arn)
    if one is None or other is None:
        return one == other
    return settled(_as_far_as(other, fresh.canonical(one))) == settled(wanted.canonical(other))


def _as_far_as(planned: Trail, now: Trail) -> Trail:
    """What the plan could not know of a trail, it does not predict."""
    unknown = {n: getattr(planned, n) for n in ("status", "selectors") if isinstance(getattr(planned, n), Unreadable)}
    return replace(now, **unknown)


WHOLE_ORGANIZATION = "This is the organization's trail: the change is for every member account."


def planned(
    kind: Kind, world: Snapshot, steps: tuple[Step, ...], controls: tuple[Control, ...], profile: Profile
) -> Plan:
    """The plan with the notes that its card must carry."""
    plan = Plan(kind, world, steps, profile, tuple(c.id for c in controls))
    shared = any(t.organization for t in world.known_trails if t.arn in plan.touched)
    notes = (
        *costs(world, predict(world, steps), steps),
        *((WHOLE_ORGANIZATION,) if shared else ()),
        *side_effects(world, steps),
    )
    return replace(plan, notes=notes)
