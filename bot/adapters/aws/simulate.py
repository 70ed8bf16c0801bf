"""iam:SimulatePrincipalPolicy: may the change role do this? Nothing is done, and nobody's role is assumed.

It evaluates the role's own policies, its boundary and the organization's service control policies, but no policy of
the resource (API reference, SimulatePrincipalPolicy).
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import Any

from bot.adapters.aws import shapes
from bot.adapters.aws.session import Session
from bot.domain.grant import Grant, Ruling, Rulings
from bot.domain.trail import Account, Unreadable

CALL = "iam:SimulatePrincipalPolicy"
Asking = Callable[..., Any]
"""The call with these parameters, in the account: AWS's answer, or Unreadable."""


def simulated(session: Session, account: Account, grants: tuple[Grant, ...]) -> Rulings:
    """What the account's change role may do."""
    return simulated_for(session, account, session.change_role(account), grants)


def simulated_for(session: Session, account: Account, principal: str, grants: tuple[Grant, ...]) -> Rulings:
    """What that user or role of the account may do.

    One call for each resource and region; once one cannot be answered, none of the others is asked.
    """
    found: dict[Grant, Ruling | Unreadable] = {}
    asking = partial(session.read, account, "iam", account.reading_region, "SimulatePrincipalPolicy")
    for alike in _alike(grants):
        answer = _first_unreadable(found.values()) or _asked(asking, principal, alike)
        found |= {g: answer if isinstance(answer, Unreadable) else _ruling_on(g, answer) for g in alike}
    return {grant: found[grant] for grant in grants}


def _alike(grants: tuple[Grant, ...]) -> list[tuple[Grant, ...]]:
    ordered = sorted(grants, key=_place)
    return [tuple(group) for _, group in groupby(ordered, key=_place)]


def _place(grant: Grant) -> tuple[str, str]:
    return grant.resource, grant.region


def _first_unreadable(found: Iterable[Ruling | Unreadable]) -> Unreadable | None:
    return next((f for f in found if isinstance(f, Unreadable)), None)


def _asked(asking: Asking, role: str, alike: tuple[Grant, ...]) -> dict[str, Ruling] | Unreadable:
    """The rulings by action, of all pages."""
    found: dict[str, Ruling] = {}
    marker: dict[str, str] | None = {}
    while marker is not None:
        page = _page(asking, {**_parameters(role, alike), **marker})
        if isinstance(page, Unreadable):
            return page
        rulings, marker = page
        found |= rulings
    return found


Page = tuple[dict[str, Ruling], dict[str, str] | None]
"""What one answer says, and how to ask for the next one; None where there is none."""


def _page(asking: Asking, parameters: dict[str, Any]) -> Page | Unreadable:
    page: Page | Unreadable = shapes.shaped(CALL, asking(**parameters), _as_page)
    return page


def _as_page(answer: dict[str, Any]) -> Page:
    return _rulings(answer), {"Marker": answer["Marker"]} if answer.get("IsTruncated") else None


def _parameters(role: str, alike: tuple[Grant, ...]) -> dict[str, Any]:
    return {
        "PolicySourceArn": role,
        "ActionNames": [g.action for g in alike],
        "ResourceArns": [alike[0].resource],
        "ContextEntries": list(_context(alike[0].region)),
    }


def _context(region: str) -> Iterator[dict[str, Any]]:
    """What is known of the real call. A condition such as StringNotEquals holds of a key that is not given at all."""
    for key, value, kind in (
        ("aws:RequestedRegion", region, "string"),
        ("aws:SecureTransport", "true", "boolean"),
        ("iam:PassedToService", "cloudtrail.amazonaws.com", "string"),
        ("iam:AWSServiceName", "cloudtrail.amazonaws.com", "string"),
    ):
        yield {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": kind}


def _rulings(answer: dict[str, Any]) -> dict[str, Ruling]:
    return {result["EvalActionName"]: _ruling(result) for result in answer["EvaluationResults"]}


def _ruling(result: dict[str, Any]) -> Ruling:
    """A denial that hangs on unknown conditions proves nothing; with a resource they are told beside it."""
    parts = (result, *result.get("ResourceSpecificResults", ()))
    if result["EvalDecision"] == "allowed":
        return Ruling.ALLOWED
    if any(part.get("MissingContextValues") for part in parts):
        return Ruling.DEPENDS
    if not result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations", True):
        return Ruling.ORGANIZATION
    if any(not p.get("PermissionsBoundaryDecisionDetail", _WITHIN)["AllowedByPermissionsBoundary"] for p in parts):
        return Ruling.BOUNDARY
    return Ruling.DENIED if result["EvalDecision"] == "explicitDeny" else Ruling.MISSING


_WITHIN = {"AllowedByPermissionsBoundary": True}


def _ruling_on(grant: Grant, answer: dict[str, Ruling]) -> Ruling | Unreadable:
    return answer.get(grant.action) or Unreadable(CALL, "UnknownShape", f"no answer on {grant.action}")
