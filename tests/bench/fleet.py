"""A fleet of accounts in mixed states, and what is true of each: written by hand, not by the rules under test."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

MANAGEMENT = "100000000000"
"""The account of the bot's own credentials; it owns the organization trail."""
P, F, U = "PASS", "FAIL", "UNKNOWN"

BASIC = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}
HOUR = timedelta(hours=1)


def basic(**different: Any) -> dict[str, Any]:
    return {"EventSelectors": [{**BASIC, "ExcludeManagementEventSources": [], **different}]}


def advanced(*more: dict[str, Any], category: str = "Management") -> dict[str, Any]:
    selected = [{"Field": "eventCategory", "Equals": [category]}, *more]
    return {"AdvancedEventSelectors": [{"Name": "all of it", "FieldSelectors": selected}]}


@dataclass(frozen=True)
class Has:
    """One trail as AWS would show it; `owner` is "" for the account itself, `last` how long ago it delivered."""

    name: str = "main"
    region: str = "us-east-1"
    multi_region: bool = True
    logging: bool = True
    selectors: Any = None
    validation: bool = True
    error: str = ""
    last: timedelta = HOUR
    owner: str = ""

    def arn(self, account: str) -> str:
        return f"arn:aws:cloudtrail:{self.region}:{self.owner or account}:trail/{self.name}"

    def described(self, account: str) -> dict[str, Any]:
        return {
            "Name": self.name,
            "S3BucketName": f"logs-of-{self.owner or account}",
            "IncludeGlobalServiceEvents": True,
            "IsMultiRegionTrail": self.multi_region,
            "HomeRegion": self.region,
            "TrailARN": self.arn(account),
            "LogFileValidationEnabled": self.validation,
            "HasCustomEventSelectors": True,
            "HasInsightSelectors": False,
            "IsOrganizationTrail": bool(self.owner) or account == MANAGEMENT,
        }

    def status(self) -> dict[str, Any]:
        now = datetime.now(UTC)
        times = {"LatestDeliveryTime": now - self.last, "StartLoggingTime": now - 1000 * HOUR}
        error = {"LatestDeliveryError": self.error} if self.error else {}
        return {"IsLogging": self.logging, **{k: v.timestamp() for k, v in times.items()}, **error}


@dataclass(frozen=True)
class State:
    """What an account has and refuses, and the verdicts that are true of it: coverage, delivery, validation.

    `fails` maps an operation to (status, error code, how many times before it works; 0 for ever).
    """

    truth: tuple[str, str, str]
    trails: tuple[Has, ...] = ()
    fails: tuple[tuple[str, int, str, int], ...] = ()
    assumes: str = ""


def denied(operation: str, code: str = "AccessDeniedException") -> tuple[tuple[str, int, str, int], ...]:
    return ((operation, 400, code, 0),)


FINE = State((P, P, P), (Has(),))
ELSEWHERE = State((P, P, P), (Has(region="eu-west-1"),))
MEMBER = State((P, U, P), (Has("org", owner=MANAGEMENT),))
OWNER = State((P, P, P), (Has("org"),))

STATES = {
    "none": State((F, F, F)),
    "single region": State((F, F, F), (Has(multi_region=False),)),
    "stopped": State((F, F, P), (Has(logging=False),)),
    "write-only": State((F, P, P), (Has(selectors=basic(ReadWriteType="WriteOnly")),)),
    "advanced": State((P, P, P), (Has(selectors=advanced()),)),
    "advanced, reads only": State((F, P, P), (Has(selectors=advanced({"Field": "readOnly", "Equals": ["true"]})),)),
    "data events only": State((F, P, P), (Has(selectors=advanced(category="Data")),)),
    "KMS left out": State((P, P, P), (Has(selectors=basic(ExcludeManagementEventSources=["kms.amazonaws.com"])),)),
    "two halves": State(
        (F, P, P),
        tuple(Has(kind, selectors=basic(ReadWriteType=kind)) for kind in ("ReadOnly", "WriteOnly")),
    ),
    "a stopped one and a good one": State((P, P, P), (Has("old", logging=False), Has("new", "eu-west-1"))),
    "no validation": State((P, P, F), (Has(validation=False),)),
    "delivery fails": State((P, F, P), (Has(error="NoSuchBucket"),)),
    "delivery stale": State((P, F, P), (Has(last=48 * HOUR),)),
    "role denied": State((U, U, U), (Has(),), denied("AssumeRole", "AccessDenied")),
    "role of another account": State((U, U, U), (Has(),), assumes="999999999999"),
    "describe denied": State((U, U, U), (Has(),), denied("DescribeTrails")),
    "status denied": State((U, U, P), (Has(),), denied("GetTrailStatus")),
    "selectors denied": State((U, P, P), (Has(),), denied("GetEventSelectors")),
    "throttled for a while": State((P, P, P), (Has(),), (("DescribeTrails", 400, "ThrottlingException", 1),)),
    "broken once": State((P, P, P), (Has(),), (("GetTrailStatus", 500, "InternalFailure", 1),)),
}
RING = (*(FINE, MEMBER, ELSEWHERE, FINE, MEMBER) * 4, *STATES.values())
"""Half of the fleet is healthy, with its own trail or the organization's; each other state comes once in 40."""


def accounts(count: int) -> list[str]:
    return [str(int(MANAGEMENT) + i) for i in range(count)]


def state_of(account: str) -> State:
    return OWNER if account == MANAGEMENT else RING[int(account) % len(RING)]


CONTROLS = ("multi-region-trail", "log-delivery", "log-file-validation")


def share_correct(report: dict[str, Any], count: int) -> float:
    """Of all verdicts that there should be, those that are there and true."""
    said = {(a["account_id"], f["control"]): f["verdict"] for a in report["accounts"] for f in a["findings"]}
    true = {(a, c): v for a in accounts(count) for c, v in zip(CONTROLS, state_of(a).truth, strict=True)}
    return sum(said.get(key) == verdict for key, verdict in true.items()) / len(true)
