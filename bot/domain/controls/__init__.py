"""The table of contents: every control there is."""

import difflib

from bot.domain.control import Control
from bot.domain.controls import (
    bucket_access_logging,
    bucket_not_public,
    cloudwatch_logs,
    kms_encryption,
    log_delivery,
    log_file_validation,
    multi_region_trail,
    s3_object_read_events,
    s3_object_write_events,
)

CONTROLS: tuple[Control, ...] = (
    multi_region_trail.CONTROL,
    log_delivery.CONTROL,
    log_file_validation.CONTROL,
    bucket_not_public.CONTROL,
    cloudwatch_logs.CONTROL,
    bucket_access_logging.CONTROL,
    kms_encryption.CONTROL,
    s3_object_write_events.CONTROL,
    s3_object_read_events.CONTROL,
)
DEFAULT_CONTROLS: tuple[str, ...] = ("multi-region-trail", "log-delivery", "log-file-validation")
"""Those that cost no calls beyond the trails' own, and that a step can repair or a person must hear of."""


def named(ids: tuple[str, ...]) -> tuple[Control, ...]:
    """The controls with these ids, in the table's order. Unknown ids are the caller's to refuse."""
    return tuple(c for c in CONTROLS if c.id in ids)


def near_control(typed: str) -> str:
    """The id that was meant, perhaps by a slip of the pen; "" for none. The id itself where there is such a control."""
    return next(iter(difflib.get_close_matches(typed.lower(), [c.id for c in CONTROLS], n=1)), "")
