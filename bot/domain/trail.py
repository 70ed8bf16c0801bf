"""Facts about CloudTrail as they were read, frozen; nothing here judges them."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.resources import Key, Resource, alias_arn, identity, is_it
from bot.domain.selectors import Selectors
from bot.domain.unreadable import FOREIGN_BUCKET, NOT_ASKED, OWNER_NOT_READ, REGION_DISABLED, Unreadable

__all__ = ["FOREIGN_BUCKET", "NOT_ASKED", "OWNER_NOT_READ", "REGION_DISABLED", "Unreadable"]

READING_REGION = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
"""One default-enabled region of each partition; multi-region trails are visible in all of them."""


@dataclass(frozen=True)
class Account:
    """An AWS account. `name` is "" where nobody told us; `path` is its OU path, as "Root/Prod"."""

    id: str
    name: str = ""
    path: str = ""
    partition: str = "aws"

    @property
    def label(self) -> str:
        return f"{self.name} ({self.id})" if self.name else self.id

    @property
    def reading_region(self) -> str:
        return READING_REGION[self.partition]


@dataclass(frozen=True)
class Delivery:
    """How log files arrive, from GetTrailStatus: the last error ("" for none) and the times in UTC.

    `logs_error` and `logs_last` are the same for CloudWatch Logs.
    """

    error: str = ""
    last: datetime | None = None
    started: datetime | None = None
    logs_error: str = ""
    logs_last: datetime | None = None


@dataclass(frozen=True)
class Status:
    """GetTrailStatus. `delivery` is Unreadable where a member looks at its organization's trail."""

    logging: bool
    delivery: Delivery | Unreadable = Delivery()


@dataclass(frozen=True)
class Trail:
    """One trail, whichever regions show a shadow of it. The ARN is its identity, `home_region` where to act.

    `kms_key`, `log_group`, `log_role` and `topic` are ARNs, "" for none; `insights` says whether it has any.
    """

    arn: str
    name: str
    home_region: str
    multi_region: bool
    bucket: str
    status: Status | Unreadable
    selectors: Selectors | Unreadable
    organization: bool = False
    validation: bool = False
    prefix: str = ""
    custom_selectors: bool | None = None
    kms_key: str = ""
    log_group: str = ""
    log_role: str = ""
    topic: str = ""
    insights: bool = False
    global_events: bool = True

    @property
    def owner(self) -> str:
        """The account that the trail belongs to: `arn:partition:cloudtrail:region:OWNER:trail/name`."""
        return self.arn.split(":")[4]


@dataclass(frozen=True)
class Bucket:
    """An S3 bucket as the account sees it. `policy` is its JSON text, "" where it has none.

    Read only when a control asks: `policy_public` is S3's own judgement of the policy, `acl_public` whether a grant is
    for everybody or for every AWS account. `restricts_policy` and `ignores_acl` say whether the public access block of
    the bucket or of its account overrules the one and the other. `logs_to` is the bucket that its access log goes to,
    "" for none. `requester_pays` is read with the policy.
    """

    name: str
    exists: bool
    region: str = ""
    policy: str = ""
    policy_public: bool | Unreadable = NOT_ASKED
    acl_public: bool | Unreadable = NOT_ASKED
    restricts_policy: bool | Unreadable = NOT_ASKED
    ignores_acl: bool | Unreadable = NOT_ASKED
    logs_to: str | Unreadable = NOT_ASKED
    requester_pays: bool | Unreadable = NOT_ASKED


@dataclass(frozen=True)
class Survey:
    """A look into every enabled region: which there are, and what could not be seen (never changes a verdict).

    `lakes` are the names of CloudTrail Lake's event data stores in the reading region.
    """

    regions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    lakes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """What one account looked like at one moment.

    `trails` are the multi-region and organization trails, and the single-region ones of the region that was read.
    With a `survey` the single-region trails of all enabled regions are among them. `organization` is the id of the
    organization that the account manages, "" where it manages none or nobody asked; `manager` the management account
    of the organization that it belongs to, "" where there is none or nobody asked. `trusts_cloudtrail` is whether the
    organization that it manages has trusted access for CloudTrail turned on.
    """

    account: Account
    taken_at: datetime
    trails: tuple[Trail, ...] | Unreadable
    survey: Survey | None = None
    buckets: tuple[Bucket | Unreadable, ...] = ()
    resources: tuple[Resource, ...] = ()
    organization: str = ""
    manager: str | Unreadable = ""
    trusts_cloudtrail: bool | Unreadable = NOT_ASKED

    @property
    def known_trails(self) -> tuple[Trail, ...]:
        """The trails, or none where they could not be read; ask `trails` before judging by this."""
        return () if isinstance(self.trails, Unreadable) else self.trails

    @property
    def multi_region(self) -> tuple[Trail, ...]:
        return tuple(t for t in self.known_trails if t.multi_region)

    def is_ours(self, trail: Trail) -> bool:
        return trail.owner == self.account.id

    def trail(self, arn: str) -> Trail | None:
        return next((t for t in self.known_trails if t.arn == arn), None)

    def with_trail(self, trail: Trail) -> "Snapshot":
        """The same world with this trail in place of the one with its ARN, or added. What is unreadable stays so."""
        if isinstance(self.trails, Unreadable):
            return self
        others = tuple(t for t in self.known_trails if t.arn != trail.arn)
        return replace(self, trails=(*others, trail))

    def canonical(self, trail: Trail) -> Trail:
        """The trail with its key by the name that we asked for it by: AWS answers an alias with the key's ARN."""
        keys = (r for r in self.resources if isinstance(r, Key) and trail.kms_key in self._names(r))
        return next((replace(trail, kms_key=key.name) for key in keys), trail)

    def _names(self, key: Key) -> tuple[str, ...]:
        """All that a trail may call the key by, but its own name."""
        names = (key.arn, alias_arn(key, self.account.id, self.account.partition))
        return tuple(n for n in names if n)

    def with_survey_of(self, further: "Snapshot") -> "Snapshot":
        """The same facts, and the single-region trails that a later look into every region found."""
        if isinstance(further.trails, Unreadable):
            return replace(self, survey=Survey(notes=(f"{further.trails.sentence}.",)))
        if isinstance(self.trails, Unreadable):
            return self
        known = {t.arn for t in self.trails if t.multi_region}
        local = tuple(t for t in further.trails if not t.multi_region and t.arn not in known)
        return replace(self, survey=further.survey, trails=(*self.multi_region, *local))

    def bucket(self, name: str) -> Bucket | None:
        return next((b for b in self.buckets if isinstance(b, Bucket) and b.name == name), None)

    def resource(self, wanted: Resource) -> Resource | None:
        """What was read of the resource with the identity of this one."""
        return next((r for r in self.resources if is_it(r, wanted)), None)

    def with_resource(self, resource: Resource) -> "Snapshot":
        others = tuple(r for r in self.resources if identity(r) != identity(resource))
        return replace(self, resources=(*others, resource))
