"""What CloudTrail accepts as a trail's name or ARN."""

import re
from dataclasses import dataclass

from bot.playground.aws.refusals import invalid_trail_arn, invalid_trail_name

_ARN = re.compile(r"arn:(aws[a-z-]*):cloudtrail:([a-z0-9-]+):(\d{12}):trail/(.+)")


@dataclass(frozen=True)
class TrailArn:
    """The parts of `arn:partition:cloudtrail:region:account:trail/name`."""

    region: str
    account_id: str
    name: str


def check_name(name: str) -> None:
    """Raises InvalidTrailName. Source: API reference, CreateTrail, Name."""
    if not 3 <= len(name) <= 128:
        raise invalid_trail_name(_length_message(name))
    if not re.fullmatch(r"[A-Za-z0-9._-]+", name):
        raise invalid_trail_name(
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), "
            "hyphens (-), and underscores (_)."
        )
    if not re.fullmatch(r"[A-Za-z0-9].*[A-Za-z0-9]", name):
        raise invalid_trail_name("Trail name must start and end with a letter or number.")
    if re.search(r"[._-]{2}", name):
        raise invalid_trail_name("Trail name cannot have adjacent periods, underscores or hyphens.")
    if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name):
        raise invalid_trail_name("Trail name cannot be in IP address format.")


def _length_message(name: str) -> str:
    side, limit = ("short. Minimum", 3) if len(name) < 3 else ("long. Maximum", 128)
    return f"Trail name too {side} allowed length: {limit} characters. Specified name length: {len(name)} characters."


def parse_reference(name_or_arn: str) -> TrailArn | str:
    """A name as it is, an ARN in its parts. Raises InvalidTrailNameException or CloudTrailARNInvalidException.

    Source: API reference, DeleteTrail, Name and CloudTrailARNInvalidException.
    """
    if not name_or_arn.startswith("arn:"):
        check_name(name_or_arn)
        return name_or_arn
    match = _ARN.fullmatch(name_or_arn)
    if match is None:
        raise invalid_trail_arn(f"Invalid trail ARN: {name_or_arn}")
    return TrailArn(region=match[2], account_id=match[3], name=match[4])
