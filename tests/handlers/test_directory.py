"""Who may do what, as the workspace says now: the rule of the account, groups, and the state of each account."""

from typing import Any

import pytest

from bot.domain.authority import Authority, Quorum, Rule, Standing, Viewer
from bot.domain.refusal import Group, Person, Refused
from bot.domain.trail import Unreadable
from handlers.directory import SHOWN, SlackDirectory, Workplace
from tests.builders import account, denied
from tests.handlers.fake_slack import TEAM, FakeSlack, refusal

PROD, DEV = account("111122223333", "prod-web"), account("222233334444", "dev-web")


def reading(slack: FakeSlack, default: Rule, *rules: Rule, under: frozenset[str] | Unreadable = frozenset()) -> Any:
    return SlackDirectory(slack, Workplace(TEAM, Authority(default, rules), lambda _: under))  # type: ignore[arg-type]  # our stand-in


def of(slack: FakeSlack, *approvers: str) -> Any:
    return reading(slack, Rule(approvers))


def test_users_are_taken_as_they_are_and_nobody_is_asked() -> None:
    slack = FakeSlack()
    found = of(slack, "UALICE", "WBOB").approvers(PROD)
    assert found.users == {"UALICE", "WBOB"}
    assert found.named == (Person("UALICE"), Person("WBOB"))
    assert slack.calls == []


def test_a_group_is_read_afresh_each_time() -> None:
    slack = FakeSlack(groups={"S1": ["UALICE"]})
    directory = of(slack, "S1", "UCAROL")
    assert directory.approvers(PROD).users == {"UALICE", "UCAROL"}
    slack.groups["S1"] = ["UBOB"]
    assert directory.approvers(PROD).users == {"UBOB", "UCAROL"}
    assert directory.approvers(PROD).named == (Group("S1"), Person("UCAROL"))


@pytest.mark.parametrize(
    "error", [refusal("missing_scope"), refusal("no_such_subteam"), ConnectionResetError()], ids=lambda e: str(e)[:20]
)
def test_a_group_that_cannot_be_read_is_a_no(error: Exception) -> None:
    slack = FakeSlack(groups={"S1": ["UALICE"]}, refuses={"usergroups_users_list": [error]})
    with pytest.raises(Refused, match="nobody of it can decide now"):
        of(slack, "UALICE", "S1").approvers(PROD)


def test_nobody_configured_is_nobody() -> None:
    assert of(FakeSlack()).approvers(PROD).users == frozenset()


def test_without_requesters_everybody_may_ask() -> None:
    assert of(FakeSlack(), "UALICE").requesters(PROD) is None
    assert reading(FakeSlack(), Rule(("UALICE",), ("UBOB",))).requesters(PROD).users == {"UBOB"}


# Rules


def test_a_rule_is_for_its_account_and_the_default_for_the_others() -> None:
    rule = Rule(("UCAROL",), ("UDAVE",), ("S9",), Quorum(fix=2), accounts=(PROD.id,))
    directory = reading(FakeSlack(), Rule(("UALICE",)), rule)
    ours, others = directory.approvers(PROD), directory.approvers(DEV)
    assert (ours.users, ours.ping, ours.quorum.fix) == ({"UCAROL"}, (Group("S9"),), 2)
    assert (others.users, others.ping, others.quorum.fix) == ({"UALICE"}, (), 1)
    assert directory.requesters(PROD).users == {"UDAVE"}
    assert directory.requesters(DEV) is None


def test_a_unit_is_looked_up_and_one_that_cannot_be_is_a_no() -> None:
    rule = Rule(("UCAROL",), ("UDAVE",), unit="Prod")
    assert reading(FakeSlack(), Rule(), rule, under=frozenset({PROD.id})).approvers(PROD).users == {"UCAROL"}
    blind = reading(FakeSlack(), Rule(("UALICE",)), rule, under=denied("organizations:ListRoots"))
    for ask in (blind.approvers, blind.requesters, blind.shown):
        with pytest.raises(Refused, match="nobody can ask or decide there now; try again, or ask whoever runs"):
            ask(PROD)


# Accounts


@pytest.mark.parametrize(
    ("different", "standing"),
    [
        ({}, Standing.MEMBER),
        ({"deleted": True}, Standing.DEACTIVATED),
        ({"is_bot": True}, Standing.BOT),
        ({"is_stranger": True}, Standing.STRANGER),
        ({"team_id": "T2"}, Standing.STRANGER),
        ({"team_id": None}, Standing.STRANGER),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T3", TEAM]}}, Standing.MEMBER),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T3"]}}, Standing.STRANGER),
        ({"is_restricted": True}, Standing.GUEST),
        ({"is_restricted": True, "is_ultra_restricted": True}, Standing.GUEST),
    ],
    ids=str,
)
def test_only_a_member_is_one(different: dict[str, Any], standing: Standing) -> None:
    assert of(FakeSlack(users={"UALICE": different})).standing("UALICE") is standing


def test_an_account_is_read_afresh_each_time() -> None:
    slack = FakeSlack()
    directory = of(slack)
    assert directory.standing("UALICE") is Standing.MEMBER
    slack.users["UALICE"] = {"deleted": True}
    assert directory.standing("UALICE") is Standing.DEACTIVATED


@pytest.mark.parametrize("code", ["user_not_found", "users_not_found", "user_not_visible"])
def test_an_account_that_is_not_there_is_nobodys(code: str) -> None:
    assert of(FakeSlack(refuses={"users_info": [refusal(code)]})).standing("UALICE") is Standing.UNKNOWN


@pytest.mark.parametrize("error", [refusal("missing_scope"), refusal("fatal_error"), TimeoutError()], ids=str)
def test_an_account_that_cannot_be_read_is_a_no(error: Exception) -> None:
    with pytest.raises(Refused, match="could not be read, so nobody can decide now"):
        of(FakeSlack(refuses={"users_info": [error]})).standing("UALICE")


# Names


def test_for_a_card_people_and_groups_have_names_that_are_read_once() -> None:
    slack = FakeSlack(groups={"S1": []})
    directory = of(slack, "UALICE", "S1")
    for _ in range(2):
        assert [p.name for p in directory.shown(PROD).named] == ["Name of UALICE", "handle-of-S1"]
    assert len(slack.of("users_info")) == len(slack.of("usergroups_list")) == 1


def test_a_name_that_cannot_be_read_stays_empty_and_is_tried_again() -> None:
    slack = FakeSlack(refuses={"users_info": [refusal("fatal_error")]})
    directory = of(slack, "UALICE")
    assert [p.name for p in directory.shown(PROD).named] == [""]
    assert [p.name for p in directory.shown(PROD).named] == ["Name of UALICE"]


def test_of_very_many_only_those_that_are_shown_are_asked_for() -> None:
    slack = FakeSlack()
    found = of(slack, *(f"U{n}" for n in range(SHOWN + 5))).shown(PROD)
    assert len(found.named) == SHOWN + 5
    assert len(slack.of("users_info")) == SHOWN


def test_an_owner_has_a_name_and_stays_the_same_person_without_one() -> None:
    slack = FakeSlack(refuses={"users_info": [refusal("fatal_error")]})
    directory = of(slack)
    assert [directory.named(Person("UALICE")).name for _ in range(2)] == ["", "Name of UALICE"]
    assert directory.named(Person("UALICE")) == Person("UALICE")


# What somebody may see and decide, for the Home


def test_a_viewer_is_told_what_they_may_decide_and_each_group_is_read_once() -> None:
    slack = FakeSlack(groups={"S1": ["UBOB"], "S2": []})
    directory = reading(slack, Rule(("S1", "S2")), Rule(("UCAROL",), accounts=(DEV.id,)))
    found = directory.viewer("UBOB", (PROD, DEV, account("333344445555", "prod-api")))
    assert found == Viewer(approver=True, decides=frozenset({PROD.id, "333344445555"}))
    assert directory.viewer("UCAROL", (PROD, DEV)) == Viewer(approver=True, decides=frozenset({DEV.id}))
    assert directory.viewer("UDAVE", (PROD, DEV)) == Viewer()
    slack.calls.clear()
    directory.viewer("UDAVE", (PROD, DEV))
    assert sorted(t["usergroup"] for t in slack.of("usergroups_users_list")) == ["S1", "S2"]


def test_a_viewer_costs_no_look_into_aws() -> None:
    asked: list[str] = []

    def under(unit: str) -> frozenset[str]:
        asked.append(unit)
        return frozenset({PROD.id})

    rules = (Rule(("UBOB",), unit="Prod"),)
    directory = SlackDirectory(FakeSlack(), Workplace(TEAM, Authority(Rule(("UALICE",)), rules), under))  # type: ignore[arg-type]  # our stand-in
    below, beside = account(PROD.id, path="Root/Prod/Web"), account(DEV.id, path="Root/Dev")
    assert directory.viewer("UBOB", (below, beside)).decides == {PROD.id}
    assert directory.viewer("UALICE", (below, beside)).decides == {DEV.id}
    assert directory.viewer("UBOB", (PROD, DEV)) == Viewer(approver=True, unsure=frozenset({PROD.id, DEV.id}))
    assert asked == []
    directory.approvers(PROD)  # a card or a decision reads it, and what it read is remembered
    assert asked == ["Prod"]
    assert directory.viewer("UBOB", (PROD, DEV)) == Viewer(approver=True, decides=frozenset({PROD.id}))
    assert asked == ["Prod"]


def test_a_viewer_of_a_group_that_cannot_be_read_is_refused() -> None:
    slack = FakeSlack(groups={"S1": ["UALICE"]}, refuses={"usergroups_users_list": [refusal("missing_scope")]})
    with pytest.raises(Refused, match="could not be read"):
        of(slack, "S1").viewer("UALICE", (PROD,))
