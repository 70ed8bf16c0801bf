"""CIS "Ensure S3 bucket access logging is enabled on the CloudTrail S3 bucket": of every multi-region trail.

A bucket that logs into itself passes, because access is logged; it is a warning, because each log file is logged anew
and who can change the logs can change the record of it (S3 user guide, "Enabling server access logging").
"""

from bot.domain.bucket_controls import judge_buckets, looks_at_buckets, unknown
from bot.domain.control import Assessment, Control, Need, Profile
from bot.domain.finding import Finding, Verdict
from bot.domain.steps import Step
from bot.domain.trail import Bucket, Snapshot, Trail, Unreadable

ID = "bucket-access-logging"


def judge(world: Snapshot, _profile: Profile) -> Finding:
    return judge_buckets(ID, world, "whose bucket could log who reads it", _assess)


def _assess(trail: Trail, bucket: Bucket) -> Assessment:
    if isinstance(bucket.logs_to, Unreadable):
        return unknown(trail, (bucket.logs_to,))
    if not bucket.logs_to:
        because = f"delivers to bucket {bucket.name}, which does not log who reads it"
        return Assessment(trail, Verdict.FAIL, ("access-logging-off",), because=because)
    into_itself = bucket.logs_to == bucket.name
    where = "itself" if into_itself else f"bucket {bucket.logs_to}"
    because = f"delivers to bucket {bucket.name}, whose access log goes to {where}"
    return Assessment(trail, Verdict.PASS, warnings=("logs-into-itself",) if into_itself else (), because=because)


def fix(_world: Snapshot, _profile: Profile) -> tuple[tuple[Step, ...], ...]:
    """None: it takes a second bucket, whose policy lets S3's log delivery write and whose owner agrees to the cost.

    Which of an account's buckets that is, no fact tells; into itself is what this control warns of. A person chooses.
    """
    return ()


CONTROL = Control(
    ID,
    "The bucket of the CloudTrail logs logs who reads it",
    judge,
    fix,
    cis={
        "1.4": "3.6",
        "1.5": "3.6",
        "2.0": "3.6",
        "3.0": "3.4",
        "4.0": "3.4",
        "5.0": "3.4",
        "6.0": "4.4",
        "7.0": "4.4",
    },
    security_hub="CloudTrail.7",
    needs=frozenset({Need.BUCKET_LOGGING}),
    looks=looks_at_buckets,
    repairable=False,
)
