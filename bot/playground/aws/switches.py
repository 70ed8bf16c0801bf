"""What a scenario or a test can switch on in the pretend AWS: denials, faults, deliveries that fail."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.playground.aws.cloudtrail import find_trail
from bot.playground.aws.deliveries import Deliveries
from bot.playground.aws.faults import NO_POLICY, Fault, Watch
from bot.playground.aws.gate import Gate
from bot.playground.aws.seeding import SILENCE
from bot.playground.aws.trail_log_groups import NewRoles


class Switches:
    """All methods are thread-safe and act at once. Operations are "cloudtrail:StartLogging" or patterns of it."""

    gate: Gate

    def deny(self, account_id: str, *operations: str, because: str = NO_POLICY, to: str = "") -> None:
        """Refuse "cloudtrail:GetTrailStatus", or "cloudtrail:*", to everybody in the account, until `allow`.

        `to` names one role or user instead, whose sessions under way are refused too. For "sts:AssumeRole" the account
        is that of the role. `because` ends AWS's sentence: an SCP's denial is "with an explicit deny in a service
        control policy".
        """
        self.gate.faults.deny(account_id, operations, because, to)

    def allow(self, account_id: str, *operations: str) -> None:
        """Take back what `deny` refused; without operations, all of it."""
        self.gate.faults.allow(account_id, operations)

    def denied(self, account_id: str) -> frozenset[str]:
        """The roles and users that `deny` refuses something in this account; "" is everybody."""
        return frozenset(denial.to for denial in self.gate.faults.denials(account_id))

    def throttled(self, account_id: str) -> int:
        """How many more calls `throttle` will refuse in this account."""
        return self.gate.faults.left("throttle", account_id)

    def throttle(self, account_id: str, operation: str, times: int) -> None:
        """Answer "Rate exceeded" to the next calls, and carry none of them out."""
        self.gate.faults.add(Fault("throttle", account_id, operation, times))

    def refuse(
        self, account_id: str, operation: str, code: str, message: str = "", times: int = 1, status: int = 400
    ) -> None:
        """Answer any other error to the next calls: "ConflictException", or a bucket policy not seen yet."""
        fault = Fault("refuse", account_id, operation, times, code=code, message=message, status=status)
        self.gate.faults.add(fault)

    def lose_answer(self, account_id: str, operation: str, times: int = 1) -> None:
        """Carry the next calls out, then close the connection without an answer."""
        self.gate.faults.add(Fault("lose", account_id, operation, times))

    def delay(self, account_id: str, operation: str, seconds: float, times: int = 1) -> None:
        """Hold the next calls before carrying them out. They are in `calls` meanwhile, with status 0.

        A call is carried out even if whoever made it has been killed by then, as on AWS.
        """
        self.gate.faults.add(Fault("delay", account_id, operation, times, seconds=seconds))

    def when_written(self, role: str, then: Callable[[], None]) -> None:
        """Call it once, when the role's next write has arrived, before it is carried out: it waits meanwhile."""
        self.gate.faults.watch(Watch(role, then))

    def awaits_a_write(self) -> bool:
        """Whether `when_written` has not happened yet."""
        return self.gate.faults.watches()

    def forget_the_write(self) -> None:
        """Take back `when_written`."""
        self.gate.faults.watch(None)

    def break_delivery(self, account_id: str, trail_name: str, error: str = "AccessDenied") -> None:
        """From now on S3 refuses the trail's files with this error; the last one came three days ago.

        With "" deliveries stop without an error: the trail goes stale. Raises KeyError.
        """
        deliveries = find_trail(account_id, trail_name).deliveries
        deliveries.error, deliveries.silent = error, not error
        deliveries.healthy_since, deliveries.last = None, datetime.now(UTC) - SILENCE

    def mend_delivery(self, account_id: str, trail_name: str) -> None:
        """Take back `break_delivery`; the next file comes an interval after the next look at the trail."""
        deliveries = find_trail(account_id, trail_name).deliveries
        deliveries.error, deliveries.silent = "", False

    def deliver_every(self, seconds: float) -> None:
        """How long a trail that works takes for each delivery, the first included: five minutes at the start."""
        Deliveries.interval = timedelta(seconds=seconds)

    def refuse_new_roles(self, times: int) -> None:
        """CloudTrail refuses each role that it has not met yet so many times, as while IAM spreads the news."""
        NewRoles.refusals = times
