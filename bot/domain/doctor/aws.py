"""Who are we to AWS, and can the accounts be listed?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.authority import Authority
from bot.domain.doctor import Diagnosis, ok, unknown, wrong
from bot.domain.trail import Unreadable


@dataclass(frozen=True)
class AwsFacts:
    """`caller` is the ARN of the bot's own credentials, or why AWS did not say it; `listed` how many accounts there
    are, or why they could not be listed. `left_out` are sentences; `complete`: there are no more. `units` are how many
    accounts are below each unit that a rule names.
    """

    caller: str | Exception
    listed: int | Exception = 0
    left_out: tuple[str, ...] = ()
    complete: bool = True
    units: tuple[tuple[str, int | Unreadable], ...] = ()


def credentials(facts: AwsFacts) -> Iterator[Diagnosis]:
    if isinstance(facts.caller, Exception):
        sentence, mend = _split(facts.caller)
        yield wrong("AWS credentials", sentence, mend)
    else:
        yield ok("AWS credentials", f"AWS knows the bot as {facts.caller}.")


def accounts(facts: AwsFacts) -> Iterator[Diagnosis]:
    if isinstance(facts.caller, Exception):
        yield unknown("accounts", "No account was looked at.", "Mend the credentials first.")
    elif isinstance(facts.listed, Exception):
        sentence, mend = _split(facts.listed)
        yield wrong("accounts", sentence, mend)
    elif not facts.complete:
        yield unknown("accounts", " ".join(facts.left_out), "Run it again.")
    elif facts.listed == 0:
        yield wrong("accounts", "There is no account in scope.", "Name some in TRAILWARDEN_ACCOUNTS.")
    else:
        also = f"; {', '.join(facts.left_out)}" if facts.left_out else ""
        yield ok("accounts", f"{facts.listed} account{'s' * (facts.listed != 1)} in scope{also}.")


def units(facts: AwsFacts) -> Iterator[Diagnosis]:
    """A rule on a unit that nobody has covers nothing, and the default holds there."""
    for unit, found in facts.units:
        if isinstance(found, Unreadable):
            mend = "Let the bot's own credentials walk the organization: docs/permissions.md."
            yield unknown("rules", f"Which accounts are below {unit} could not be read: {found.sentence}.", mend)
        elif not found:
            mend = "Say the unit's name or path as AWS Organizations shows it, such as Root/Prod."
            yield wrong("rules", f"No account is below the unit {unit}, which a rule names.", mend)


def named_units(authority: Authority) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.unit for rule in authority.rules if rule.unit))


def _split(why: Exception) -> tuple[str, str]:
    """What is so, and what to do: such an error ends with what to do."""
    sentence, _, mend = str(why).partition(". ")
    return f"{sentence.rstrip('.')}.", mend


CHECKS = (credentials, accounts, units)
