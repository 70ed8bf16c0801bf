"""What `trailwarden serve` needs of the settings, beyond that each has the right form."""

from bot.services.audit import unknown_controls
from config.settings import Settings, missing_for_slack


def unfit(settings: Settings) -> tuple[str, ...]:
    """What is missing or cannot be, one sentence each."""
    controls = (f"TRAILWARDEN_CONTROLS: {sentence}" for sentence in unknown_controls(settings.controls))
    return (*missing_for_slack(settings), *controls)
