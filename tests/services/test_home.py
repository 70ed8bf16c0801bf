"""The Home is gathered from what is stored: nothing is asked of AWS, and nobody sees more than they may."""

from datetime import time, timedelta
from typing import Any

import pytest

from bot.domain.authority import Standing
from bot.domain.change import Change, State
from bot.domain.digest import kept
from bot.domain.evidence import Fact
from bot.domain.home import Home
from bot.domain.refusal import Refused
from bot.domain.subscription import Subscription
from bot.ports import Run
from bot.services import decisions, digests, home, proposals, runs
from bot.services.chain import ChainWatch
from bot.services.proposals import Asker
from tests.builders import ACCOUNT, HOUR, NOW, account_report, change, elsewhere, entitled, report
from tests.fakes_bot import Bot, bot

ALL = frozenset[str]()


def of(made: Bot, user: str = "UALICE", channels: frozenset[str] = ALL) -> Home:
    return home.gather(made.world, user, channels, lambda: None)


def audited(made: Bot, id: str = "r1", channel: str = "C1", ago: timedelta = HOUR, scope: tuple[str, ...] = ()) -> None:
    at = NOW - ago
    made.runs.start(Run(id, channel, "UASKER", scope, at))
    made.runs.finish(id, report(account_report(), run=id, started=at, finished=at), at)


def proposed(made: Bot, requester: str = "UREQUESTER", **different: Any) -> Change:
    wished = change(0, plan=elsewhere(), requester=requester, **different)
    return made.changes.add(wished, lambda c: Fact(NOW, c.id, "proposed", requester, {}))


@pytest.fixture
def made() -> Bot:
    return bot()


def test_nothing_is_asked_of_aws(made: Bot) -> None:
    audited(made)
    proposed(made)
    of(made)
    assert (made.aws.log, made.aws.calls) == ([], [])


def test_the_newest_audit_of_everything_counts(made: Bot) -> None:
    assert of(made).audit is None
    audited(made, "old", ago=5 * HOUR)
    audited(made, "new")
    audited(made, "part", ago=timedelta(), scope=("prod",))
    made.runs.start(Run("running", "C1", "UX", ("prod",), NOW))
    found = of(made)
    assert found.audit
    assert (found.audit.report.run, found.audit.requester) == ("new", "UASKER")
    assert found.underway is None


def test_a_newer_digest_counts_too(made: Bot) -> None:
    audited(made, ago=5 * HOUR)
    at = NOW - HOUR
    made.history.add("C2", 0, "k", kept(None, report(account_report(), run="digest", finished=at)), at)
    found = of(made).audit
    assert found
    assert (found.report.run, found.channel, found.requester) == ("digest", "C2", "")


def test_an_audit_that_runs_is_told_and_keeps_a_second_from_starting(made: Bot) -> None:
    made.runs.start(Run("now", "C1", "UASKER", (), NOW))
    assert of(made).underway == NOW
    with pytest.raises(Refused, match="under way already, in #C1"):
        home.order_audit(made.world, "UALICE", ALL, "next")


@pytest.mark.parametrize(
    ("last", "channels", "place"),
    [
        ("", (), "UALICE"),
        ("C7", (), "C7"),
        ("C7", ("C7", "C8"), "C7"),
        ("C7", ("C9", "C8"), "C8"),
        ("", ("C9", "C8"), "C8"),
    ],
)
def test_a_report_comes_where_the_last_one_was_said(
    made: Bot, last: str, channels: tuple[str, ...], place: str
) -> None:
    if last:
        audited(made, channel=last)
    run = home.order_audit(made.world, "UALICE", frozenset(channels), "next")
    assert (run.channel, run.requester, run.scope) == (place, "UALICE", ())
    assert of(made, channels=frozenset(channels)).audits_in == place


def test_what_waits_for_me_is_what_i_may_decide_and_did_not_ask_for(made: Bot) -> None:
    theirs, own = proposed(made), proposed(made, "UALICE")
    assert [c.id for c in of(made).desk.decides] == [theirs.id]
    assert [c.id for c in of(made).desk.mine] == [own.id]
    assert [c.id for c in of(made, "UBOB").desk.decides] == [theirs.id, own.id]
    assert of(made, "UMALLORY").desk.decides == ()
    assert of(made, "UMALLORY").desk.mine == ()


def test_what_i_approved_or_what_is_over_waits_no_more(made: Bot) -> None:
    made.directory.may_approve = entitled("UALICE", "UBOB", "UCAROL")
    proposals.propose_fix(made.world, Asker("UREQUESTER", "C1"), ACCOUNT)
    decisions.approve(made.world, 1, "UALICE")
    assert of(made, "UBOB").desk.decides == ()
    assert [c.id for c in of(made).moving] == ["C-1"]
    late = proposed(made)
    made.clock.move(hours=5)
    assert of(made, "UBOB").desk.decides == ()
    assert late.state is State.PROPOSED


def test_the_rule_of_the_account_decides(made: Bot) -> None:
    one, other = proposed(made), proposed(made)
    made.directory.of[one.plan.account.id] = entitled("UCAROL")
    assert [c.id for c in of(made).desk.decides] == [other.id]
    assert [c.id for c in of(made, "UCAROL").desk.decides] == [one.id]


def test_what_nobody_can_tell_without_aws_is_counted(made: Bot) -> None:
    one = proposed(made)
    made.directory.unsure = {one.plan.account.id}
    assert (of(made).desk.decides, of(made).desk.unsure) == ((), 1)


def test_a_group_that_cannot_be_read_is_said_and_shows_no_buttons(made: Bot) -> None:
    proposed(made)
    own = proposed(made, "UALICE")
    made.directory.unreadable = Refused("The group could not be read.")
    desk = of(made).desk
    assert (desk.decides, [c.id for c in desk.mine]) == ((), [own.id])
    assert str(desk.unread) == "The group could not be read."


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.MEMBER])
def test_only_members_see_anything(made: Bot, standing: Standing) -> None:
    audited(made)
    made.directory.standings["UEVE"] = standing
    for ask in (
        lambda: of(made, "UEVE"),
        lambda: home.order_audit(made.world, "UEVE", ALL, "x"),
        lambda: home.report_for(made.world, "UEVE", ALL),
    ):
        with pytest.raises(Refused, match="for members of the workspace"):
            ask()


def test_a_standing_that_cannot_be_read_shows_nothing(made: Bot) -> None:
    made.directory.standings["UALICE"] = Refused("Slack cannot be reached.")
    with pytest.raises(Refused, match="cannot be reached"):
        of(made)


def test_where_the_bot_is_limited_to_channels_only_approvers_see_results(made: Bot) -> None:
    audited(made)
    limited = frozenset({"C1"})
    assert of(made, channels=limited).audit
    for ask in (
        lambda: of(made, "UDAVE", limited),
        lambda: home.order_audit(made.world, "UDAVE", limited, "x"),
        lambda: home.report_for(made.world, "UDAVE", limited),
    ):
        with pytest.raises(Refused, match="approvers alone"):
            ask()
    made.directory.unreadable = Refused("The group could not be read.")
    with pytest.raises(Refused, match="could not be read"):
        of(made, channels=limited)


def test_the_last_ten_that_ended_are_told_newest_first(made: Bot) -> None:
    for _ in range(12):
        made.clock.move(minutes=1)
        each = proposed(made)
        made.changes.save(each.moved(State.DENIED, made.clock.now()))
    assert [c.number for c in of(made).ended] == list(range(12, 2, -1))


def test_digests_and_what_is_unsent_are_told(made: Bot) -> None:
    made.subscriptions.put(Subscription("C1", time(9), "Europe/Paris", "UALICE", NOW))
    made.announcer.waiting = 3
    found = of(made)
    assert [s.channel for s in found.digests] == ["C1"]
    assert (found.health.unsent, found.health.head) == (3, made.evidence.head())


def test_a_list_of_accounts_needs_an_audit(made: Bot) -> None:
    with pytest.raises(Refused, match="Press Audit now first"):
        home.report_for(made.world, "UALICE", ALL)
    audited(made)
    assert home.report_for(made.world, "UALICE", ALL).run == "r1"


def test_the_pulse_changes_with_every_move_and_every_audit(made: Bot) -> None:
    seen = [home.pulse(made.world)]
    proposals.propose_fix(made.world, Asker("UREQUESTER", "C1"), ACCOUNT)
    seen.append(home.pulse(made.world))
    decisions.deny(made.world, 1, "UALICE", "no")
    seen.append(home.pulse(made.world))
    made.runs.start(Run("now", "C1", "UASKER", (), NOW))
    seen.append(home.pulse(made.world))
    assert len(set(seen)) == 4
    assert home.pulse(made.world) == seen[-1]


def test_the_chain_is_looked_through_and_a_break_is_told(made: Bot) -> None:
    watch = ChainWatch(made.evidence, made.clock)
    assert watch.last is None
    for n in range(3):
        made.evidence.record(Fact(NOW, f"C-{n}", "proposed", "UALICE", {}))
    watch.look()
    assert watch.last
    assert (watch.last.at, watch.last.entries, watch.last.problem) == (NOW, 3, "")
    del made.evidence.all[1]
    watch.look()
    assert "entry 2 is missing" in watch.last.problem


def test_the_units_of_the_last_digest_are_those_of_a_later_audit() -> None:
    made = bot()
    made.aws.units = {ACCOUNT: "Root/Prod"}
    digests.post_digest(made.world, "C1", "now:1")
    made.clock.move(hours=1)
    runs.run_audit(made.world, Run("later", "C1", "UALICE", (), made.clock.now()))
    found = home.newest_audit(made.world)
    assert found
    assert (found.report.run, found.report.accounts[0].account.path) == ("later", "Root/Prod")


def test_an_audit_never_goes_into_somebody_elses_conversation() -> None:
    made = bot()
    runs.run_audit(made.world, home.order_audit(made.world, "UALICE", ALL, "r1"))
    assert home.order_audit(made.world, "UBOB", ALL, "r2").channel == "UBOB"
