"""What others wrote is text: no markup, no mention, no link, whatever they wrote."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.refusal import Group, Person, Refused
from handlers.views import words
from tests.builders import account

FORMATTED = re.compile(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
CONTROL = re.compile(r"<(?!/)|>|&(?!(amp|lt|gt);)")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain", "plain"),
        ("R&D <prod>", "R&amp;D &lt;prod&gt;"),
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U123>", "&lt;@U123&gt;"),
        ("<http://evil.example|AWS>", "&lt;http://evil.example|AWS&gt;"),
        ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
        ("my_trail_1", "my_trail_1"),
        ("2*3", "2∗3"),
        ("*bold*", "∗bold∗"),
        ("_it_", "ˍitˍ"),
        ("~no~", "∼no∼"),
        ("`code`", "ˋcodeˋ"),
        ("two\nlines", "two lines"),
        ("a\r\n*FAIL*", "a  ∗FAIL∗"),
        ("nul\x00 bell\x07", "nul  bell"),
        ("evil\u202egnp.exe", "evil gnp.exe"),
        ("zero\u200bwidth", "zero width"),
        ("  spaces  ", "spaces"),
        ("", ""),
        ("Ärger 日本 🙂", "Ärger 日本 🙂"),
    ],
)
def test_what_others_wrote_is_shown_as_text(written: str, shown: str) -> None:
    assert words.escape(written) == shown


NASTY = st.text(st.sampled_from("ab1 <>&*_~`!@|#\n\u202e\u200b;lt"), max_size=60) | st.text(max_size=60)


@given(NASTY)
@example("<!channel>")
def test_nothing_that_others_wrote_is_a_command_or_a_format(written: str) -> None:
    shown = words.escape(written)
    assert not CONTROL.search(shown)
    assert not FORMATTED.search(shown)
    assert shown.isprintable()


@given(NASTY)
def test_prose_with_anything_in_it_is_no_command(written: str) -> None:
    shown = words.prose(f"Could not look: {written}. Type `/trail-audit fix 1`.")
    assert not CONTROL.search(shown)
    assert "\n" not in shown
    assert "\u202e" not in shown


@given(st.lists(NASTY, min_size=1, max_size=5).map(tuple), st.integers(60, 400))
def test_code_is_closed_and_harmless_and_short(lines: tuple[str, ...], limit: int) -> None:
    shown = words.code_block(lines, limit)
    assert len(shown) <= limit + 6
    assert not CONTROL.search(shown)
    assert shown.startswith("```")
    assert shown.endswith("```")
    assert "```" not in shown[3:-3]


@given(st.lists(st.text(st.sampled_from("ab<&"), max_size=900), max_size=8).map(tuple))
def test_code_in_several_blocks_loses_nothing(lines: tuple[str, ...]) -> None:
    blocks = words.code_blocks(lines, 1_000)
    assert all(len(b) <= 1_006 for b in blocks)
    whole = "".join(b[3:-3] for b in blocks).replace("\n", "")
    assert whole == "".join(lines).replace("&", "&amp;").replace("<", "&lt;")


def test_code_that_is_cut_says_so() -> None:
    assert words.code_block(("x" * 50,) * 50, 500).endswith("x\n… cut here; press Full plan```")


@given(NASTY, st.integers(10, 80))
def test_what_is_cut_is_cut_visibly_and_between_commands(written: str, limit: int) -> None:
    text = f"{words.escape(written)} <@U1> {words.when(datetime(2026, 1, 1, tzinfo=UTC))}"
    shown = words.cut(text, limit)
    assert len(shown) <= limit
    assert shown == text or shown.rstrip("`").endswith("…")
    assert shown.count("<") == shown.count(">")
    assert not re.search(r"&(?!(amp|lt|gt);)", shown)


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Type `/trail-audit fix <id>` & see.", "Type `/trail-audit fix &lt;id&gt;` &amp; see."),
        ("`<!channel>` stays", "`&lt;!channel&gt;` stays"),
        ("one ` backtick", "one ˋ backtick"),
        ("", ""),
    ],
)
def test_code_in_a_sentence_of_ours_stays_code(sentence: str, shown: str) -> None:
    assert words.prose(sentence) == shown


def test_a_refusal_names_people_groups_and_times() -> None:
    refused = Refused(
        "Ask ", Person("U1"), " or ", Group("S1"), " before ", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "."
    )
    assert words.refusal(refused) == (
        "Ask <@U1> or <!subteam^S1> before <!date^1767323040^{date_short_pretty} {time}|2026-01-02 03:04 UTC>."
    )


def test_the_fallback_of_a_time_is_in_utc_whatever_zone_it_came_in() -> None:
    paris = datetime(2026, 1, 2, 4, 4, tzinfo=timezone(timedelta(hours=1)))
    assert "|2026-01-02 03:04 UTC>" in words.when(paris)


def test_a_refusal_with_nasty_words_mentions_nobody() -> None:
    assert words.refusal(Refused("No account is called <!channel>.")) == "No account is called &lt;!channel&gt;."


def test_a_long_name_is_cut_and_the_id_never() -> None:
    shown = words.label(account(name="n" * 200))
    assert shown.endswith("… (111122223333)")
    assert len(shown) < 70


@pytest.mark.parametrize(("count", "words_"), [(0, "0 accounts"), (1, "1 account"), (2, "2 accounts")])
def test_plural(count: int, words_: str) -> None:
    assert words.plural(count, "account") == words_
