"""Backstage's tab "AWS": what it tells of the pretend AWS, and which deeds it refuses without a look at AWS."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.playground.aws import MANAGEMENT_ACCOUNT, RunningAws, start_aws
from bot.playground.backstage.trail_words import ago, delivery, recorded
from bot.playground.backstage.trails import Trails
from tests.playground.backstage_steps import (
    DATA,
    KMS,
    LEDGER,
    MANAGEMENT,
    ORDERS,
    PAYMENTS,
    TOOLS,
    VAULT,
    WEB,
    account,
    advanced,
    basic,
    do,
    texts,
    trail,
)


@pytest.fixture(scope="module")
def seeded() -> Iterator[RunningAws]:
    """Nothing here changes it."""
    running = start_aws()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def tab(seeded: RunningAws) -> Trails:
    return Trails(seeded)


def test_every_account_is_shown_with_its_place_and_without_the_suspended_one(seeded: RunningAws, tab: Trails) -> None:
    assert seeded.organization
    shown = [(a["id"], a["name"], a["path"]) for a in tab.shown()["accounts"]]
    assert shown == [(a.id, a.name, a.path) for a in seeded.organization.audited]


def test_what_is_wrong_is_what_the_bots_audit_would_fail_or_cannot_read(seeded: RunningAws, tab: Trails) -> None:
    assert seeded.organization
    wrong = {a["id"] for a in tab.shown()["accounts"] if a["wrong"]}
    assert wrong == {a.id for a in seeded.organization.audited if "FAIL" in a.expected.values() or not a.roles}


@pytest.mark.parametrize(
    ("id", "said", "bad"),
    [
        (WEB, ["logging", "all regions", "all management events", "validation on"], []),
        (PAYMENTS, ["logging", "us-east-1 only", "all management events", "validation on"], ["us-east-1 only"]),
        (LEDGER, ["stopped", "all regions", "all management events", "validation on"], ["stopped"]),
        (TOOLS, ["logging", "all regions", "all management events", "validation off"], ["validation off"]),
        (
            DATA,
            ["logging", "all regions", "management writes only, and other events", "validation on"],
            ["management writes only, and other events"],
        ),
    ],
)
def test_a_trail_is_told_in_short_words(tab: Trails, id: str, said: list[str], bad: list[str]) -> None:
    facts = trail(tab, id)["facts"]
    assert texts(facts) == said
    assert [fact["text"] for fact in facts if fact["wrong"]] == bad


def test_a_member_has_a_copy_of_the_organization_trail(tab: Trails) -> None:
    owned, copy = trail(tab, MANAGEMENT_ACCOUNT), trail(tab, ORDERS)
    assert (owned["own"], copy["own"]) == (True, False)
    assert owned["arn"] == copy["arn"]
    assert "organization trail" in texts(copy["facts"])


def test_an_account_without_a_trail_and_one_that_lets_nobody_in_say_so(tab: Trails) -> None:
    assert texts(account(tab, "890123456789")["notes"]) == ["No trail."]
    assert texts(account(tab, VAULT)["notes"]) == ["The bot's roles are missing here."]
    assert account(tab, VAULT)["closed"]


def test_deliveries_are_told_by_their_age_or_their_error(tab: Trails) -> None:
    fine = trail(tab, WEB)["delivery"]
    assert re.fullmatch(r"(less than a|\d) minutes? ago", fine.pop("age"))
    assert fine == {"text": "last log file", "wrong": False}
    assert trail(tab, LEDGER)["delivery"] == {"text": "last log file", "wrong": True, "age": "3 days ago"}
    assert trail(tab, "789012345678")["delivery"] == {"text": "delivery fails: AccessDenied", "wrong": True, "age": ""}
    assert delivery({"Status": {"IsLogging": True}}, datetime.now(UTC)).text == "no log file yet"


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=59), "less than a minute ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1, hours=23), "1 day ago"),
    ],
)
def test_an_age_is_rough(age: timedelta, words: str) -> None:
    assert ago(age) == words


@pytest.mark.parametrize(
    ("selectors", "words"),
    [
        ([basic()], "all management events"),
        ([basic("ReadOnly")], "management reads only"),
        ([basic("ReadOnly"), basic("WriteOnly")], "all management events"),
        ([basic(on=False, data=True)], "management events off, and other events"),
        ([basic(without=(KMS,))], "all management events but kms"),
        ([basic(without=(KMS, "rdsdata.amazonaws.com"))], "all management events but kms and rdsdata"),
        ([basic("ReadOnly", without=(KMS,)), basic("WriteOnly")], "all management events"),
    ],
)
def test_basic_selectors_in_short_words(selectors: list[dict[str, Any]], words: str) -> None:
    assert recorded({"EventSelectors": selectors}).text == words


@pytest.mark.parametrize(
    ("selectors", "words"),
    [
        ([advanced(eventCategory=MANAGEMENT)], "all management events"),
        ([advanced(eventCategory=MANAGEMENT, readOnly=["true"])], "management reads only"),
        ([advanced(eventCategory=MANAGEMENT, readOnly=["false"])], "management writes only"),
        ([advanced(eventCategory=MANAGEMENT, eventSource=[KMS])], "all management events but kms"),
        ([advanced(eventCategory=["Data"])], "management events off, and other events"),
    ],
)
def test_advanced_selectors_in_short_words(selectors: list[dict[str, Any]], words: str) -> None:
    assert recorded({"AdvancedEventSelectors": selectors}).text == words


TRAIL_DEEDS = ("stop", "start", "narrow", "delete-bucket")
ACCOUNT_DEEDS = ("deny-reading", "deny-changes", "allow", "throttle")
HOSTILE = ("765432109876", "../../etc/passwd", "<img src=x onerror=alert(1)>", "1" * 100_000)


@pytest.mark.parametrize("deed", [*TRAIL_DEEDS, *ACCOUNT_DEEDS])
@pytest.mark.parametrize("id", HOSTILE, ids=["suspended", "path", "markup", "long"])
def test_an_account_that_is_not_there_is_refused_without_repeating_it(tab: Trails, deed: str, id: str) -> None:
    with pytest.raises(LookupError, match=r"^There is no such account in the organization\.$"):
        tab.deeds[deed]({"account": id, "trail": "x"})


@pytest.mark.parametrize("deed", [*TRAIL_DEEDS, *ACCOUNT_DEEDS, "add-account"])
@pytest.mark.parametrize("asked", [{}, [], None, "x", {"account": 1, "name": {}}, {"account": " ", "name": ""}])
def test_a_body_that_says_nothing_is_refused_in_words(tab: Trails, deed: str, asked: Any) -> None:
    with pytest.raises(ValueError, match=r"^Say which (account|name)\.$"):
        tab.deeds[deed](asked)


@pytest.mark.parametrize("deed", TRAIL_DEEDS)
@pytest.mark.parametrize("arn", [f"arn:aws:cloudtrail:us-east-1:{PAYMENTS}:trail/payments-trail", "<b>", "../x"])
def test_a_trail_of_another_account_is_refused(tab: Trails, deed: str, arn: str) -> None:
    with pytest.raises(LookupError, match=r"^prod-web has no such trail any more\.$"):
        tab.deeds[deed]({"account": WEB, "trail": arn})


@pytest.mark.parametrize("deed", TRAIL_DEEDS)
def test_a_copy_is_changed_by_its_owner_only(tab: Trails, deed: str) -> None:
    with pytest.raises(LookupError, match=r"^organization-trail is a copy here: only the account that owns it"):
        do(tab, deed, ORDERS)


@pytest.mark.parametrize("name", ["x" * 51, "Büro", "a\nb", "\u202e gnp"])
def test_a_name_that_aws_would_not_take_is_refused(tab: Trails, name: str) -> None:
    before = len(tab.shown()["accounts"])
    with pytest.raises(ValueError, match=r"^An account's name has 1 to 50 characters"):
        tab.deeds["add-account"]({"name": name})
    assert len(tab.shown()["accounts"]) == before


def test_looking_asks_aws_nothing(seeded: RunningAws, tab: Trails) -> None:
    before = len(seeded.calls())
    tab.shown()
    assert len(seeded.calls()) == before
