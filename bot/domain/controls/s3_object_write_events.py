"""CIS "Ensure that object-level logging for write events is enabled for S3 buckets": of all of them, by ONE trail.

The trail is multi-region and logging, and its selectors record the write data events of every S3 object. A selector
that names buckets covers those that there are, not the next one, so it is not enough.
"""

from bot.domain.control import Control, Profile
from bot.domain.finding import Finding
from bot.domain.object_controls import fix_objects, judge_objects
from bot.domain.steps import Step
from bot.domain.trail import Snapshot

ID = "s3-object-write-events"


def judge(world: Snapshot, _profile: Profile) -> Finding:
    return judge_objects(ID, "write", world)


def fix(world: Snapshot, _profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """One more selector on one trail. The card says what data events cost: only the owner knows how many will come."""
    return fix_objects("write", world)


CONTROL = Control(
    ID,
    "S3 object write events are recorded",
    judge,
    fix,
    cis={
        "1.4": "3.10",
        "1.5": "3.10",
        "2.0": "3.10",
        "3.0": "3.8",
        "4.0": "3.8",
        "5.0": "3.8",
        "6.0": "4.8",
        "7.0": "4.8",
    },
)
