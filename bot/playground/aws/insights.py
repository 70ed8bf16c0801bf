"""What PutInsightSelectors accepts. All checks raise InvalidInsightSelectors or InvalidEventSelectors.

Source: API reference, PutInsightSelectors (which types there are, and which events the trail must log for each) and
InvalidInsightSelectorsException. Not proved: the error for a trail that does not log those events (the reference
names it for event data stores only), and that PutEventSelectors may not take them away while insights need them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.playground.aws.refusals import invalid_insight_selectors, invalid_selectors
from bot.playground.aws.selectors import Selector

NEEDED = {"ApiCallRateInsight": {"write"}, "ApiErrorRateInsight": {"read", "write"}}
"""Of these kinds of management events the trail must log one."""

_KINDS = {"All": {"read", "write"}, "ReadOnly": {"read"}, "WriteOnly": {"write"}}
_READ_ONLY = {"true": {"read"}, "false": {"write"}}


def check_insights(wanted: Sequence[Selector], selectors: Mapping[str, Any]) -> None:
    """`selectors` as GetEventSelectors shows them. An empty list switches insights off."""
    for insight in wanted:
        if insight.get("InsightType") not in NEEDED:
            raise invalid_insight_selectors(f"InsightType {insight.get('InsightType')} is not valid.")
    if not _fed(wanted, selectors):
        raise invalid_insight_selectors("The trail does not log the management events that Insights need.")


def check_still_fed(insights: Sequence[Selector], selectors: Mapping[str, Any]) -> None:
    """For PutEventSelectors on a trail with insights."""
    if not _fed(insights, selectors):
        raise invalid_selectors("The trail has Insights enabled, which need management events.")


def _fed(insights: Sequence[Selector], selectors: Mapping[str, Any]) -> bool:
    logged = set().union(*_management_kinds(selectors))
    management = [i for i in insights if "Management" in (i.get("EventCategories") or ("Management",))]
    return all(NEEDED[i["InsightType"]] & logged for i in management)


def _management_kinds(selectors: Mapping[str, Any]) -> Iterator[set[str]]:
    for basic in selectors.get("EventSelectors", ()):
        if basic.get("IncludeManagementEvents", True):
            yield _KINDS[basic.get("ReadWriteType", "All")]
    for advanced in selectors.get("AdvancedEventSelectors", ()):
        fields = {f["Field"]: f.get("Equals", []) for f in advanced["FieldSelectors"]}
        if fields["eventCategory"] == ["Management"]:
            yield _READ_ONLY.get("".join(fields.get("readOnly", [])), _KINDS["All"])
