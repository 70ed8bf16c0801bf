"""CIS "Ensure that object-level logging for read events is enabled for S3 buckets": of all of them, by ONE trail.

The trail is multi-region and logging, and its selectors record the read data events of every S3 object. A selector
that names buckets covers those that there are, not the next one, so it is not enough.
"""

from bot.domain.control import Control, Profile
from bot.domain.finding import Finding
from bot.domain.object_controls import fix_objects, judge_objects
from bot.domain.steps import Step
from bot.domain.trail import Snapshot

ID = "s3-object-read-events"


def judge(world: Snapshot, _profile: Profile) -> Finding:
    return judge_objects(ID, "read", world)


def fix(world: Snapshot, _profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """One more selector on one trail. The card says what data events cost: only the owner knows how many will come."""
    return fix_objects("read", world)


CONTROL = Control(
    ID,
    "S3 object read events are recorded",
    judge,
    fix,
    cis={
        "1.4": "3.11",
        "1.5": "3.11",
        "2.0": "3.11",
        "3.0": "3.9",
        "4.0": "3.9",
        "5.0": "3.9",
        "6.0": "4.9",
        "7.0": "4.9",
    },
)
