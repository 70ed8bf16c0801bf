"""Random worlds for hypothesis: up to four trails of any kind in one account, or none that could be read."""

from datetime import timedelta

from hypothesis import strategies as st

from bot.domain import log_writing
from bot.domain.control import Look
from bot.domain.encryption import own_alias
from bot.domain.resources import Key, LogGroup, Resource, Role
from bot.domain.selectors import AdvancedSelector, BasicSelector, DataResource, FieldSelector, Selectors
from bot.domain.statements import log_role_trust
from bot.domain.trail import Bucket, Delivery, Snapshot, Status, Survey, Trail, Unreadable
from tests.builders import ACCOUNT, KMS_KEY, LOG_GROUP, NOW, OWNER, account, owner_only, trail, trail_arn

KMS = "kms.amazonaws.com"
REGIONS = ("us-east-1", "eu-west-1")
BUCKET = f"trailwarden-cloudtrail-{ACCOUNT}-us-east-1"

unreadable = st.sampled_from(
    [
        Unreadable("cloudtrail:X", "AccessDeniedException", "", "cloudtrail:X"),
        Unreadable("cloudtrail:X", "ThrottlingException"),
        Unreadable("cloudtrail:X", "Timeout"),
        Unreadable("cloudtrail:X", "UnknownShape"),
        Unreadable("cloudtrail:X", "SomethingNew"),
        owner_only(),
    ]
)
moments = st.none() | st.timedeltas(timedelta(hours=-1), timedelta(days=3)).map(lambda ago: NOW - ago)
errors = st.sampled_from(["", "AccessDenied"])
deliveries = st.builds(Delivery, errors, moments, moments, errors, moments)
statuses = st.builds(Status, st.booleans(), deliveries | unreadable)
basics = st.builds(
    BasicSelector,
    st.sampled_from(["All", "ReadOnly", "WriteOnly"]),
    st.booleans(),
    st.sampled_from([(), (KMS,)]),
    st.sampled_from([(), *((DataResource("AWS::S3::Object", (v,)),) for v in ("arn:aws:s3:::a/", "arn:aws:s3"))]),
)
conditions = st.sampled_from(
    [
        FieldSelector("readOnly", (("Equals", ("true",)),)),
        FieldSelector("readOnly", (("Equals", ("false",)),)),
        FieldSelector("eventSource", (("NotEquals", (KMS,)),)),
        FieldSelector("eventSource", (("Equals", (KMS,)),)),
        FieldSelector("somethingNew", (("Equals", ("x",)),)),
        FieldSelector("resources.type", (("Equals", ("AWS::S3::Object",)),)),
    ]
)
categories = st.sampled_from(["Management", "Data"]).map(lambda c: FieldSelector("eventCategory", (("Equals", (c,)),)))
advanced_ones = st.tuples(categories, st.lists(conditions, max_size=2)).map(
    lambda parts: AdvancedSelector((parts[0], *parts[1]))
)
selectors = st.one_of(
    st.lists(basics, max_size=5).map(lambda found: Selectors(basic=tuple(found))),
    st.lists(advanced_ones, max_size=3).map(lambda found: Selectors(advanced=tuple(found))),
)


def _trail(name: str, foreign: bool, region: str, rest: dict[str, object]) -> Trail:
    arn = trail_arn(name, region, OWNER if foreign else ACCOUNT)
    return Trail(arn=arn, name=name, home_region=region, bucket="logs", organization=foreign, **rest)  # type: ignore[arg-type]  # drawn below


def trails_named(name: str) -> st.SearchStrategy[Trail]:
    rest = st.fixed_dictionaries(
        {
            "multi_region": st.booleans(),
            "status": statuses | unreadable,
            "selectors": selectors | unreadable,
            "validation": st.booleans(),
            "kms_key": st.sampled_from(["", KMS_KEY]),
            "log_group": st.sampled_from(["", LOG_GROUP]),
        }
    )
    foreign = st.sampled_from([False, False, False, True])
    return st.builds(_trail, st.just(name), foreign, st.sampled_from(REGIONS), rest)


some_trails = st.lists(st.sampled_from("abcd"), max_size=4, unique=True).flatmap(
    lambda names: st.tuples(*map(trails_named, names))
)
buckets = st.sampled_from(
    [
        (Bucket(BUCKET, exists=False),),
        (Bucket(BUCKET, exists=True, region="us-east-1"),),
        (Bucket(BUCKET, exists=True, region="eu-west-1", policy='{"Version": "2012-10-17", "Statement": []}'),),
        (Unreadable("s3:GetBucketPolicy", "AccessDenied"),),
    ]
)
known = st.booleans() | unreadable
DENY = '{"Version": "2012-10-17", "Statement": {"Sid": "NoOne", "Effect": "Deny", "Principal": "*", "Action": "s3:*"}}'
policies = st.sampled_from(["", '{"Version": "2012-10-17", "Statement": []}', DENY, "not JSON"])
trails_bucket = st.sampled_from([(), (Bucket("logs", exists=False),)]) | st.builds(
    lambda place, policy, facts, to: (Bucket("logs", True, place, policy, *facts, to),),
    st.sampled_from(["", *REGIONS]),
    policies,
    st.tuples(known, known, known, known),
    st.sampled_from(["", "logs", "elsewhere"]) | unreadable,
)
existence = st.booleans() | unreadable
states = st.sampled_from(["Enabled", "Enabled", "Disabled", "PendingDeletion"])
used_key = st.builds(
    lambda e, s, p: Key(KMS_KEY, e, "us-east-1", KMS_KEY, s, p), existence, states, policies | unreadable
)
own_keys = st.builds(
    lambda region, e, s, p, named: Key(
        own_alias(region), e, region, f"arn:aws:kms:{region}:{ACCOUNT}:key/own" if e is True else "", s, p, named
    ),
    st.sampled_from(REGIONS),
    existence,
    states,
    policies | unreadable,
    st.booleans(),
)


def _groups_and_roles(exists: bool | Unreadable, trust: str, policy: str | Unreadable) -> tuple[Resource, ...]:
    """Of every trail that there may be: its own or its new group, and its new role."""
    made = Look()
    for name in "abcd":
        for region in REGIONS:
            made |= log_writing.looks(account(), trail(name, region=region))
    roles = {r.name for r in made.resources if isinstance(r, Role)}
    groups = [r for r in made.resources if isinstance(r, LogGroup)]
    return (
        *(LogGroup(g.name, exists, g.region) for g in groups),
        LogGroup("trails", exists, "us-east-1"),
        *(
            Role(name, exists, trust if exists is True else "", policy if exists is True else "")
            for name in sorted(roles)
        ),
    )


logs = st.builds(
    _groups_and_roles,
    existence,
    st.sampled_from(["", "not JSON", log_role_trust()]),
    st.sampled_from(["", "not JSON"]) | unreadable,
)
resources = st.just(()) | st.builds(lambda one, other, more: (one, other, *more), used_key, own_keys, logs)
readable_snapshots = st.builds(
    Snapshot,
    st.just(account()),
    st.just(NOW),
    some_trails,
    st.just(Survey(REGIONS)),
    st.builds(lambda one, other: (*one, *other), buckets, trails_bucket),
    resources,
)
snapshots = readable_snapshots | unreadable.map(lambda why: Snapshot(account(), NOW, why))
