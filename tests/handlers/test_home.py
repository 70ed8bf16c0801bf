"""The Home's listeners: opened, pressed, kept up to date; and what is pressed there is what the card's buttons do."""

import json
from typing import Any

import pytest

from bot.domain.authority import Standing
from bot.domain.change import State
from bot.domain.home import Chain
from bot.domain.refusal import Refused
from bot.services import decisions
from handlers.actions import Actions
from handlers.commands import Commands
from handlers.home import LOOKS_FOR, MOST_LOOKING, Homes
from handlers.modals import Modals
from handlers.views import ids
from handlers.views.home_accounts import Chosen, load_chosen
from tests.builders import ACCOUNT, NOW, entitled, surveyed, trail
from tests.fakes_bot import Bot, bot
from tests.handlers.fake_slack import CHANNEL, TEAM, Acks, FakeSlack, TalkAtOnce, command, refusal, submission


class House:
    """A bot with its Homes, and the listeners that share their buttons."""

    def __init__(self, made: Bot, *channels: str) -> None:
        self.bot, self.slack, self.acks = made, FakeSlack(), Acks()
        self.talk = TalkAtOnce(made.world, self.slack, TEAM, frozenset(channels))  # type: ignore[arg-type]  # our stand-in
        self.homes = Homes(self.talk, lambda: Chain(NOW, 7))
        self.commands, self.actions, self.modals = Commands(self.talk), Actions(self.talk), Modals(self.talk)

    def asks(self, text: str, user: str = "UREQUESTER") -> None:
        self.commands.trail_audit(self.acks, command(text, user))  # type: ignore[arg-type]  # our stand-in

    def opens(self, user: str = "UALICE", tab: str = "home", team: str = TEAM) -> None:
        event = {"type": "app_home_opened", "user": user, "tab": tab, "channel": "D1"}
        self.homes.opened({"event": event, "team_id": team})

    def presses(self, listener: Any, value: str = "", user: str = "UALICE", team: str = TEAM) -> None:
        listener(self.acks, in_home(value, user, team))

    def sends(self, listener: Any, user: str = "UALICE", **values: Any) -> None:
        private = self.slack.of("views_open")[-1]["view"].private_metadata
        listener(self.acks, {**submission(private, values, user), "trigger_id": "t"})

    def turns(self, action: str, private: str, picked: str = "", value: str = "") -> None:
        option = {"selected_option": {"value": picked}} if picked else {}
        pressed = {"action_id": action, "value": value, **option}
        view = {"id": "V9", "hash": "9.h", "type": "modal", "private_metadata": private}
        self.homes.turned(self.acks, {**in_home("", "UALICE", TEAM), "actions": [pressed], "view": view})  # type: ignore[arg-type]  # our stand-in

    def homes_of(self, user: str) -> list[str]:
        published = (t["view"] for t in self.slack.of("views_publish") if t["user_id"] == user)
        return [json.dumps(v.to_dict(), ensure_ascii=False) for v in published]

    def windows(self) -> list[str]:
        return [json.dumps(t["view"].to_dict(), ensure_ascii=False) for t in self.slack.of("views_open")]


def in_home(value: str, user: str, team: str) -> dict[str, Any]:
    """As Slack sends a button of the Home: no channel, no message, no response URL."""
    return {
        "type": "block_actions",
        "actions": [{"value": value}],
        "user": {"id": user, "team_id": team},
        "team": {"id": TEAM},
        "container": {"type": "view", "view_id": "V1"},
        "view": {"id": "V1", "type": "home"},
        "trigger_id": "t",
    }


@pytest.fixture
def house() -> House:
    return House(bot())


@pytest.fixture
def waiting(house: House) -> House:
    house.asks(f"fix {ACCOUNT}")
    return house


def test_opening_it_makes_it(house: House) -> None:
    house.opens()
    (shown,) = house.homes_of("UALICE")
    assert "How CloudTrail stands" in shown
    assert "the chain of 7 entries held" in shown
    assert house.bot.aws.log == []


def test_the_messages_tab_makes_none(house: House) -> None:
    house.opens(tab="messages")
    assert house.slack.calls == []


def test_somebody_of_another_workspace_gets_none(house: House) -> None:
    house.opens(team="T9")
    assert house.homes_of("UALICE") == []
    assert "another workspace" in house.slack.told()[0]


def test_a_guests_home_says_why_it_is_closed(house: House) -> None:
    house.bot.directory.standings["UEVE"] = Standing.GUEST
    house.opens("UEVE")
    (shown,) = house.homes_of("UEVE")
    assert "for members of the workspace" in shown
    assert "button" not in shown


def test_what_waits_is_shown_to_who_may_decide_and_to_who_asked(waiting: House) -> None:
    for user in ("UBOB", "UREQUESTER", "UMALLORY"):
        waiting.opens(user)
    bob, requester, mallory = (waiting.homes_of(u)[0] for u in ("UBOB", "UREQUESTER", "UMALLORY"))
    deciding = {f'"action_id": "{id}"' for id in (ids.APPROVE, ids.DENY)}
    cancelling = f'"action_id": "{ids.CANCEL}"'
    assert all(button in bob for button in deciding)
    assert cancelling not in bob
    assert cancelling in requester
    assert not any(button in requester for button in deciding)
    assert not any(button in mallory for button in (*deciding, cancelling))


def test_approve_in_the_home_does_what_the_card_does_and_paints_it_again(waiting: House) -> None:
    waiting.opens("UBOB")
    waiting.presses(waiting.actions.approve, "C-1:0", "UBOB")
    assert waiting.bot.change().state is State.APPROVED
    assert waiting.bot.changes.started == [1]
    before, after = waiting.homes_of("UBOB")
    assert "Waiting for your approval: 1" in before
    assert "Waiting for your approval: 0" in after
    assert "APPROVED – starting" in after


def test_who_asked_may_not_approve_there_either_and_is_told_in_a_window(waiting: House) -> None:
    waiting.presses(waiting.actions.approve, "C-1:0", "UREQUESTER")
    assert waiting.bot.change().state is State.PROPOSED
    assert "somebody else must approve it" in waiting.windows()[0]
    assert waiting.slack.told() == []
    assert len(waiting.homes_of("UREQUESTER")) == 1


@pytest.mark.parametrize("value", ["", "C-", "C-9:0", "C-1;2", "../C-1"])
def test_a_tampered_value_changes_nothing(waiting: House, value: str) -> None:
    for listener in (waiting.actions.approve, waiting.actions.deny, waiting.actions.cancel):
        waiting.presses(listener, value)
    assert waiting.bot.change().state is State.PROPOSED
    assert len(waiting.windows()) == 3


def test_a_refusal_that_no_window_takes_comes_as_a_message(waiting: House) -> None:
    waiting.slack.refuses["views_open"] = [refusal("expired_trigger_id")]
    waiting.presses(waiting.actions.approve, "C-1:0", "UREQUESTER")
    assert "somebody else must approve it" in waiting.slack.told()[0]


def test_a_delete_asks_for_the_typed_name_there_too() -> None:
    house = House(bot(surveyed(trail("main"), trail("spare"))))
    house.bot.directory.may_approve = entitled("UALICE")
    house.asks(f"delete spare {ACCOUNT}")
    house.presses(house.actions.approve, "C-1:0")
    assert house.bot.changes.started == []
    house.sends(house.modals.delete, typed={"value": "sparse"})
    assert "Type spare to delete it" in str(house.acks.said[-1])
    assert house.slack.of("chat_postEphemeral") == []
    house.sends(house.modals.delete, typed={"value": "spare"})
    assert house.bot.changes.started == [1]
    assert "APPROVED – starting" in house.homes_of("UALICE")[-1]


def test_deny_and_cancel_work_there(waiting: House) -> None:
    waiting.presses(waiting.actions.deny, "C-1:0", "UBOB")
    waiting.sends(waiting.modals.deny, "UBOB", reason={"value": "not now"})
    assert waiting.bot.change().state is State.DENIED
    assert "DENIED" in waiting.homes_of("UBOB")[-1]
    waiting.asks(f"fix {ACCOUNT}")
    waiting.presses(waiting.actions.cancel, "C-2:0", "UREQUESTER")
    assert waiting.bot.change(2).state is State.CANCELLED


def test_where_the_bot_is_limited_to_channels_the_home_is_no_way_around() -> None:
    house = House(bot(), CHANNEL)
    house.asks(f"fix {ACCOUNT}")
    house.opens("UMALLORY")
    house.opens("UBOB")
    assert "approvers alone" in house.homes_of("UMALLORY")[0]
    house.presses(house.homes.audit_now, "all", "UMALLORY")
    house.presses(house.homes.accounts, "accounts", "UMALLORY")
    assert len(house.windows()) == 2
    assert all("approvers alone" in window for window in house.windows())
    assert house.bot.announcer.of("audit started") == []
    house.presses(house.actions.approve, "C-1:0", "UBOB")
    assert house.bot.change().state is State.APPROVED


# Audits and accounts


def test_audit_now_audits_everything_and_paints_the_score(house: House) -> None:
    house.presses(house.homes.audit_now, "all")
    ((run,),) = house.bot.announcer.of("audit started")
    assert (run.requester, run.channel, run.scope) == ("UALICE", "UALICE", ())
    assert "0 % of 1 account pass" in house.homes_of("UALICE")[-1]


def test_the_list_of_accounts_opens_and_turns_its_pages(house: House) -> None:
    house.presses(house.homes.accounts, "accounts")
    assert "Press Audit now first" in house.windows()[0]
    house.asks("")
    house.presses(house.homes.accounts, "accounts")
    assert ACCOUNT in house.windows()[1]
    private = house.slack.of("views_open")[1]["view"].private_metadata
    house.turns(ids.ACCOUNTS_VERDICT, private, picked="PASS")
    (update,) = house.slack.of("views_update")
    assert (update["view_id"], update["hash"]) == ("V9", "9.h")
    assert load_chosen(update["view"].private_metadata).verdict == "PASS"
    assert "No account" in json.dumps(update["view"].to_dict())
    assert house.homes_of("UALICE") == []


@pytest.mark.parametrize(
    ("action", "picked", "value"),
    [
        (ids.ACCOUNTS_UNIT, "../../etc", ""),
        (ids.ACCOUNTS_VERDICT, "MAYBE", ""),
        (ids.ACCOUNTS_NEXT, "", "10000000000"),
        (ids.ACCOUNTS_PREVIOUS, "", "-1"),
        (ids.ACCOUNTS_NEXT, "", "٣"),
        (ids.ACCOUNTS_NEXT, "", ""),
    ],
)
def test_a_tampered_choice_shows_what_there_is(house: House, action: str, picked: str, value: str) -> None:
    house.asks("")
    house.turns(action, "rubbish", picked, value)
    assert load_chosen(house.slack.of("views_update")[0]["view"].private_metadata) == Chosen()


# Kept up to date


def test_whoever_looks_sees_a_change_move(waiting: House) -> None:
    waiting.opens("UBOB")
    waiting.homes.tend()
    assert len(waiting.homes_of("UBOB")) == 1
    decisions.deny(waiting.bot.world, 1, "UALICE", "no")
    waiting.homes.tend()
    waiting.homes.tend()
    assert len(waiting.homes_of("UBOB")) == 2
    assert "Waiting for your approval: 0" in waiting.homes_of("UBOB")[-1]


def test_after_a_while_nobody_is_taken_to_look(waiting: House) -> None:
    waiting.opens("UBOB")
    waiting.bot.clock.move(seconds=LOOKS_FOR.total_seconds() + 1)
    decisions.deny(waiting.bot.world, 1, "UALICE", "no")
    waiting.homes.tend()
    assert len(waiting.homes_of("UBOB")) == 1


def test_only_so_many_are_kept_up_to_date(waiting: House) -> None:
    for n in range(MOST_LOOKING + 5):
        waiting.opens(f"U{n}")
        waiting.bot.clock.move(seconds=1)
    waiting.slack.calls.clear()
    decisions.deny(waiting.bot.world, 1, "UALICE", "no")
    waiting.homes.tend()
    assert sorted(t["user_id"] for t in waiting.slack.of("views_publish")) == sorted(f"U{n}" for n in range(5, 25))


def test_a_home_that_slack_does_not_take_is_no_error_for_anybody(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.slack.refuses["views_publish"] = [refusal("not_enabled")]
    house.opens()
    assert house.slack.told() == []
    assert "no Home for UALICE" in caplog.text


def test_a_store_that_breaks_is_an_answer(house: House) -> None:
    house.bot.changes.broken = ZeroDivisionError("the disk is full")
    house.opens()
    assert "Something broke." in house.slack.told()[0]


def test_a_group_that_cannot_be_read_is_said_in_the_home(waiting: House) -> None:
    waiting.bot.directory.unreadable = Refused("The group could not be read.")
    waiting.opens("UBOB")
    (shown,) = waiting.homes_of("UBOB")
    assert "What waits for you could not be told. The group could not be read." in shown
