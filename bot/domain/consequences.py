"""What a plan brings about beside the verdicts: what it costs, and whom it cuts off. Sentences for the card."""

from bot.domain.census import PRICE, adds_a_copy
from bot.domain.data_events import Kind, object_events
from bot.domain.selectors import Selectors
from bot.domain.steps import CreateKey, CreateLogGroup, CreateTrail, ProtectBucket, Step
from bot.domain.steps.bucket import BLOCK
from bot.domain.trail import Snapshot

EXTRA_COPY = f"This adds a copy of management events: each copy after the first costs {PRICE}."
DATA_EVENTS = (
    "S3 object events cost $0.10 per 100,000, the first copy too; the log bucket's own objects are among them."
)
NEW_KEY = "A KMS key costs $1 a month, and whoever reads the log files then needs kms:Decrypt on it."
NEW_GROUP = "CloudWatch Logs charges for what it takes in and keeps; a new log group keeps it for ever."
CUTS_OFF = (
    "A public access block ends every access from outside the account that the bucket's public policy or grants give, "
    "named accounts included; CloudTrail and the account itself keep theirs."
)
UNSEARCHED = (
    "Not every region could be searched (see the checks), so the new trail may be a second, paid copy of one there."
)
KINDS: tuple[Kind, ...] = ("read", "write")


def costs(before: Snapshot, after: Snapshot, steps: tuple[Step, ...]) -> tuple[str, ...]:
    """Joined to one note. Source of the prices: AWS CloudTrail pricing, AWS KMS pricing."""
    notes = (
        *((EXTRA_COPY,) if adds_a_copy(before, after) else ()),
        *((DATA_EVENTS,) if _objects(after) > _objects(before) else ()),
        *((NEW_KEY,) if any(isinstance(s, CreateKey) for s in steps) else ()),
        *((NEW_GROUP,) if any(isinstance(s, CreateLogGroup) for s in steps) else ()),
    )
    return (" ".join(notes),) if notes else ()


def _objects(world: Snapshot) -> int:
    """Of how many trails and kinds the events of every S3 object are recorded."""
    partition = world.account.partition
    known = [t.selectors for t in world.known_trails if isinstance(t.selectors, Selectors)]
    return sum(object_events(s, kind, partition).all for s in known for kind in KINDS)


def side_effects(before: Snapshot, steps: tuple[Step, ...]) -> tuple[str, ...]:
    """A new bucket has no readers to cut off; a new trail may repeat what nobody could see."""
    blocked = (s.name for s in steps if isinstance(s, ProtectBucket) and s.setting == BLOCK)
    in_use = any((bucket := before.bucket(name)) is not None and bucket.exists for name in blocked)
    return (*((CUTS_OFF,) if in_use else ()), *_unsearched(before, steps))


def _unsearched(before: Snapshot, steps: tuple[Step, ...]) -> tuple[str, ...]:
    unseen = before.survey is not None and bool(before.survey.notes)
    return (UNSEARCHED,) if unseen and any(isinstance(s, CreateTrail) for s in steps) else ()
