"""Looking at AWS for `trailwarden doctor`: real reads, and a simulation of the change role, which is never assumed."""

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
from bot.domain.doctor.accounts import AccountFacts
from bot.domain.doctor.role import wanted
from bot.domain.trail import Account, Unreadable


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

    def _trust_policy(self, account: Account) -> Mapping[str, Any] | Unreadable:
        """botocore decodes the document."""
        name = self.session.change_role(account).rsplit("/", 1)[-1]
        answer = self.session.read(account, "iam", account.reading_region, "GetRole", RoleName=name)
        found: Mapping[str, Any] | Unreadable = shapes.shaped("iam:GetRole", answer, _trust_policy_of)
        return found


def _trust_policy_of(answer: dict[str, Any]) -> Mapping[str, Any]:
    policy: Mapping[str, Any] = answer["Role"]["AssumeRolePolicyDocument"]
    return policy
