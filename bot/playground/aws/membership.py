"""Which organization an account belongs to, and who may make its trails. moto's Organizations backends know."""

from moto.organizations.models import OrganizationsBackend, organizations_backends

from bot.playground.aws.refusals import (
    not_management_account,
    organizations_not_in_use,
    trusted_access_not_enabled,
)


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


def check_organization(account_id: str) -> None:
    """May this account make an organization trail? The management account, with trusted access switched on.

    Source: API reference, CreateTrail, Errors. Delegated administrators are not played.
    """
    owner = management_account(account_id)
    if not owner:
        raise organizations_not_in_use(account_id)
    if owner != account_id:
        raise not_management_account()
    if "cloudtrail.amazonaws.com" not in [s["ServicePrincipal"] for s in _backend(owner).services]:
        raise trusted_access_not_enabled()


def _backend(account_id: str) -> OrganizationsBackend:
    return organizations_backends[account_id]["aws"]
