"""What was typed, as a command; a mistake is answered with words of its own."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.acceptance import Wanted
from handlers.parse import (
    VERBS,
    Accept,
    Audit,
    Command,
    Create,
    Delete,
    DigestAt,
    DigestNow,
    DigestOff,
    DigestShow,
    Fix,
    Help,
    ListChanges,
    ListExceptions,
    ShowChange,
    parse,
)
from handlers.views.help import EXAMPLES

ID = "111122223333"
ARN = f"arn:aws:cloudtrail:us-east-1:{ID}:trail/main"


def accept(until: str, reason: str, *named: str) -> Accept:
    return Accept(Wanted(named, until, reason))


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("", Audit(())),
        ("   ", Audit(())),
        ("all", Audit(())),
        ("ALL", Audit(())),
        (ID, Audit((ID,))),
        ("prod-payments", Audit(("prod-payments",))),
        ("ou:Prod", Audit(("ou:Prod",))),
        (f"{ID}, prod-payments ,ou:Prod", Audit((ID, "prod-payments", "ou:Prod"))),
        (f"{ID} all", Audit(())),
        (f"all {ID}", Audit(())),
        (",", Audit(())),
        (f"fix {ID}", Fix(ID)),
        (f"FIX   {ID}", Fix(ID)),
        (f"create {ID}", Create(ID)),
        (f"delete main {ID}", Delete("main", ID)),
        (f"delete {ARN} {ID}", Delete(ARN, ID)),
        ("changes", ListChanges()),
        ("change C-42", ShowChange(42)),
        ("change c-42", ShowChange(42)),
        ("change 42", ShowChange(42)),
        ("digest", DigestShow()),
        ("digest now", DigestNow()),
        ("digest NOW", DigestNow()),
        ("digest off", DigestOff()),
        ("digest 09:00 Europe/Paris", DigestAt(time(9), "Europe/Paris")),
        ("digest 9:05 Europe/Paris weekdays", DigestAt(time(9, 5), "Europe/Paris", "weekdays")),
        ("digest 23:59 UTC Weekdays", DigestAt(time(23, 59), "UTC", "weekdays")),
        ("digest 00:00 America/New_York daily", DigestAt(time(0), "America/New_York")),
        ("digest mondays 08:30 UTC", DigestAt(time(8, 30), "UTC", "mondays")),
        ("digest 10:00 UTC every day", DigestAt(time(10), "UTC")),
        ("digest Every Day 10:00 UTC web", DigestAt(time(10), "UTC", "daily", ("web",))),
        ("digest 10:00 UTC on Mondays", DigestAt(time(10), "UTC", "mondays")),
        ("digest every hour", DigestAt(time(0), "UTC", "hourly")),
        ("digest hourly", DigestAt(time(0), "UTC", "hourly")),
        ("digest hourly 00:15 ou:Prod", DigestAt(time(0, 15), "UTC", "hourly", ("ou:Prod",))),
        (
            "digest 09:00 Europe/Paris ou:Root/Prod web log-delivery only changes",
            DigestAt(time(9), "Europe/Paris", "daily", ("ou:Root/Prod", "web"), ("log-delivery",), only_changes=True),
        ),
        ("digest off D-3", DigestOff(3)),
        ("digest off 3", DigestOff(3)),
        ("digest off all", DigestOff(all=True)),
        ("exceptions", ListExceptions()),
        (f"accept {ID} until 2027-01-31 because it is closed", accept("2027-01-31", "it is closed", ID)),
        (f"ACCEPT {ID} x UNTIL 2027-01-31 Because  It   is", accept("2027-01-31", "It is", ID, "x")),
        (f"accept {ID} until 2027-01-31 because until then", accept("2027-01-31", "until then", ID)),
        (f"accept {ID} because of it until 2027-01-31", accept("", "of it until 2027-01-31", ID)),
        (f"accept {ID} until 31 January because of it", accept("31 January", "of it", ID)),
        (f"accept {ID} until 2027-01-31 because", accept("2027-01-31", "", ID)),
        (f"accept {ID} until", accept("", "", ID)),
        (f"accept {ID} a b", accept("", "", ID, "a", "b")),
        ("accept", accept("", "")),
        ("help", Help()),
        ("Help me", Help()),
    ],
)
def test_a_command_is_understood(typed: str, command: Command) -> None:
    assert parse(typed) == command


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("fix", "which account"),
        ("fix a b", "only one"),
        ("create", "which account"),
        ("create a b", "only one"),
        ("delete", "which trail"),
        ("delete main", "which trail"),
        (f"delete main {ID} now", "which trail"),
        ("changes please", "no more words"),
        ("change", "such as C-42"),
        ("change C-", "such as C-42"),
        ("change forty-two", "such as C-42"),
        ("change C-1 C-2", "such as C-42"),
        ("change C-1234567890123", "such as C-42"),
        ("change C--1", "such as C-42"),
        ("digest 09:00", "a time and a zone"),
        ("digest tomorrow", "a time and a zone"),
        ("digest 09:00 10:00 UTC", "one time, one zone and one rhythm"),
        ("digest off C-3", "Say which digest"),
        ("digest 24:00 UTC", "24:00 is no time of day"),
        ("digest 09:60 UTC", "09:60 is no time of day"),
        ("digest 9 UTC", "a time and a zone"),
        ("digest 09:00 Europe/Atlantis", "Europe/Atlantis is no time zone"),
        ("digest 09:00 ../../etc/passwd", "is no time zone"),
        ("digest 09:00 /etc/passwd", "is no time zone"),
        ("digest 09:00 Europe", "a time and a zone"),
        ("digest 09:00 CET\x00", "a time and a zone"),
        ("exceptions please", "no more words"),
    ],
)
def test_a_mistake_is_told_apart(typed: str, word: str) -> None:
    command = parse(typed)
    assert isinstance(command, Help)
    assert word in command.mistake


@pytest.mark.parametrize("example", [command for command, _ in EXAMPLES])
def test_every_example_of_the_help_is_a_command(example: str) -> None:
    command = parse(example.removeprefix("/trail-audit"))
    assert not isinstance(command, Help)


@given(st.text() | st.lists(st.sampled_from([*VERBS, "C-1", "09:00", "UTC", "weekdays", ID, "<!here>"])).map(" ".join))
def test_anything_typed_is_some_command(typed: str) -> None:
    assert isinstance(parse(typed), Command)
