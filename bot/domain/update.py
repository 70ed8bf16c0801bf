"""From the form to the change of a trail that exists, or to a refusal. What is left as it is costs no look and no step.

An update never narrows: no region, event or trail is recorded less than before.
"""

from dataclasses import replace

from bot.domain.control import Control, Profile
from bot.domain.controls.multi_region_trail import full_elsewhere, no_room
from bot.domain.data_events import KINDS, object_events
from bot.domain.form import OFF, Choice, TrailForm, problems
from bot.domain.joined import joined
from bot.domain.object_selectors import recording_objects
from bot.domain.own_trail import own_trail
from bot.domain.plan import Plan, planned
from bot.domain.refusal import Refused
from bot.domain.selectors import EVERYTHING, Coverage, Selectors, coverage, widened
from bot.domain.statements import writer_of
from bot.domain.steps import PutEventSelectors, PutInsightSelectors, Settings, StartLogging, Step, updating
from bot.domain.support import NOTHING, bucket_of, key_steps, log_steps, topic_steps
from bot.domain.trail import Snapshot, Status, Trail, Unreadable


def plan_update(world: Snapshot, form: TrailForm, controls: tuple[Control, ...], profile: Profile) -> Plan:
    """Refused: the trail is gone or another account's, nothing would change, or AWS would not take it."""
    trail = own_trail(world, form.updates, "update")
    if wrong := problems(form):
        raise Refused(" ".join(wrong.values()))
    steps = _steps(world, trail, form)
    if not steps:
        raise Refused(f"Trail {trail.name} is like that already: nothing would change. Choose what shall be otherwise.")
    return replace(planned("update", world, steps, controls, profile), form=form)


def form_of(trail: Trail) -> TrailForm:
    """The trail as the form has it: whatever is not answered otherwise stays."""
    return TrailForm(
        name=trail.name,
        bucket=trail.bucket,
        new_bucket=False,
        prefix=trail.prefix,
        validation=trail.validation,
        organization=trail.organization,
        key=_existing(trail.kms_key),
        topic=_existing(trail.topic),
        logs=_existing(trail.log_group.partition(":log-group:")[2].removesuffix(":*")),
        role=_existing(trail.log_role.rpartition("/")[2]),
        management="Keep",
        data_events="Keep",
        insights=trail.insights,
        updates=trail.arn,
        all_regions="already" if trail.multi_region else "no",
        logging="no" if _is_stopped(trail) else "already",
    )


def _is_stopped(trail: Trail) -> bool:
    return isinstance(trail.status, Status) and not trail.status.logging


def _existing(name: str) -> Choice:
    return Choice("existing", name) if name else OFF


def asked(trail: Trail, form: TrailForm) -> TrailForm:
    """The form without what it leaves as it is: only the rest has to be looked at."""
    now = form_of(trail)
    same_logs = (form.logs, form.role) == (now.logs, now.role)
    return replace(
        form,
        key=OFF if form.key == now.key else form.key,
        topic=OFF if form.topic == now.topic else form.topic,
        logs=OFF if same_logs else form.logs,
        role=OFF if same_logs else form.role,
    )


def _steps(world: Snapshot, trail: Trail, form: TrailForm) -> tuple[Step, ...]:
    """In the order of every plan: what the trail leans on comes before the trail."""
    _refuse_full(world, trail, form)
    wanted, now = asked(trail, form), form_of(trail)
    writer = writer_of(world, trail)
    key = key_steps(world, wanted.key, writer, bucket_of(world, form).region) if wanted.key else NOTHING
    topic, logs = topic_steps(world, wanted, writer), log_steps(world, wanted, writer)
    to = Settings(
        multi_region=trail.multi_region or form.all_regions == "yes",
        validation=form.validation,
        kms_key=trail.kms_key if form.key == now.key else key.name,
        topic=trail.topic if form.topic == now.topic else topic.name,
    )
    if (form.logs, form.role) != (now.logs, now.role):
        to |= Settings(log_group=logs.name, log_role=logs.role)
    return joined((*key.steps, *topic.steps, *logs.steps, *_updating(trail, to), *_recording(trail, form)), ())


def _refuse_full(world: Snapshot, trail: Trail, form: TrailForm) -> None:
    if form.all_regions == "yes" and not trail.multi_region and full_elsewhere(world, trail):
        raise Refused(no_room(world, trail))


TOGETHER = {"log_group": "log_role", "log_role": "log_group"}
"""AWS takes the one only with the other."""


def _updating(trail: Trail, to: Settings) -> tuple[Step, ...]:
    different = {name for name, value in to.named.items() if value != getattr(trail, name)}
    different |= {TOGETHER[name] for name in different & TOGETHER.keys()}
    return (updating(trail, to.only(different)),) if different else ()


def _recording(trail: Trail, form: TrailForm) -> tuple[Step, ...]:
    arn, region = trail.arn, trail.home_region
    before, after = trail.selectors, _selectors(trail, form)
    _refuse_insights(trail, form, after)
    steps: list[Step] = []
    if isinstance(before, Selectors) and isinstance(after, Selectors) and after != before:
        steps.append(PutEventSelectors(arn, region, before, after))
    if form.logging == "yes" and _is_stopped(trail):
        steps.append(StartLogging(arn, region))
    if form.insights != trail.insights:
        steps.append(PutInsightSelectors(arn, region, form.insights))
    return tuple(steps)


def _selectors(trail: Trail, form: TrailForm) -> Selectors | Unreadable:
    """What it shall record: what it does now, and what was asked for beside."""
    wanted = trail.selectors
    if form.management == form.data_events == "Keep":
        return wanted
    if isinstance(wanted, Unreadable):
        raise Refused(f"Could not look at what trail {trail.name} records: {wanted.sentence}. Nothing was proposed.")
    if form.management == "All":
        wanted = _all_management(trail, wanted)
    partition = trail.arn.split(":")[1]
    for kind in KINDS.get(form.data_events, ()):
        if not object_events(wanted, kind, partition).all:
            wanted = recording_objects(wanted, kind, partition)
    return wanted


ALL = Coverage(EVERYTHING, EVERYTHING)


def _all_management(trail: Trail, selectors: Selectors) -> Selectors:
    if coverage(selectors) == ALL:
        return selectors
    wider = widened(selectors)
    if coverage(wider) != ALL:
        raise Refused(
            f"Trail {trail.name} has as many selectors as AWS allows, and each is for data events. Whoever chose them "
            "has to take one out first."
        )
    return wider


def _refuse_insights(trail: Trail, form: TrailForm, after: Selectors | Unreadable) -> None:
    """Source: CloudTrail user guide, "Logging Insights events"."""
    if not form.insights or trail.insights or isinstance(after, Unreadable):
        return
    if coverage(after).write == Coverage().write:
        raise Refused("Insights analyse write management events, so these must be recorded: choose all of them.")
