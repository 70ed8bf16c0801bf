"""The audit: whom it looks at, in which order, and what it makes of it."""

from collections.abc import Iterable, Iterator

import pytest

from bot.domain.control import Profile
from bot.domain.controls import DEFAULT_CONTROLS
from bot.domain.finding import Report, Verdict
from bot.domain.refusal import Refused
from bot.domain.trail import Account, Snapshot
from bot.ports import Accounts, CannotRunError, Wish
from bot.services.audit import Order, audit, one_account, scoped
from tests.builders import (
    OWNER,
    WRITE_ONLY,
    account,
    denied,
    organization_trail,
    snapshot,
    surveyed,
    trail,
)
from tests.fakes import FakeClock, FakeCloud

PAYMENTS = account("111111111111", "prod-payments", "Root/Prod")
WEB = account("222222222222", "prod-web", "Root/Prod")
SANDBOX = account("333333333333", "sandbox", "Root/Dev")
ALL = (PAYMENTS, WEB, SANDBOX)
UNITS = {"Prod": frozenset({PAYMENTS.id, WEB.id, "999999999999"})}


def healthy(of: Account) -> Snapshot:
    return snapshot(trail(owner=of.id), account=of)


def cloud(**different: object) -> FakeCloud:
    return FakeCloud([healthy(a) for a in ALL], units=UNITS, **different)  # type: ignore[arg-type]  # FakeCloud's own


def order(*scope: str, controls: tuple[str, ...] = DEFAULT_CONTROLS, profile: Profile = Profile.CIS) -> Order:
    return Order("run-7", scope, controls, profile)


def audited(aws: FakeCloud, *scope: str) -> Report:
    return audit(aws, FakeClock(), order(*scope))


def ids(report: Report) -> list[str]:
    return [a.account.id for a in report.accounts]


SCOPES = [
    ("no word", (), ALL),
    ("all", ("all",), ALL),
    ("All", ("All",), ALL),
    ("all beside another word", ("sandbox", "all"), ALL),
    ("an id", (WEB.id,), (WEB,)),
    ("a name", ("prod-web",), (WEB,)),
    ("a name in other letters", ("PROD-Web",), (WEB,)),
    ("an organizational unit", ("ou:Prod",), (PAYMENTS, WEB)),
    ("OU in other letters", ("OU:Prod",), (PAYMENTS, WEB)),
    ("several, some twice", ("ou:Prod", "sandbox", WEB.id), ALL),
    ("in their own order, not the words'", ("sandbox", "prod-payments"), (PAYMENTS, SANDBOX)),
]


@pytest.mark.parametrize(("words", "wanted"), [s[1:] for s in SCOPES], ids=[s[0] for s in SCOPES])
def test_words_name_accounts(words: tuple[str, ...], wanted: tuple[Account, ...]) -> None:
    aws = cloud()
    assert ids(audited(aws, *words)) == [a.id for a in wanted]
    assert sorted(id for id, _ in aws.looked_at) == sorted(a.id for a in wanted)


MISTAKES = [
    ("a slip of the pen", "prod-paymets", "No account in scope is called prod-paymets. Did you mean prod-payments?"),
    ("a slip in an id", "222222222223", "Did you mean 222222222222?"),
    ("something else altogether", "zzz", "`/trail-audit` shows those that are."),
    ("no word at all", "", "No account in scope is called ."),
    ("an empty unit", "ou:", "No account in scope is in an organizational unit called ."),
    ("a unit that nobody knows", "ou:Nope", "organizational unit called Nope. Give its path"),
    ("a slip in a unit", "ou:Prdo", "organizational unit called Prdo. Did you mean ou:Prod? Give its path"),
    ("a slip in a path", "ou:Root/Prdo", "Did you mean ou:Root/Prod?"),
    ("a unit in other letters", "ou:prod", "Did you mean ou:Prod?"),
]


@pytest.mark.parametrize(("word", "words"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_word_that_names_nothing_is_refused_before_anything_is_read(word: str, words: str) -> None:
    aws = cloud()
    with pytest.raises(Refused) as refusal:
        audited(aws, "sandbox", word)
    assert words in str(refusal.value)
    assert aws.looked_at == []


def test_units_that_could_not_be_read_are_not_taken_for_empty() -> None:
    aws = FakeCloud([healthy(WEB)], units=denied("organizations:ListRoots"))
    with pytest.raises(Refused, match="could not be read: organizations:ListRoots"):
        audited(aws, "ou:Prod")


def test_a_unit_adds_no_account_that_is_out_of_scope() -> None:
    assert "999999999999" not in ids(audited(cloud(), "ou:Prod"))


def test_no_account_listed_means_no_audit() -> None:
    aws = FakeCloud(in_scope=CannotRunError("The organization's accounts could not be listed."))
    with pytest.raises(CannotRunError):
        audited(aws)


def test_an_account_that_could_not_be_read_is_in_the_report_as_unknown() -> None:
    aws = FakeCloud([healthy(PAYMENTS)], in_scope=Accounts((PAYMENTS, WEB)))
    report = audited(aws)
    assert [(a.account.id, a.verdict) for a in report.accounts] == [
        (PAYMENTS.id, Verdict.PASS),
        (WEB.id, Verdict.UNKNOWN),
    ]
    assert report.verdict is Verdict.UNKNOWN


def test_each_account_has_exactly_one_finding_for_each_control() -> None:
    for found in audited(cloud()).accounts:
        assert [f.control for f in found.findings] == list(DEFAULT_CONTROLS)


def test_only_the_controls_that_were_asked_for_are_judged() -> None:
    report = audit(cloud(), FakeClock(), order(controls=("log-delivery",)))
    assert report.controls == ("log-delivery",)
    assert all(len(a.findings) == 1 for a in report.accounts)


def test_progress_starts_at_nothing_and_counts_every_account() -> None:
    seen: list[tuple[int, int]] = []
    audit(cloud(), FakeClock(), order(), lambda done, total: seen.append((done, total)))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


class TwoPages(FakeCloud):
    """Lists one account, then the others, then who is left out; and is read as they come."""

    def pages(self) -> Iterator[Accounts]:
        yield Accounts(ALL[:1])
        yield Accounts(ALL[1:])
        yield Accounts((), ("1 suspended or closing account left out",))

    def snapshots(self, accounts: Iterable[Account], wish: Wish = Wish()) -> Iterator[Snapshot]:  # noqa: B008 - frozen
        return (self.snapshot(a, wish) for a in accounts)


@pytest.mark.parametrize("scope", [(), ("all",)], ids=["no word", "all"])
def test_all_accounts_are_read_while_they_are_still_being_listed(scope: tuple[str, ...]) -> None:
    seen: list[tuple[int, int]] = []
    aws = TwoPages([healthy(a) for a in ALL])
    report = audit(aws, FakeClock(), order(*scope), lambda done, total: seen.append((done, total)))
    assert seen == [(0, 1), (1, 1), (1, 3), (2, 3), (3, 3), (3, 3)]
    assert ids(report) == [a.id for a in ALL]
    assert report.left_out == ("1 suspended or closing account left out",)


def test_accounts_that_are_left_out_are_said() -> None:
    aws = cloud(in_scope=Accounts(ALL, ("1 suspended or closing account left out",)))
    assert audited(aws).left_out == ("1 suspended or closing account left out",)


PARTLY = Accounts(ALL, ("The list of accounts is incomplete: organizations:ListAccounts answered Timeout.",), False)


def test_all_passing_is_no_pass_where_accounts_could_not_be_listed() -> None:
    report = audited(cloud(in_scope=PARTLY))
    assert {a.verdict for a in report.accounts} == {Verdict.PASS}
    assert (report.complete, report.verdict, report.left_out) == (False, Verdict.UNKNOWN, PARTLY.left_out)


@pytest.mark.parametrize(("word", "complete"), [("ou:Prod", False), ("sandbox", False), (SANDBOX.id, True)])
def test_of_a_name_or_a_unit_there_may_be_more_among_those_not_listed(word: str, complete: bool) -> None:
    report = audited(cloud(in_scope=PARTLY), word)
    assert report.complete is complete
    assert report.verdict is (Verdict.PASS if complete else Verdict.UNKNOWN)


def test_an_account_that_is_not_found_may_be_one_that_could_not_be_listed() -> None:
    with pytest.raises(Refused, match=r"No account in scope is called staging.*The list of accounts is incomplete"):
        scoped(cloud(in_scope=PARTLY), ("staging",))


def test_the_report_says_when_and_by_which_profile() -> None:
    clock = FakeClock()
    started = clock.now()
    report = audit(cloud(), clock, order(profile=Profile.SECURITY_HUB), lambda _done, _total: clock.move(seconds=1))
    assert (report.run, report.profile, report.started) == ("run-7", "security-hub", started)
    assert report.finished > started


def test_an_audit_looks_no_further_than_it_must() -> None:
    aws = cloud()
    audited(aws)
    assert {wish for _, wish in aws.looked_at} == {Wish()}


def test_nobody_in_scope_is_unknown_and_no_pass() -> None:
    assert audited(FakeCloud()).verdict is Verdict.UNKNOWN


# Organization trails: what only the owner sees.


def member(of: Account) -> Snapshot:
    return snapshot(organization_trail(), account=of)


def owners(**different: object) -> Snapshot:
    owned = trail("org", owner=OWNER, organization=True, **different)
    return snapshot(owned, account=account(OWNER, "management"))


def multi_region(report: Report, id: str) -> Verdict:
    (found,) = (a for a in report.accounts if a.account.id == id)
    return found.findings[0].verdict


def test_the_owner_is_read_once_for_all_its_members() -> None:
    aws = FakeCloud([member(PAYMENTS), member(WEB), owners()], in_scope=Accounts((PAYMENTS, WEB)))
    report = audited(aws)
    assert [id for id, _ in aws.looked_at].count(OWNER) == 1
    assert ids(report) == [PAYMENTS.id, WEB.id]
    assert {multi_region(report, id) for id in ids(report)} == {Verdict.PASS}


def test_an_owner_that_is_in_scope_itself_is_not_read_again() -> None:
    aws = FakeCloud([member(PAYMENTS), owners()])
    audited(aws)
    assert [id for id, _ in aws.looked_at].count(OWNER) == 1


def test_a_member_shares_its_owners_failure() -> None:
    aws = FakeCloud([member(PAYMENTS), owners(selectors=WRITE_ONLY)], in_scope=Accounts((PAYMENTS,)))
    assert multi_region(audited(aws), PAYMENTS.id) is Verdict.FAIL


def test_without_the_owner_a_member_is_unknown() -> None:
    aws = FakeCloud([member(PAYMENTS)], in_scope=Accounts((PAYMENTS,)))
    report = audited(aws)
    assert multi_region(report, PAYMENTS.id) is Verdict.UNKNOWN
    assert "verify-in-management-account" in report.accounts[0].findings[0].reasons


def test_an_owner_whose_selectors_could_not_be_read_leaves_its_members_unknown() -> None:
    aws = FakeCloud([member(PAYMENTS), owners(selectors=denied())], in_scope=Accounts((PAYMENTS,)))
    assert multi_region(audited(aws), PAYMENTS.id) is Verdict.UNKNOWN


def test_the_owners_delivery_says_nothing_of_its_members() -> None:
    aws = FakeCloud([member(PAYMENTS), owners()], in_scope=Accounts((PAYMENTS,)))
    (found,) = audited(aws).accounts
    assert found.findings[1].verdict is Verdict.UNKNOWN


def test_a_trail_of_the_same_arn_that_another_member_shows_is_no_proof() -> None:
    """Only the owner's own view counts."""
    liar = snapshot(organization_trail(selectors=trail().selectors), account=account(OWNER[::-1]))
    aws = FakeCloud([member(PAYMENTS), liar])
    assert multi_region(audited(aws), PAYMENTS.id) is Verdict.UNKNOWN


# Why it fails, where somebody names an account.

FAILING = snapshot(account=WEB)
LOCAL = trail("local", owner=WEB.id, region="eu-west-1", multi_region=False)
EXPLAINED = Wish(survey=True)


def explaining(*scope: str, second: Snapshot | None = None) -> tuple[Report, FakeCloud]:
    further = second or surveyed(LOCAL, account=WEB)
    aws = FakeCloud({PAYMENTS.id: healthy(PAYMENTS), WEB.id: [FAILING, further]}, units=UNITS)
    return audited(aws, *scope), aws


@pytest.mark.parametrize("word", [WEB.id, "prod-web"])
def test_an_account_that_is_named_and_fails_is_searched_region_by_region(word: str) -> None:
    report, aws = explaining(word)
    (found,) = report.accounts
    assert "Could be made multi-region: local (eu-west-1)." in found.findings[0].told
    assert aws.looked_at == [(WEB.id, Wish()), (WEB.id, EXPLAINED)]


@pytest.mark.parametrize("words", [(), ("all",), ("ou:Prod",)])
def test_an_audit_of_many_explains_none(words: tuple[str, ...]) -> None:
    _, aws = explaining(*words)
    assert EXPLAINED not in [wish for _, wish in aws.looked_at]


def test_what_passes_needs_no_explanation() -> None:
    _, aws = explaining("prod-payments")
    assert aws.looked_at == [(PAYMENTS.id, Wish())]


def test_a_further_look_that_fails_is_a_note_and_changes_no_verdict() -> None:
    blind = snapshot(unreadable=denied("cloudtrail:DescribeTrails"), account=WEB)
    report, _ = explaining("prod-web", second=blind)
    (found,) = report.accounts
    assert found.verdict is Verdict.FAIL
    assert "Not searched: cloudtrail:DescribeTrails answered AccessDeniedException" in found.findings[0].told


def test_a_trail_that_appears_between_the_two_looks_changes_no_verdict() -> None:
    report, _ = explaining("prod-web", second=surveyed(trail(owner=WEB.id), account=WEB))
    assert report.accounts[0].verdict is Verdict.FAIL


# One account, for a change.


def test_one_account_is_found_by_name_or_id() -> None:
    assert one_account(cloud(), "sandbox") == one_account(cloud(), SANDBOX.id) == SANDBOX


def test_an_id_names_its_account_alone_though_another_one_is_called_like_it() -> None:
    """Whoever may rename an account may give it any name, also another one's id."""
    impostor = account("444444444444", SANDBOX.id)
    aws = FakeCloud([healthy(SANDBOX), healthy(impostor)])
    assert one_account(aws, SANDBOX.id) == SANDBOX
    assert one_account(aws, impostor.id) == impostor
    with pytest.raises(Refused, match="No account in scope is called 555555555555"):
        one_account(FakeCloud([healthy(account("444444444444", "555555555555"))]), "555555555555")


def test_a_name_with_a_blank_in_it_is_meant_by_its_id() -> None:
    """From Slack it would be two words, so to say the name alone would send people in a circle."""
    aws = FakeCloud([healthy(account("444444444444", "Prod Web"))])
    with pytest.raises(Refused, match=r"Did you mean Prod Web, which is 444444444444\?"):
        one_account(aws, "ProdWeb")


@pytest.mark.parametrize("word", ["ou:Prod", "all"])
def test_a_word_for_several_accounts_is_refused_with_their_ids(word: str) -> None:
    with pytest.raises(Refused, match=r"names [23] accounts: 111111111111, 222222222222"):
        one_account(cloud(), word)


def test_two_accounts_of_one_name_are_both_in_scope() -> None:
    twin = account("444444444444", "sandbox")
    aws = FakeCloud([healthy(SANDBOX), healthy(twin)])
    assert scoped(aws, ("sandbox",)).accounts == (SANDBOX, twin)
    with pytest.raises(Refused, match="Say which by its id"):
        one_account(aws, "sandbox")
