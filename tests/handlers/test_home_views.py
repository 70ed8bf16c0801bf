"""The Home and the list of accounts, with the worst names there can be, against what Slack would refuse."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.models.views import View

from bot.domain.change import OPEN, State, Vote
from bot.domain.controls import CONTROLS
from bot.domain.evidence import GENESIS
from bot.domain.finding import AccountReport, Report, Verdict
from bot.domain.home import Audit, Chain, Desk, Health, Home
from bot.domain.refusal import Person, Refused
from bot.domain.trail import Account
from handlers.views import home as view
from handlers.views import ids
from handlers.views.blockkit import LONGEST_MESSAGE, characters, view_problems
from handlers.views.home_accounts import A_PAGE, Chosen, accounts, key_of, load_chosen
from tests.builders import HOUR, NOW, acceptance, active, change, exception, finding, plan, report, snapshot, trail
from tests.handlers.test_views import NASTY, WORST_SUBSCRIPTION, WORST_WHY

V = tuple(Verdict)
SIZES = (0, 1, 50, 10_000)


def fleet(size: int, name: str = NASTY, units: int = 300) -> Report:
    """Accounts in many units, deep and hostile, of every verdict."""
    each = (
        AccountReport(
            Account(f"{n:012}", name, f"Root/{n % units}/{NASTY}/{NASTY}"),
            tuple(finding(control=c, verdict=V[n % 3], why=WORST_WHY) for c in ("a", "b", "c")),
        )
        for n in range(size)
    )
    return report(*each, left_out=(NASTY,) * 5, complete=size != 50)


def worst_change(number: int, state: State = State.PROPOSED) -> Any:
    world = replace(snapshot(trail(NASTY, logging=False)), account=Account(f"{number:012}", NASTY, NASTY))
    votes = tuple(Vote(f"UVOTER{n}", True, NOW, NASTY) for n in range(5))
    made = plan(before=world)
    return change(number, plan=made, state=state, votes=votes, outcome=WORST_WHY, decided_at=NOW, channel="C1")


def worst_exception(number: int) -> Any:
    accepts = acceptance(*(c.id for c in CONTROLS), reason=(NASTY * 5)[:500])
    return active(number, accepts=accepts, before=worst_change(number).plan.before)


HEALTHY = Health(0.02, 0, "a" * 64, Chain(NOW, 40))


def made(**different: Any) -> Home:
    plain = Home(NOW, "C1", Desk(), HEALTHY)
    return replace(plain, **different)


def worst(size: int) -> Home:
    changes = tuple(worst_change(n) for n in range(1, 41))
    digests = tuple(replace(WORST_SUBSCRIPTION, id=n) for n in range(40))
    return made(
        now=NOW + 3 * 24 * HOUR,
        audit=Audit(fleet(size), "C1", "UALICE"),
        underway=NOW if size == 50 else None,
        desk=Desk(changes, changes, unsure=9, unread=Refused(f"{NASTY} ", Person("UX"), NASTY * 20)),
        moving=tuple(worst_change(n, State.UNKNOWN) for n in range(1, 41)),
        ended=tuple(worst_change(n, State.FAILED) for n in range(1, 11)),
        digests=digests,
        exceptions=tuple(worst_exception(n) for n in range(1, 41)),
        health=Health(1.5, 12_345, "f" * 64, Chain(NOW, 10**6, NASTY * 10)),
    )


def text(shown: View) -> str:
    return json.dumps(shown.to_dict(), ensure_ascii=False)


def markup_of_others(words: str) -> list[str]:
    return [bad for bad in ("<!channel>", "<@U1>", "<http") if bad in words]


@pytest.mark.parametrize("size", SIZES)
def test_the_worst_home_keeps_slacks_limits(size: int) -> None:
    shown = view.home(worst(size)).to_dict()
    assert view_problems(shown) == ()
    assert characters(shown["blocks"]) < LONGEST_MESSAGE
    assert len(json.dumps(shown).encode()) < 250_000


@pytest.mark.parametrize("size", SIZES)
def test_others_words_are_text_in_the_home(size: int) -> None:
    assert markup_of_others(text(view.home(worst(size)))) == []


LEFT_OUT = (
    " of 300 shown",
    "5 of 40 shown",
    " of 50 shown",
    "`/trail-audit digest` lists",
    "3330 more",
    "9 other changes",
)


def test_what_is_left_out_is_counted() -> None:
    words = text(view.home(worst(10_000)))
    for said in LEFT_OUT:
        assert said in words, said


def test_an_empty_home_says_what_to_do() -> None:
    words = text(view.home(made()))
    assert "Nothing was audited as a whole yet" in words
    assert "Nothing waits for you." in words
    assert ids.AUDIT_NOW in words
    assert ids.ACCOUNTS not in words
    assert "Your open requests" not in words
    assert view_problems(view.home(made()).to_dict()) == ()


def test_an_account_list_that_is_empty_is_no_pass() -> None:
    words = text(view.home(made(audit=Audit(report(), "C1"))))
    assert "UNKNOWN: there is no account in scope" in words
    assert ids.ACCOUNTS not in words


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=24), "24 hours ago"),
        (timedelta(hours=25), "*This is old.* As it was 25 hours ago"),
        (timedelta(days=9), "*This is old.* As it was 9 days ago"),
    ],
)
def test_it_says_how_old_the_result_is(age: timedelta, said: str) -> None:
    result = replace(fleet(1), finished=NOW - age)
    words = text(view.home(made(audit=Audit(result, "C1", "UALICE"))))
    assert said in words
    assert ("This is old" in words) == ("old" in said)


def test_units_are_named_with_their_score() -> None:
    words = text(view.home(made(audit=Audit(fleet(6, units=2), "C1", "UALICE"))))
    assert "By unit, worst first" in words
    assert "• *33 %*" in words


def test_without_units_only_the_counts_are_told() -> None:
    bare = report(*(replace(a, account=replace(a.account, path="")) for a in fleet(3).accounts))
    words = text(view.home(made(audit=Audit(bare, "C1", "UALICE"))))
    assert "1 FAIL · 1 UNKNOWN · 1 PASS" in words
    assert "no unit" not in words


def test_some_accounts_without_a_unit_are_a_unit_of_their_own() -> None:
    first, *others = fleet(3).accounts
    some = report(replace(first, account=replace(first.account, path="")), *others)
    assert "no unit, 1 account" in text(view.home(made(audit=Audit(some, "C1"))))


def test_while_an_audit_runs_no_other_is_offered() -> None:
    for audit in (None, Audit(fleet(2), "C1")):
        words = text(view.home(made(audit=audit, underway=NOW)))
        assert "under way since" in words
        assert ids.AUDIT_NOW not in words
        assert (ids.ACCOUNTS in words) is bool(audit)


def buttons(content: Home) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for block in view.home(content).to_dict()["blocks"]:
        elements = [*block.get("elements", ()), *filter(None, [block.get("accessory")])]
        found += [(e["action_id"], e["value"]) for e in elements if e["type"] == "button"]
    return found


def test_what_waits_has_the_cards_buttons_with_ids_only() -> None:
    waiting = change(7, version=3)
    content = made(desk=Desk(decides=(waiting,)))
    value = f"C-7:3:{waiting.plan.fingerprint}"
    assert buttons(content)[1:] == [(ids.APPROVE, value), (ids.DENY, value), (ids.FULL_PLAN, value)]
    assert "+ IsLogging: true" in text(view.home(content))


@pytest.mark.parametrize("state", sorted(OPEN))
def test_my_request_can_be_cancelled_while_it_waits(state: State) -> None:
    mine = change(7, state=state)
    content = made(desk=Desk(mine=(mine,)))
    wanted = ids.CANCEL if state is State.PROPOSED else ids.FULL_PLAN
    assert buttons(content)[1:] == [(wanted, f"C-7:0:{mine.plan.fingerprint}")]


def test_what_happened_says_who_asked_and_who_decided() -> None:
    votes = (Vote("UALICE", True, NOW), Vote("UBOB", True, NOW))
    denied = (Vote("UALICE", False, NOW, "no"),)
    over = (
        change(1, state=State.VERIFIED, votes=votes, decided_at=NOW),
        change(2, state=State.DENIED, votes=denied, decided_at=NOW),
        change(3, state=State.EXPIRED, decided_at=NOW),
    )
    words = text(view.home(made(ended=over)))
    assert "asked by <@UREQUESTER>, approved by <@UALICE>, <@UBOB>" in words
    assert "asked by <@UREQUESTER>, denied by <@UALICE>" in words
    assert "EXPIRED" in words


def test_health_tells_what_is_wrong() -> None:
    sick = Health(0.02, 3, "b" * 64, Chain(NOW, 4, "entry 2 was altered"))
    words = text(view.home(made(health=sick, audit=Audit(fleet(3), "C1"))))
    for said in ("3 messages still to be sent", "*BROKEN*", "entry 2 was altered", "trailwarden verify", "b" * 12):
        assert said in words, said
    assert "1 account could not be judged" in words
    assert "not looked through yet" in text(view.home(made(health=replace(sick, chain=None))))


@pytest.mark.parametrize(
    ("entries", "head", "said"),
    [
        (0, GENESIS, ("Evidence: no entry to look through", "; none yet")),
        (0, "b" * 64, ("Evidence: no entry to look through", f"; the newest entry now is `{'b' * 12}`")),
        (1, "b" * 64, ("Evidence: the chain of 1 entry held", f"; the newest entry now is `{'b' * 12}`")),
    ],
)
def test_what_was_written_after_the_last_look_is_no_part_of_it(entries: int, head: str, said: tuple[str, ...]) -> None:
    words = text(view.home(made(health=Health(0.02, 0, head, Chain(NOW, entries)))))
    assert [part for part in said if part not in words] == []


def test_a_closed_home_has_no_button() -> None:
    shown = view.closed("This is for members of the workspace.").to_dict()
    assert view_problems(shown) == ()
    assert {b["type"] for b in shown["blocks"]} == {"header", "section"}


# The list of accounts


def pages(result: Report) -> int:
    return max(1, -(-len(result.accounts) // A_PAGE))


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_accounts_keeps_slacks_limits_and_is_text(size: int) -> None:
    result = fleet(size)
    for page in {0, pages(result) // 2, pages(result) - 1}:
        shown = accounts(result, Chosen(page=page))
        assert view_problems(shown.to_dict()) == ()
        assert characters(shown.to_dict()["blocks"]) < LONGEST_MESSAGE + 8_000  # 100 options count
        assert markup_of_others(json.dumps([b for b in shown.to_dict()["blocks"] if b["type"] == "section"])) == []


def rows(shown: View) -> list[str]:
    return [b["text"]["text"] for b in shown.to_dict()["blocks"] if b["type"] == "section"]


def test_each_account_is_on_one_page() -> None:
    result = fleet(50)
    seen = [row for page in range(pages(result)) for row in rows(accounts(result, Chosen(page=page)))]
    assert len(seen) == len(set(seen)) == 50
    assert [r.split("*")[1] for r in seen] == ["FAIL"] * 17 + ["UNKNOWN"] * 16 + ["PASS"] * 17


def test_a_page_past_the_end_is_the_last_one() -> None:
    shown = accounts(fleet(50), Chosen(page=99))
    assert load_chosen(shown.private_metadata or "").page == 2
    assert "41 to 50 of 50 accounts" in text(shown)
    assert ids.ACCOUNTS_NEXT not in text(shown)
    assert ids.ACCOUNTS_PREVIOUS in text(shown)


def test_a_filter_shows_what_it_says() -> None:
    result = fleet(60, units=2)
    path = result.accounts[0].account.path
    shown = accounts(result, Chosen(key_of(path), "FAIL"))
    assert len(rows(shown)) == 10
    assert all(r.startswith("*FAIL*") for r in rows(shown))
    assert load_chosen(shown.private_metadata or "") == Chosen(key_of(path), "FAIL")


def test_a_chosen_unit_beyond_the_menus_end_is_in_the_menu() -> None:
    result = fleet(10_000)
    path = max(result.accounts, key=lambda a: a.account.path).account.path
    shown = accounts(result, Chosen(key_of(path)))
    assert view_problems(shown.to_dict()) == ()
    assert "The menu has the 99 worst of 300 units." in text(shown)


def test_nothing_found_is_said() -> None:
    assert "No account, worst first" in text(accounts(report(), Chosen()))


@pytest.mark.parametrize(
    "private",
    ["", "x", "[]", "{}", '{"unit": 1, "verdict": null, "page": "x"}', '{"unit": "a", "verdict": "b", "page": -3}'],
)
def test_private_data_that_is_not_ours_begins_anew(private: str) -> None:
    shown = accounts(fleet(50), load_chosen(private))
    assert "1 to 20 of 50 accounts" in text(shown)


# Exceptions and digests


def test_exceptions_are_shown_and_one_that_waits_is_a_change_like_any_other() -> None:
    there = (active(7), exception(8), active(9, state=State.ENDED, outcome="Its last day is over."))
    words = text(view.home(made(exceptions=there)))
    assert "*C-7*" in words
    assert "Its last day is over" in words
    assert "*C-8*" not in words


def test_an_exception_that_waits_for_me_says_what_is_accepted() -> None:
    words = text(view.home(made(desk=Desk(decides=(exception(8),)))))
    assert "Accepts `multi-region-trail` until the end of 2027-01-31" in words
    assert ids.APPROVE in words


def test_a_digest_has_its_buttons() -> None:
    words = text(view.home(made(digests=(WORST_SUBSCRIPTION,))))
    assert ids.DIGEST_CHANGE in words
    assert ids.DIGEST_OFF in words
    assert f"<#{WORST_SUBSCRIPTION.channel}>" in words
