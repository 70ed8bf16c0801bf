"""Two lists of steps made one, as the fewest calls: what replaces a whole text or list is sent once, with the last."""

from collections.abc import Hashable
from dataclasses import replace

from bot.domain.steps import (
    STEPS,
    CreateKey,
    CreateTrail,
    ProtectBucket,
    PutBucketPolicy,
    PutEventSelectors,
    PutKeyPolicy,
    PutRolePolicy,
    Step,
    UpdateTrail,
)


def joined(steps: tuple[Step, ...], more: tuple[Step, ...]) -> tuple[Step, ...]:
    """In the order of `_turn`. `more` was worked out for the world after `steps`."""
    found = {_place(s): s for s in steps}
    for step in more:
        place = _place_among(found, step)
        found[place] = _both(found[place], step) if place in found else step
    return tuple(sorted(found.values(), key=_turn))


def _turn(step: Step) -> tuple[int, bool]:
    """As in STEPS; but a bucket's first policy, which keeps nothing public, comes last: see `delivery.making`."""
    first = isinstance(step, PutBucketPolicy) and not step.before
    return STEPS.index(ProtectBucket if first else type(step)), first


def _place(step: Step) -> Hashable:
    """Two steps with the same place are one call."""
    match step:
        case CreateTrail() | UpdateTrail() | PutEventSelectors():
            return step.kind, step.arn
        case PutBucketPolicy():
            return step.kind, step.name
        case CreateKey():
            return step.kind, step.alias
        case PutKeyPolicy():
            return step.kind, step.key
        case PutRolePolicy():
            return step.kind, step.role
        case _:
            return step


def _place_among(found: dict[Hashable, Step], step: Step) -> Hashable:
    """A trail is made with its settings, and a key with its policy."""
    maker: Hashable = None
    match step:
        case UpdateTrail(arn=arn):
            maker = ("create-trail", arn)
        case PutKeyPolicy(key=key):
            maker = ("create-key", key)
    return maker if maker in found else _place(step)


def _both(one: Step, other: Step) -> Step:
    match one, other:
        case CreateTrail(), UpdateTrail(to=to):
            settings = {name: value for name, value in to.named.items() if name != "multi_region"}
            return replace(one, **settings)  # type: ignore[arg-type]  # by its own names
        case CreateKey(), PutKeyPolicy(after=after):
            return replace(one, policy=after)
        case UpdateTrail(), UpdateTrail():
            return replace(one, before=other.before | one.before, to=one.to | other.to)
        case PutEventSelectors(), PutEventSelectors(after=selectors):
            return replace(one, after=selectors)
        case PutBucketPolicy(), PutBucketPolicy(after=after, added=added):
            return replace(one, after=after, added=(*one.added, *added))
        case PutKeyPolicy(), PutKeyPolicy(after=after, added=added):
            return replace(one, after=after, added=(*one.added, *added))
        case PutRolePolicy(), PutRolePolicy(after=after):
            return replace(one, after=after)
        case _:
            return one
