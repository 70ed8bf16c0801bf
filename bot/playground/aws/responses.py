"""CloudTrail's answers: moto's response class over the strict backend, one request at a time."""

import json
from threading import RLock
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.common_types import TYPE_RESPONSE

from bot.playground.aws import names
from bot.playground.aws.cloudtrail import StrictCloudTrail, strict_backends, visible
from bot.playground.aws.membership import make_delegate
from bot.playground.aws.refusals import insights_not_enabled
from bot.playground.aws.trail import StrictTrail

_one_at_a_time = RLock()
"""Checks and changes go together: two CreateTrail at once must not both see four trails."""


class StrictCloudTrailResponse(CloudTrailResponse):
    @property
    def cloudtrail_backend(self) -> StrictCloudTrail:
        return strict_backends[self.current_account][self.region]

    @property
    def asked(self) -> dict[str, Any]:
        """The parameters, as the API spells them."""
        return json.loads(self.body) if self.body else {}

    def call_action(self) -> TYPE_RESPONSE:
        with _one_at_a_time:
            return super().call_action()

    def get_trail(self) -> str:
        trail = self.cloudtrail_backend.to_describe(self.asked["Name"])
        return json.dumps({"Trail": trail.description(include_region=True)})

    def get_trail_status(self) -> str:
        trail = self.cloudtrail_backend.to_describe(self.asked["Name"])
        return json.dumps(trail.status_seen_from(self.current_account))

    def describe_trails(self) -> str:
        """With names: trails of this region by name, of any region by ARN (API reference, trailNameList)."""
        wanted = self.asked.get("trailNameList") or []
        shown = visible(self.current_account, self.region, self.asked.get("includeShadowTrails", True))
        found = [t for name in wanted if (t := self._named(name))] if wanted else shown
        return json.dumps({"trailList": [t.description(include_region=True) for t in found]})

    def _named(self, name_or_arn: str) -> StrictTrail | None:
        if isinstance(names.parse_reference(name_or_arn), str):
            return self.cloudtrail_backend.trails.get(name_or_arn)
        return self.cloudtrail_backend.seen(name_or_arn)

    def get_event_selectors(self) -> str:
        """In the home region of the account's own trails; a member is told TrailNotFound (design/cloudtrail.md)."""
        trail = self.cloudtrail_backend.get_trail(self.asked["TrailName"])
        return json.dumps({"TrailARN": trail.arn, **trail.selectors()})

    def put_event_selectors(self) -> str:
        asked = self.asked
        trail = self.cloudtrail_backend.put_event_selectors(
            asked["TrailName"], asked.get("EventSelectors") or (), asked.get("AdvancedEventSelectors") or ()
        )
        return json.dumps({"TrailARN": trail.arn, **trail.selectors()})

    def put_insight_selectors(self) -> str:
        trail = self.cloudtrail_backend.to_change(self.asked["TrailName"])
        trail.put_insight_selectors(self.asked["InsightSelectors"])
        return json.dumps({"TrailARN": trail.arn, "InsightSelectors": trail.insight_selectors})

    def get_insight_selectors(self) -> str:
        """Raises InsightNotEnabledException (API reference, GetInsightSelectors)."""
        trail = self.cloudtrail_backend.get_trail(self.asked["TrailName"])
        if not trail.insight_selectors:
            raise insights_not_enabled(trail.arn)
        return json.dumps({"TrailARN": trail.arn, "InsightSelectors": trail.insight_selectors})

    def register_organization_delegated_admin(self) -> str:
        make_delegate(self.current_account, self.asked["MemberAccountId"])
        return "{}"
