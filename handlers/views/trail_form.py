"""The form of a trail: its first two steps, as the console has them, and what stands there meanwhile or instead."""

from collections.abc import Sequence

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement
from slack_sdk.models.views import View

from bot.domain import prices
from bot.domain.form import Choice, Further, TrailForm
from bot.domain.steps.bucket import SETTINGS
from bot.domain.trail import Account
from handlers.views import ids
from handlers.views.inputs import Field, Pairs, plain, radio, select, text_input, tick
from handlers.views.message import context, section
from handlers.views.words import escape, label

SUGGESTED = {
    ids.KEY: "alias/trailwarden-cloudtrail",
    ids.TOPIC: "trailwarden-cloudtrail",
    ids.LOGS: "/aws/cloudtrail/trailwarden",
    ids.ROLE: "TrailwardenCloudTrailLogs",
}
"""Names that stand in the form until somebody chooses others; one counts only where something is chosen above it."""


CREATE, UPDATE = "Create a trail", "Update a trail"


def title(answers: TrailForm) -> str:
    return UPDATE if answers.updates else CREATE


def looking(title: str, name: str = "") -> View:
    """At once, while AWS is read. By `name` it can be found as soon as Slack shows it."""
    return View(
        type="modal",
        external_id=name or None,
        title=plain(title),
        close=plain("Cancel"),
        blocks=[section("Looking at the account… This takes a few seconds.")],
    )


def step_one(account: Account, answers: TrailForm, organization: str, private: str) -> View:
    """What the trail is made of. `organization` is "allowed", "perhaps" or ""."""
    of = _present(account, answers) if answers.updates else _new(account, answers)
    return _step(
        1,
        ids.TRAIL_FORM,
        answers,
        private,
        [
            *of,
            tick(Field(ids.VALIDATION, "Integrity"), "Log file validation", answers.validation),
            *([] if answers.updates else _organization(answers, organization)),
            *_key(answers),
            *_topic(answers),
            *_logs(answers),
            context("Nothing is made before you have seen the plan and somebody else has approved it."),
        ],
    )


def _new(account: Account, answers: TrailForm) -> list[Block]:
    return [
        section(f"*Step 1 of 3: the trail*\nA multi-region trail in *{escape(label(account))}*."),
        text_input(Field(ids.NAME, "Trail name", "3 to 128 letters, digits, . _ or -"), answers.name, 128),
        *_bucket(answers),
    ]


def _present(account: Account, answers: TrailForm) -> list[Block]:
    """What the trail is; a choice only where it could be more."""
    wider = Field(ids.ALL_REGIONS, "Regions", "It needs a place in every region, which holds 5 trails at most.")
    start = Field(ids.LOGGING, "State", "It is stopped now, and records nothing.")
    return [
        section(
            f"*Step 1 of 3: the trail*\nTrail *{escape(answers.name)}* in *{escape(label(account))}*, with its log "
            f"files in bucket {escape(answers.bucket)}. What you leave as it is stays so."
        ),
        *_further(wider, "Record every region, not its home alone", answers.all_regions),
        *_further(start, "Start logging", answers.logging),
    ]


def _further(field: Field, words: str, answer: Further) -> list[Block]:
    return [] if answer == "already" else [tick(field, words, answer == "yes")]


def _bucket(answers: TrailForm) -> list[Block]:
    kinds = (("new", "Make a new one"), ("existing", "Use an existing one"))
    settings = ", ".join(words for _, words in SETTINGS.values())
    return [
        radio(Field(ids.BUCKET_KIND, "Bucket for log files"), kinds, "new" if answers.new_bucket else "existing"),
        text_input(
            Field(ids.BUCKET, "Bucket name", f"Names are shared by all of AWS. A new one: HTTPS only, {settings}."),
            answers.bucket,
            63,
        ),
        text_input(
            Field(ids.PREFIX, "Prefix", "A folder in the bucket. Usually empty."), answers.prefix, 200, optional=True
        ),
    ]


UNSURE = "Whether this account manages its organization could not be seen; the review will tell."
WHOLE = "Made once, here, for every member account."


def _organization(answers: TrailForm, may: str) -> list[Block]:
    """Only where the account may, or where nobody could look."""
    if not may:
        return []
    field = Field(ids.ORGANIZATION, "Organization trail", WHOLE if may == "allowed" else UNSURE)
    return [tick(field, "Record every account of the organization", answers.organization)]


def _key(answers: TrailForm) -> list[Block]:
    kinds = (("off", "Amazon S3's key (SSE-S3)"), ("new", "A new KMS key"), ("existing", "An existing KMS key"))
    hint = "Only with a KMS key: its alias, or the ARN of an existing one. It must be in the bucket's region."
    return _named(Field(ids.KEY_KIND, "Encryption"), kinds, Field(ids.KEY, "KMS key", hint), answers.key, 330)


def _topic(answers: TrailForm) -> list[Block]:
    kinds = (("off", "None"), ("new", "A new topic"), ("existing", "An existing topic"))
    hint = "Only with a topic: its name, or the ARN of an existing one."
    return _named(
        Field(ids.TOPIC_KIND, "SNS topic for each log file"), kinds, Field(ids.TOPIC, "Topic", hint), answers.topic, 330
    )


def _logs(answers: TrailForm) -> list[Block]:
    kinds = (("off", "Off"), ("new", "To a new log group"), ("existing", "To an existing log group"))
    group = Field(ids.LOGS, "Log group", "Only with CloudWatch Logs, which costs by what it takes in.")
    roles = (("new", "A new role"), ("existing", "An existing role"))
    role = Field(ids.ROLE, "Role", "Only with CloudWatch Logs: CloudTrail writes to the group with it.")
    return [
        *_named(Field(ids.LOGS_KIND, "CloudWatch Logs"), kinds, group, answers.logs, 512),
        *_named(Field(ids.ROLE_KIND, "Role for CloudWatch Logs"), roles, role, answers.role, 64),
    ]


def _named(kind: Field, options: Pairs, name: Field, answer: Choice, longest: int) -> list[Block]:
    """Which kind, and its name."""
    value = answer.name or SUGGESTED[name.id]
    return [select(kind, options, answer.which), text_input(name, value, longest, optional=True)]


def step_two(account: Account, answers: TrailForm, private: str) -> View:
    """What the trail records."""
    return _step(
        2,
        ids.TRAIL_EVENTS,
        answers,
        private,
        [
            section(f"*Step 2 of 3: the events*\nTrail *{escape(answers.name)}* in *{escape(label(account))}*."),
            _management(answers),
            _data_events(answers),
            tick(_INSIGHTS, "Find unusual call and error rates", answers.insights),
            back((ids.TRAIL_BACK_1, "Back to the trail")),
        ],
    )


_INSIGHTS = Field(ids.INSIGHTS, "Insights", f"{prices.INSIGHTS}. A write is analysed twice, a read once.")
KINDS = (("All", "Read and write"), ("WriteOnly", "Write only"), ("ReadOnly", "Read only"), ("None", "None"))
COPIES = "The first copy of management events is free; each further copy in a region is paid for."
SHORT = "Does not satisfy multi-region-trail"


KEEP = ("Keep", "As it is now")


def _management(answers: TrailForm) -> Block:
    """An existing trail's are never narrowed."""
    if answers.updates:
        kinds = (KEEP, ("All", "Read and write, of every service"))
        return radio(Field(ids.MANAGEMENT, "Management events", COPIES), kinds, answers.management)
    about = ("What the control multi-region-trail asks for", SHORT, SHORT, SHORT)
    return radio(Field(ids.MANAGEMENT, "Management events", COPIES), KINDS, answers.management, about)


def _data_events(answers: TrailForm) -> Block:
    hint = f"Of every S3 object, those in the log bucket too. {prices.DATA_EVENTS}."
    first = KEEP if answers.updates else KINDS[3]
    return radio(Field(ids.DATA_EVENTS, "S3 data events", hint), (first, *KINDS[:3]), answers.data_events)


def refused(title: str, words: str, private: str) -> View:
    """Why there is nothing to review, and the ways back; `words` are escaped already."""
    return View(
        type="modal",
        private_metadata=private,
        title=plain(title),
        close=plain("Close"),
        blocks=[
            section(words),
            back((ids.TRAIL_BACK_1, "Change the trail"), (ids.TRAIL_BACK_2, "Change the events")),
        ],
    )


def told(title: str, words: str) -> View:
    """Why no form is shown at all; `words` are escaped already."""
    return View(type="modal", title=plain(title), close=plain("Close"), blocks=[section(words)])


def back(*steps: tuple[str, str]) -> ActionsBlock:
    """A button for each step that one may go back to, by its id."""
    return ActionsBlock(elements=[ButtonElement(text=plain(words), action_id=id) for id, words in steps])


def _step(number: int, callback: str, answers: TrailForm, private: str, blocks: Sequence[Block]) -> View:
    return View(
        type="modal",
        callback_id=callback,
        private_metadata=private,
        title=plain(f"{title(answers)}: {number} of 3"),
        submit=plain("Next" if number == 1 else "Review the plan"),
        close=plain("Cancel"),
        blocks=blocks,
    )
