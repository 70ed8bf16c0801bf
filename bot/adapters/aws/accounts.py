"""Which accounts there are: our own, a list, or the organization's, with the units they are in."""

from collections.abc import Iterator
from typing import Any

from bot.adapters.aws.session import Session, ask
from bot.domain.trail import Account, Unreadable
from bot.ports import Accounts, CannotRunError


def listed(session: Session, wanted: tuple[str, ...]) -> Accounts:
    """`wanted` is ("self",), ("organization",) or account ids. Raises CannotRunError."""
    own, partition = session.identity()
    if wanted == ("self",):
        return Accounts((Account(own, partition=partition),))
    if wanted == ("organization",):
        return _of_organization(session, partition)
    return Accounts(tuple(Account(id, partition=partition) for id in dict.fromkeys(wanted)))


def _of_organization(session: Session, partition: str) -> Accounts:
    """Without those that are suspended or closing, which are counted. An empty list is a denial on AWS."""
    listed, failure = _until_failure(session, "ListAccounts", "Accounts")
    if not listed:
        raise _unlistable(failure.sentence if failure else "organizations:ListAccounts answered no account")
    active = tuple(Account(a["Id"], a.get("Name", ""), partition=partition) for a in listed if a["Status"] == "ACTIVE")
    return Accounts(active, tuple(_left_out(len(listed) - len(active), failure)), complete=failure is None)


def _unlistable(why: str) -> CannotRunError:
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


def under(session: Session, unit: str) -> frozenset[str] | Unreadable:
    """Ids of the accounts below the units with this name, or at this path ("Root/Prod"), nested ones too."""
    wanted = unit.strip("/")
    if not wanted:
        return frozenset()
    found: set[str] = set()
    roots = _pages(session, "ListRoots", "Roots")
    if isinstance(roots, Unreadable):
        return roots
    queue = [(r["Id"], r["Name"], False) for r in roots]
    while queue:
        parent, path, inside = queue.pop()
        inside = inside or wanted in (path, path.rsplit("/", 1)[-1], path.partition("/")[2])
        accounts = _pages(session, "ListAccountsForParent", "Accounts", ParentId=parent) if inside else []
        units = _pages(session, "ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=parent)
        if isinstance(accounts, Unreadable):
            return accounts
        if isinstance(units, Unreadable):
            return units
        found.update(a["Id"] for a in accounts)
        queue.extend((u["Id"], f"{path}/{u['Name']}", inside) for u in units)
    return frozenset(found)


def _pages(session: Session, operation: str, key: str, **parameters: str) -> list[dict[str, Any]] | Unreadable:
    found, failure = _until_failure(session, operation, key, **parameters)
    return failure or found


def _until_failure(
    session: Session, operation: str, key: str, **parameters: str
) -> tuple[list[dict[str, Any]], Unreadable | None]:
    """What the pages hold, up to the one that could not be read."""
    client = session.own_organization()
    method = "".join(f"_{c.lower()}" if c.isupper() else c for c in operation).lstrip("_")
    found: list[dict[str, Any]] = []

    def all_of_them() -> None:
        for page in client.get_paginator(method).paginate(**parameters):
            found.extend(page[key])

    return found, ask(f"organizations:{operation}", all_of_them)
