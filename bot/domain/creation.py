"""The create form, what is wrong with an answer to it, and the plan it leads to."""

import re
from dataclasses import dataclass

from bot.domain.bucket_policy import merged, trail_statements
from bot.domain.census import MAX_TRAILS, full_region
from bot.domain.control import Control, Profile
from bot.domain.plan import Plan, planned
from bot.domain.refusal import Refused
from bot.domain.steps import CreateBucket, CreateTrail, ProtectBucket, PutBucketPolicy, StartLogging, Step
from bot.domain.trail import Account, Bucket, Snapshot, Unreadable


@dataclass(frozen=True)
class TrailForm:
    """What the create form asks. `prefix` is "" for none."""

    name: str
    bucket: str
    new_bucket: bool
    prefix: str = ""
    validation: bool = True


def default_form(account: Account) -> TrailForm:
    return TrailForm("trailwarden", f"trailwarden-cloudtrail-{account.id}-{account.reading_region}", new_bucket=True)


def plan_create(world: Snapshot, form: TrailForm, controls: tuple[Control, ...], profile: Profile) -> Plan:
    """The plan of the create form. Refused: a name that is taken or not allowed, no room, a bucket out of reach."""
    if isinstance(world.trails, Unreadable):
        raise Refused(f"Could not look into {world.account.label}: {world.trails.sentence}. Nothing was proposed.")
    _refuse_member(world)
    _refuse_form(form)
    _refuse_taken(world, form.name)
    _refuse_full(world)
    return planned("create", world, creation(world, form), controls, profile)


NAME = re.compile(r"(?=.{3,128}$)[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
BUCKET = re.compile(r"(?=.{3,63}$)[a-z0-9][a-z0-9.-]*[a-z0-9]")
IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")


def name_problem(name: str) -> str:
    """Why CloudTrail would refuse this name, or ""."""
    if NAME.fullmatch(name) and not IP_ADDRESS.fullmatch(name):
        return ""
    return (
        "A trail's name has 3 to 128 letters, digits, `.`, `_` or `-`, starts and ends with a letter or digit, has no "
        "two of `._-` side by side, and is not an IP address."
    )


def bucket_problem(name: str) -> str:
    """Why S3 would refuse this name, or ""."""
    if BUCKET.fullmatch(name) and ".." not in name and not IP_ADDRESS.fullmatch(name):
        return ""
    return "A bucket's name has 3 to 63 lower-case letters, digits, `.` or `-`, and no `.` or `-` at either end."


def prefix_problem(prefix: str) -> str:
    """CloudTrail takes up to 200 characters; we take those that need no quoting anywhere."""
    if re.fullmatch(r"[A-Za-z0-9!_.'()/-]{0,200}", prefix) and not prefix.endswith("/"):
        return ""
    return "A prefix has at most 200 letters, digits or `!_.'()/-`, without a `/` at its end."


def _refuse_member(world: Snapshot) -> None:
    """Every further copy of management events is paid for."""
    covering = next((t for t in world.multi_region if t.organization and not world.is_ours(t)), None)
    if covering:
        raise Refused(
            f"{world.account.label} is covered by the organization trail {covering.name} of account {covering.owner}, "
            "and a trail of its own would be a second, paid copy. If the organization's trail falls short, mend it "
            f"there: `/trail-audit fix {covering.owner}`."
        )


def _refuse_form(form: TrailForm) -> None:
    """Every answer that AWS would not take, together."""
    problems = (name_problem(form.name), bucket_problem(form.bucket), prefix_problem(form.prefix))
    if any(problems):
        raise Refused(" ".join(p for p in problems if p))


def _refuse_taken(world: Snapshot, name: str) -> None:
    if any(t.name == name and world.is_ours(t) for t in world.known_trails):
        raise Refused(f"{world.account.label} has a trail named {name} already. Choose another name.")


def _refuse_full(world: Snapshot) -> None:
    """A multi-region trail counts in every region, so one full region is enough to be refused by AWS."""
    if region := full_region(world):
        raise Refused(
            f"{region} in {world.account.label} holds {MAX_TRAILS} trails already, and a multi-region trail needs a "
            f"place in every region. Convert one instead: `/trail-audit fix {world.account.id}`."
        )


def creation(world: Snapshot, form: TrailForm) -> tuple[Step, ...]:
    account, region = world.account, world.account.reading_region
    arn = f"arn:{account.partition}:cloudtrail:{region}:{account.id}:trail/{form.name}"
    bucket = _bucket(world, form)
    home = bucket.region or region
    policy = merged(bucket.policy, trail_statements(account, arn, form.bucket, form.prefix, form.new_bucket))
    steps: list[Step] = []
    if not bucket.exists:
        steps = [CreateBucket(form.bucket, region)]
        steps += [ProtectBucket(form.bucket, region, s) for s in ("public-access-block", "versioning")]
    if policy.text != bucket.policy:
        steps.append(PutBucketPolicy(form.bucket, home, bucket.policy, policy.text, policy.added))
    create = CreateTrail(arn, form.name, region, form.bucket, form.prefix, form.validation)
    return (*steps, create, StartLogging(arn, region))


def _bucket(world: Snapshot, form: TrailForm) -> Bucket:
    """The bucket as it is. A new one must not exist yet, an existing one must, and we must be able to see which."""
    found = next((b for b in world.buckets if isinstance(b, Unreadable)), None)
    if found:
        raise Refused(
            f"Could not look at bucket {form.bucket}: {found.sentence}. If it belongs to another account, choose one "
            f"of {world.account.label}; bucket names are shared by all of AWS."
        )
    bucket = world.bucket(form.bucket)
    if bucket is None:  # never taken for "not there": its policy would be overwritten
        raise Refused(f"Bucket {form.bucket} was not looked at. Ask anew, and it will be.")
    if bucket.exists and form.new_bucket:
        raise Refused(f"Bucket {form.bucket} exists already. Choose “existing bucket”, or another name.")
    if not bucket.exists and not form.new_bucket:
        raise Refused(f"There is no bucket {form.bucket} in {world.account.label}. Choose “new bucket” to make it.")
    return bucket
