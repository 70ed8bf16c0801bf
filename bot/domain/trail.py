"""Facts about CloudTrail as they were read, frozen; nothing here judges them."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.selectors import Selectors

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


OWNER_NOT_READ = "OwnerNotRead"
"""The error of a fact that a member cannot see, and that nobody has read in the owner's account."""
FOREIGN_BUCKET = "ForeignBucket"
"""The error of a fact about a bucket that the account does not have among its own."""


@dataclass(frozen=True)
class Unreadable:
    """We could not look: the call, AWS's error code and text, and the permission that would let us look.

    It stands where a fact would stand, so that no rule can mistake it for "nothing there".
    """

    call: str
    error: str
    message: str = ""
    permission: str = ""

    @property
    def sentence(self) -> str:
        if self.error == OWNER_NOT_READ:
            return f"{self.call} shows it to the trail's owner only; {self.message}"
        if self.error == FOREIGN_BUCKET:
            return f"{self.call} was denied, because {self.message}"
        if not self.call:
            return self.message
        need = f"; it needs {self.permission}" if self.permission else ""
        detail = f" ({self.message})" if self.message else ""
        return f"{self.call} answered {self.error}{detail}{need}"


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


NOT_ASKED = Unreadable("", "NotAsked", "nobody asked for it")
"""What stands for a fact that was not wanted; no rule may judge by it."""


@dataclass(frozen=True)
class Bucket:
    """An S3 bucket as the account sees it. `policy` is its JSON text, "" where it has none.

    Read only when a control asks: `policy_public` is S3's own judgement of the policy, `acl_public` whether a grant is
    for everybody or for every AWS account. `restricts_policy` and `ignores_acl` say whether the public access block of
    the bucket or of its account overrules the one and the other. `logs_to` is the bucket that its access log goes to,
    "" for none.
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


@dataclass(frozen=True)
class Survey:
    """A look into every enabled region: which there are, and what could not be seen (never changes a verdict)."""

    regions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """What one account looked like at one moment.

    `trails` are the multi-region and organization trails, and the single-region ones of the region that was read.
    With a `survey` the single-region trails of all enabled regions are among them.
    """

    account: Account
    taken_at: datetime
    trails: tuple[Trail, ...] | Unreadable
    survey: Survey | None = None
    buckets: tuple[Bucket | Unreadable, ...] = ()

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

    def bucket(self, name: str) -> Bucket | None:
        return next((b for b in self.buckets if isinstance(b, Bucket) and b.name == name), None)
