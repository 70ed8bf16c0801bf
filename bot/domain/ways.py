"""The search for a repair: one control after the other, each on the world that the repairs before it would leave."""

from dataclasses import dataclass, replace
from functools import cached_property

from bot.domain.control import Control, Profile
from bot.domain.finding import WORST_FIRST, Verdict
from bot.domain.joined import joined
from bot.domain.refusal import Refused
from bot.domain.steps import Step, predict
from bot.domain.trail import Snapshot

AT_ONCE = 64
"""So many ways are followed; a wild account must not take for ever, and the shortest ones come first."""


@dataclass(frozen=True)
class Left:
    """A control that would still fail, and why nothing that we can do helps."""

    control: str
    why: str


@dataclass(frozen=True)
class Way:
    """Steps on trial, the world that they start from, and what they leave."""

    start: Snapshot
    steps: tuple[Step, ...] = ()
    left: tuple[Left, ...] = ()

    @cached_property
    def world(self) -> Snapshot:
        """As predicted."""
        return predict(self.start, self.steps)

    @property
    def cost(self) -> tuple[int, int]:
        """What repairs most is best, and of these what has the fewest steps."""
        return len(self.left), len(self.steps)

    def further(self, steps: tuple[Step, ...]) -> "Way":
        return replace(self, steps=joined(self.steps, steps))


def ways(start: Way, controls: tuple[Control, ...], profile: Profile) -> tuple[Way, ...]:
    """The best first; of equals, the one that the controls name first."""
    found: tuple[Way, ...] = (start,)
    for control in controls:
        longer = (w for way in found for w in _repaired(way, control, profile))
        found = tuple(sorted(longer, key=lambda w: w.cost))[:AT_ONCE]
    return found


def _repaired(way: Way, control: Control, profile: Profile) -> tuple[Way, ...]:
    """Each way of repairing the control as well, proved by its own judgement; or the way as it is, which leaves it."""
    if not control.fails(way.world, profile):
        return (way,)
    try:
        options = control.fix(way.world, profile) if control.repairable else ()
    except Refused as refused:
        return (_leaving(way, control.id, str(refused)),)
    tried = tuple(way.further(steps) for steps in options if steps)
    proved = tuple(w for w in tried if control.holds(w.world, profile))
    return proved or (_leaving(way, control.id, _why(control, (*tried, way)[0].world, profile)),)


def _leaving(way: Way, control: str, why: str) -> Way:
    return replace(way, left=(*way.left, Left(control, why)))


def _why(control: Control, world: Snapshot, profile: Profile) -> str:
    """What would fail even after the preferred repair; of another account's trail also where to mend it."""
    finding = control.judge(world, profile)
    trail = world.trail(finding.resource) if finding.resource else None
    if trail is None or world.is_ours(trail):
        return finding.why
    return f"{finding.why} It belongs to account {trail.owner}: `/trail-audit fix {trail.owner}`."


def helps(way: Way, controls: tuple[Control, ...], profile: Profile) -> bool:
    """Something that failed holds afterwards; a trail that is made only to exist helps nobody."""
    return any(c.fails(way.start, profile) and c.holds(way.world, profile) for c in controls) and bool(way.steps)


def made_worse(way: Way, controls: tuple[Control, ...], profile: Profile) -> tuple[str, ...]:
    """The controls that would be worse off than before; of evidence that takes time, only what keeps it away counts."""
    return tuple(c.id for c in controls if _is_worse(way, c, profile))


def _is_worse(way: Way, control: Control, profile: Profile) -> bool:
    before, after = (control.judge(w, profile).verdict for w in (way.start, way.world))
    if before is Verdict.FAIL or control.holds(way.world, profile):
        return False
    return WORST_FIRST.index(after) < WORST_FIRST.index(before)
