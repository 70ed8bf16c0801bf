"""Do digests come when they should: time zones, the clock, and what is subscribed to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.domain.doctor import Diagnosis, ok, unknown, wrong
from bot.domain.subscription import Subscription

MOST_AHEAD = 60
"""Seconds. From 300 on AWS and Slack refuse signatures, and they take a while to be noticed."""


@dataclass(frozen=True)
class ClockFacts:
    """`zones`: how many time zones this machine knows. `ahead`: by how many seconds our clock is before that of each
    who told its time; negative where behind.
    """

    now: datetime
    zones: int
    ahead: tuple[tuple[str, float], ...]
    subscriptions: tuple[Subscription, ...]


def zones(facts: ClockFacts) -> Iterator[Diagnosis]:
    unknown_here = sorted({s.zone for s in facts.subscriptions if not s.zone_is_known})
    mend = "Install the package tzdata: `pip install --upgrade tzdata`."
    if not facts.zones:
        yield wrong("time zones", "This machine knows no time zones, so no digest can be scheduled.", mend)
    elif unknown_here:
        yield wrong("time zones", f"This machine does not know {', '.join(unknown_here)}, of a digest.", mend)
    else:
        yield ok("time zones", f"This machine knows {facts.zones} time zones.")


def skew(facts: ClockFacts) -> Iterator[Diagnosis]:
    if not facts.ahead:
        mend = "Mend the connection to Slack or AWS first."
        yield unknown("clock", "Whether this machine's clock is right is not known: nobody told the time.", mend)
        return
    off = [(who, ahead) for who, ahead in facts.ahead if abs(ahead) > MOST_AHEAD]
    for who, ahead in off:
        sentence = f"This machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} {who}'s"
        mend = "Set the clock (NTP)."
        yield wrong("clock", f"{sentence}; from 300 s on AWS and Slack refuse what is signed.", mend)
    if not off:
        agreed = " and ".join(who for who, _ in facts.ahead)
        yield ok("clock", f"This machine's clock agrees with that of {agreed}.")


def digests(facts: ClockFacts) -> Iterator[Diagnosis]:
    for one in facts.subscriptions:
        if one.paused:
            mend = f"Mend that; it goes on by itself. Or type /trail-audit digest off {one.name} there."
            yield wrong("digests", f"The digest {one.name} of {one.channel} is paused: {one.paused.rstrip('.')}.", mend)
    known = [s for s in facts.subscriptions if s.zone_is_known]
    if known:
        first = min(s.next_after(facts.now) for s in known)
        number = f"{len(facts.subscriptions)} digest{'s' * (len(facts.subscriptions) > 1)}"
        yield ok("digests", f"{number}; the next one is due at {first:%Y-%m-%d %H:%M %Z}.")


CHECKS: tuple[Callable[[ClockFacts], Iterator[Diagnosis]], ...] = (zones, skew, digests)
