"""Resource policies as JSON: what CloudTrail needs is merged into what is there; nothing is replaced or widened."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from bot.domain.refusal import Refused

Statement = dict[str, object]
CLOUDTRAIL = {"Service": "cloudtrail.amazonaws.com"}


@dataclass(frozen=True)
class Merged:
    """The policy's whole text, and the lines that are new in it, for a person."""

    text: str
    added: tuple[str, ...]


@dataclass(frozen=True)
class Home:
    """Whose policy it is, as a person calls it ("bucket logs"), and how many bytes AWS allows it."""

    name: str
    limit: int


def merged(policy: str, wanted: Iterable[Statement], home: Home) -> Merged:
    """The policy with what it lacks. A Sid that is taken by another meaning gets a number behind it.

    Raises Refused for a policy that is not understood, and for one that would grow beyond AWS's limit.
    """
    document = _parsed(policy, home)
    statements = _listed(document["Statement"])
    missing = [s for s in wanted if not any(grants(there, s) for there in statements)]
    for statement in missing:
        statements.append({**statement, "Sid": _free_sid(str(statement["Sid"]), statements)})
    text = json.dumps({**document, "Statement": statements}) if missing else policy
    if len(text.encode()) > home.limit:
        raise Refused(
            f"The policy of {home.name} would have {len(text.encode()):,} bytes with what CloudTrail needs, and AWS "
            f"allows {home.limit:,}. Take out statements that are no longer needed, or choose another one."
        )
    return Merged(text, tuple(_line(s) for s in missing))


def statements_of(policy: str, home: Home) -> list[Statement]:
    """Raises Refused for a policy that is not understood."""
    return _listed(_parsed(policy, home)["Statement"])


def _parsed(policy: str, home: Home) -> dict[str, Any]:
    try:
        document = json.loads(policy) if policy else {"Version": "2012-10-17", "Statement": []}
        well_formed = all(isinstance(s, dict) for s in _listed(document["Statement"]))
    except (ValueError, TypeError, KeyError):
        well_formed = False
    if not well_formed:
        raise Refused(f"The policy of {home.name} is not understood, so it is left alone. Mend it, then ask again.")
    parsed: dict[str, Any] = document
    return parsed


def _listed(found: object) -> list[Statement]:
    return [*found] if isinstance(found, list) else [found]  # type: ignore[list-item]  # each is checked to be a dict


def grants(there: Statement, wanted: Statement) -> bool:
    """Does the one say at least what the other says? A Deny has to be the same. Resources may be patterns."""
    if there.get("Effect") != wanted["Effect"] or there.keys() & {"NotPrincipal", "NotAction", "NotResource"}:
        return False
    if wanted["Effect"] == "Deny":
        return _without_sid(there) == _without_sid(wanted)
    same_kind = all(_includes(there.get(p), wanted.get(p)) for p in ("Principal", "Action"))
    return same_kind and _covers(there.get("Resource"), wanted.get("Resource")) and _no_narrower(there, wanted)


def names_cloudtrail(policy: str, home: Home) -> bool:
    """Is some Allow for CloudTrail, on whatever conditions? Raises Refused for a policy that is not understood."""
    allowing = (s for s in statements_of(policy, home) if s.get("Effect") == "Allow")
    return any(_includes(s.get("Principal"), CLOUDTRAIL) for s in allowing)


def _without_sid(statement: Statement) -> Statement:
    return {k: v for k, v in statement.items() if k != "Sid"}


def _includes(there: object, wanted: object) -> bool:
    """Values by values, and principals by their kind; a wildcard counts only where it is the whole value."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(_includes(there.get(k), v) for k, v in wanted.items())
    return there == "*" or _values(wanted) <= _values(there)


def _covers(there: object, wanted: object) -> bool:
    """Each resource is one of those, or matched by a pattern of theirs, as in "bucket/AWSLogs/*"."""
    patterns = [str(p).replace("[", "[[]").replace("?", "[?]") for p in _values(there)]
    return all(any(fnmatchcase(str(r), p) for p in patterns) for r in _values(wanted))


def _values(found: object) -> frozenset[object]:
    return frozenset(found if isinstance(found, list) else () if found is None else (found,))


def _no_narrower(there: Statement, wanted: Statement) -> bool:
    """Each condition of what is there is met wherever what is wanted is to hold."""
    theirs, ours = there.get("Condition") or {}, wanted.get("Condition") or {}
    if not isinstance(theirs, dict) or not isinstance(ours, dict):
        return False
    return all(
        key in ours.get(operator, {}) and _values(ours[operator][key]) <= _values(allowed)
        for operator, keys in theirs.items()
        for key, allowed in keys.items()
    )


def _free_sid(sid: str, statements: list[Statement]) -> str:
    taken = {s.get("Sid") for s in statements}
    candidates = [sid, *(f"{sid}{n}" for n in range(2, len(statements) + 3))]
    return next(c for c in candidates if c not in taken)


def _line(statement: Statement) -> str:
    """A role's own policy has no principal: it is CloudTrail that acts."""
    who = "CloudTrail" if statement.get("Principal", CLOUDTRAIL) == CLOUDTRAIL else "everybody"
    actions = ", ".join(map(str, _listed(statement["Action"])))
    resource = statement.get("Resource", "*")
    where = resource if isinstance(resource, str) and resource != "*" else "it"
    condition = " over plain HTTP" if statement["Effect"] == "Deny" else ", for this trail only"
    return f"{str(statement['Effect']).lower()} {who} {actions} on {where}{condition}"


def same(one: str | object, other: str) -> bool:
    """Do both texts say the same? AWS gives a policy back in an order and a layout of its own. "" is no policy."""
    if not isinstance(one, str) or not (one and other):
        return one == other
    try:
        return _canonical(json.loads(one)) == _canonical(json.loads(other))
    except ValueError:
        return one == other


def _canonical(part: object) -> object:
    """The order of keys and of values does not matter, and a list of one is that one."""
    match part:
        case dict():
            return {key: _canonical(value) for key, value in part.items()}
        case [alone]:
            return _canonical(alone)
        case list():
            return sorted((_canonical(value) for value in part), key=repr)
        case _:
            return part
