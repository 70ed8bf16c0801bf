"""What `trailwarden serve` needs of the settings, beyond that each has the right form."""

from collections.abc import Mapping

from bot.services.audit import unknown_controls
from config.settings import Settings, missing_for_slack
from config.tracing import missing_for_traces


def unfit(settings: Settings, environment: Mapping[str, str]) -> tuple[str, ...]:
    """What is missing or cannot be, one sentence each."""
    controls = (f"TRAILWARDEN_CONTROLS: {sentence}" for sentence in unknown_controls(settings.controls))
    return (*missing_for_slack(settings), *controls, *missing_for_traces(environment))
