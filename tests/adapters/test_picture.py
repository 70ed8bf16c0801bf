"""The picture is a PNG of one size, whatever is in it, and the library comes only with the first one."""

import struct
import subprocess
import sys
from datetime import date, timedelta

import pytest

from bot.adapters.picture import draw
from bot.domain.trend import Week

FIRST = date(2026, 9, 7)


def way(*scores: int) -> tuple[Week, ...]:
    return tuple(Week(FIRST + timedelta(weeks=n), score) for n, score in enumerate(scores))


@pytest.mark.parametrize("scores", [(60, 80), (0, 100), (100, 100, 0), tuple(range(12))])
def test_it_is_a_png_of_1200_by_600(scores: tuple[int, ...]) -> None:
    png = draw("D-3", way(*scores))
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (1200, 600)


def test_it_shows_the_scores() -> None:
    assert draw("D-3", way(60, 80)) == draw("D-3", way(60, 80)) != draw("D-3", way(60, 81))


def test_the_library_is_loaded_with_the_first_picture_only() -> None:
    script = "import sys, bot.app; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
