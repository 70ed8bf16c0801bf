"""Looking at AWS for `trailwarden doctor`: real reads, and a simulation of the change role, which is never assumed."""

import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bot.adapters.aws import shapes
from bot.adapters.aws.accounts import organization_of
from bot.adapters.aws.clients import AT_ONCE
from bot.adapters.aws.cloud import BotoCloud
from bot.adapters.aws.session import Session
from bot.adapters.aws.simulate import simulated_for
from bot.domain.doctor.accounts import AccountFacts
from bot.domain.doctor.role import wanted
from bot.domain.grant import Grant, Ruling
from bot.domain.trail import Account, Unreadable

SAMPLED = 20
"""So many simulations of the bot's own credentials: all are about one account, whose IAM allows few a second."""


@dataclass(frozen=True)
class Identity:
    """Who we are to AWS, the organization's management account ("" for none or unknown), and AWS's time."""

    account: Account
    arn: str
    manager: str
    at: datetime | None


def identified(session: Session) -> Identity:
    """Raises CannotRunError."""
    answer = session.whoami()
    id, partition = session.identity()
    own = Account(id, partition=partition)
    manager = organization_of(session, own)[1]
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return Identity(own, str(answer["Arn"]), "" if isinstance(manager, Unreadable) else manager, _time(headers))


def _time(headers: Mapping[str, str]) -> datetime | None:
    try:
        return parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None


@dataclass(frozen=True)
class Examiner:
    """`actions` are what the change role is to be allowed; `manager` is the organization's management account."""

    session: Session
    cloud: BotoCloud
    actions: tuple[str, ...]
    manager: str

    def examine(self, account: Account) -> AccountFacts:
        grants = wanted(account, self.actions, manages=account.id == self.manager)
        snapshot = self.cloud.snapshot(account)
        return AccountFacts(account, snapshot, self._trust_policy(account), self.cloud.simulate(account, grants))

    def all(self, accounts: tuple[Account, ...], seen: Callable[[int, int], None]) -> Iterator[AccountFacts]:
        """In the order of the accounts; `seen` is told how many are done, of how many."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="doctor") as threads:
            looking = [threads.submit(self.examine, account) for account in accounts]
            for done, _ in enumerate(as_completed(looking), start=1):
                seen(done, len(accounts))
        return (one.result() for one in looking)

    def assuming(self, accounts: tuple[Account, ...], own: Identity) -> Mapping[Account, Ruling | Unreadable]:
        """May the bot's own credentials assume the change role there? Some of many accounts, spread over them."""
        sample = accounts[:: -(-len(accounts) // SAMPLED)] if accounts else ()
        asked = {a: Grant("sts:AssumeRole", self.session.change_role(a), a.reading_region) for a in sample}
        principal = self._principal(own)
        if isinstance(principal, Unreadable):
            return dict.fromkeys(asked, principal)
        rulings = simulated_for(self.session, own.account, principal, tuple(asked.values()))
        return {account: rulings[grant] for account, grant in asked.items()}

    def _principal(self, own: Identity) -> str | Unreadable:
        """A session is simulated by its role, whose path only IAM knows."""
        session = re.fullmatch(r"arn:[^:]+:sts::\d+:assumed-role/([^/]+)/.+", own.arn)
        if not session:
            return own.arn
        answer = self.session.read(own.account, "iam", own.account.reading_region, "GetRole", RoleName=session[1])
        found: str | Unreadable = shapes.shaped("iam:GetRole", answer, lambda a: a["Role"]["Arn"])
        return found

    def _trust_policy(self, account: Account) -> Mapping[str, Any] | Unreadable:
        """botocore decodes the document."""
        name = self.session.change_role(account).rsplit("/", 1)[-1]
        answer = self.session.read(account, "iam", account.reading_region, "GetRole", RoleName=name)
        found: Mapping[str, Any] | Unreadable = shapes.shaped("iam:GetRole", answer, _trust_policy_of)
        return found


def _trust_policy_of(answer: dict[str, Any]) -> Mapping[str, Any]:
    policy: Mapping[str, Any] = answer["Role"]["AssumeRolePolicyDocument"]
    return policy
