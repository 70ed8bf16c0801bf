"""Faults on demand: denied, throttled, refused, slow and unanswered calls."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from threading import Lock

from bot.playground.aws.calls import Call

NO_POLICY = "because no identity-based policy allows the {action} action"
"""AWS's reason for an implicit denial (IAM user guide, "Troubleshoot access denied error messages")."""


@dataclass(frozen=True)
class Denial:
    """`to` names the role or the user that is refused, "" is everybody."""

    account_id: str
    operation: str
    because: str = NO_POLICY
    to: str = ""


@dataclass
class Fault:
    """`kind` is "throttle", "refuse", "lose" or "delay"; it happens `times` more times.

    `seconds` is for "delay", `code`, `message` and `status` are for "refuse".
    """

    kind: str
    account_id: str
    operation: str
    times: int
    seconds: float = 0.0
    code: str = ""
    message: str = ""
    status: int = 400


@dataclass(frozen=True)
class Watch:
    """`then` is called once, when a write of this role has arrived, before it is carried out."""

    role: str
    then: Callable[[], None]


class Faults:
    """Thread-safe. Operations are "cloudtrail:GetTrailStatus" or patterns like "cloudtrail:*".

    The account is the one that the call is about: for sts:AssumeRole that of the role.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._denials: list[Denial] = []
        self._faults: deque[Fault] = deque()
        self._watch: Watch | None = None

    def deny(self, account_id: str, operations: Iterable[str], because: str, to: str) -> None:
        with self._lock:
            self._denials += [Denial(account_id, operation, because, to) for operation in operations]

    def allow(self, account_id: str, operations: tuple[str, ...]) -> None:
        """Take back denials of these operations, or all of the account's."""
        with self._lock:
            self._denials = [
                d for d in self._denials if d.account_id != account_id or (operations and d.operation not in operations)
            ]

    def denials(self, account_id: str) -> list[Denial]:
        """Those of this account, the oldest first."""
        with self._lock:
            return [d for d in self._denials if d.account_id == account_id]

    def left(self, kind: str, account_id: str) -> int:
        """How many calls of the account faults of this kind are still waiting for."""
        with self._lock:
            return sum(f.times for f in self._faults if (f.kind, f.account_id) == (kind, account_id))

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def denial(self, call: Call, action: str) -> Denial | None:
        """`action` is the permission that the call needs, which for S3 may be spelt differently."""
        with self._lock:
            return next(
                (
                    d
                    for d in self._denials
                    if d.account_id == call.target_account
                    and d.to in ("", call.who)
                    and (fnmatchcase(call.name, d.operation) or fnmatchcase(action, d.operation))
                ),
                None,
            )

    def watch(self, watch: Watch | None) -> None:
        """One at a time; None takes it back."""
        with self._lock:
            self._watch = watch

    def watches(self) -> bool:
        with self._lock:
            return self._watch is not None

    def tell_of(self, call: Call) -> None:
        with self._lock:
            watch = self._watch
            if watch is None or call.reads or call.role != watch.role:
                return
            self._watch = None
        watch.then()

    def take(self, kind: str, call: Call) -> Fault | None:
        """The next fault of this kind for this call, used up by one."""
        with self._lock:
            for fault in self._faults:
                if fault.kind == kind and fault.times > 0 and _concerns(fault, call):
                    fault.times -= 1
                    return fault
        return None


def _concerns(fault: Fault, call: Call) -> bool:
    return fault.account_id == call.target_account and fnmatchcase(call.name, fault.operation)
