"""What the pretend AWS was asked: one Call a request, in the order of arrival."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from threading import Lock
from typing import Any

MOST_READS = 5_000
"""Reads that are remembered; an audit of the playground's organization makes some hundreds."""

_numbers = count(1)


@dataclass(frozen=True)
class Call:
    """One request. `service` and `operation` as botocore names them: "cloudtrail", "CreateTrail".

    `account_id` is the account of the credentials; `role` and `session` are "" unless they come from AssumeRole.
    `parameters` are spelt as for boto3. `status` is the HTTP status of the answer: 0 before there is one, and for an
    answer that was lost; `done` tells the two apart. `error` is AWS's code of an error, "" for none. `arn` is who
    called, `at` when, in UTC; `number` grows from call to call.
    """

    account_id: str
    region: str
    service: str
    operation: str
    access_key: str
    session: str = ""
    role: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    status: int = 0
    error: str = ""
    done: bool = False
    arn: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    number: int = field(default_factory=lambda: next(_numbers))

    @property
    def name(self) -> str:
        """As in IAM policies and in `deny`: "cloudtrail:CreateTrail"."""
        return f"{self.service}:{self.operation}"

    @property
    def who(self) -> str:
        """The name of the role, or of the user, that called."""
        return self.role or self.arn.rsplit("/", 1)[-1]

    @property
    def target_account(self) -> str:
        """The account that the call is about: that of the role for AssumeRole, else the caller's."""
        if self.operation == "AssumeRole":
            return str(self.parameters.get("RoleArn", "")).split(":")[4:5][0] or self.account_id
        return self.account_id

    @property
    def reads(self) -> bool:
        """It changes nothing: a name like AWS's read and list operations have, or AssumeRole."""
        return is_read(self.operation)


def is_read(operation: str) -> bool:
    return operation.startswith(("Get", "List", "Describe", "Head", "Lookup", "Simulate", "AssumeRole"))


class CallLog:
    """Thread-safe. Every write is kept, and of the reads the last MOST_READS."""

    def __init__(self) -> None:
        self._calls: dict[int, Call] = {}
        self._reads: deque[int] = deque()
        self._lock = Lock()

    def add(self, call: Call) -> Callable[[int, str], None]:
        """Returns what to call with the HTTP status and the error's code, once they are known."""
        with self._lock:
            self._calls[call.number] = call
            if call.reads:
                self._reads.append(call.number)
            if len(self._reads) > MOST_READS:
                del self._calls[self._reads.popleft()]
        return lambda status, error: self._answered(call.number, status, error)

    def _answered(self, number: int, status: int, error: str) -> None:
        with self._lock:
            if number in self._calls:
                self._calls[number] = replace(self._calls[number], status=status, error=error, done=True)

    def all(self) -> list[Call]:
        with self._lock:
            return list(self._calls.values())

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
            self._reads.clear()
