"""A Deny in a resource policy that may be for CloudTrail too: then no Allow proves that it can write.

Errs on one side only: a Deny counts unless it is plainly not for CloudTrail, or never met by it.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from bot.domain.policy import Home, Statement, statements_of
from bot.domain.refusal import Refused
from bot.domain.trail import Trail

Conditions = frozenset[tuple[str, str, str]]
"""Of a statement: (operator, key in lower case, value in lower case)."""
NEVER_MET: Conditions = frozenset(
    {
        ("Bool", "aws:securetransport", "false"),
        ("BoolIfExists", "aws:securetransport", "false"),
        ("Bool", "aws:principalisawsservice", "false"),
        ("BoolIfExists", "aws:principalisawsservice", "false"),
        ("StringNotEquals", "s3:x-amz-acl", "bucket-owner-full-control"),
    }
)
"""Those that CloudTrail's requests do not meet."""
ENCRYPTION = "s3:x-amz-server-side-encryption"
NEVER_MET_WITH_A_KEY = NEVER_MET | {
    ("StringNotEquals", ENCRYPTION, "aws:kms"),
    ("StringNotEqualsIfExists", ENCRYPTION, "aws:kms"),
    ("Null", ENCRYPTION, "true"),
}
"""The same of a trail that encrypts with a KMS key, and says so with each object."""


def never_met(trail: Trail) -> Conditions:
    return NEVER_MET_WITH_A_KEY if trail.kms_key else NEVER_MET


def refuse_denial(policy: str, whose: Home, wanted: Iterable[Statement], never: Conditions = NEVER_MET) -> None:
    """Raises Refused for a Deny of what is wanted that may be for CloudTrail too; and where it is not understood."""
    actions = tuple(str(s["Action"]).removesuffix("*") for s in wanted if s["Effect"] == "Allow")
    if sid := denial(statements_of(policy, whose), actions, never):
        raise Refused(
            f"The policy of {whose.name} has a Deny ({sid}) that may be for CloudTrail too, so nobody can tell whether "
            "it can write. Whoever wrote the Deny has to leave out cloudtrail.amazonaws.com."
        )


def denial(statements: Iterable[Statement], actions: tuple[str, ...], never: Conditions = NEVER_MET) -> str:
    """The Sid of a statement that may deny CloudTrail one of these actions ("without a Sid" for none), or ""."""
    return next((str(s.get("Sid") or "without a Sid") for s in statements if _may_deny(s, actions, never)), "")


def _may_deny(statement: Statement, actions: tuple[str, ...], never: Conditions) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and _is_for_cloudtrail(statement)
        and _is_about(statement, actions)
        and not any(condition in never for condition in _conditions(statement))
    )


def _is_for_cloudtrail(statement: Statement) -> bool:
    principal = statement.get("Principal", "*")
    if not isinstance(principal, dict):
        return True
    services, accounts = _listed(principal.get("Service")), _listed(principal.get("AWS"))
    return "cloudtrail.amazonaws.com" in services or "*" in (*services, *accounts)


def _is_about(statement: Statement, actions: tuple[str, ...]) -> bool:
    patterns = _listed(statement.get("Action", "*"))
    return any(fnmatchcase(action.lower(), pattern.lower()) for action in actions for pattern in patterns)


def _conditions(statement: Statement) -> list[tuple[str, str, str]]:
    """Of each key with one value; all keys of a statement have to be met together."""
    operators = statement.get("Condition")
    if not isinstance(operators, dict):
        return []
    return [
        (operator, key.lower(), values[0].lower())
        for operator, keys in operators.items()
        for key, value in keys.items()
        if len(values := _listed(value)) == 1
    ]


def _listed(found: object) -> list[str]:
    return [str(v) for v in found] if isinstance(found, list) else [] if found is None else [str(found)]
