"""How the score of a digest went, week by week, and the sentence that says it to who cannot see the picture."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

WEEKS = 12
SPAN = timedelta(weeks=WEEKS)


@dataclass(frozen=True)
class Week:
    """The last score of an ISO week, in percent; the week is named by its Monday."""

    monday: date
    score: int

    @property
    def name(self) -> str:
        """As ISO 8601 has it: 2026-W48."""
        year, week, _ = self.monday.isocalendar()
        return f"{year}-W{week:02}"


def weekly(scores: Iterable[tuple[datetime, int]], zone: str) -> tuple[Week, ...]:
    """Of scores in their order, those of the last 12 weeks there; nothing where they are of one week only."""
    last = {_monday(at, zone): score for at, score in scores}
    newest = max(last, default=date.min)
    weeks = tuple(Week(monday, score) for monday, score in last.items() if newest - monday < SPAN)
    return weeks if len(weeks) > 1 else ()


def _monday(at: datetime, zone: str) -> date:
    day = at.astimezone(ZoneInfo(zone)).date()
    return day - timedelta(days=day.weekday())


def words(weeks: tuple[Week, ...]) -> str:
    """One sentence, without markup; the last week is the present one."""
    first, last = weeks[0], weeks[-1]
    began = f"{first.monday.day} {first.monday:%B %Y}"
    return (
        f"Score over the last {WEEKS} weeks: from {first.score} % in the week of {began} to {last.score} % now, "
        f"the lowest {min(w.score for w in weeks)} %."
    )
