"""Which accounts there are: our own, a list, or the organization's, with the units they are in."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore import xform_name

from bot.adapters.aws import shapes
from bot.adapters.aws.session import Session, ask
from bot.domain.trail import Account, Unreadable
from bot.ports import Accounts, CannotRunError

CLOUDTRAIL = "cloudtrail.amazonaws.com"


def listed(session: Session, wanted: tuple[str, ...]) -> Iterator[Accounts]:
    """`wanted` is ("self",), ("organization",) or account ids; page by page. Raises CannotRunError."""
    own, partition = session.identity()
    if wanted == ("organization",):
        yield from _of_organization(session, partition)
        return
    ids = (own,) if wanted == ("self",) else dict.fromkeys(wanted)
    yield Accounts(tuple(Account(id, partition=partition) for id in ids))


def _of_organization(session: Session, partition: str) -> Iterator[Accounts]:
    """Without those that are suspended or closing, which are counted. An empty list is a denial on AWS.

    A page has 20 accounts at most, and the next one cannot be asked for before it is there.
    """
    everyone = inactive = 0
    failure: Unreadable | None = None
    for page in _pages(session, "ListAccounts", "Accounts"):
        if isinstance(page, Unreadable):
            failure = page
            break
        active = tuple(Account(a["Id"], a.get("Name", ""), partition=partition) for a in page if _is_active(a))
        everyone += len(page)
        inactive += len(page) - len(active)
        yield Accounts(active)
    if not everyone:
        raise _not_listed(failure.sentence if failure else "organizations:ListAccounts answered no account")
    yield Accounts((), tuple(_left_out(inactive, failure)), complete=failure is None)


def _is_active(account: dict[str, Any]) -> bool:
    """`State` takes the place of `Status`, which AWS retires. Where neither is told, a look into it will show."""
    return (account.get("State") or account.get("Status") or "ACTIVE") == "ACTIVE"


def _not_listed(why: str) -> CannotRunError:
    return CannotRunError(
        f"The organization's accounts could not be listed: {why}. Run with credentials of the management account "
        "or a delegated administrator, or name the accounts in TRAILWARDEN_ACCOUNTS."
    )


def _left_out(inactive: int, failure: Unreadable | None) -> Iterator[str]:
    if inactive:
        yield f"{inactive} suspended or closing account{'s' * (inactive > 1)} left out"
    if failure:
        yield f"The list of accounts is incomplete: {failure.sentence}. Audit again to see the others."


def organization_of(session: Session, account: Account) -> tuple[str, str | Unreadable]:
    """The id of our organization if this account manages it, else ""; and the account that does, "" for none.

    Asked with the bot's own credentials, as every look at the organization is.
    """
    answer = ask("organizations:DescribeOrganization", lambda: session.own_organization().describe_organization())
    if isinstance(answer, Unreadable):
        return "", "" if answer.error == "AWSOrganizationsNotInUseException" else answer
    found = answer["Organization"]
    manager = str(found["MasterAccountId"])
    return (str(found["Id"]) if manager == account.id else ""), manager


def trusts_cloudtrail(session: Session) -> bool | Unreadable:
    """Does our organization give CloudTrail trusted access? Only its management or a delegated account may ask."""
    found = _all(session, "ListAWSServiceAccessForOrganization", "EnabledServicePrincipals", id="ServicePrincipal")
    return found if isinstance(found, Unreadable) else any(s["ServicePrincipal"] == CLOUDTRAIL for s in found)


def under(session: Session, unit: str) -> frozenset[str] | Unreadable:
    """Ids of the accounts below the units with this name, or at this path ("Root/Prod"), nested ones too."""
    wanted = unit.strip("/")
    if not wanted:
        return frozenset()
    found = _walked(session, lambda path: wanted in (path, path.rsplit("/", 1)[-1], path.partition("/")[2]))
    return found if isinstance(found, Unreadable) else frozenset(found)


def paths(session: Session) -> dict[str, str] | Unreadable:
    """The OU path of every account of the organization, as "Root/Prod", by id: the whole tree, two calls a unit."""
    return _walked(session, lambda _: True)


def _walked(session: Session, wanted: Callable[[str], bool]) -> dict[str, str] | Unreadable:
    """The path of each account below the units whose path is wanted, by its id; elsewhere no account is asked for."""
    found: dict[str, str] = {}
    roots = _all(session, "ListRoots", "Roots")
    if isinstance(roots, Unreadable):
        return roots
    queue = [(r["Id"], r["Name"], False) for r in roots]
    while queue:
        parent, path, inside = queue.pop()
        inside = inside or wanted(path)
        accounts = _all(session, "ListAccountsForParent", "Accounts", ParentId=parent) if inside else []
        units = _all(session, "ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=parent)
        if isinstance(accounts, Unreadable):
            return accounts
        if isinstance(units, Unreadable):
            return units
        found |= {a["Id"]: path for a in accounts}
        queue.extend((u["Id"], f"{path}/{u['Name']}", inside) for u in units)
    return found


def _all(
    session: Session, operation: str, key: str, id: str = "Id", **parameters: str
) -> list[dict[str, Any]] | Unreadable:
    found: list[dict[str, Any]] = []
    for page in _pages(session, operation, key, id, **parameters):
        if isinstance(page, Unreadable):
            return page
        found.extend(page)
    return found


def _pages(
    session: Session, operation: str, key: str, id: str = "Id", **parameters: str
) -> Iterator[list[dict[str, Any]] | Unreadable]:
    """Ends with the first page that could not be read. What has no `id` is a shape that nobody has seen."""
    client = session.own_organization()
    pages = iter(client.get_paginator(xform_name(operation)).paginate(**parameters))
    while True:
        page = ask(f"organizations:{operation}", lambda: next(pages, None))
        if page is None:
            return
        found = shapes.shaped(f"organizations:{operation}", page, lambda p: [{id: item[id], **item} for item in p[key]])
        yield found
        if isinstance(found, Unreadable):
            return
