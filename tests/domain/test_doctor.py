"""What the doctor makes of the facts: each check's state, its sentence, and what to do."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from bot.domain.authority import Authority, Quorum, Rule, Standing
from bot.domain.doctor import (
    Diagnosis,
    State,
    accounts,
    aws,
    clock,
    database,
    ok,
    own,
    people,
    role,
    slack,
    worst,
    wrong,
)
from bot.domain.doctor.trust import Caller, Trust, trust
from bot.domain.grant import SERVICE_LINKED, Grant, Ruling
from bot.domain.subscription import Subscription
from bot.domain.trail import NOT_ASKED, Account, Snapshot, Unreadable
from bot.ports import CannotRunError
from tests.builders import ACCOUNT, NOW, OWNER, account, denied, organization_trail, snapshot, trail

OK, WRONG, UNKNOWN = State.OK, State.WRONG, State.UNKNOWN


def judged(checks: Iterable[Any], facts: object) -> list[Diagnosis]:
    return [d for check in checks for d in check(facts)]


def states(found: Iterable[Diagnosis], check: str) -> list[State]:
    return [d.state for d in found if d.check == check]


def only(found: Iterable[Diagnosis], check: str) -> Diagnosis:
    (one,) = [d for d in found if d.check == check]
    return one


def test_the_worst_counts() -> None:
    fine, bad = ok("a", "fine."), wrong("a", "bad.", "mend")
    lost = Diagnosis("a", UNKNOWN, "lost.")
    assert [worst(x) for x in ([fine], [fine, lost], [lost, bad, fine])] == [OK, UNKNOWN, WRONG]


# Slack.

FINE = slack.Workspace("Acme", "T1", "trailwarden", frozenset(slack.SCOPES))
SLACK = slack.SlackFacts(FINE, "Socket Mode.", {})


def refusal(code: str, call: str = "auth.test") -> Unreadable:
    return Unreadable(call, code) if code else Unreadable("", "", f"{call} had no answer")


@pytest.mark.parametrize(
    ("code", "state"), [("invalid_auth", WRONG), ("token_revoked", WRONG), ("fatal_error", UNKNOWN), ("", UNKNOWN)]
)
def test_a_token_that_slack_refuses_is_wrong_and_silence_proves_nothing(code: str, state: State) -> None:
    found = judged(slack.CHECKS, replace(SLACK, workspace=refusal(code)))
    assert only(found, "bot token").state is state
    assert states(found, "scopes") == []


def test_each_missing_scope_is_said_with_what_is_lost_and_a_needless_one_is_no_fault() -> None:
    scopes = (FINE.scopes or frozenset()) - {"users:read", "files:write"} | {"channels:read"}
    found = judged(slack.CHECKS, replace(SLACK, workspace=replace(FINE, scopes=scopes)))
    assert [d.sentence for d in found if d.check == "scopes"] == [
        "The app lacks the scope files:write: the digest comes without its picture.",
        "The app lacks the scope users:read: nobody can approve, and the bot does not start.",
    ]
    more = replace(FINE, scopes=frozenset({*slack.SCOPES, "channels:read"}))
    told = only(judged(slack.CHECKS, replace(SLACK, workspace=more)), "scopes")
    assert (told.state, "It does not need channels:read" in told.sentence) == (OK, True)


def test_a_slack_that_names_no_scopes_leaves_them_unknown() -> None:
    assert states(judged(slack.CHECKS, replace(SLACK, workspace=replace(FINE, scopes=None))), "scopes") == [UNKNOWN]


WAYS_IN = [
    (refusal("invalid_auth"), WRONG, "SLACK_APP_TOKEN"),
    (refusal("not_allowed_token_type"), WRONG, "SLACK_APP_TOKEN"),
    (Unreadable("PORT", "Taken", "Port 80 cannot be used: Permission denied"), WRONG, "Set PORT"),
    (refusal(""), UNKNOWN, "network"),
]


@pytest.mark.parametrize(("way", "state", "mend"), WAYS_IN, ids=lambda w: getattr(w, "error", None))
def test_a_way_in_that_is_closed_is_said(way: Unreadable, state: State, mend: str) -> None:
    told = only(judged(slack.CHECKS, replace(SLACK, way_in=way)), "way in")
    assert told.state is state
    assert mend in told.mend


PLACES = [
    ("not_in_channel", WRONG, "/invite"),
    ("channel_not_found", WRONG, "/invite"),
    ("is_archived", WRONG, "Unarchive"),
    ("missing_scope", UNKNOWN, "channels:history"),
    ("", UNKNOWN, "network"),
]


@pytest.mark.parametrize(("code", "state", "mend"), PLACES, ids=[p[0] or "no answer" for p in PLACES])
def test_a_channel_that_the_bot_is_not_in_is_named(code: str, state: State, mend: str) -> None:
    found = judged(slack.CHECKS, replace(SLACK, channels={"C1": None, "C2": refusal(code)}))
    fine, told = (d for d in found if d.check == "channels")
    assert (fine.sentence, told.state) == ("The bot is in C1.", state)
    assert "C2" in told.sentence
    assert mend in told.mend


def test_a_token_that_no_key_opens_is_told_with_what_to_do_and_the_others_are_counted() -> None:
    why = "The token of the workspace T0BETA cannot be opened by any of TRAILWARDEN_TOKEN_KEYS. Add the key."
    wrong, others = slack.installations(2, (why,))
    assert (wrong.state, f"{wrong.sentence} {wrong.mend}") == (WRONG, why)
    assert (others.state, "can be opened: 2." in others.sentence) == (UNKNOWN, True)
    assert [d.state for d in slack.installations(0, (why,))] == [WRONG]
    (nowhere,) = slack.installations(0, ())
    assert (nowhere.state, "/slack/install" in nowhere.mend) == (UNKNOWN, True)


# Who may approve.


def looked(
    *approvers: str, people_: dict[str, Any] | None = None, groups: dict[str, Any] | None = None, **rule: Any
) -> people.PeopleFacts:
    default = Rule(approvers, **rule)
    found = people_ if people_ is not None else {a: Standing.MEMBER for a in approvers if a[0] != "S"}
    return people.PeopleFacts(Authority(default), found, groups or {})


@pytest.mark.parametrize("standing", [s for s in Standing if s is not Standing.MEMBER])
def test_an_approver_who_may_not_approve_is_named(standing: Standing) -> None:
    facts = looked("U1", "U2", people_={"U1": standing, "U2": Standing.MEMBER})
    (told,) = [d for d in judged(people.CHECKS, facts) if d.state is WRONG]
    assert told.sentence == f"The account U1 {standing.value}, and may not approve."


def test_who_only_asks_may_be_a_guest_but_must_be_known() -> None:
    asking = looked("U1", "U2", requesters=("U8", "U9"))
    facts = replace(asking, people={**asking.people, "U8": Standing.GUEST, "U9": Standing.UNKNOWN})
    assert [d.sentence for d in judged(people.CHECKS, facts) if d.state is WRONG] == [
        "The account U9 is not known in this workspace."
    ]


GROUPS = [
    (frozenset({"U1", "U2"}), OK, "has 2 members"),
    (frozenset(), WRONG, "has no members"),
    (Unreadable("usergroups.users.list", "no_such_subteam"), WRONG, "There is no user group S1"),
    (Unreadable("usergroups.users.list", "missing_scope"), UNKNOWN, "answered missing_scope"),
    (Unreadable("", "", "usergroups.users.list had no answer"), UNKNOWN, "had no answer"),
]


@pytest.mark.parametrize(("members", "state", "words"), GROUPS, ids=[g[2] for g in GROUPS])
def test_a_group_is_read_and_has_members(members: Any, state: State, words: str) -> None:
    told = only(judged(people.CHECKS, looked("S1", groups={"S1": members})), "groups")
    assert told.state is state
    assert words in told.sentence


MEMBERS = {"U1": Standing.MEMBER, "U2": Standing.MEMBER}
LOST = Unreadable("users.info", "fatal_error")
QUORUMS = [
    (looked(), WRONG, "Nobody is named who may approve a change in all accounts."),
    (looked("U1", "U2"), OK, "A change in all accounts can be approved by 2 people or more."),
    (looked("S1", people_=MEMBERS, groups={"S1": frozenset(MEMBERS)}), OK, "by 2 people or more"),
    (looked("U1"), OK, "by 1 person only. What U1 asks for nobody can approve. The quorum of 2 counts as 1 then."),
    (looked("U1", "U2", quorum=Quorum(fix=3)), OK, "by 2 people only. The quorum of 3 counts as 2 then."),
    (looked("U1", requesters=("U1",)), WRONG, "Only U1 may ask in all accounts, and nobody else can approve it."),
    (looked("U1", people_={"U1": Standing.DEACTIVATED}), WRONG, "Nobody of those who are named can approve"),
    (looked("U1", people_={"U1": LOST}), UNKNOWN, "Whether enough people can approve in all accounts is not known."),
    (looked("S1", groups={"S1": LOST}), UNKNOWN, "Whether enough people can approve"),
]


@pytest.mark.parametrize(("facts", "state", "words"), QUORUMS, ids=[q[2] for q in QUORUMS])
def test_whether_somebody_can_approve(facts: people.PeopleFacts, state: State, words: str) -> None:
    told = only(judged(people.CHECKS, facts), "approval")
    assert told.state is state
    assert words in told.sentence


def test_each_rule_is_asked_about_by_its_number() -> None:
    rules = (Rule(("U1", "U2"), unit="Root/Prod"), Rule((), accounts=("111122223333",)))
    facts = people.PeopleFacts(Authority(Rule(("U1", "U2")), rules), MEMBERS, {})
    told = [(d.state, d.sentence) for d in judged(people.CHECKS, facts) if d.check == "approval"]
    assert told == [
        (OK, "A change in all accounts that no rule covers can be approved by 2 people or more."),
        (OK, "A change by rule 1 (Root/Prod) can be approved by 2 people or more."),
        (WRONG, "Nobody is named who may approve a change by rule 2 (111122223333)."),
    ]


# The database.

STORED = database.DatabaseFacts("sqlite:///x", revision="2", revisions=("1", "2"), looked=3, free=10**9)
DATABASES = [
    ({}, {"database": OK, "tables": OK, "writing": OK, "evidence": OK}, "newest 3 entries hold"),
    ({"trouble": "no such server"}, {"database": WRONG, "digests": UNKNOWN}, "cannot be opened: no such server"),
    ({"exists": False}, {"database": OK, "writing": OK}, "`trailwarden serve` makes it"),
    ({"exists": False, "unwritable": "x: Read-only"}, {"database": OK, "writing": WRONG}, "written: x: Read-only"),
    ({"revision": "", "looked": 0}, {"database": OK, "tables": OK, "writing": OK}, "is empty"),
    ({"revision": "1"}, {"database": OK, "tables": OK, "writing": OK}, "an earlier release's (1)"),
    ({"revision": "3"}, {"database": OK, "tables": WRONG, "writing": OK}, "a newer release's (3)"),
    ({"free": 5_000_000}, {"writing": WRONG}, "Only 5 MB are free"),
    ({"lacking": ("UPDATE on runs",)}, {"rights": WRONG}, "lacks UPDATE on runs"),
    ({"tail": "entry 2 was altered"}, {"evidence": WRONG}, "entry 2 was altered"),
    ({"looked": 0}, {"evidence": OK}, "no evidence yet"),
]


@pytest.mark.parametrize(("different", "expected", "words"), DATABASES, ids=[d[2] for d in DATABASES])
def test_what_is_wrong_with_a_database(different: dict[str, Any], expected: dict[str, State], words: str) -> None:
    found = judged(database.CHECKS, replace(STORED, **different))
    assert {check: states(found, check) for check in expected} == {c: [s] for c, s in expected.items()}
    assert any(words in d.sentence for d in found)
    assert all(d.mend for d in found if d.state is not OK)


# The clock.


def subscription(**different: Any) -> Subscription:
    return replace(Subscription("C1", time(9, 0), "Europe/Paris", "U1", NOW, id=3), **different)


TIMES = clock.ClockFacts(NOW, 597, (("Slack", 0.4), ("AWS", -2.0)), (subscription(),))
CLOCKS = [
    ({}, "clock", OK, "agrees with that of Slack and AWS"),
    ({"ahead": (("Slack", 70.2),)}, "clock", WRONG, "is 70 s ahead of Slack's"),
    ({"ahead": (("AWS", -301.0),)}, "clock", WRONG, "is 301 s behind AWS's"),
    ({"ahead": ()}, "clock", UNKNOWN, "nobody told the time"),
    ({"zones": 0}, "time zones", WRONG, "knows no time zones"),
    ({"subscriptions": (subscription(zone="Mars/Olympus"),)}, "time zones", WRONG, "does not know Mars/Olympus"),
    ({}, "digests", OK, "1 digest; the next one is due at 2026-11-24 09:00 CET"),
]


@pytest.mark.parametrize(("different", "check", "state", "words"), CLOCKS, ids=[c[3] for c in CLOCKS])
def test_what_is_wrong_with_the_time(different: dict[str, Any], check: str, state: State, words: str) -> None:
    told = only(judged(clock.CHECKS, replace(TIMES, **different)), check)
    assert told.state is state
    assert words in told.sentence


def test_a_paused_digest_is_wrong_and_says_why() -> None:
    paused = subscription(paused="I am not in this channel.")
    found = judged(clock.CHECKS, replace(TIMES, subscriptions=(paused, subscription(id=4, at=time(8, 0)))))
    told = next(d for d in found if d.state is WRONG)
    assert told.sentence == "The digest D-3 of C1 is paused: I am not in this channel."
    assert "/trail-audit digest off D-3" in told.mend


# AWS.

ARN = f"arn:aws:iam::{OWNER}:user/trailwarden"
SETUP = accounts.Setup(Caller(OWNER, ARN), accounts.RoleNames("Audit", "Change"))
SOMEBODY = {"Effect": "Allow", "Action": "sts:AssumeRole"}
OURS = {"Statement": [{**SOMEBODY, "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"}}]}
CREATE = Grant("kms:CreateKey", "*", "us-east-1")


def facts(id: str = ACCOUNT, **different: Any) -> accounts.AccountFacts:
    fine = accounts.AccountFacts(account(id, f"name-{id[-1]}"), snapshot(trail()), OURS, {CREATE: Ruling.ALLOWED})
    return replace(fine, **different)


def of(*found: accounts.AccountFacts) -> tuple[Diagnosis, ...]:
    return accounts.diagnosed(found, SETUP)


ASSUME = Unreadable("sts:AssumeRole", "AccessDenied", f"{ARN} is not authorized on {ACCOUNT}", "sts:AssumeRole on x")
LATE = Unreadable("cloudtrail:DescribeTrails", "Timeout", "too late")
ELSEWHERE = Unreadable("sts:AssumeRole", "WrongAccount", "got into 1")
AUDIT_ROLE = [
    (snapshot(trail()), OK, "The audit reads all that it needs.", ""),
    (snapshot(organization_trail()), OK, "The audit reads all that it needs.", ""),
    (snapshot(unreadable=ASSUME), WRONG, "The role Audit cannot be assumed.", ARN),
    (snapshot(unreadable=ELSEWHERE), WRONG, "led into another account", "AWS_ENDPOINT_URL"),
    (snapshot(trail(selectors=denied("a:B"))), WRONG, "it needs a:B", "config/iam/audit.json"),
    (snapshot(trail(status=denied("c:D"))), WRONG, "it needs c:D", "the role Audit"),
    (snapshot(unreadable=LATE), UNKNOWN, "answered Timeout (too late)", "Run it again"),
]
GONE = Unreadable("iam:GetRole", "NoSuchEntity")
MAY_NOT_ASK = denied("iam:SimulatePrincipalPolicy")
CHANGE_ROLE: list[tuple[dict[str, Any], State, str, str]] = [
    ({}, OK, "It lets the bot in, and may do all of config/iam/change.json (simulated).", ""),
    ({"snapshot": snapshot(unreadable=ASSUME)}, UNKNOWN, "looked at by the audit role", "audit role first"),
    ({"trust_policy": GONE}, WRONG, "There is no role Change", "Make it"),
    ({"rulings": {CREATE: GONE}}, WRONG, "There is no role Change,", "config/iam/change.json"),
    ({"trust_policy": denied("iam:GetRole")}, UNKNOWN, "it needs iam:GetRole", "config/iam/audit.json"),
    ({"trust_policy": {"Statement": []}}, WRONG, "does not name the bot", f"{OWNER} or {ARN}"),
    ({"rulings": {CREATE: Ruling.MISSING}}, WRONG, "The role Change lacks kms:CreateKey.", "change.json"),
    ({"rulings": {CREATE: Ruling.DENIED}}, WRONG, "denies kms:CreateKey", "Deny out"),
    ({"rulings": {CREATE: Ruling.ORGANIZATION}}, WRONG, "service control policy", "organization's policies"),
    ({"rulings": {CREATE: Ruling.BOUNDARY}}, WRONG, "permissions boundary", "change.json"),
    ({"rulings": {CREATE: Ruling.DEPENDS}}, UNKNOWN, "hangs on conditions", "IAM"),
    ({"rulings": {CREATE: MAY_NOT_ASK}}, UNKNOWN, "could not be simulated", "config/iam/audit.json"),
]


@pytest.mark.parametrize(("seen", "state", "words", "mend"), AUDIT_ROLE, ids=[a[2] for a in AUDIT_ROLE])
def test_what_is_wrong_with_an_audit_role(seen: Snapshot, state: State, words: str, mend: str) -> None:
    told = only(of(facts(snapshot=seen)), "audit role")
    assert told.state is state
    assert words in told.sentence
    assert mend in told.mend


@pytest.mark.parametrize(("different", "state", "words", "mend"), CHANGE_ROLE, ids=[c[2] for c in CHANGE_ROLE])
def test_what_is_wrong_with_a_change_role(different: dict[str, Any], state: State, words: str, mend: str) -> None:
    told = only(of(facts(**different)), "change role")
    assert told.state is state
    assert words in told.sentence
    assert mend in told.mend


def test_a_fact_of_a_trail_that_had_no_answer_is_no_all_clear() -> None:
    late = Unreadable("cloudtrail:GetTrailStatus", "ThrottlingException", "Rate exceeded")
    told = only(of(facts(snapshot=snapshot(trail(status=late)))), "audit role")
    assert told.state is UNKNOWN
    assert "ThrottlingException" in told.sentence


def test_what_no_audit_asks_for_is_no_fault() -> None:
    regional = trail(multi_region=False, status=NOT_ASKED, selectors=NOT_ASKED)
    assert only(of(facts(snapshot=snapshot(regional))), "audit role").state is OK


def test_the_account_of_the_bot_is_read_with_its_own_credentials() -> None:
    told = only(of(facts(OWNER, snapshot=snapshot(trail(status=denied())))), "audit role")
    assert "with the bot's own credentials" in told.mend


def test_what_is_the_same_but_for_the_account_is_said_once_and_the_worst_first() -> None:
    ids = [f"11112222{n:04}" for n in range(1_000)]
    lost = [replace(ASSUME, message=f"not on {id}") for id in ids]
    throttled = [Unreadable("cloudtrail:DescribeTrails", "Timeout", f"https://{id}.x") for id in ids]
    many = [facts(id, snapshot=snapshot(unreadable=why)) for id, why in zip(ids, lost, strict=True)]
    late = [facts(id, snapshot=snapshot(unreadable=why)) for id, why in zip(ids, throttled, strict=True)]
    found = of(facts(), *late, *many)
    audit = [d for d in found if d.check == "audit role"]
    assert [(d.state, len(d.accounts)) for d in audit] == [(WRONG, 1_000), (UNKNOWN, 1_000), (OK, 1)]
    assert "https://<account>.x" in audit[1].sentence


def test_one_account_keeps_its_id_in_the_sentence() -> None:
    late = Unreadable("cloudtrail:DescribeTrails", "Timeout", f"https://{ACCOUNT}.x")
    assert f"https://{ACCOUNT}.x" in only(of(facts(snapshot=snapshot(unreadable=late))), "audit role").sentence


def test_the_bots_own_credentials_are_simulated_too() -> None:
    here, there = account("111122223333", "a"), account("111122223334", "b")
    fine = {here: Ruling.ALLOWED, there: Ruling.ALLOWED}
    (told,) = own.assuming(fine, 2, SETUP)
    assert (told.state, "in all 2 accounts (simulated)" in told.sentence) == (OK, True)
    (told,) = own.assuming({here: Ruling.ALLOWED}, 1, SETUP)
    assert "in the account (simulated)" in told.sentence
    (told,) = own.assuming(fine, 1_000, SETUP)
    assert "in 2 of the 1000 accounts" in told.sentence
    (told,) = own.assuming({**fine, there: Ruling.MISSING}, 2, SETUP)
    assert (told.state, told.sentence) == (WRONG, "The bot may not assume the role Change, among others in b.")
    (told,) = own.assuming({**fine, there: Ruling.DEPENDS}, 2, SETUP)
    assert (told.state, "hangs on conditions" in told.sentence) == (UNKNOWN, True)
    (told,) = own.assuming(dict.fromkeys(fine, denied("iam:SimulatePrincipalPolicy")), 2, SETUP)
    assert (told.state, "could not be simulated" in told.sentence) == (UNKNOWN, True)
    assert list(own.assuming({}, 0, SETUP)) == []


SESSION = f"arn:aws:sts::{OWNER}:assumed-role/Bot/i-1"
EXTERNAL = {"StringEquals": {"sts:ExternalId": "x-1"}}
TRUSTS: list[tuple[str, Any, Caller, Trust]] = [
    ("the account", {"AWS": OWNER}, Caller(OWNER, ARN), Trust.LETS_IN),
    ("the root", {"AWS": [f"arn:aws:iam::{OWNER}:root"]}, Caller(OWNER, ARN), Trust.LETS_IN),
    ("the user", {"AWS": ARN}, Caller(OWNER, ARN), Trust.LETS_IN),
    ("the role of a session", {"AWS": f"arn:aws:iam::{OWNER}:role/Bot"}, Caller(OWNER, SESSION), Trust.LETS_IN),
    ("its role with a path", {"AWS": f"arn:aws:iam::{OWNER}:role/a/b/Bot"}, Caller(OWNER, SESSION), Trust.LETS_IN),
    ("a role that ends so", {"AWS": f"arn:aws:iam::{OWNER}:role/a/NotBot"}, Caller(OWNER, SESSION), Trust.NOT_NAMED),
    ("everybody", "*", Caller(OWNER, ARN), Trust.LETS_IN),
    ("another user", {"AWS": f"{ARN}2"}, Caller(OWNER, ARN), Trust.NOT_NAMED),
    ("a service", {"Service": "cloudtrail.amazonaws.com"}, Caller(OWNER, ARN), Trust.NOT_NAMED),
]


@pytest.mark.parametrize(("principal", "caller", "expected"), [t[1:] for t in TRUSTS], ids=[t[0] for t in TRUSTS])
def test_whom_a_role_lets_in(principal: Any, caller: Caller, expected: Trust) -> None:
    assert trust({"Statement": {**SOMEBODY, "Principal": principal}}, caller) is expected


CONDITIONS: list[tuple[str, Any, str, Trust]] = [
    ("none", {}, "x-1", Trust.LETS_IN),
    ("our external id", EXTERNAL, "x-1", Trust.LETS_IN),
    ("an external id, and we have none", EXTERNAL, "", Trust.NO_EXTERNAL_ID),
    ("another external id", EXTERNAL, "x-2", Trust.OTHER_EXTERNAL_ID),
    ("one of several, in any spelling", {"StringEquals": {"STS:externalid": ["x-0", "x-1"]}}, "x-1", Trust.LETS_IN),
    ("an organization", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, "", Trust.DEPENDS),
    ("a pattern", {"StringLike": {"sts:ExternalId": "x-*"}}, "x-1", Trust.DEPENDS),
]


@pytest.mark.parametrize(("condition", "id", "expected"), [c[1:] for c in CONDITIONS], ids=[c[0] for c in CONDITIONS])
def test_on_which_condition(condition: Any, id: str, expected: Trust) -> None:
    statement = {**SOMEBODY, "Principal": {"AWS": OWNER}, "Condition": condition}
    assert trust({"Statement": [statement]}, Caller(OWNER, ARN, id)) is expected


def test_a_deny_makes_it_uncertain_and_another_action_says_nothing() -> None:
    ours = {**SOMEBODY, "Principal": {"AWS": OWNER}}
    assert trust({"Statement": [ours, {**ours, "Effect": "Deny"}]}, Caller(OWNER, ARN)) is Trust.DEPENDS
    assert trust({"Statement": [{**ours, "Action": "sts:TagSession"}]}, Caller(OWNER, ARN)) is Trust.NOT_NAMED


def test_a_pattern_that_covers_the_action_counts_as_the_action() -> None:
    ours = {**SOMEBODY, "Principal": {"AWS": OWNER}, "Action": "sts:Assume*"}
    assert trust({"Statement": ours}, Caller(OWNER, ARN)) is Trust.LETS_IN
    denied = {**ours, "Effect": "Deny"}
    assert trust({"Statement": [ours, denied]}, Caller(OWNER, ARN)) is Trust.DEPENDS


@pytest.mark.parametrize("left_out", [{"NotPrincipal": {"AWS": "111122223333"}}, {"NotAction": "sts:TagSession"}])
def test_a_deny_of_all_but_somebody_is_no_all_clear(left_out: dict[str, Any]) -> None:
    ours = {**SOMEBODY, "Principal": {"AWS": OWNER}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"} | left_out
    deny.pop(next(iter(left_out)).removeprefix("Not"))
    assert trust({"Statement": [ours, deny]}, Caller(OWNER, ARN)) is Trust.DEPENDS


@pytest.mark.parametrize("odd", [None, "x", {}, {"Statement": "x"}, {"Statement": [None, {"Principal": 3}]}], ids=repr)
def test_what_is_no_trust_policy_lets_nobody_in(odd: Any) -> None:
    assert trust(odd, Caller(OWNER, ARN)) is Trust.NOT_NAMED


def test_only_the_management_account_is_asked_for_what_an_organizations_trail_needs() -> None:
    actions = ("kms:CreateKey", "kms:CreateAlias", "s3:CreateBucket", *sorted(role.FOR_AN_ORGANIZATION))
    member = role.wanted(account(), actions, manages=False)
    assert [(g.action, g.resource) for g in member] == [
        ("kms:CreateKey", "*"),
        ("kms:CreateAlias", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/trailwarden-doctor"),
        ("s3:CreateBucket", f"arn:aws:s3:::trailwarden-doctor-{ACCOUNT}"),
    ]
    manager = role.wanted(account(), actions, manages=True)
    assert {g.resource for g in manager[3:]} == {"*", f"arn:aws:iam::{ACCOUNT}:role/{SERVICE_LINKED}"}


def test_no_account_in_scope_is_no_all_clear() -> None:
    (told,) = aws.accounts(aws.AwsFacts(ARN, 0))
    assert (told.state, "TRAILWARDEN_ACCOUNTS" in told.mend) == (WRONG, True)


FLEET = aws.AwsFacts(ARN, 3, ("1 suspended or closing account left out",))
REFUSED = CannotRunError("No AWS credentials: none found. Set AWS_PROFILE.")
FLEETS: list[tuple[dict[str, Any], str, State, str]] = [
    ({}, "AWS credentials", OK, f"AWS knows the bot as {ARN}."),
    ({}, "accounts", OK, "3 accounts in scope; 1 suspended or closing account left out."),
    ({"caller": REFUSED}, "AWS credentials", WRONG, "No AWS credentials: none found."),
    ({"caller": REFUSED}, "accounts", UNKNOWN, "No account was looked at."),
    ({"listed": REFUSED}, "accounts", WRONG, "No AWS credentials: none found."),
    ({"complete": False, "left_out": ("The list is incomplete.",)}, "accounts", UNKNOWN, "The list is incomplete."),
    ({"units": (("Root/Prod", 0),)}, "rules", WRONG, "No account is below the unit Root/Prod, which a rule names."),
    ({"units": (("Prod", denied("organizations:ListRoots")),)}, "rules", UNKNOWN, "below Prod could not be read"),
]


@pytest.mark.parametrize(("different", "check", "state", "words"), FLEETS, ids=[f[3] for f in FLEETS])
def test_what_is_wrong_with_the_accounts(different: dict[str, Any], check: str, state: State, words: str) -> None:
    told = only(judged(aws.CHECKS, replace(FLEET, **different)), check)
    assert told.state is state
    assert words in told.sentence
    assert told.mend or state is OK


def test_no_account_is_lost_in_a_group() -> None:
    some = tuple(Account(f"11112222333{n}") for n in range(4))
    found = accounts.grouped((a, ok("audit role", f"{a.id} is fine.")) for a in some)
    assert [(d.sentence, d.accounts) for d in found] == [("<account> is fine.", some)]
