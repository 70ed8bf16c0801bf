"""What an AWS error means to the person who has to act on it, and what to do next.

A code means much the same in every service that has it, and AWS's own message, which stands before ours, says of what.
Sources: the services' API models (a test holds us to them); Amazon S3 API reference, "Error responses"; IAM user guide,
"Troubleshoot access denied error messages".
"""

from dataclasses import dataclass

from bot.services.errors import ADVICE, OTHERWISE


@dataclass(frozen=True)
class Denial:
    """Whose policy denies, told from a part of AWS's message; `why` and `todo` are ours."""

    words: str
    why: str
    todo: str


DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"})
DENIALS = (
    Denial("sts:AssumeRole", "The change role could not be assumed.", "Make it, and let it trust the bot's account."),
    Denial(
        "service control policy",
        "A service control policy of the organization forbids it, whatever the change role may do.",
        "Ask whoever manages the organization's policies to exempt the change role.",
    ),
    Denial(
        "resource control policy",
        "A resource control policy of the organization forbids it, whatever the change role may do.",
        "Ask whoever manages the organization's policies for an exception.",
    ),
    Denial(
        "permissions boundary",
        "The change role's permissions boundary leaves it out.",
        "Add what config/iam/change.json has to the boundary.",
    ),
    Denial(
        "VPC endpoint policy",
        "The policy of the VPC endpoint that the bot calls through leaves it out.",
        "Allow the call in the endpoint's policy.",
    ),
    Denial(
        "deny in a resource-based policy",
        "The policy of the bucket, key or topic itself denies it.",
        "Take that Deny out, or exempt the change role from it.",
    ),
    Denial(
        "deny in an identity-based policy",
        "A policy of the change role itself denies it.",
        "Take that Deny out.",
    ),
    Denial(
        "",
        "The change role lacks a permission, or a policy of the organization forbids it.",
        "Give the role the policy in config/iam/change.json, then ask again.",
    ),
)
"""The first one whose words are in the message counts; not every service says whose policy it was."""


def advice(code: str, message: str) -> str:
    """AWS's own words, and ours on what they mean and what to do."""
    why, todo = _ours(code, message)
    return f"{code}{f' ({message.rstrip(chr(46))})' if message else ''}. {why} {todo}"


def _ours(code: str, message: str) -> tuple[str, str]:
    if code in DENIED:
        denial = next(d for d in DENIALS if d.words in message)
        return denial.why, denial.todo
    return ADVICE.get(code, OTHERWISE)
