"""The form of a trail: what it asks, as the console asks it, and what is wrong with an answer on its own."""

import re
from dataclasses import dataclass
from typing import Literal

from bot.domain.trail import Account

Events = Literal["All", "ReadOnly", "WriteOnly", "None", "Keep"]
"""As CloudTrail's ReadWriteType, and none at all; of a trail that exists also those that it records now."""


Further = Literal["already", "no", "yes"]
"""Shall it be so? Never taken back: an update makes no trail record less."""


@dataclass(frozen=True)
class Choice:
    """Nothing, something new, or something that exists; `name` is its name, alias or ARN."""

    which: Literal["off", "new", "existing"] = "off"
    name: str = ""

    def __bool__(self) -> bool:
        return self.which != "off"


OFF = Choice()


@dataclass(frozen=True)
class TrailForm:
    """What is asked for a new trail, or for one that exists: `updates` is its ARN then. `prefix` is "" for none.

    `key` is a KMS key: a new one by its alias, an existing one by alias or ARN. `topic` is a topic's name, or the ARN
    of an existing one; `logs` a log group's name, `role` the name of the role that CloudTrail writes to it with.
    Whether it is of all regions, and whether it logs, is asked only of an existing trail that is not so yet.
    """

    name: str
    bucket: str
    new_bucket: bool
    prefix: str = ""
    validation: bool = True
    organization: bool = False
    key: Choice = OFF
    topic: Choice = OFF
    logs: Choice = OFF
    role: Choice = OFF
    management: Events = "All"
    data_events: Events = "None"
    insights: bool = False
    updates: str = ""
    all_regions: Further = "already"
    logging: Further = "already"

    def home(self, account: Account) -> str:
        """The trail's home region; a new one's is where we read."""
        return self.updates.split(":")[3] if self.updates else account.reading_region


def default_form(account: Account) -> TrailForm:
    return TrailForm("trailwarden", f"trailwarden-cloudtrail-{account.id}-{account.reading_region}", new_bucket=True)


def topic_arn(account: Account, form: TrailForm) -> str:
    if form.topic.name.startswith("arn:"):
        return form.topic.name
    return f"arn:{account.partition}:sns:{form.home(account)}:{account.id}:{form.topic.name}"


NAME = re.compile(r"(?=.{3,128}$)[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")
BUCKET = re.compile(r"(?=.{3,63}$)[a-z0-9][a-z0-9.-]*[a-z0-9]")
IP_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
ALIAS = re.compile(r"alias/(?!aws/)[A-Za-z0-9/_-]{1,250}")
REGIONAL = r"[a-z0-9-]{1,32}:\d{12}"
KEY_ARN = re.compile(rf"arn:aws[a-z-]{{0,16}}:kms:{REGIONAL}:(key/[A-Za-z0-9-]{{1,64}}|alias/[A-Za-z0-9/_-]{{1,250}})")
TOPIC = re.compile(r"[A-Za-z0-9_-]{1,256}")
TOPIC_ARN = re.compile(rf"arn:aws[a-z-]{{0,16}}:sns:{REGIONAL}:[A-Za-z0-9_-]{{1,256}}")
GROUP = re.compile(r"[A-Za-z0-9._/#-]{1,512}")
ROLE = re.compile(r"[A-Za-z0-9+=,.@_-]{1,64}")


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


def key_problem(key: Choice) -> str:
    if not key or ALIAS.fullmatch(key.name) or (key.which == "existing" and KEY_ARN.fullmatch(key.name)):
        return ""
    if key.which == "new":
        return "Name the new key by an alias such as alias/cloudtrail-logs (not alias/aws/…)."
    return "Say which key by its ARN (arn:aws:kms:…:key/…) or by its alias (alias/…)."


def topic_problem(topic: Choice) -> str:
    if not topic or TOPIC.fullmatch(topic.name) or (topic.which == "existing" and TOPIC_ARN.fullmatch(topic.name)):
        return ""
    return "A topic's name has at most 256 letters, digits, `_` or `-`. An existing one may be named by its ARN."


def logs_problem(logs: Choice) -> str:
    if not logs or GROUP.fullmatch(logs.name):
        return ""
    return "A log group's name has at most 512 letters, digits or `._/#-`. Leave out arn:… and the :* at its end."


def role_problem(form: TrailForm) -> str:
    """The group and its role go together."""
    if not form.logs:
        return ""
    if not form.role:
        return "A log group needs a role that CloudTrail writes to it with."
    return "" if ROLE.fullmatch(form.role.name) else "A role's name has at most 64 letters, digits or `+=,.@_-`."


def problems(form: TrailForm) -> dict[str, str]:
    """What AWS would not take, by the field's name. What an existing trail has already, AWS has taken."""
    found = {
        **({} if form.updates else _made_of(form)),
        "key": key_problem(form.key),
        "topic": topic_problem(form.topic),
        "logs": logs_problem(form.logs),
        "role": role_problem(form),
        "management": _management_problem(form),
        "insights": _insights_problem(form),
    }
    return {field: problem for field, problem in found.items() if problem}


def _made_of(form: TrailForm) -> dict[str, str]:
    """What is asked of a new trail only."""
    return {
        "name": name_problem(form.name),
        "bucket": bucket_problem(form.bucket),
        "prefix": prefix_problem(form.prefix),
    }


def _management_problem(form: TrailForm) -> str:
    """Without any selector a trail records the default, which is the opposite of nothing."""
    if form.management == "None" and form.data_events == "None":
        return "A trail must record something: management events, or S3 data events."
    return ""


def _insights_problem(form: TrailForm) -> str:
    """Source: CloudTrail user guide, "Logging Insights events"."""
    if form.insights and form.management not in ("All", "WriteOnly", "Keep"):
        return "Insights analyse write management events, so these must be recorded."
    return ""
