"""Moving a change on: the state and its evidence in one save, then the card."""

from bot.domain.change import Change, State
from bot.domain.evidence import BOT, Fact
from bot.ports import World
from bot.services.cards import paint


def move(world: World, change: Change, to: State, outcome: str, more: dict[str, object] | None = None) -> Change | None:
    entry = fact(world, change, to.value, {"outcome": outcome, **(more or {})})
    saved = world.changes.save(change.moved(to, world.clock.now(), outcome), entry)
    if saved:
        paint(world, saved)
    return saved


def fact(world: World, change: Change, what: str, more: dict[str, object]) -> Fact:
    facts = {"fingerprint": change.plan.fingerprint, **more}
    return Fact(world.clock.now(), change.id, what, BOT, facts)


def change_of(world: World, number: int) -> Change:
    change = world.changes.get(number)
    if change is None:
        raise LookupError(f"C-{number} is not in the database")
    return change
