"""What goes wrong in a company's life, done to the real bot at the press of a button."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock

from bot.playground.aws import RunningAws
from bot.playground.backstage.open_card import OpenCard
from bot.playground.clock import MovableClock
from bot.playground.process import BotProcess
from bot.playground.slack import JsonObject, RunningWorkspace

MORNING = 9
REMEMBERED = 20
LIMITED = ("chat.postMessage", "chat.update")
LIMITED_TIMES = TWICE_TIMES = 5
CHANGE_ROLE = "TrailwardenChange"


@dataclass(frozen=True)
class Done:
    """`since` tells what came of it, each time anew."""

    said: str
    since: Callable[[], list[str]]
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def shown(self) -> JsonObject:
        return {"at": self.at.isoformat(timespec="seconds"), "said": self.said, "since": self.since()}


class Chaos:
    def __init__(self, workspace: RunningWorkspace, aws: RunningAws, bot: BotProcess, clock: MovableClock) -> None:
        self._workspace, self._aws, self._bot, self._clock = workspace, aws, bot, clock
        self._moving = Lock()
        self._done: deque[Done] = deque(maxlen=REMEMBERED)
        self.deeds: Mapping[str, Callable[[JsonObject], str]] = {
            "double": lambda _: self._double_click(),
            "both": lambda _: self._approve_and_deny(),
            "kill": lambda _: self._kill_in_mid_change(),
            "restart": lambda _: self._restart(),
            "limit": lambda _: self._limit(),
            "drop": lambda _: self._drop(),
            "twice": lambda _: self._twice(),
            "tomorrow": lambda _: self._tomorrow(),
            "calm": lambda _: self._calm(),
        }

    def shown(self) -> JsonObject:
        done = [d.shown() for d in list(self._done)]
        return {
            "now": datetime.now(UTC).isoformat(timespec="minutes"),
            "way": self._workspace.way,
            "armed": self._armed(),
            "done": done[::-1],
        }

    def _armed(self) -> list[str]:
        """What was switched on and has not happened yet."""
        limited, twice = self._workspace.faults_left(), self._workspace.still_twice()
        kill = self._aws.awaits_a_write()
        return [
            *(["The bot is killed when the next change's first write has arrived at AWS."] if kill else []),
            *([f"The next {limited} of {' and '.join(LIMITED)} are answered 429."] if limited else []),
            *([f"The next {twice} of clicks, commands and events come twice."] if twice else []),
        ]

    def _double_click(self) -> str:
        card = OpenCard(self._workspace)
        card.double_click()
        return self._note("Approve was pressed twice at once.", card.since)

    def _approve_and_deny(self) -> str:
        card = OpenCard(self._workspace)
        card.approve_and_deny()
        return self._note("One approved and another denied, at the same moment.", card.since)

    def _kill_in_mid_change(self) -> str:
        self._aws.when_written(CHANGE_ROLE, self._killed)
        return self._note(
            "Armed. Approve a card now: the bot dies while its first write is at AWS, comes back, looks what became of "
            "it, and goes on without writing it again."
        )

    def _killed(self) -> None:
        """AWS carries the write out afterwards: whoever asked for it is dead by then."""
        self._bot.restart()
        self._note("The bot was killed in mid-change, and started again.", self._connection)

    def _restart(self) -> str:
        self._bot.restart()
        return self._note("The bot was killed and started again.", self._connection)

    def _limit(self) -> str:
        self._workspace.limit(LIMITED, LIMITED_TIMES)
        return self._note(f"Slack answers the next {LIMITED_TIMES} posts and repaints with 429: try again in 1 s.")

    def _drop(self) -> str:
        """Raises ValueError where there is no socket."""
        if self._workspace.way == "http":
            raise ValueError("Over signed HTTP there is no websocket to drop. Start without --delivery http for one.")
        self._workspace.drop_sockets()
        return self._note("The websocket was cut, without a goodbye.", self._connection)

    def _twice(self) -> str:
        self._workspace.deliver_twice(TWICE_TIMES)
        return self._note(f"The next {TWICE_TIMES} clicks, commands and events come twice.")

    def _tomorrow(self) -> str:
        """For AWS, Slack and the bot alike."""
        with self._moving:
            tomorrow = datetime.now(UTC) + timedelta(days=1)
            self._clock.move_to(tomorrow.replace(hour=MORNING, minute=0, second=0, microsecond=0))
        self._workspace.tell_the_pages()
        return self._note(f"It is {tomorrow:%A}, 09:00 UTC, here, on AWS and for the bot.")

    def _calm(self) -> str:
        """Takes back what has not happened yet."""
        self._workspace.clear_faults()
        self._workspace.deliver_twice(0)
        self._aws.forget_the_write()
        return self._note("All is well again: nothing more is going to go wrong by itself.")

    def _connection(self) -> list[str]:
        return ["The bot is connected." if self._workspace.connected() else "The bot is not connected yet."]

    def _note(self, said: str, since: Callable[[], list[str]] = list) -> str:
        self._done.append(Done(said, since))
        return said
