"""The table of contents: every control there is."""

from bot.domain.control import Control
from bot.domain.controls import log_delivery, log_file_validation, multi_region_trail

CONTROLS: tuple[Control, ...] = (
    multi_region_trail.CONTROL,
    log_delivery.CONTROL,
    log_file_validation.CONTROL,
)
DEFAULT_CONTROLS: tuple[str, ...] = ("multi-region-trail", "log-delivery", "log-file-validation")


def named(ids: tuple[str, ...]) -> tuple[Control, ...]:
    """The controls with these ids, in the table's order. Unknown ids are the caller's to refuse."""
    return tuple(c for c in CONTROLS if c.id in ids)
