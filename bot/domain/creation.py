"""From the create form to the plan of a new trail, or to a refusal."""

from dataclasses import replace

from bot.domain import prices
from bot.domain.census import MAX_TRAILS, full_region
from bot.domain.control import Control, Profile
from bot.domain.data_events import every_object
from bot.domain.delivery import making
from bot.domain.form import TrailForm, problems
from bot.domain.plan import WHOLE_ORGANIZATION, Plan, planned, refuse_unreadable
from bot.domain.policy import Home, merged
from bot.domain.refusal import Refused
from bot.domain.selectors import BasicSelector, Selectors
from bot.domain.statements import BUCKET_LIMIT, Writer, bucket_statements
from bot.domain.steps import (
    CreateTrail,
    PutBucketPolicy,
    PutEventSelectors,
    PutInsightSelectors,
    StartLogging,
    Step,
)
from bot.domain.support import bucket_of, key_steps, log_steps, topic_steps
from bot.domain.trail import Account, Bucket, Snapshot, Unreadable


def plan_create(world: Snapshot, form: TrailForm, controls: tuple[Control, ...], profile: Profile) -> Plan:
    """The plan of the create form. Refused: a name that is taken or not allowed, no room, a bucket out of reach."""
    refuse_account(world)
    if wrong := problems(form):
        raise Refused(" ".join(wrong.values()))
    _refuse_taken(world, form.name)
    _refuse_organization(world, form)
    plan = planned("create", world, creation(world, form), controls, profile)
    return replace(plan, form=form, notes=(*plan.notes, *_notes(form)))


def refuse_account(world: Snapshot) -> None:
    """Whatever is filled in: no trail can be made where we cannot look, where one would be a copy, or without room."""
    refuse_unreadable(world)
    _refuse_member(world)
    _refuse_full(world)


NARROWER = "It records less than all management events, so by itself it does not satisfy multi-region-trail."
DATA_COST = f"S3 data events cost {prices.DATA_EVENTS}."
INSIGHTS_COST = f"Insights cost {prices.INSIGHTS}."


def _notes(form: TrailForm) -> tuple[str, ...]:
    """What the card must say of these answers."""
    said = {
        NARROWER: form.management != "All",
        DATA_COST: form.data_events != "None",
        INSIGHTS_COST: form.insights,
        WHOLE_ORGANIZATION: form.organization,
    }
    return tuple(note for note, true in said.items() if true)


def trail_arn(account: Account, name: str) -> str:
    """Known before the trail exists; its home is the region that we read in."""
    return f"arn:{account.partition}:cloudtrail:{account.reading_region}:{account.id}:trail/{name}"


def _refuse_member(world: Snapshot) -> None:
    """Every further copy of management events is paid for."""
    covering = next((t for t in world.multi_region if t.organization and not world.is_ours(t)), None)
    if covering:
        raise Refused(
            f"{world.account.label} is covered by the organization trail {covering.name} of account {covering.owner}, "
            "and a trail of its own would be a second, paid copy. If the organization's trail falls short, mend it "
            f"there: `/trail-audit fix {covering.owner}`."
        )


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


def _refuse_organization(world: Snapshot, form: TrailForm) -> None:
    """Only the management account: a trail of a delegated administrator belongs to it too, ARN and all.

    Source: user guide, "Organization delegated administrator": the management account remains the owner.
    """
    label = world.account.label
    if not form.organization or world.organization:
        return
    if isinstance(world.manager, Unreadable):
        raise Refused(
            f"Could not look whether {label} manages its organization: {world.manager.sentence}. When that is mended, "
            "ask again; or make a trail for this account alone."
        )
    if not world.manager:
        raise Refused(
            f"{label} manages no organization, so its trail cannot be an organization's. Make it for this account "
            "alone, or ask in the management account."
        )
    raise Refused(
        f"{label} cannot make the organization's trail. Its management account {world.manager} can: "
        f"`/trail-audit create {world.manager}`."
    )


def creation(world: Snapshot, form: TrailForm) -> tuple[Step, ...]:
    """What the trail leans on, then the trail, then what it records."""
    account = world.account
    writer = Writer(account, trail_arn(account, form.name), world.organization if form.organization else "")
    bucket = bucket_of(world, form)
    key = key_steps(world, form.key, writer, bucket.region or account.reading_region)
    topic = topic_steps(world, form, writer)
    logs = log_steps(world, form, writer)
    create = CreateTrail(
        writer.arn,
        form.name,
        account.reading_region,
        form.bucket,
        form.prefix,
        form.validation,
        form.organization,
        kms_key=key.name,
        log_group=logs.name,
        log_role=logs.role,
        topic=topic.name,
    )
    before = (*_bucket_steps(writer, form, bucket), *key.steps, *topic.steps, *logs.steps)
    return (*before, create, *_recording(create, form))


def _bucket_steps(writer: Writer, form: TrailForm, bucket: Bucket) -> tuple[Step, ...]:
    home = bucket.region or writer.region
    made = making(bucket, home, writer.account)
    wanted = bucket_statements(writer, form.bucket, form.prefix, new_bucket=bool(made))
    policy = merged(bucket.policy, wanted, Home(f"bucket {form.bucket}", BUCKET_LIMIT))
    put = PutBucketPolicy(form.bucket, home, bucket.policy, policy.text, policy.added)
    return (*made, *((put,) if policy.added else ()))


def _recording(made: CreateTrail, form: TrailForm) -> tuple[Step, ...]:
    """A trail that is made through the API records the default and is not started."""
    wanted = wanted_selectors(made, form)
    select = (PutEventSelectors(made.arn, made.region, Selectors(), wanted),) if wanted != Selectors() else ()
    insights = (PutInsightSelectors(made.arn, made.region, on=True),) if form.insights else ()
    return (*select, StartLogging(made.arn, made.region), *insights)


def wanted_selectors(made: CreateTrail, form: TrailForm) -> Selectors:
    """No selectors are the default: all management events, and no data events."""
    if form.management == "All" and form.data_events == "None":
        return Selectors()
    partition = made.arn.split(":")[1]
    everything = every_object(partition)
    if form.management == form.data_events:
        return Selectors(basic=(BasicSelector(form.management, data_resources=(everything,)),))
    management = (BasicSelector(form.management),) if form.management != "None" else ()
    data = (BasicSelector(form.data_events, management=False, data_resources=(everything,)),)
    return Selectors(basic=(*management, *(data if form.data_events != "None" else ())))
