"""What a seeded organization is made of. The table itself is in `organization`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MANAGEMENT_ACCOUNT = "111111111111"
LOG_ARCHIVE = "345678901234"

Verdicts = Mapping[str, str]
"""Control id to PASS, FAIL or UNKNOWN; empty for an account that is not audited."""


@dataclass(frozen=True)
class SeededTrail:
    """`bucket_of` is the account with the trail's bucket, "" for its own. `basic` and `advanced` as the API has them.

    `delivers` False: the bucket's policy lost its statements for CloudTrail three days ago.
    `replicated_to` makes it an organization trail, and names the members that have a copy.
    """

    name: str
    region: str = "us-east-1"
    multi_region: bool = True
    logging: bool = True
    validation: bool = True
    delivers: bool = True
    bucket_of: str = ""
    basic: tuple[Mapping[str, Any], ...] = ()
    advanced: tuple[Mapping[str, Any], ...] = ()
    replicated_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeededAccount:
    """`path` is the OU path; `state` says in words what is up. `roles`: our two roles exist there and trust us.

    `warnings` are the controls that pass with a warning.
    """

    id: str
    name: str
    path: str
    state: str
    expected: Verdicts
    trails: tuple[SeededTrail, ...] = ()
    roles: bool = True
    suspended: bool = False
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeededOrganization:
    """`id` is AWS's id, as "o-…"; `accounts` include the management account and the suspended one."""

    id: str
    accounts: tuple[SeededAccount, ...]

    def account(self, id_or_name: str) -> SeededAccount:
        """Raises KeyError."""
        for account in self.accounts:
            if id_or_name in (account.id, account.name):
                return account
        raise KeyError(id_or_name)

    @property
    def audited(self) -> tuple[SeededAccount, ...]:
        """Those that count: the suspended ones are left out."""
        return tuple(a for a in self.accounts if not a.suspended)
