"""CloudTrail, strict: moto's backend with AWS's limits, home regions and organization trails.

It lives in a dictionary of its own, beside moto's, so that nothing in moto is patched and other tests in the same
process keep the moto they know.
"""

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from moto.cloudtrail.models import CloudTrailBackend
from moto.core.base_backend import BackendDict

from bot.playground.aws import names
from bot.playground.aws.membership import (
    acts_for_the_owner,
    check_organization,
    check_owner,
    management_account,
)
from bot.playground.aws.refusals import (
    invalid_combination,
    invalid_home_region,
    invalid_trail_arn,
    not_management_account,
    too_many_trails,
    trail_already_exists,
    trail_not_found,
)
from bot.playground.aws.selectors import Selector, check_selectors
from bot.playground.aws.trail import StrictTrail

FOR_THE_ORGANIZATION = 6
"""Where moto's create_trail has IsOrganizationTrail, counted after the name."""

MAX_TRAILS = 5
"""A region; a multi-region trail counts in every region. Source: user guide, "Quotas in AWS CloudTrail"."""


class StrictCloudTrail(CloudTrailBackend):
    """CloudTrail in one region of one account. Every method raises what `refusals` holds."""

    trails: dict[str, StrictTrail]  # type: ignore[assignment]  # moto types the values as its own Trail

    def create_trail(self, name: str, *args: Any) -> StrictTrail:
        """A delegated administrator makes the organization's trail in the management account.

        Source: user guide, "Organization delegated administrator": the management account owns what it makes.
        """
        if args[FOR_THE_ORGANIZATION]:
            check_organization(self.account_id)
            owner = management_account(self.account_id)
            if owner != self.account_id:
                return strict_backends[owner][self.region_name].create_trail(name, *args)
        trail = StrictTrail(self.account_id, self.region_name, name, *args[:-1])
        if name in self.trails:
            raise trail_already_exists(name, self.account_id)
        self._check_shadows(trail)
        check_room(self.account_id, trail)
        self.trails[name] = trail
        self.tagging_service.tag_resource(trail.arn, args[-1])
        return trail

    def update_trail(self, name: str, **changes: Any) -> StrictTrail:  # type: ignore[override]  # by keyword
        """Checked on a copy, as if made anew. Source: API reference, UpdateTrail, Errors."""
        trail = self.to_change(name)
        after = copy.copy(trail)
        after.update(**changes)
        if after.is_multi_region and not after.include_global_service_events:
            raise invalid_combination("Multi-Region trail must include global service events.")
        after.check_bucket_exists()
        after.check_topic_exists()
        if after.is_org_trail:
            check_owner(trail.account_id)
        if after.is_multi_region and not trail.is_multi_region:
            self._check_shadows(after)
            check_room(trail.account_id, after)
        trail.update(**changes)
        return trail

    def delete_trail(self, name: str) -> None:
        trail = self.to_change(name)
        del strict_backends[trail.account_id][trail.region_name].trails[trail.trail_name]

    def start_logging(self, name: str) -> None:
        self.to_change(name).start_logging()

    def stop_logging(self, name: str) -> None:
        self.to_change(name).stop_logging()

    def put_event_selectors(  # type: ignore[override]  # moto promises lists where AWS takes either or neither
        self,
        trail_name: str,
        event_selectors: Sequence[Selector],
        advanced_event_selectors: Sequence[Selector],
    ) -> StrictTrail:
        trail = self.to_change(trail_name)
        check_selectors(event_selectors, advanced_event_selectors)
        trail.replace_selectors(event_selectors, advanced_event_selectors)
        return trail

    def get_trail(self, name_or_arn: str) -> StrictTrail:
        """A trail of this account in its home region; moto's insight selectors and tags come through here too.

        By name or ARN from another region: TrailNotFoundException (aws-sdk-go-v2, issue 1957).
        """
        reference = names.parse_reference(name_or_arn)
        trail = self.trails.get(reference) if isinstance(reference, str) else self.seen(name_or_arn)
        if trail is None or trail.region_name != self.region_name or not self._owns(trail):
            raise trail_not_found(self._as_arn(name_or_arn), self.account_id)
        return trail

    def seen(self, arn: str) -> StrictTrail | None:
        """Any trail that this account sees, shadows and organization trails too. Raises CloudTrailARNInvalidException.

        The words for an account that is not ours: steampipe-plugin-aws, issue 577.
        """
        reference = names.parse_reference(arn)
        trail = next((t for t in all_visible(self.account_id) if t.arn == arn), None)
        if trail is None and isinstance(reference, names.TrailArn) and reference.account_id != self.account_id:
            raise invalid_trail_arn(
                f"AccountID in ARN is wrong, you can only access resources with AccountID {self.account_id}."
            )
        return trail

    def to_describe(self, name_or_arn: str) -> StrictTrail:
        """For GetTrail and GetTrailStatus: a shadow needs its ARN (API reference, GetTrailStatus, Name)."""
        if not name_or_arn.startswith("arn:"):
            return self.get_trail(name_or_arn)
        trail = self.seen(name_or_arn)
        if trail is None:
            raise trail_not_found(name_or_arn, self.account_id)
        return trail

    def to_change(self, name_or_arn: str) -> StrictTrail:
        """For every mutation: home region only, and an organization trail only from its owner.

        Source: API reference, InvalidHomeRegionException and NotOrganizationMasterAccountException, listed under
        UpdateTrail, DeleteTrail, StartLogging, StopLogging and PutEventSelectors.
        """
        trail = self._found(name_or_arn)
        if trail is None:
            raise trail_not_found(self._as_arn(name_or_arn), self.account_id)
        if not self._owns(trail):
            raise not_management_account()
        if trail.region_name != self.region_name:
            raise invalid_home_region(trail.arn, trail.region_name, self.region_name)
        return trail

    def _owns(self, trail: StrictTrail) -> bool:
        """Or acts for the owner."""
        return trail.account_id == self.account_id or (trail.is_org_trail and acts_for_the_owner(self.account_id))

    def _found(self, name_or_arn: str) -> StrictTrail | None:
        """By ARN anywhere, by name the trails and the shadows of this region."""
        if name_or_arn.startswith("arn:"):
            return self.seen(name_or_arn)
        names.check_name(name_or_arn)
        own = [t for t in visible(self.account_id, self.region_name) if t.account_id == self.account_id]
        return next((t for t in own if t.trail_name == name_or_arn), None)

    def describe_trails(self, include_shadow_trails: bool) -> Iterable[StrictTrail]:
        return visible(self.account_id, self.region_name, include_shadow_trails)

    def _check_shadows(self, trail: StrictTrail) -> None:
        """A trail of the same name in another region is in the way when one of the two is multi-region: then its
        shadow is where the other lives.

        Source: API reference, CreateTrail, TrailAlreadyExistsException; user guide, "Trail naming requirements".
        """
        for other in own_trails(trail.account_id):
            namesake = other.trail_name == trail.trail_name and other.region_name != trail.region_name
            if namesake and (other.is_multi_region or trail.is_multi_region):
                raise trail_already_exists(trail.trail_name, self.account_id)

    def _as_arn(self, name: str) -> str:
        own = f"arn:{self.partition}:cloudtrail:{self.region_name}:{self.account_id}:trail/{name}"
        return name if name.startswith("arn:") else own


strict_backends = BackendDict(StrictCloudTrail, "cloudtrail")


def own_trails(account_id: str) -> list[StrictTrail]:
    backends = list(strict_backends[account_id].values())
    return [trail for backend in backends for trail in list(backend.trails.values())]


def organization_trails(account_id: str) -> Iterator[StrictTrail]:
    """The trails of the management account that are replicated to this member."""
    owner = management_account(account_id)
    for trail in own_trails(owner) if owner not in ("", account_id) else ():
        if trail.is_org_trail and (trail.replicated_to is None or account_id in trail.replicated_to):
            yield trail


def all_visible(account_id: str) -> list[StrictTrail]:
    return [*own_trails(account_id), *organization_trails(account_id)]


def visible(account_id: str, region: str, shadows: bool = True) -> list[StrictTrail]:
    """What DescribeTrails shows in a region.

    A shadow is the copy of a multi-region trail in another region, or of an organization trail in a member account
    (API reference, DescribeTrails, includeShadowTrails).
    """
    home = [t for t in own_trails(account_id) if t.region_name == region]
    copies = [t for t in all_visible(account_id) if t not in home and (t.is_multi_region or t.region_name == region)]
    return home + copies if shadows else home


def check_room(account_id: str, trail: StrictTrail) -> None:
    """Raises MaximumNumberOfTrailsExceededException. A multi-region trail needs room in every region."""
    others = {t.region_name for t in own_trails(account_id)} if trail.is_multi_region else set()
    for region in sorted({trail.region_name, *others}):
        count = len([t for t in visible(account_id, region) if t.arn != trail.arn])
        if count >= MAX_TRAILS:
            raise too_many_trails(account_id, count, region)


def find_trail(account_id: str, name_or_arn: str) -> StrictTrail:
    """A trail of this account, in whatever region. Raises KeyError."""
    for trail in own_trails(account_id):
        if name_or_arn in (trail.trail_name, trail.arn):
            return trail
    raise KeyError(name_or_arn)


def deliver_to(bucket: str) -> None:
    """Bring up to now every trail that delivers to this bucket, so that whoever lists it finds the files."""
    for account_id in list(strict_backends):
        for trail in own_trails(account_id):
            if trail.bucket_name == bucket:
                trail.read_deliveries()
