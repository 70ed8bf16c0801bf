"""Which rule is an account's: the first that covers it, and none where that could not be looked at."""

from typing import get_args

import pytest

from bot.domain.authority import Authority, Quorum, Rule, is_below, rule_for
from bot.domain.plan import Kind
from bot.domain.trail import Account, Unreadable
from tests.builders import account, denied

PROD = account("111122223333", "prod-web")
DEFAULT = Rule(("UDEFAULT",))
FIRST, SECOND = Rule(("UFIRST",), accounts=("prod-*",)), Rule(("USECOND",), accounts=("111122223333",))
UNIT = Rule(("UUNIT",), unit="Prod")
INSIDE, OUTSIDE, BLIND = frozenset({"111122223333"}), frozenset({"222233334444"}), denied("organizations:ListRoots")

RULES = [
    ("no rule", (), PROD, INSIDE, DEFAULT),
    ("its id", (SECOND,), PROD, INSIDE, SECOND),
    ("its name, by a pattern", (FIRST,), PROD, INSIDE, FIRST),
    ("the first of two", (FIRST, SECOND), PROD, INSIDE, FIRST),
    ("the first of two, the other way round", (SECOND, FIRST), PROD, INSIDE, SECOND),
    ("another account", (SECOND,), account("222233334444", "prod-web"), INSIDE, DEFAULT),
    ("its unit", (UNIT,), PROD, INSIDE, UNIT),
    ("another unit", (UNIT, SECOND), PROD, OUTSIDE, SECOND),
    ("a unit that cannot be read", (UNIT, SECOND), PROD, BLIND, BLIND),
    ("a unit that cannot be read, behind a match", (SECOND, UNIT), PROD, BLIND, SECOND),
]


@pytest.mark.parametrize(("rules", "here", "under", "found"), [r[1:] for r in RULES], ids=[r[0] for r in RULES])
def test_the_first_rule_that_covers_the_account_is_its_rule(
    rules: tuple[Rule, ...], here: Account, under: frozenset[str] | Unreadable, found: Rule | Unreadable
) -> None:
    assert rule_for(Authority(DEFAULT, rules), here, lambda _: under) == found


@pytest.mark.parametrize(
    ("pattern", "name", "covered"),
    [
        ("prod-*", "prod-web", True),
        ("PROD-*", "prod-web", True),
        ("prod-*", "prod-", True),
        ("prod-*", "my-prod-web", False),
        ("*web", "prod-web", True),
        ("p*d-*b", "prod-web", True),
        ("prod-web", "prod-web", True),
        ("prod-web", "prod-website", False),
        ("prod.web", "prod-web", False),
        ("prod-[w]eb", "prod-[w]eb", True),
        ("prod-?eb", "prod-web", False),
        ("*", "anything at all", True),
    ],
)
def test_an_asterisk_stands_for_any_letters_and_nothing_else_is_special(pattern: str, name: str, covered: bool) -> None:
    rule = Rule(accounts=(pattern,))
    found = rule_for(Authority(DEFAULT, (rule,)), account(name=name), lambda _: OUTSIDE)
    assert found == (rule if covered else DEFAULT)


def test_where_an_account_has_no_name_a_rule_on_names_may_be_its_rule_and_nobody_knows() -> None:
    """The default may be the laxer one."""
    found = rule_for(Authority(DEFAULT, (FIRST,)), account(name=""), lambda _: OUTSIDE)
    assert isinstance(found, Unreadable)
    assert found.sentence == "the account's name is not known"
    both = Rule(accounts=("prod-*", "111122223333"))
    assert rule_for(Authority(DEFAULT, (both,)), account(name=""), lambda _: OUTSIDE) == both


def test_a_unit_is_asked_for_only_when_its_rule_is_reached() -> None:
    asked: list[str] = []

    def under(unit: str) -> frozenset[str]:
        asked.append(unit)
        return OUTSIDE

    rule_for(Authority(DEFAULT, (SECOND, UNIT)), PROD, under)
    assert asked == []
    rule_for(Authority(DEFAULT, (UNIT, SECOND, Rule(unit="Later"))), PROD, under)
    assert asked == ["Prod"]


def test_a_quorum_is_by_kind() -> None:
    assert {kind: Quorum(fix=2).of(kind) for kind in get_args(Kind)} == {
        "fix": 2,
        "create": 1,
        "update": 1,
        "delete": 2,
        "undo": 1,
        "accept": 1,
    }


@pytest.mark.parametrize(
    ("path", "unit", "inside"),
    [
        ("Root/Prod", "Prod", True),
        ("Root/Prod", "Root/Prod", True),
        ("Root/Prod", "/Root/Prod/", True),
        ("Root/Prod/Web", "Prod", True),
        ("Root/Prod/Web", "Prod/Web", True),
        ("Root/Prod/Web", "Root", True),
        ("Root/Prod/Web", "Root/Web", False),
        ("Root/Production", "Prod", False),
        ("Root/Dev/Prod2", "Prod", False),
        ("Root/Prod", "", False),
        ("Root/Prod", "/", False),
    ],
)
def test_a_path_tells_whether_an_account_is_below_a_unit(path: str, unit: str, inside: bool) -> None:
    assert is_below(path, unit) is inside
