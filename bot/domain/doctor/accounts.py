"""Each role in each account: read with real calls, the change role by its trust policy and by simulation.

A thousand accounts have a handful of causes, so what is the same but for the account is said once, of all of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.doctor import Diagnosis, State, ok, unknown, wrong
from bot.domain.doctor.trust import Caller, Trust, trust
from bot.domain.grant import NO_SUCH_ROLE, POLICY_FILE, Ruling, Rulings
from bot.domain.trail import Account, Snapshot, Status, Unreadable
from bot.domain.unreadable import FOREIGN_BUCKET, NOT_ASKED, OWNER_NOT_READ, REGION_DISABLED

AUDIT_FILE = "config/iam/audit.json"
ASSUMED = "sts:AssumeRole"
MEND_TRUST = "docs/permissions.md, “Trusts”"


@dataclass(frozen=True)
class RoleNames:
    audit: str
    change: str


@dataclass(frozen=True)
class AccountFacts:
    """`snapshot` is a real look, as an audit takes it; `trust_policy` the change role's, or why it was not seen."""

    account: Account
    snapshot: Snapshot
    trust_policy: Mapping[str, Any] | Unreadable
    rulings: Rulings


@dataclass(frozen=True)
class Setup:
    """Who looks, by which roles."""

    caller: Caller
    roles: RoleNames


def diagnosed(found: Iterable[AccountFacts], setup: Setup) -> tuple[Diagnosis, ...]:
    """Grouped by cause: the audit role first, and the worst first."""
    causes = grouped((facts.account, d) for facts in found for d in _of(facts, setup))
    return tuple(sorted(causes, key=lambda d: (d.check, WORST_FIRST.index(d.state))))


def grouped(found: Iterable[tuple[Account, Diagnosis]]) -> tuple[Diagnosis, ...]:
    """Those that say the same, each once, with the accounts of which it is true."""
    causes: dict[Diagnosis, list[Account]] = {}
    for account, diagnosis in found:
        causes.setdefault(_without(account, diagnosis), []).append(account)
    return tuple(_with(cause, tuple(accounts)) for cause, accounts in causes.items())


WORST_FIRST = (State.WRONG, State.UNKNOWN, State.OK)
PLACE = "<account>"


def _without(account: Account, diagnosis: Diagnosis) -> Diagnosis:
    """The account's id stands in ARNs of AWS's answers, and in the names that we make up."""
    told, mend = (text.replace(account.id, PLACE) for text in (diagnosis.sentence, diagnosis.mend))
    return replace(diagnosis, sentence=told, mend=mend)


def _with(cause: Diagnosis, accounts: tuple[Account, ...]) -> Diagnosis:
    id = accounts[0].id if len(accounts) == 1 else PLACE
    told, mend = (text.replace(PLACE, id) for text in (cause.sentence, cause.mend))
    return replace(cause, sentence=told, mend=mend, accounts=accounts)


def _of(facts: AccountFacts, setup: Setup) -> Iterator[Diagnosis]:
    """Without the audit role nothing can be said of the change role, which is looked at by it."""
    unread = tuple(dict.fromkeys(_unread(facts.snapshot)))
    for lost in unread:
        yield _not_read(lost, facts.account, setup)
    if not unread:
        yield ok("audit role", "The audit reads all that it needs.")
    if any(lost.call == ASSUMED for lost in unread):
        yield unknown("change role", "The change role is looked at by the audit role.", "Mend the audit role first.")
        return
    yield from _change_role(facts, setup)


NO_FAULT = frozenset({FOREIGN_BUCKET, OWNER_NOT_READ, REGION_DISABLED, NOT_ASKED.error})
"""What only its owner sees, lies in a disabled region, or no audit asks for, as of a single-region trail."""


def _unread(snapshot: Snapshot) -> Iterator[Unreadable]:
    """What an audit could not look at."""
    if isinstance(snapshot.trails, Unreadable):
        yield snapshot.trails
        return
    for trail in snapshot.trails:
        delivery = trail.status.delivery if isinstance(trail.status, Status) else None
        facts = (trail.status, trail.selectors, delivery)
        yield from (replace(f, message="") for f in facts if isinstance(f, Unreadable) and f.error not in NO_FAULT)


def _not_read(lost: Unreadable, account: Account, setup: Setup) -> Diagnosis:
    """A denial is somebody's to mend, anything else may pass."""
    if lost.call == ASSUMED and lost.error == "WrongAccount":
        mend = "See to AWS_ENDPOINT_URL and the credentials: AWS itself never answers so."
        return wrong("audit role", f"Its audit role led into another account: {lost.message}.", mend)
    if lost.call == ASSUMED and lost.permission:
        role = setup.roles.audit
        return wrong("audit role", f"The role {role} cannot be assumed.", _let_in(setup, role))
    if lost.permission:
        mend = f"{_let_read(setup, account)} If they have it, a service control policy denies it."
        return wrong("audit role", f"{lost.call} answered {lost.error}; it needs {lost.permission}.", mend)
    mend = "Run it again; if it stays, see docs/errors.md."
    return unknown("audit role", f"It could not be read: {lost.sentence}.", mend)


def _let_read(setup: Setup, account: Account) -> str:
    if account.id == setup.caller.account:
        return f"This account is read with the bot's own credentials: give them the policy {AUDIT_FILE}."
    return f"Give the role {setup.roles.audit} the policy {AUDIT_FILE}."


def _let_in(setup: Setup, role: str) -> str:
    """AWS answers alike to a role that is not there, that does not trust us, and to a caller who may not ask."""
    who = setup.caller
    condition = f" with the external id {who.external_id}" if who.external_id else ""
    return (
        f"Make the role {role} there with {AUDIT_FILE}, let its trust policy name {who.account}{condition}, and let "
        f"{who.arn} do sts:AssumeRole on it."
    )


def _change_role(facts: AccountFacts, setup: Setup) -> Iterator[Diagnosis]:
    role = setup.roles.change
    unseen = next((r for r in facts.rulings.values() if isinstance(r, Unreadable)), None)
    if _is_missing(facts.trust_policy) or _is_missing(unseen):
        mend = f"Make it with the policy {POLICY_FILE} and the trust of {MEND_TRUST}."
        yield wrong("change role", f"There is no role {role}, so nothing can be changed.", mend)
        return
    read = _let_read(setup, facts.account)
    found = (*_trusting(facts.trust_policy, setup, read), *_allowed(facts.rulings, unseen, role, read))
    yield from found or (ok("change role", f"It lets the bot in, and may do all of {POLICY_FILE} (simulated)."),)


def _is_missing(found: object) -> bool:
    return isinstance(found, Unreadable) and found.error in NO_SUCH_ROLE


def _trusting(policy: Mapping[str, Any] | Unreadable, setup: Setup, read: str) -> Iterator[Diagnosis]:
    if isinstance(policy, Unreadable):
        mend = read if policy.permission else "Run it again."
        yield unknown("change role", f"Whom it lets in could not be read: {_short(policy)}.", mend)
        return
    who, role = setup.caller, setup.roles.change
    match trust(policy, who):
        case Trust.NOT_NAMED:
            mend = f"Let the trust policy of {role} name {who.account} or {who.arn}: {MEND_TRUST}."
            yield wrong("change role", f"The trust policy of {role} does not name the bot.", mend)
        case Trust.NO_EXTERNAL_ID | Trust.OTHER_EXTERNAL_ID as asks:
            mend = "Set TRAILWARDEN_EXTERNAL_ID to the id that the trust policy names, the same for both roles."
            yield wrong("change role", f"The trust policy of {role} {asks.value}.", mend)
        case Trust.DEPENDS:
            mend = "See in IAM that these are met; an approved change will tell."
            yield unknown("change role", f"The trust policy of {role} hangs on conditions that only AWS judges.", mend)


NARROWED = "or, if it is narrowed to names of yours on purpose, keep it so: preflight says which name is refused"
WORDS = {
    Ruling.MISSING: ("The role {role} lacks {what}.", f"Give it the policy {POLICY_FILE}; {NARROWED}."),
    Ruling.DENIED: ("A policy of the role {role} denies {what}.", "Take that Deny out."),
    Ruling.ORGANIZATION: (
        "A service control policy forbids the role {role} {what}.",
        "Ask whoever manages the organization's policies to exempt the role.",
    ),
    Ruling.BOUNDARY: (
        "The permissions boundary of the role {role} leaves out {what}.",
        f"Add what {POLICY_FILE} has to it.",
    ),
}


def _allowed(rulings: Rulings, unseen: Unreadable | None, role: str, read: str) -> Iterator[Diagnosis]:
    if unseen:
        need = read if unseen.permission else "Run it again."
        yield unknown("change role", f"What it may do could not be simulated: {_short(unseen)}.", need)
        return
    for ruling, (words, mend) in WORDS.items():
        refused = ", ".join(grant.action for grant, found in rulings.items() if found == ruling)
        if refused:
            yield wrong("change role", words.format(role=role, what=refused), mend)
    depends = ", ".join(grant.action for grant, found in rulings.items() if found == Ruling.DEPENDS)
    if depends:
        mend = "See in IAM that these are met; preflight says so of each plan."
        yield unknown(
            "change role", f"Whether it may {depends} hangs on conditions that a simulation does not know.", mend
        )


def _short(lost: Unreadable) -> str:
    need = f"; it needs {lost.permission}" if lost.permission else f" ({lost.message})" if lost.message else ""
    return f"{lost.call} answered {lost.error}{need}"
