"""Every message and form, with the worst that AWS and people can write, against what Slack would refuse."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from slack_sdk.models.views import View

from bot.domain.census import duplicate_sentences
from bot.domain.change import OPEN, Change, Entitled, State, Vote
from bot.domain.check import Check
from bot.domain.control import Profile
from bot.domain.controls import CONTROLS
from bot.domain.creation import plan_create
from bot.domain.deletion import plan_delete
from bot.domain.evidence import Entry, Fact, chained
from bot.domain.finding import Accepted, AccountReport, Finding, Report, Verdict
from bot.domain.form import Choice, TrailForm, default_form
from bot.domain.plan import Plan, lost
from bot.domain.refusal import Group, Person
from bot.domain.repair import plan_fix
from bot.domain.resources import Key
from bot.domain.selectors import Selectors
from bot.domain.statements import Writer, bucket_statements
from bot.domain.steps import PutEventSelectors
from bot.domain.subscription import Subscription
from bot.domain.support import leans_on
from bot.domain.trail import Account, Bucket, Snapshot, Survey
from bot.ports import Run
from handlers.views import (
    card,
    changes,
    exceptions,
    help,
    ids,
    modals,
    notice,
    report,
    subscriptions,
    trail_form,
    trail_review,
    verbatim,
    verdicts,
)
from handlers.views.blockkit import characters, problems, view_problems
from handlers.views.message import Message
from handlers.views.words import prose, when
from tests.builders import (
    ACCOUNT,
    DEFAULTS,
    HOUR,
    NOW,
    REGION,
    acceptance,
    account,
    active,
    change,
    delivery,
    entitled,
    exception,
    fields,
    plan,
    surveyed,
    trail,
    trail_arn,
    update,
)
from tests.handlers.test_trail_form import LONGEST as WHOLE_FORM
from tests.handlers.test_trail_form import LONGEST_UPDATE as WHOLE_UPDATE

LONGEST = 9_000
"""Characters over all blocks of a message, as we want it; Slack's own limit is higher."""
NASTY = ("<!channel>*_~`<@U1>&\u202e:boom:<http://evil.example|ok>\n```" * 5)[:128]
WORST_WHY = f"Trail {NASTY} (us-east-1) cannot deliver to bucket {NASTY}: {NASTY}."
NAMES = {"no name": "", "a name": "prod-payments", "the worst name": NASTY}
BUTTONS = {ids.APPROVE, ids.DENY, ids.CANCEL, ids.FULL_PLAN}

Json = dict[str, Any]


def assert_fine(message: Message) -> None:
    """Slack accepts it, it is short enough, and nothing in it that others wrote has become a command."""
    blocks = message.as_dicts()
    assert problems(blocks, "message") == ()
    assert characters(blocks) <= LONGEST, characters(blocks)
    assert problems(message.plainly(), "message") == ()
    assert 0 < len(message.text) <= 3_000
    for text in (message.text, *marked(blocks)):
        assert_harmless(text)
    for text in plain(blocks):
        assert text.isprintable(), text


def assert_view_fine(view: View) -> None:
    made = view.to_dict()
    assert view_problems(made) == ()
    for text in marked(made["blocks"]):
        assert_harmless(text)


OURS = re.compile(r"<[@#][A-Z0-9]+>|<!subteam\^[A-Z0-9]+>|<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>]*>")


def assert_harmless(text: str) -> None:
    rest = OURS.sub("", text)
    assert not re.search(r"[<>]", rest), rest
    assert "\u202e" not in rest
    assert "@U1>" not in text
    assert rest.count("```") % 2 == 0, rest


def marked(part: object) -> Iterator[str]:
    """Every text that Slack reads for marks."""
    for text in texts(part):
        if text["type"] == "mrkdwn":
            yield text["text"]


def plain(part: object) -> Iterator[str]:
    for text in texts(part):
        if text["type"] != "mrkdwn":
            yield text["text"]


def texts(part: object) -> Iterator[Json]:
    if isinstance(part, dict):
        if isinstance(part.get("text"), str) and "type" in part:
            yield part
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            yield from texts(item)


def buttons(message: Message) -> dict[str, str]:
    """Value by action id, of the block of actions."""
    found = [e for b in message.as_dicts() if b["type"] == "actions" for e in b["elements"]]
    assert len({e["action_id"] for e in found}) == len(found)
    return {e["action_id"]: e["value"] for e in found}


# Reports

ALL = tuple(c.id for c in CONTROLS)


def number(n: int) -> str:
    return f"{111100000000 + n}"


def judged(n: int, name: str, verdict: Verdict, why: str = "Trail main (us-east-1) is not logging.") -> AccountReport:
    findings = tuple(Finding(c, verdict, why, warnings=("sources-excluded",)).warned("paid-copy", why) for c in ALL)
    return AccountReport(account(number(n), name), findings)


FIRST = Finding("multi-region-trail", Verdict.FAIL, "Main is stopped.", "main", ("not-logging",))
FOLLOWERS = [
    ("the same trail, stopped", "main", ("not-logging",), False),
    ("another trail, stopped", "spare", ("not-logging",), True),
    ("the same trail, and more", "main", ("not-logging", "no-object-read-events"), True),
    ("the same trail, for another reason", "main", ("no-kms-key",), True),
    ("no trail at all", None, ("no-multi-region-trail",), False),
]


@pytest.mark.parametrize(("resource", "reasons", "told"), [f[1:] for f in FOLLOWERS], ids=[f[0] for f in FOLLOWERS])
def test_what_a_further_control_adds_is_told_and_what_follows_is_only_named(
    resource: str | None, reasons: tuple[str, ...], told: bool
) -> None:
    other = Finding("cloudwatch-logs", Verdict.FAIL, "Nothing reaches the log group.", resource, reasons)
    text = report.account_text(AccountReport(account(), (FIRST, other)))
    assert ("Nothing reaches the log group." in text) == told
    assert ("So `cloudwatch-logs` fails too." in text) != told


def reported(total: int, name: str, why: str, verdicts: tuple[Verdict, ...] = tuple(Verdict)) -> Report:
    accounts = tuple(judged(n, f"{name}{n}" if name else "", verdicts[n % len(verdicts)], why) for n in range(total))
    return Report("run-1", Profile.CIS, ALL, accounts, NOW, NOW + timedelta(seconds=9), (f"{name} left",))


RUN = Run("run-1", "C1", "UREQUESTER", (), NOW, "1.0")
SIZES = (0, 1, 4, 5, 6, 20, 143)
MIXES = {
    "all kinds": tuple(Verdict),
    "all fail": (Verdict.FAIL,),
    "all unknown": (Verdict.UNKNOWN,),
    "all pass": (Verdict.PASS,),
}


@pytest.mark.parametrize("mix", MIXES.values(), ids=MIXES)
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("total", SIZES)
def test_a_report_of_any_size_is_accepted(total: int, name: str, mix: tuple[Verdict, ...]) -> None:
    made = reported(total, name, WORST_WHY if name == NASTY else "Trail main (us-east-1) is not logging.", mix)
    assert_fine(report.finished(RUN, made, None))
    assert_fine(report.finished(replace(RUN, scope=(NASTY,) * 20), made, made))


def test_a_report_of_ten_thousand_accounts_is_accepted() -> None:
    assert_fine(report.finished(RUN, reported(10_000, NASTY, WORST_WHY), None))


@pytest.mark.parametrize(
    ("verdicts", "first"),
    [
        ((Verdict.FAIL, Verdict.PASS), "FAIL: 1 of 2 accounts"),
        ((Verdict.UNKNOWN, Verdict.PASS), "UNKNOWN: nothing fails, but 1 of 2 accounts could not be judged."),
        ((Verdict.PASS, Verdict.PASS), "PASS: CloudTrail is on in 2 of 2 accounts."),
        ((), "UNKNOWN: there is no account in scope."),
    ],
    ids=["fail", "unknown", "pass", "nothing"],
)
def test_a_report_says_first_whether_it_is_bad(verdicts: tuple[Verdict, ...], first: str) -> None:
    made = reported(len(verdicts), "web", "because", verdicts or tuple(Verdict))
    shown = report.finished(RUN, made, None)
    assert shown.text.startswith(first)
    assert shown.as_dicts()[0]["text"]["text"].startswith(first)


def test_a_report_that_misses_accounts_is_no_pass() -> None:
    made = replace(reported(2, "web", "because", (Verdict.PASS,)), complete=False)
    first = "UNKNOWN: nothing fails in 2 accounts, but others could not be listed."
    assert report.finished(RUN, made, None).text.startswith(first)


def test_what_is_recorded_twice_is_named_with_its_price() -> None:
    (twice,) = duplicate_sentences(surveyed(trail("a"), trail("b")))
    found = AccountReport(
        account(name="web"), (Finding("multi-region-trail", Verdict.PASS, "").warned("paid-copy", twice),)
    )
    made = Report("run-1", Profile.CIS, ALL, (found,), NOW, NOW)
    shown = " ".join(marked(report.finished(RUN, made, None).as_dicts()))
    assert "*Recorded and paid for more than once*" in shown
    assert f"web ({ACCOUNT}): {twice}" in shown


def test_a_report_names_the_worst_accounts_in_its_sentence() -> None:
    shown = report.finished(RUN, reported(143, "web", "because", (Verdict.PASS, Verdict.FAIL)), None)
    assert f"web1 ({number(1)})" in shown.text
    assert "run-1" in shown.text


def propose_buttons(message: Message) -> list[Json]:
    found = [b.get("accessory") for b in message.as_dicts()]
    return [b for b in found if b and b["action_id"] == ids.PROPOSE_FIX]


def test_each_failing_account_has_a_button_with_its_id_and_no_other() -> None:
    made = reported(9, "web", "because")
    shown = propose_buttons(report.finished(RUN, made, None))
    assert sorted(b["value"] for b in shown) == [
        number(n) for n in range(9) if made.accounts[n].verdict is Verdict.FAIL
    ]


def without_trail(n: int, name: str, why: str) -> AccountReport:
    return AccountReport(
        account(number(n), name), tuple(Finding(c, Verdict.FAIL, why, reasons=(report.NO_TRAIL,)) for c in ALL)
    )


def create_buttons(message: Message) -> list[Json]:
    blocks = [b for b in message.as_dicts() if b["type"] == "actions"]
    return [e for b in blocks for e in b["elements"] if e["action_id"] == ids.CREATE]


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("total", [1, 20, 143])
def test_accounts_without_a_trail_have_the_form_as_a_second_way(total: int, name: str) -> None:
    accounts = tuple(without_trail(n, name, WORST_WHY if name == NASTY else "There is none.") for n in range(total))
    made = Report("run-1", Profile.CIS, ALL, (*accounts, judged(999, name, Verdict.PASS)), NOW, NOW, (NASTY,))
    message = report.finished(RUN, made, None)
    assert_fine(message)
    assert [b["value"] for b in create_buttons(message)] == [b["value"] for b in propose_buttons(message)]


def test_an_account_whose_trail_can_be_repaired_has_no_form() -> None:
    assert create_buttons(report.finished(RUN, reported(20, "web", "because", (Verdict.FAIL,)), None)) == []


def test_what_does_not_fit_is_counted() -> None:
    message = report.finished(RUN, reported(143, "web", "because", (Verdict.FAIL,)), None)
    table = next(b for b in message.as_dicts() if b["type"] == "table")
    shown = " ".join(marked(message.as_dicts()))
    in_table = len(table["rows"]) - 1
    in_sections = len(propose_buttons(message))
    assert in_sections >= 10
    assert f"{in_sections} of 143 failing accounts" in shown
    assert f"{in_table} of {143 - in_sections}" in shown


def test_a_report_of_many_failing_accounts_shows_at_least_ten_with_buttons() -> None:
    made = reported(143, "production-payments-", "Trail main (us-east-1) is not logging.", (Verdict.FAIL,))
    assert len(propose_buttons(report.finished(RUN, made, None))) >= 10


def test_what_changed_since_the_last_run_is_said() -> None:
    before = reported(3, "web", "because", (Verdict.PASS,))
    now = reported(3, "web", "because", (Verdict.PASS, Verdict.PASS, Verdict.FAIL))
    shown = " ".join(marked(report.finished(RUN, now, before).as_dicts()))
    assert f"since the run of {when(before.finished)}: web2 ({number(2)}) PASS → FAIL" in shown
    same = " ".join(marked(report.finished(RUN, now, now).as_dicts()))
    assert f"nothing changed since the run of {when(now.finished)}" in same


REMEDY = "Let the role TrailwardenAudit trust the bot's account, then audit again."
LONG = f"sts:AssumeRole answered AccessDenied ({'not authorized ' * 20}). {REMEDY}"


@pytest.mark.parametrize("verdict", tuple(Verdict))
def test_few_accounts_are_shown_with_whole_sentences_each_said_once(verdict: Verdict) -> None:
    shown = json.dumps(report.finished(RUN, reported(5, "web", LONG, (verdict,)), None).as_dicts())
    assert shown.count(REMEDY) == 5
    assert "in full" not in shown


def test_in_a_larger_report_rows_are_cut_and_it_says_what_shows_all() -> None:
    shown = json.dumps(report.finished(RUN, reported(6, "web", LONG, (Verdict.UNKNOWN,)), None).as_dicts())
    assert REMEDY not in shown
    assert shown.count("`/trail-audit ACCOUNT` shows an account's reasons in full.") == 1


@pytest.mark.parametrize("verdict", tuple(Verdict))
def test_one_account_is_always_shown_with_each_control(verdict: Verdict) -> None:
    """However long: each of the nine controls says something else."""
    findings = tuple(Finding(c, verdict, f"{WORST_WHY}{c}") for c in ALL)
    made = replace(reported(0, "", ""), accounts=(AccountReport(account(name=NASTY), findings),))
    message = report.finished(RUN, made, None)
    assert_fine(message)
    assert "table" not in {b["type"] for b in message.as_dicts()}
    assert "in full" not in json.dumps(message.as_dicts())


def test_what_could_not_be_judged_of_a_failing_account_is_said_where_it_is_asked_for_alone() -> None:
    blind = Finding("log-delivery", Verdict.UNKNOWN, LONG)
    made = replace(reported(0, "", ""), accounts=(AccountReport(account(), (FIRST, blind)),))
    assert f"• UNKNOWN `log-delivery`: {LONG}" in "\n".join(marked(report.finished(RUN, made, None).as_dicts()))


@pytest.mark.parametrize(
    ("total", "named"), [(1, ["public-but-blocked"]), (6, ["sources-excluded, public-but-blocked, paid-copy"])]
)
def test_a_warning_whose_sentence_is_told_is_not_named_besides(total: int, named: list[str]) -> None:
    found = Finding(ALL[0], Verdict.PASS, "But kms.", warnings=("sources-excluded", "public-but-blocked"))
    accounts = tuple(AccountReport(account(number(n)), (found.warned("paid-copy", "Twice."),)) for n in range(total))
    shown = json.dumps(report.finished(RUN, replace(reported(0, "", ""), accounts=accounts), None).as_dicts())
    assert re.findall(r"Warning: ([^.]*)\.", shown) == named * total


def test_what_was_left_out_is_said() -> None:
    made = replace(reported(1, "web", "because"), left_out=("2 suspended accounts were left out.",))
    assert "2 suspended accounts were left out." in " ".join(marked(report.finished(RUN, made, None).as_dicts()))


@pytest.mark.parametrize(
    "scope", [(), ("111122223333",), (NASTY,), ("ou:Prod",) * 400], ids=["all", "id", "bad", "long"]
)
def test_a_running_audit_is_accepted(scope: tuple[str, ...]) -> None:
    run = replace(RUN, scope=scope)
    assert_fine(report.started(run))
    assert_fine(report.progress(run, 3, 10_000))
    assert_fine(report.failed(run, "It cannot run."))


# Cards

WORST = account(name=NASTY)
NOTES = tuple(f"eu-{n}: cloudtrail:DescribeTrails answered {NASTY} ({'x' * 400})." for n in range(17))


def worst_survey(*trails: Any, **different: Any) -> Snapshot:
    return replace(surveyed(*trails, **different), account=WORST, survey=Survey((REGION,), NOTES))


def big_policy(size: int = 19_000) -> str:
    statements = bucket_statements(Writer(account(), trail_arn("other")), "logs", "", new_bucket=False)
    policy = {"Version": "2012-10-17", "Statement": statements}
    return json.dumps({**policy, "Id": "x" * (size - len(json.dumps(policy)))})


def create_plan() -> Plan:
    bucket = Bucket("logs-of-ours", exists=True, region=REGION, policy=big_policy())
    world = worst_survey(trail("a" * 128, multi_region=False), buckets=(bucket,))
    form = TrailForm("t" * 128, "logs-of-ours", new_bucket=False, prefix="p" * 200)
    return plan_create(world, form, DEFAULTS, Profile.CIS)


def create_everything() -> Plan:
    """Every option, everything that exists with a policy as long as may be, and names as long as they get."""
    form = TrailForm(
        "t" * 128,
        "b" * 63,
        new_bucket=True,
        prefix="p" * 200,
        organization=True,
        key=Choice("existing", KEY),
        topic=Choice("new", "t" * 256),
        logs=Choice("new", "l" * 512),
        role=Choice("new", "r" * 64),
        management="WriteOnly",
        data_events="ReadOnly",
        insights=True,
    )
    key = Key(KEY, True, REGION, KEY, "Enabled", policy=big_policy(30_000))
    found = tuple(key if w.kind == "key" else replace(w, exists=False) for w in leans_on(WORST, form, REGION))
    world = worst_survey(trail("a" * 128, multi_region=False), buckets=(Bucket("b" * 63, exists=False),))
    world = replace(world, resources=found, organization="o-" + "x" * 32, manager=ACCOUNT)
    return plan_create(world, form, CONTROLS, Profile.CIS)


KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/{'k' * 250}"


def selectors_plan() -> Plan:
    many = tuple(fields(f"{NASTY}{n}", eventCategory={"Equals": ["Data"]}, resources={"Equals": [f"{n}" * 80] * 20})
                 for n in range(20))  # fmt: skip
    before = Selectors(advanced=many)
    world = worst_survey(trail("n" * 128, selectors=before, logging=False))
    after = Selectors(advanced=(*many, fields("Management", eventCategory={"Equals": ["Management"]})))
    return plan(PutEventSelectors(trail_arn("n" * 128), REGION, before, after), before=world)


def preflight(*states: str, sentence: str = "") -> tuple[Check, ...]:
    return tuple(Check(state, sentence or f"Number {n}.") for n, state in enumerate(states))  # type: ignore[arg-type]  # its own words


WORST_CHECKS = preflight(*["fails"] * 20, *["unchecked"] * 20, sentence=f"There is no `{NASTY}`. " + NASTY * 8)


def fix_plan() -> Plan:
    stopped = [trail(f"{n}{'n' * 120}", logging=False, bucket=NASTY) for n in range(5)]
    return plan(before=worst_survey(*stopped, trail(logging=False)))


def delete_plan() -> Plan:
    return plan_delete(worst_survey(trail("d" * 128)), "d" * 128, DEFAULTS, Profile.CIS)


def accept_plan() -> Plan:
    """All controls, and a reason as long and as bad as may be."""
    accepts = acceptance(*ALL, reason=(NASTY * 5)[:500])
    notes = tuple(f"Not accepted, because it could not be judged: {c}. {WORST_WHY}" for c in ALL)
    return replace(exception(accepts=accepts, before=worst_survey(trail(logging=False))).plan, notes=notes)


PLANS = {
    "fix": fix_plan,
    "create": create_plan,
    "create everything": create_everything,
    "delete": delete_plan,
    "selectors": selectors_plan,
    "accept": accept_plan,
}
VOTES = (Vote("UALICE", True, NOW), Vote("UBOB", False, NOW + HOUR, (NASTY * 5)[:500]))
PEOPLE: dict[str, Entitled | None] = {
    "two": entitled(),
    "nobody": entitled(""),
    "unreadable": None,
    "very many": Entitled(frozenset(), tuple([Person("U" + "A" * 10), Group("S" + "B" * 10)] * 200)),
}


def in_state(made: Plan, state: State) -> Change:
    made = replace(made, checks=made.checks or WORST_CHECKS)
    outcome = f"{made.steps[0].call if made.steps else 'X'} was refused: X (`{NASTY}`). " * 20
    ended = {} if state is State.PROPOSED else {"votes": VOTES, "outcome": outcome, "decided_at": NOW + HOUR}
    return change(999_999_999_999, plan=made, state=state, version=7, quorum=2, **ended)


@pytest.mark.parametrize("who", PEOPLE.values(), ids=PEOPLE)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("made", PLANS.values(), ids=PLANS)
def test_a_card_in_any_state_is_accepted(made: Callable[[], Plan], state: State, who: Entitled | None) -> None:
    assert_fine(card.card(in_state(made(), state), who))


@pytest.mark.parametrize("state", State)
def test_the_buttons_go_once_it_is_decided(state: State) -> None:
    shown = buttons(card.card(in_state(plan(), state), entitled()))
    end = {ids.END_NOW} if state is State.ACTIVE else {ids.FULL_PLAN}
    assert set(shown) == (BUTTONS if state is State.PROPOSED else end)
    assert all(value.startswith("C-999999999999:") for value in shown.values())


@pytest.mark.parametrize("state", State)
def test_an_exception_has_no_full_plan_and_an_end_while_it_is_active(state: State) -> None:
    shown = buttons(card.card(in_state(accept_plan(), state), entitled()))
    end = {ids.END_NOW} if state is State.ACTIVE else set()
    assert set(shown) == (BUTTONS - {ids.FULL_PLAN} if state is State.PROPOSED else end)


@pytest.mark.parametrize("state", State)
def test_a_card_of_which_another_release_kept_the_plan_is_a_card(state: State) -> None:
    assert_fine(card.card(replace(in_state(plan(), state), plan=lost(account(), NOW)), entitled()))


@pytest.mark.parametrize("state", State)
def test_the_sentence_of_a_card_says_who_what_and_where(state: State) -> None:
    made = change(42, plan=plan(before=surveyed(trail(logging=False), account=account(name="prod"))), state=state)
    text = card.card(made, entitled()).text
    assert text.startswith("C-42 ")
    assert "prod (111122223333)" in text
    assert "<@UREQUESTER>" in text
    assert state is State.PROPOSED or state.value in text.lower()


@pytest.mark.parametrize("state", State)
def test_the_header_begins_with_the_state(state: State) -> None:
    header = card.card(change(state=state), entitled()).as_dicts()[0]["text"]["text"]
    assert header.startswith(card.FIRST_WORDS[state])
    assert "111122223333" in header


def test_a_repainted_card_has_a_new_block_id() -> None:
    blocks = [card.card(change(version=v), entitled()).as_dicts() for v in (1, 2)]
    one, two = ({b["block_id"] for b in made if "block_id" in b} for made in blocks)
    assert one
    assert not one & two


def test_a_card_says_who_decided_why_and_when() -> None:
    denied = change(state=State.DENIED, votes=(Vote("UBOB", False, NOW, "not now"),), decided_at=NOW)
    shown = " ".join(marked(card.card(denied, entitled()).as_dicts()))
    assert f"Denied by <@UBOB> <!date^{int(NOW.timestamp())}^" in shown
    assert "not now" in shown


def test_a_card_says_plan_expiry_votes_and_coverage() -> None:
    made = change()
    shown = " ".join(marked(card.card(made, entitled()).as_dicts()))
    assert made.plan.fingerprint in shown
    assert f"<!date^{int(made.expires_at.timestamp())}^" in shown
    assert "0 of 1" in shown
    assert "before read and write events none; after read and write events of all services" in shown
    assert "UALICE, UBOB, but not the requester" in shown


@pytest.mark.parametrize(
    ("regions", "before"),
    [
        (["us-east-1"], "read and write events of all services in us-east-1 only"),
        (["eu-west-1", "us-east-1"], "read and write events of all services in eu-west-1, us-east-1 only"),
        ([f"eu-west-{n}" for n in range(1, 6)], "read and write events of all services in 5 regions only"),
    ],
)
def test_a_card_says_what_was_recorded_in_some_regions_only(regions: list[str], before: str) -> None:
    local = [trail(f"in-{r}", multi_region=False, home_region=r) for r in regions]
    made = plan(before=surveyed(*local, trail(logging=False)))
    after = "after read and write events of all services"
    assert card.coverage_lines(made)[0] == f"Recorded in all regions: before {before}; {after}."


NAMED = Entitled(frozenset({"UALICE"}), (Person("UALICE", "Alice <!here> *Moreau*"), Group("S1", "cloud-approvers")))


def test_a_card_names_the_approvers_and_calls_none_of_them() -> None:
    shown = " ".join(marked(card.card(change(), NAMED).as_dicts()))
    assert "Alice &lt;!here&gt; ∗Moreau∗, cloud-approvers (group), but not the requester" in shown
    assert "<@UALICE>" not in shown
    assert "<!subteam" not in shown


def test_a_card_calls_the_ping_list_alone() -> None:
    made = replace(NAMED, ping=(Person("UBOB"), Group("S9"), Person("UREQUESTER")))
    shown = marked(card.card(change(), made).as_dicts())
    assert "For <@UBOB>, <!subteam^S9>." in shown
    voted = change(votes=(Vote("UBOB", True, NOW),))
    assert "For <!subteam^S9>." in marked(card.card(voted, made).as_dicts())


@pytest.mark.parametrize("state", [s for s in State if s is not State.PROPOSED])
def test_a_decided_card_calls_nobody_and_asks_nobody(state: State) -> None:
    made = replace(NAMED, ping=(Group("S9"),))
    shown = " ".join(marked(card.card(in_state(plan(), state), made).as_dicts()))
    assert "<!subteam" not in shown
    assert "Who may approve" not in shown


def test_slack_looks_for_no_names_in_what_we_write() -> None:
    """Without verbatim it turns @handle and #channel into mentions."""
    texts = [f for b in card.card(change(), NAMED).as_dicts() if b["type"] == "section" for f in b.get("fields", ())]
    assert texts
    assert all(text["verbatim"] for text in texts)


def test_the_end_of_a_change_is_told_even_after_long_reasons() -> None:
    votes = (Vote("UALICE", False, NOW, (NASTY * 5)[:500]),)
    made = change(state=State.FAILED, votes=votes, outcome="The end.", decided_at=NOW)
    assert "The end." in " ".join(marked(card.card(made, entitled()).as_dicts()))


def test_a_delete_of_the_last_compliant_trail_says_so_first() -> None:
    made = plan_delete(surveyed(trail("main")), "main", DEFAULTS, Profile.CIS)
    assert "last compliant trail" in card.card(change(plan=made), entitled()).as_dicts()[1]["text"]["text"]
    spare = plan_delete(surveyed(trail("main"), trail("spare")), "spare", DEFAULTS, Profile.CIS)
    assert "last compliant trail" not in json.dumps(card.card(change(plan=spare), entitled()).as_dicts())


@pytest.mark.parametrize("state", State)
def test_a_delete_says_how_to_approve_while_it_waits_and_what_will_be_lost_until_it_has_ended(state: State) -> None:
    made = plan_delete(surveyed(trail("main")), "main", DEFAULTS, Profile.CIS)
    shown = json.dumps(card.card(change(plan=made, state=state), None).as_dicts())
    assert ("To approve, type the trail's name." in shown) == (state is State.PROPOSED)
    for words in ("CloudTrail is off afterwards", "Deleting cannot be undone.", verdicts.WARNING):
        assert (words in shown) == (state in OPEN), words
    assert "main" in shown


@pytest.mark.parametrize("state", State)
def test_an_exception_that_has_ended_cannot_be_ended(state: State) -> None:
    goes_on = state in {*OPEN, State.ACTIVE}
    for shown in (card.card(exception(state=state), None), changes.story(exception(state=state), ())):
        assert ("can end it at any time" in json.dumps(shown.as_dicts())) == goes_on


def test_the_card_of_an_exception_says_all_that_is_agreed_to() -> None:
    shown = json.dumps(card.card(exception(), entitled()).as_dicts())
    assert "APPROVAL NEEDED: Exception in 111122223333" in shown
    for words in (
        "*Nothing is changed in AWS.*",
        "*What is accepted* until the end of 2027-01-31 (UTC), which is <!date^1801440000^",
        "`multi-region-trail`",
        "*Because* The account is closed by then.",
        "Trail main (us-east-1) is not logging.",
        "*Decide before*",
    ):
        assert words in shown
    assert "Full plan" not in shown
    assert "What changes" not in shown


def test_the_card_of_an_exception_says_who_ended_it() -> None:
    over = active(state=State.ENDED, ended_by="UBOB", outcome="Ended early.")
    assert "*ENDED* by <@UBOB> <!date" in json.dumps(card.card(over, None).as_dicts())
    assert notice.ended(over).text.endswith(", was ENDED early by <@UBOB>. The card is in <#C1>.")


def test_the_story_of_an_exception_says_what_was_agreed_to() -> None:
    assert "*Because* The account is closed by then." in json.dumps(changes.story(active(), ()).as_dicts())
    for state in State:
        assert_fine(changes.story(in_state(accept_plan(), state), entries(200, NASTY * 5)))


# Exceptions


def as_accepted(made: AccountReport, *controls: str, name: str = "Alice") -> AccountReport:
    """What fails there is accepted; of these controls, or all."""
    mark = Accepted(date(2027, 1, 31), Person("UALICE", name), "C-7")
    findings = (replace(f, accepted=mark) if f.control in (controls or ALL) else f for f in made.findings)
    return replace(made, findings=tuple(findings))


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("total", SIZES)
def test_a_report_of_any_size_with_accepted_failures_is_fine(total: int, name: str) -> None:
    why = WORST_WHY if name == NASTY else "Trail main (us-east-1) is not logging."
    made = reported(total, name, why, (Verdict.FAIL,))
    for some in ((), ALL[:4]):
        all_of_them = tuple(as_accepted(a, *some, name=NASTY) for a in made.accounts)
        mixed = replace(made, accounts=all_of_them if some else (*all_of_them, *made.accounts))
        assert_fine(report.finished(RUN, mixed, made))


def test_an_accepted_failure_is_told_after_the_others_without_a_button_and_counted_by_itself() -> None:
    fails, holds, passes = (judged(n, f"web{n}", v) for n, v in enumerate((Verdict.FAIL, Verdict.FAIL, Verdict.PASS)))
    made = replace(reported(0, "", ""), accounts=(as_accepted(holds), fails, passes))
    message = report.finished(RUN, made, None)
    assert message.text.startswith("FAIL: 1 of 3 accounts needs a repair. Failing: web0")
    assert "1 pass, 0 unknown, 1 accepted." in message.text
    shown = json.dumps(message.as_dicts(), ensure_ascii=False)
    assert "*1* FAIL · *0* UNKNOWN · *1* ACCEPTED · *1* PASS" in shown
    assert "`multi-region-trail` passes in 1 of 3, accepted in 1" in shown
    assert "*Accepted, and still failing: 1 account*" in shown
    assert "`s3-object-read-events` accepted until 2027-01-31 (C-7, asked by Alice): " in shown
    assert shown.index("*FAIL* web0") < shown.index("Accepted, and still failing")
    assert [b["value"] for b in propose_buttons(message)] == [number(0)]
    assert "<@UALICE>" not in shown


def test_of_an_account_that_fails_otherwise_too_both_are_told() -> None:
    half = as_accepted(judged(0, "web", Verdict.FAIL), "multi-region-trail")
    text = report.account_text(half)
    assert "Not counted: `multi-region-trail` accepted until 2027-01-31 (C-7, asked by Alice): " in text
    assert "Accepted, and still failing" not in json.dumps(
        report.finished(RUN, replace(reported(0, "", ""), accounts=(half,)), None).as_dicts()
    )


def test_where_nothing_else_fails_a_report_says_accepted_and_never_pass() -> None:
    holds, passes = as_accepted(judged(0, "web", Verdict.FAIL)), judged(1, "web", Verdict.PASS)
    made = replace(reported(0, "", ""), accounts=(holds, passes))
    assert report.finished(RUN, made, None).text.startswith(
        "ACCEPTED: nothing fails but what is accepted (1 of 2 accounts)."
    )
    blind = replace(holds, findings=(*holds.findings[1:], replace(holds.findings[0], verdict=Verdict.UNKNOWN)))
    unseen = replace(made, accounts=(blind, passes))
    message = report.finished(RUN, unseen, None)
    assert message.text.startswith("UNKNOWN: nothing fails but what is accepted, but 1 of 2")
    assert "• ACCEPTED `log-delivery`" in json.dumps(message.as_dicts(), ensure_ascii=False)
    larger = report.finished(RUN, replace(made, accounts=(blind, *(passes,) * verbatim.FEW)), None)
    assert "Accepted: log-delivery." in json.dumps(larger.as_dicts())


def test_that_a_failure_was_accepted_since_the_last_run_is_said() -> None:
    before = reported(1, "web", "because", (Verdict.FAIL,))
    now = replace(before, accounts=(as_accepted(before.accounts[0]),))
    shown = " ".join(marked(report.finished(RUN, now, before).as_dicts()))
    assert f"since the run of {when(before.finished)}: web0 ({number(0)}) FAIL → ACCEPTED" in shown


LATER = acceptance().ends_at + HOUR


@pytest.mark.parametrize("count", [0, 1, 20, 21, 200])
def test_a_list_of_exceptions_of_any_length_is_fine(count: int) -> None:
    states = (State.PROPOSED, State.ACTIVE, State.ENDED)
    some = tuple(in_state(accept_plan(), states[n % 3]) for n in range(count))
    assert_fine(exceptions.listing(some, NOW))
    assert_fine(exceptions.listing(some, LATER))


def test_the_list_tells_waiting_active_and_past_ones_apart() -> None:
    over = active(3, state=State.ENDED, outcome="C-4 has taken its place.")
    message = exceptions.listing((exception(1), active(2), over), NOW)
    assert message.text == "Exceptions: 1 waiting, 1 active, 1 ended in the last 30 days."
    first, second, third, hint = marked(message.as_dicts())
    assert first.startswith("*Waiting for approval*\n• *C-1* 111122223333: `multi-region-trail` until 2027-01-31")
    assert second.startswith("*Active*\n• *C-2*")
    assert "(69 days left): The account is closed by then. Asked by <@UREQUESTER>, approved by <@UALICE>." in second
    assert third.startswith("*Ended in the last 30 days*\n• *C-3*")
    assert "(C-4 has taken its place)" in third
    assert "Asked by <@UREQUESTER>." in first
    assert "End an active one: `/trail-audit undo C-2`." in hint


@pytest.mark.parametrize(("reason", "shown"), [("it is closed", "it is closed."), ("Really?", "Really?")])
def test_a_reason_in_the_list_ends_as_a_sentence(reason: str, shown: str) -> None:
    message = exceptions.listing((exception(accepts=acceptance(reason=reason)),), NOW)
    assert f": {shown} Asked by <@UREQUESTER>." in json.dumps(message.as_dicts())
    assert "End an active one" not in json.dumps(message.as_dicts())


def test_one_whose_end_nobody_has_noted_yet_is_past_its_review() -> None:
    message = exceptions.listing((active(),), LATER)
    assert message.text == "Exceptions: 0 waiting, 0 active, 1 ended in the last 30 days."
    assert "(its last day is over)" in json.dumps(message.as_dicts())


def test_a_plain_card_keeps_its_buttons() -> None:
    plainly = card.card(change(), entitled()).plainly()
    assert [b["type"] for b in plainly] == ["section", "actions"]
    assert "C-42" in plainly[0]["text"]["text"]


# Lists and stories


def entries(count: int, about: str = NASTY) -> tuple[Entry, ...]:
    facts = (
        Fact(NOW, "C-42", f"step-{n}", "UALICE" if n % 2 else "trailwarden", {"reason": about}) for n in range(count)
    )
    return tuple(chained(fact, n, "0" * 64) for n, fact in enumerate(facts, start=1))


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("count", [0, 1, 20, 200])
def test_a_story_of_any_length_is_accepted(count: int, state: State) -> None:
    message = changes.story(in_state(selectors_plan(), state), entries(count, NASTY * 5))
    assert_fine(message)
    assert "999999999999" in message.text
    assert "111122223333" in message.text


def test_a_story_shows_the_newest_and_counts_the_rest() -> None:
    shown = " ".join(marked(changes.story(change(), entries(200, NASTY * 5)).as_dicts()))
    assert "*step-199*" in shown
    assert re.search(r"\d+ of 200: what people asked and decided, and the newest of the rest\.", shown)
    assert "`trailwarden evidence --change C-42` has all." in shown


def test_a_long_story_keeps_who_asked_and_who_approved() -> None:
    people = {0: ("proposed", "UREQUESTER"), 1: ("vote", "UALICE"), 2: ("approved", "UBOB")}
    told = (people.get(n, (f"step-{n}", "trailwarden")) for n in range(200))
    facts = [Fact(NOW, "C-42", what, who, {"reason": NASTY * 5}) for what, who in told]
    entries = tuple(chained(fact, n, "") for n, fact in enumerate(facts, start=1))
    shown = " ".join(marked(changes.story(change(), entries).as_dicts()))
    places = [shown.index(w) for w in ("*proposed* by <@UREQUESTER>", "*vote* by <@UALICE>", "*approved* by <@UBOB>")]
    assert [*places, shown.index("*step-199*")] == sorted([*places, shown.index("*step-199*")])
    assert "*step-3*" not in shown


def test_a_short_story_is_told_whole_and_in_order() -> None:
    shown = " ".join(marked(changes.story(change(), entries(3, "why")).as_dicts()))
    assert shown.index("step-0") < shown.index("step-1") < shown.index("step-2")
    assert "trailwarden evidence" not in shown


@pytest.mark.parametrize("count", [0, 1, 20, 21, 200])
def test_a_listing_of_any_length_is_accepted(count: int) -> None:
    some = tuple(in_state(delete_plan(), sorted(OPEN)[n % len(OPEN)]) for n in range(count))
    assert_fine(changes.listing(some))


def test_a_listing_says_what_it_leaves_out() -> None:
    shown = " ".join(marked(changes.listing(tuple(change(n) for n in range(200))).as_dicts()))
    lines = shown.count("• *C-")
    assert lines >= 10
    assert f"{lines} of 200 shown" in shown


def test_a_listing_says_which_account() -> None:
    assert "111122223333" in " ".join(marked(changes.listing((change(),)).as_dicts()))


# Forms

WORST_SUBSCRIPTION = Subscription(
    "C" * 20,
    NOW.time(),
    "America/Argentina/ComodRivadavia",
    "U" * 20,
    NOW,
    "weekdays",
    scope=(NASTY, "ou:" + "Prod/" * 150),
    controls=tuple(c.id for c in CONTROLS),
    only_changes=True,
    paused=f"{NASTY} " * 20,
    id=999_999_999,
)
PRIVATE = json.dumps({"account": "111122223333", "channel": "C" * 20})
FORMS: dict[str, Callable[[], View]] = {
    "create, step 1": lambda: trail_form.step_one(WORST, WHOLE_FORM.answers, "allowed", WHOLE_FORM.dump()),
    "create, step 1, unsure": lambda: trail_form.step_one(WORST, default_form(WORST), "perhaps", PRIVATE),
    "create, step 2": lambda: trail_form.step_two(WORST, WHOLE_FORM.answers, WHOLE_FORM.dump()),
    "update, step 1": lambda: trail_form.step_one(WORST, WHOLE_UPDATE.answers, "", WHOLE_UPDATE.dump()),
    "update, step 2": lambda: trail_form.step_two(WORST, WHOLE_UPDATE.answers, WHOLE_UPDATE.dump()),
    "looking": lambda: trail_form.looking(trail_form.UPDATE, "f" * 32),
    "refused": lambda: trail_form.refused(
        trail_form.UPDATE, prose(f"Could not `{NASTY}` look {NASTY}. " * 40), WHOLE_FORM.dump()
    ),
    "told": lambda: trail_form.told(trail_form.CREATE, prose(WORST_WHY)),
    "create, review": lambda: trail_review.review(create_plan(), WHOLE_FORM.dump()),
    "create, review of everything": lambda: trail_review.review(create_everything(), WHOLE_FORM.dump()),
    "delete": lambda: modals.delete_form(in_state(delete_plan(), State.PROPOSED), "C" * 20),
    "digest": lambda: subscriptions.form(None, PRIVATE),
    "digest, changed": lambda: subscriptions.form(WORST_SUBSCRIPTION, PRIVATE),
    "deny": lambda: modals.deny_form(in_state(fix_plan(), State.PROPOSED), "C" * 20),
    "full plan of a fix": lambda: modals.full_plan(in_state(fix_plan(), State.PROPOSED)),
    "full plan of a creation": lambda: modals.full_plan(in_state(create_plan(), State.VERIFIED)),
    "full plan of a delete": lambda: modals.full_plan(in_state(delete_plan(), State.PROPOSED)),
    "full plan of selectors": lambda: modals.full_plan(in_state(selectors_plan(), State.PROPOSED)),
    "a message": lambda: modals.message("A title that is much too long for Slack", "words"),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_form_is_accepted(form: Callable[[], View]) -> None:
    assert_view_fine(form())


def test_a_step_shows_the_answers_so_far_and_carries_them() -> None:
    answers = replace(default_form(account()), key=Choice("existing", "alias/ours"), logs=Choice("new", "g"))
    made = trail_form.step_one(account(name="web"), answers, "", PRIVATE).to_dict()
    inputs = {b["block_id"]: b["element"] for b in made["blocks"] if b["type"] == "input"}
    assert inputs["key_kind"]["initial_option"]["value"] == "existing"
    assert inputs["key"]["initial_value"] == "alias/ours"
    assert inputs["topic_kind"]["initial_option"]["value"] == "off"
    assert inputs["logs_kind"]["initial_option"]["value"] == "new"
    assert "organization" not in inputs
    assert made["private_metadata"] == PRIVATE
    assert f"web ({ACCOUNT})" in made["blocks"][0]["text"]["text"]


def test_what_costs_and_what_does_not_suffice_is_said_where_it_is_chosen() -> None:
    shown = json.dumps(trail_form.step_two(account(), default_form(account()), PRIVATE).to_dict())
    assert shown.count("Does not satisfy multi-region-trail") == 3
    assert "$0.10 per 100,000 events, and no copy is free" in shown
    assert "$0.35 per 100,000 events analysed" in shown


def test_a_review_says_verdicts_costs_coverage_and_what_cannot_be_undone() -> None:
    shown = "\n".join(marked(trail_review.review(create_everything(), PRIVATE).to_dict()["blocks"]))
    for said in (
        "• `multi-region-trail` FAIL → *FAIL*: Trail t",
        "• `kms-encryption` FAIL → *PASS*",
        "$0.10 per 100,000 events",
        "$0.35 per 100,000 events analysed",
        "by itself it does not satisfy",
        "the change is for every member account",
        "before read and write events of all services in us-east-1 only; "
        "after read events none, write events of all services",
        "Can be undone with `s3:PutBucketPolicy`",
        "• Cannot be undone: a bucket with log files in it is never deleted.",
        "to Glacier Instant Retrieval after 90 days, nothing is deleted",
        "`iam:CreateRole`",
    ):
        assert said in shown, said
    assert create_everything().fingerprint in shown


@pytest.mark.parametrize("made", [create_plan, create_everything], ids=["some", "everything"])
def test_a_review_shows_every_line_of_the_plan(made: Callable[[], Plan]) -> None:
    shown = "".join(marked(trail_review.review(made(), PRIVATE).to_dict()["blocks"])).replace("\n", "")
    for step in made().steps:
        assert step.call in shown
        for line in step.diff:
            assert escaped_code(line)[:400] in shown, line


def escaped_code(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def test_the_way_back_of_a_card_is_not_cut_by_its_notes() -> None:
    shown = card.card(change(plan=create_everything()), entitled()).as_dicts()
    assert "Cannot be undone: a bucket with log files" in json.dumps(shown)


@pytest.mark.parametrize(("form", "name"), [("delete", f" {'d' * 128}"), ("deny", "")])
def test_a_form_carries_ids_and_the_name_to_be_typed(form: str, name: str) -> None:
    carried = FORMS[form]().to_dict()["private_metadata"]
    assert re.fullmatch(rf"C-999999999999:7:[0-9a-f]{{16}} {'C' * 20}{name}", carried)


def test_the_delete_form_shows_the_name_as_it_must_be_typed() -> None:
    name = "my_trail-1.old_one"
    made = plan_delete(surveyed(trail(name)), name, DEFAULTS, Profile.CIS)
    assert f"*{name}*" in " ".join(marked(modals.delete_form(change(plan=made), "C1").to_dict()["blocks"]))


def test_a_full_plan_shows_every_line_of_the_plan() -> None:
    made = selectors_plan()
    shown = "".join(marked(modals.full_plan(change(plan=made)).to_dict()["blocks"])).replace("\n", "")
    for n in range(20):
        assert (f"{n}" * 80) in shown
    assert "press Full plan" not in shown


def test_a_full_plan_says_permissions_and_the_way_back() -> None:
    shown = "".join(marked(modals.full_plan(change()).to_dict()["blocks"]))
    assert "permission `cloudtrail:StartLogging`" in shown
    assert "Undo: cloudtrail:StopLogging" in shown


COMMAND = (
    "```aws cloudtrail start-logging --region us-east-1 --name arn:aws:cloudtrail:us-east-1:111122223333:trail/main```"
)


def test_a_full_plan_has_the_command_of_each_step() -> None:
    assert COMMAND in tuple(marked(modals.full_plan(change()).to_dict()["blocks"]))


def test_a_command_is_never_folded_and_where_it_is_cut_that_is_said() -> None:
    made = in_state(create_plan(), State.PROPOSED)
    shown = tuple(marked(modals.full_plan(made).to_dict()["blocks"]))
    (policy,) = (text for text in shown if text.startswith("```aws s3api put-bucket-policy"))
    assert "\n" not in policy
    assert policy.endswith("…```")
    after = shown[shown.index(policy) + 1]
    assert after == "The command is cut here; `trailwarden evidence --change C-999999999999` has all of it."


def test_a_step_with_more_than_one_permission_shows_all() -> None:
    made = plan(update(log_role="arn:aws:iam::111122223333:role/writer"))
    shown = "".join(marked(modals.full_plan(change(plan=made)).to_dict()["blocks"]))
    assert "permission `cloudtrail:UpdateTrail`, `iam:PassRole`" in shown


PREFLIGHTS = [
    ((), ""),
    (preflight("ready", "ready"), "*Preflight:* ready (2 checks)"),
    (
        preflight("fails", "unchecked", "ready"),
        "*Preflight:* 1 would fail, 1 not checked, 1 ready\n• *Would fail:* Number 0.\n• *Not checked:* Number 1.",
    ),
]


@pytest.mark.parametrize(("checks", "said"), PREFLIGHTS, ids=["none was made", "ready", "not ready"])
def test_the_card_says_what_preflight_found_worst_first(checks: tuple[Check, ...], said: str) -> None:
    made = change(plan=replace(plan(), checks=checks))
    found = [t for t in marked(card.card(made, entitled()).as_dicts()) if t.startswith("*Preflight")]
    assert found == ([said] if said else [])


def test_a_card_names_three_and_counts_the_rest_which_the_full_plan_has() -> None:
    made = change(plan=replace(plan(), checks=preflight(*["fails"] * 30, "ready")))
    (found,) = (t for t in marked(card.card(made, entitled()).as_dicts()) if t.startswith("*Preflight"))
    assert found.splitlines()[-1] == "3 of 30 shown; press Full plan"
    everything = "\n".join(marked(modals.full_plan(made).to_dict()["blocks"]))
    assert all(f"Number {n}." in everything for n in range(31))


@pytest.mark.parametrize("mistake", ["", "Say which account.", NASTY, "x" * 3_000], ids=["none", "one", "bad", "long"])
def test_help_is_accepted(mistake: str) -> None:
    assert_fine(help.examples(mistake))


def test_labels_say_name_and_id() -> None:
    assert Account("111122223333", "prod").label == "prod (111122223333)"


def test_an_accepted_failure_says_why_it_fails_now() -> None:
    """What was accepted may have been another cause."""
    holds = as_accepted(judged(0, "web", Verdict.FAIL, "Bucket logs is gone (NoSuchBucket)."), "log-delivery")
    made = replace(reported(0, "", ""), accounts=(holds,))
    assert "asked by Alice): Bucket logs is gone (NoSuchBucket)" in json.dumps(
        report.finished(RUN, made, None).as_dicts()
    )


@pytest.mark.parametrize("state", [State.DENIED, State.EXPIRED, State.CANCELLED, State.SUPERSEDED])
def test_a_card_of_which_nothing_was_done_promises_nothing_any_more(state: State) -> None:
    shown = json.dumps(card.card(change(state=state, decided_at=NOW), None).as_dicts(), ensure_ascii=False)
    assert not any(words in shown for words in ("Expires", "Can be undone", "→ *PASS*"))
    waits = json.dumps(card.card(change(), entitled()).as_dicts(), ensure_ascii=False)
    assert all(words in waits for words in ("Expires", "Can be undone", "→ *PASS*"))


def test_who_may_approve_leaves_out_who_asked() -> None:
    asked = change(requester="UALICE")
    shown = json.dumps(card.card(asked, entitled("UALICE", "UBOB")).as_dicts())
    assert "*Who may approve*" in shown
    assert "UBOB, but not the requester" in shown
    assert "UALICE, " not in shown


def test_a_repair_of_delivery_says_what_proves_it() -> None:
    failing = trail(delivery=delivery(error="AccessDenied", last=48 * HOUR))
    bucket = Bucket("logs-of-ours", exists=True, region=REGION)
    plan = plan_fix(surveyed(failing, buckets=(bucket,)), DEFAULTS, Profile.CIS)
    shown = json.dumps(card.card(change(plan=plan), entitled()).as_dicts(), ensure_ascii=False)
    assert "`log-delivery` FAIL → PASS, if a log file comes within half an hour" in shown
