"""Small builders for facts: say what the test is about, the rest has a sensible default.

The default trail passes the default controls, and `exemplary` every control; each test takes away what it is about.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from bot.domain.acceptance import Acceptance
from bot.domain.change import Change, Entitled, State, Vote
from bot.domain.control import Profile
from bot.domain.controls import DEFAULT_CONTROLS, named
from bot.domain.finding import AccountReport, Finding, Report, Verdict
from bot.domain.organization import OWNER_NOT_READ
from bot.domain.plan import Plan, planned
from bot.domain.refusal import Person
from bot.domain.selectors import (
    AdvancedSelector,
    BasicSelector,
    DataResource,
    FieldSelector,
    Selectors,
)
from bot.domain.steps import Settings, StartLogging, Step, UpdateTrail
from bot.domain.trail import Account, Bucket, Delivery, Snapshot, Status, Survey, Trail, Unreadable
from bot.domain.trail_events import TrailEvent

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday."""
HOUR = timedelta(hours=1)
ACCOUNT = "111122223333"
OWNER = "999900001111"
"""The management account, which owns organization trails."""
REGION = "us-east-1"
DEFAULTS = named(DEFAULT_CONTROLS)


def account(id: str = ACCOUNT, name: str = "", path: str = "", partition: str = "aws") -> Account:
    return Account(id, name, path, partition)


def trail_arn(name: str = "main", region: str = REGION, owner: str = ACCOUNT, partition: str = "aws") -> str:
    return f"arn:{partition}:cloudtrail:{region}:{owner}:trail/{name}"


def denied(call: str = "cloudtrail:GetTrailStatus", error: str = "AccessDeniedException") -> Unreadable:
    return Unreadable(call, error, "not authorized", call)


def delivery(
    error: str = "",
    last: timedelta | None = HOUR,
    started: timedelta | None = 30 * 24 * HOUR,
    logs_error: str = "",
    logs_last: timedelta | None = None,
) -> Delivery:
    """How long ago the last deliveries and the start were; None for never."""
    return Delivery(error, _ago(last), _ago(started), logs_error, _ago(logs_last))


def _ago(time: timedelta | None) -> datetime | None:
    return None if time is None else NOW - time


def trail(name: str = "main", **different: Any) -> Trail:
    """A multi-region trail that passes the default controls. `logging=False` stops it.

    Other words are Trail's own fields. `owner`, `region` and `partition` go into its ARN; `delivery` into its status.
    """
    owner, region = different.pop("owner", ACCOUNT), different.pop("region", REGION)
    arn = trail_arn(name, region, owner, different.pop("partition", "aws"))
    logging, arriving = different.pop("logging", True), different.pop("delivery", delivery())
    healthy = Trail(
        arn=arn,
        name=name,
        home_region=region,
        multi_region=True,
        bucket="logs-of-ours",
        status=Status(logging, arriving),
        selectors=Selectors(),
        validation=True,
    )
    return replace(healthy, **different)


LOG_GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trails:*"
KMS_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1111"


def exemplary(name: str = "main", **different: Any) -> Trail:
    """A trail that, with `safe_bucket`, passes every control."""
    more = {
        "kms_key": KMS_KEY,
        "log_group": LOG_GROUP,
        "delivery": delivery(logs_last=HOUR),
        "selectors": advanced(management(), data_events()),
    }
    return trail(name, **{**more, **different})


def safe_bucket(name: str = "logs-of-ours", **different: Any) -> Bucket:
    """Neither public nor kept from being so, and logging who reads it."""
    safe = Bucket(
        name,
        exists=True,
        policy_public=False,
        acl_public=False,
        restricts_policy=False,
        ignores_acl=False,
        logs_to="access-logs",
    )
    return replace(safe, **different)


def exemplary_world(*trails: Trail, **different: Any) -> Snapshot:
    return snapshot(*(trails or (exemplary(),)), **{"buckets": (safe_bucket(),), **different})


def trail_event(
    name: str = "StopLogging", actor: str = "Admin/alice", at: datetime = NOW, trail: str = trail_arn()
) -> TrailEvent:
    return TrailEvent(at, name, actor, trail)


def trail_record(
    name: str = "StopLogging", called: str = trail_arn(), at: datetime = NOW, **different: Any
) -> dict[str, Any]:
    """What CloudTrail's event history has of a call that a user made; other words are the record's own members."""
    member = "trailName" if name == "PutEventSelectors" else "name"
    return {
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "cloudtrail.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "requestParameters": {member: called},
        "userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/alice"},
        **different,
    }


def organization_trail(name: str = "org", **different: Any) -> Trail:
    """As a member sees it: whose it is and that it logs, but neither its delivery nor its selectors."""
    unseen = {
        "owner": OWNER,
        "organization": True,
        "delivery": owner_only("cloudtrail:GetTrailStatus"),
        "selectors": owner_only("cloudtrail:GetEventSelectors"),
        "custom_selectors": True,
    }
    return trail(name, **{**unseen, **different})


def owner_only(call: str = "cloudtrail:GetEventSelectors") -> Unreadable:
    return Unreadable(call, OWNER_NOT_READ, f"verify in the management account {OWNER}")


def snapshot(*trails: Trail, unreadable: Unreadable | None = None, **different: Any) -> Snapshot:
    """What the default account looks like at NOW with these trails; other words are Snapshot's own fields."""
    return replace(Snapshot(account(), NOW, unreadable or trails), **different)


def surveyed(*trails: Trail, regions: tuple[str, ...] = ("eu-west-1", REGION), **different: Any) -> Snapshot:
    """The same with a look into every enabled region."""
    return snapshot(*trails, survey=Survey(regions), **different)


def basic(*selectors: BasicSelector) -> Selectors:
    return Selectors(basic=selectors)


def advanced(*selectors: AdvancedSelector) -> Selectors:
    return Selectors(advanced=selectors)


def fields(name: str = "", **conditions: Any) -> AdvancedSelector:
    """fields(eventCategory={"Equals": ["Management"]}, readOnly={"Equals": ["true"]})."""
    return AdvancedSelector(
        tuple(
            FieldSelector(field, tuple((operator, tuple(values)) for operator, values in operators.items()))
            for field, operators in conditions.items()
        ),
        name,
    )


def management(name: str = "", **conditions: Any) -> AdvancedSelector:
    return fields(name, eventCategory={"Equals": ["Management"]}, **conditions)


def data_events(type: str = "AWS::S3::Object") -> AdvancedSelector:
    return fields("data", eventCategory={"Equals": ["Data"]}, **{"resources.type": {"Equals": [type]}})


def data_resource(*values: str) -> DataResource:
    return DataResource("AWS::S3::Object", values or ("arn:aws:s3:::sensitive/",))


WRITE_ONLY = basic(BasicSelector("WriteOnly"))
READ_ONLY = basic(BasicSelector("ReadOnly"))
NO_MANAGEMENT = basic(BasicSelector(management=False))


def finding(control: str = "multi-region-trail", verdict: Verdict = Verdict.FAIL, **different: Any) -> Finding:
    reasons = () if verdict is Verdict.PASS else ("no-multi-region-trail",)
    return replace(Finding(control, verdict, "There is no multi-region trail.", reasons=reasons), **different)


def account_report(id: str = ACCOUNT, verdict: Verdict = Verdict.FAIL, name: str = "") -> AccountReport:
    return AccountReport(account(id, name), (finding(verdict=verdict),))


def report(*accounts: AccountReport, **different: Any) -> Report:
    made = Report("run-1", Profile.CIS, ("multi-region-trail",), accounts, NOW, NOW + timedelta(seconds=2))
    return replace(made, **different)


def plan(*steps: Step, before: Snapshot | None = None, kind: str = "fix") -> Plan:
    """The plan that starts the stopped trail "main", or that of these steps."""
    world = before or snapshot(trail(logging=False))
    return planned(kind, world, steps or (StartLogging(trail_arn(), REGION),), DEFAULTS, Profile.CIS)  # type: ignore[arg-type]  # a test may say any kind


def acceptance(*controls: str, **different: Any) -> Acceptance:
    """Of these controls (the multi-region trail's), for some ten weeks."""
    made = Acceptance(controls or ("multi-region-trail",), date(2027, 1, 31), "The account is closed by then.")
    return replace(made, **different)


def exception(number: int = 42, **different: Any) -> Change:
    """The same for the account with the stopped trail, as UREQUESTER asked for it; other words are Change's own."""
    accepts = different.pop("accepts", None) or acceptance()
    before = different.pop("before", None) or snapshot(trail(logging=False))
    made = Plan("accept", before, (), Profile.CIS, accepts.controls, accepts=accepts)
    return change(number, plan=made, **different)


def active(number: int = 42, **different: Any) -> Change:
    """An exception that UALICE approved at NOW."""
    votes = (Vote("UALICE", True, NOW),)
    return exception(number, **{"state": State.ACTIVE, "votes": votes, "decided_at": NOW, **different})


_numbers = count(100_000_000_001)


def elsewhere() -> Plan:
    """The same in an account for which there is no other plan."""
    made = plan()
    return replace(made, before=replace(made.before, account=account(str(next(_numbers)))))


def change(number: int = 42, **different: Any) -> Change:
    """A proposed change that UREQUESTER asked for, with four hours to decide."""
    proposed = Change(number, different.pop("plan", None) or plan(), "UREQUESTER", "C1", NOW, NOW + 4 * HOUR)
    return replace(proposed, **different)


def update(arn: str = "", **to: Any) -> UpdateTrail:
    """The step that turns these settings on, or sets them from none."""
    before = {name: not value if isinstance(value, bool) else "" for name, value in to.items()}
    return UpdateTrail(arn or trail_arn(), REGION, Settings(**before), Settings(**to))  # type: ignore[arg-type]  # its own


def entitled(*users: str) -> Entitled:
    """These may approve; without a word UALICE and UBOB may. `entitled("")` is nobody."""
    chosen = tuple(u for u in users or ("UALICE", "UBOB") if u)
    return Entitled(frozenset(chosen), tuple(Person(u) for u in chosen))
