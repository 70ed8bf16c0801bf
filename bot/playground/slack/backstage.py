"""What the page shows that is not Slack: the workspace knows only that there are such parts."""

from collections.abc import Callable, Mapping
from typing import Protocol

from bot.playground.slack.message import JsonObject


class Part(Protocol):
    """A tab of the panel beside the workspace."""

    @property
    def deeds(self) -> Mapping[str, Callable[[JsonObject], str]]:
        """What one can do there, by name. Each answers words for whoever pressed the button.

        LookupError and ValueError are shown as they are.
        """

    def shown(self) -> JsonObject:
        """All that the tab shows, now; asked about once a second while somebody looks."""
