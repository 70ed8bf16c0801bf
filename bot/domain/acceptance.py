"""An acceptance: which failures of one account are accepted, until when and why; and whether it may be asked for so."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.refusal import Refused

SHORTEST_REASON, LONGEST_REASON = 3, 500
"""Letters and digits at least, and characters at most: others will decide by it."""
SOME_ACCOUNT = "111122223333"
EXAMPLE_DAYS = 90


@dataclass(frozen=True)
class Acceptance:
    """The failures of these controls are accepted to the end of the day `until` (UTC)."""

    controls: tuple[str, ...]
    until: date
    reason: str

    @property
    def ends_at(self) -> datetime:
        """The first moment at which it is over."""
        return datetime.combine(self.until + timedelta(days=1), time(), UTC)

    @property
    def period(self) -> str:
        return f"until the end of {self.until} (UTC)"


@dataclass(frozen=True)
class Wanted:
    """What was typed: the words before `until` (an account, perhaps a control), and what follows it and `because`.

    "" for a part that is missing.
    """

    named: tuple[str, ...]
    until: str
    reason: str

    @property
    def control(self) -> str:
        return self.named[1].lower() if len(self.named) > 1 else ""


def agreed(wanted: Wanted, today: date) -> tuple[date, str]:
    """The day and the reason. Raises Refused, with an example of what would do; `today` is UTC's."""
    if not 1 <= len(wanted.named) <= 2:
        raise refused("Name one account, and one control of it or none.", SOME_ACCOUNT, today)
    try:
        return _day(wanted.until, today), _reason(wanted.reason)
    except ValueError as problem:
        raise refused(str(problem), wanted.named[0], today, wanted.control) from None


def refused(problem: str, account: str, today: date, control: str = "") -> Refused:
    """The problem, and what would do instead; words that are no name are not repeated in it."""
    names = (account if _is_name(account) else SOME_ACCOUNT, control if _is_name(control) else "")
    until = today + timedelta(days=EXAMPLE_DAYS)
    words = (*filter(None, names), "until", str(until), "because the account is closed by then")
    return Refused(f"{problem} For example: `/trail-audit accept {' '.join(words)}`.")


def _is_name(word: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9._-]{1,64}", word) is not None


def _day(typed: str, today: date) -> date:
    """Raises ValueError with the sentence."""
    if not typed:
        raise ValueError("Say until when: an exception has an end.")
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
        raise ValueError(f"{typed[:50]} is no date; say year, month and day.")
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise ValueError(f"There is no day {typed}.") from None
    if day < today:
        raise ValueError(f"{day} is over.")
    if day > (limit := _a_year_after(today)):
        raise ValueError(f"{day} is more than a year away; {limit} is the last day that can be asked for.")
    return day


def _a_year_after(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + 1, day=28)


def _reason(typed: str) -> str:
    """Raises ValueError with the sentence."""
    if not typed:
        raise ValueError("Say why, after the word because: others will decide by it.")
    if sum(c.isalnum() for c in typed) < SHORTEST_REASON:
        raise ValueError("Say why in a few words: others will decide by it.")
    if len(typed) > LONGEST_REASON:
        raise ValueError(f"Say why in at most {LONGEST_REASON} characters.")
    return typed
