"""What a person sees happen after typing, clicking or submitting."""

from dataclasses import dataclass, field

from bot.playground.slack.message import JsonObject


@dataclass(frozen=True)
class SlashResult:
    """`timed_out` means that the person saw `error`: `operation_timeout`, or `dispatch_failed` without a bot."""

    acked: bool
    payload: JsonObject | None = None
    error: str | None = None

    @property
    def timed_out(self) -> bool:
        return not self.acked


@dataclass(frozen=True)
class ClickResult:
    """`timed_out` means that the person saw a warning sign by the button."""

    acked: bool
    payload: JsonObject | None = None
    error: str | None = None

    @property
    def timed_out(self) -> bool:
        return not self.acked


@dataclass(frozen=True)
class SubmitResult:
    """`errors`: block_id -> sentence, from the app or from Slack's own checks (then nothing was sent).

    `timed_out` means that the person saw "We had some trouble connecting".
    """

    acked: bool
    payload: JsonObject | None = None
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def timed_out(self) -> bool:
        return self.error is not None
