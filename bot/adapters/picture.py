"""Draws the score's way as a PNG. The library is loaded when the first picture is drawn: few processes ever do."""

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

from bot.domain.trend import WEEKS, Week

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES, DOTS = (6.0, 3.0), 200
"""1200 x 600 pixels; the letters are large enough for a phone, which shows it at a third of that."""
PAPER, INK, FAINT, LINE = "#ffffff", "#1d2733", "#d5dbe1", "#0b5cad"
"""Its own paper, so that it reads the same in Slack's light and dark."""
MOST_LABELS = 6
_one_at_a_time = Lock()
"""The library says of itself that it is not safe for threads."""


def draw(name: str, weeks: Sequence[Week]) -> bytes:
    """PNG of at least one week, with the axis from 0 to 100; `name` is ours, such as D-3."""
    with _one_at_a_time:
        return _drawn(name, weeks)


def _drawn(name: str, weeks: Sequence[Week]) -> bytes:
    from matplotlib.figure import Figure

    figure = Figure(figsize=INCHES, dpi=DOTS, facecolor=PAPER, layout="constrained")
    axes = figure.add_subplot(facecolor=PAPER)
    places = [(week.monday - weeks[0].monday).days // 7 for week in weeks]
    scores = [week.score for week in weeks]
    axes.plot(places, scores, color=LINE, linewidth=2.5, marker="o", markersize=6, clip_on=False, zorder=3)
    axes.annotate(
        f"{scores[-1]} %",
        (places[-1], scores[-1]),
        xytext=(9, 0),
        textcoords="offset points",
        verticalalignment="center",
        color=LINE,
        fontsize=15,
        fontweight="bold",
        annotation_clip=False,
    )
    _frame(axes, name, places[-1])
    labelled = range(places[-1] % _stride(places[-1]), places[-1] + 1, _stride(places[-1]))
    axes.set_xticks(labelled, [_day(weeks[0], place) for place in labelled])
    png = BytesIO()
    figure.savefig(png, format="png")  # a figure of its own, without pyplot: drawn by Agg
    return png.getvalue()


def _frame(axes: "Axes", name: str, last: int) -> None:
    """Title and axes; `last` is the place of the last week, which has its label on the right."""
    axes.set_title(f"{name}: score, last {WEEKS} weeks", loc="left", color=INK, fontsize=14, fontweight="bold", pad=12)
    axes.set_ylim(0, 100)
    axes.set_yticks(range(0, 101, 25), [f"{percent} %" for percent in range(0, 101, 25)])
    axes.set_xlim(-0.3, last + max(1.0, last * 0.14))
    axes.tick_params(colors=INK, labelsize=12, length=0)
    axes.grid(axis="y", color=FAINT, linewidth=1)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(INK)


def _stride(last: int) -> int:
    """Weeks from one label to the next."""
    return -(-(last + 1) // MOST_LABELS)


def _day(first: Week, place: int) -> str:
    monday = first.monday + timedelta(weeks=place)
    return f"{monday.day} {monday:%b}"
