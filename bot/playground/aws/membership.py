"""Which organization an account belongs to, and who may make its trails. moto's Organizations backends know."""

from dataclasses import dataclass

from moto.organizations.models import FakeDelegatedAdministrator, OrganizationsBackend, organizations_backends

from bot.playground.aws.policies import CLOUDTRAIL
from bot.playground.aws.refusals import (
    account_not_found,
    not_all_features,
    not_management_account,
    organizations_not_in_use,
    trusted_access_not_enabled,
)


@dataclass(frozen=True)
class Member:
    """An account of an organization; `path` is that of its unit: "Root/Prod"."""

    id: str
    name: str
    path: str


def members(owner: str) -> list[Member]:
    """Who belongs to the organization that this account manages, itself first; suspended accounts are left out."""
    active = [a for a in list(_backend(owner).accounts) if a.state == "ACTIVE"]
    return [Member(a.id, a.name, _path(owner, a.parent_id)) for a in active]


def _path(owner: str, unit_id: str | None) -> str:
    unit = next((each for each in _backend(owner).ou if each.id == unit_id), None)
    return f"{_path(owner, unit.parent_id)}/{unit.name}".removeprefix("/") if unit else ""


def management_account(account_id: str) -> str:
    """The management account of this account's organization, itself for a management account, "" for none."""
    if _backend(account_id).org:
        return account_id
    owner, _ = organizations_backends.master_accounts.get(account_id, ("", ""))
    return owner


def organization_id(account_id: str) -> str:
    """The organization that this account manages, "" for none."""
    organization = _backend(account_id).org
    return organization.id if organization else ""


def acts_for_the_owner(account_id: str) -> bool:
    """The management account, or a member that it made CloudTrail's delegated administrator.

    Source: user guide, "Organization delegated administrator".
    """
    owner = management_account(account_id)
    delegated = [admin.account.id for admin in _backend(owner).admins if CLOUDTRAIL in admin.services] if owner else []
    return bool(owner) and account_id in (owner, *delegated)


def make_delegate(owner: str, account_id: str) -> None:
    """moto's RegisterDelegatedAdministrator does not know CloudTrail, so this goes to its backend.

    Source: API reference, RegisterOrganizationDelegatedAdmin, Errors: AccountNotFoundException among them.
    """
    if organization_id(owner) == "":
        raise not_management_account() if management_account(owner) else organizations_not_in_use(owner)
    member = next((account for account in _backend(owner).accounts if account.id == account_id), None)
    if member is None or account_id == owner:
        raise account_not_found(account_id)
    delegate = FakeDelegatedAdministrator(member)
    delegate.services[CLOUDTRAIL] = {"ServicePrincipal": CLOUDTRAIL}
    _backend(owner).admins.append(delegate)


def check_organization(account_id: str) -> None:
    """May this account make an organization trail? Trusted access must be switched on too.

    Source: API reference, CreateTrail, Errors.
    """
    owner = management_account(account_id)
    if not owner:
        raise organizations_not_in_use(account_id)
    if not acts_for_the_owner(account_id):
        raise not_management_account()
    if _feature_set(owner) != "ALL":
        raise not_all_features()
    if CLOUDTRAIL not in [s["ServicePrincipal"] for s in _backend(owner).services]:
        raise trusted_access_not_enabled()


def _feature_set(owner: str) -> str:
    organization = _backend(owner).org
    return str(organization.feature_set) if organization else ""


def check_owner(account_id: str) -> None:
    """May a trail of this account become its organization's? Only one of the management account.

    Source: user guide, "Organization delegated administrator": it cannot convert the trails of its own account.
    """
    check_organization(account_id)
    if management_account(account_id) != account_id:
        raise not_management_account()


def _backend(account_id: str) -> OrganizationsBackend:
    return organizations_backends[account_id]["aws"]
