"""Who changed the trails of newly failing accounts: whom to ask, how often, and what is said where nobody knows."""

from bot.domain.finding import AccountReport, Finding, Verdict
from bot.services.trail_history import ASKED, who_changed
from tests.builders import (
    ACCOUNT,
    HOUR,
    NOW,
    OWNER,
    account,
    account_report,
    denied,
    finding,
    report,
    trail_arn,
    trail_event,
)
from tests.fakes import FakeCloud

SINCE = NOW - 24 * HOUR
OTHER = "444455556666"
ORGANIZATION = trail_arn("org", owner=OWNER)


def failing(id: str = ACCOUNT, arn: str | None = None, *more: Finding) -> AccountReport:
    decided = finding(resource=arn or trail_arn(owner=id), reasons=("not-logging",))
    return AccountReport(account(id, "named"), (decided, *more))


def passing(arn: str, control: str = "multi-region-trail") -> AccountReport:
    return AccountReport(account(), (finding(control, Verdict.PASS, resource=arn),))


def test_an_account_that_fails_is_told_who_stopped_its_trail() -> None:
    cloud = FakeCloud()
    cloud.history[ACCOUNT] = (trail_event(),)
    assert who_changed(cloud, [failing()], SINCE) == {
        ACCOUNT: "Trail main was stopped by Admin/alice at 2026-11-23 09:00 UTC."
    }
    assert cloud.asked_who == [(ACCOUNT, (trail_arn(),), SINCE)]


def test_a_missing_permission_is_a_note_and_the_others_are_asked_all_the_same() -> None:
    cloud = FakeCloud()
    cloud.history = {ACCOUNT: denied("cloudtrail:LookupEvents"), OTHER: (trail_event(trail=trail_arn(owner=OTHER)),)}
    told = who_changed(cloud, [failing(), failing(OTHER)], SINCE)
    assert told[ACCOUNT].endswith("it needs cloudtrail:LookupEvents (not authorized).")
    assert "stopped by Admin/alice" in told[OTHER]


def test_where_no_trail_decides_nobody_is_asked() -> None:
    cloud = FakeCloud()
    elsewhere = AccountReport(account(), (finding(resource="arn:aws:s3:::logs"),))
    passes = AccountReport(account(OTHER), (finding(verdict=Verdict.PASS, resource=trail_arn(owner=OTHER)),))
    assert who_changed(cloud, [account_report(), elsewhere, passes], SINCE) == {}
    assert cloud.asked_who == []


def test_a_deleted_trail_is_known_from_the_earlier_report() -> None:
    cloud = FakeCloud()
    gone = trail_arn("gone", "eu-west-1")
    cloud.history[ACCOUNT] = (trail_event("DeleteTrail", trail=gone),)
    told = who_changed(cloud, [account_report()], SINCE, report(passing(gone)))
    assert told == {ACCOUNT: "Trail gone was deleted by Admin/alice at 2026-11-23 09:00 UTC."}
    assert cloud.asked_who == [(ACCOUNT, (gone,), SINCE)]


def test_the_trail_that_decided_then_is_asked_about_with_the_one_that_decides_now() -> None:
    cloud = FakeCloud()
    who_changed(cloud, [failing()], SINCE, report(passing(trail_arn("gone"))))
    who_changed(cloud, [failing()], SINCE, report(passing(trail_arn())))
    assert [trails for _, trails, _ in cloud.asked_who] == [(trail_arn("gone"), trail_arn()), (trail_arn(),)]


def test_what_passes_now_brings_in_no_trail() -> None:
    cloud = FakeCloud()
    fine = finding("log-file-validation", Verdict.PASS, resource=trail_arn("fine"))
    who_changed(cloud, [failing(ACCOUNT, None, fine)], SINCE, report(passing(trail_arn("old"), "log-delivery")))
    assert cloud.asked_who == [(ACCOUNT, (trail_arn(),), SINCE)]


def test_an_organizations_trail_is_asked_about_once_in_the_account_that_owns_it() -> None:
    cloud = FakeCloud()
    cloud.history[OWNER] = (trail_event(trail=ORGANIZATION),)
    told = who_changed(cloud, [failing(i, ORGANIZATION) for i in (ACCOUNT, OWNER, OTHER)], SINCE)
    assert told == dict.fromkeys((ACCOUNT, OWNER, OTHER), trail_event(trail=ORGANIZATION).sentence)
    assert cloud.asked_who == [(OWNER, (ORGANIZATION,), SINCE)]


def test_trails_of_two_owners_are_told_one_after_the_other() -> None:
    cloud = FakeCloud()
    cloud.history = {ACCOUNT: (trail_event(),), OWNER: denied("cloudtrail:LookupEvents")}
    told = who_changed(cloud, [failing()], SINCE, report(passing(ORGANIZATION)))[ACCOUNT]
    assert told.startswith("Who changed it is not known")
    assert told.endswith(trail_event().sentence)


def test_only_ten_are_asked_and_those_without_a_trail_do_not_count() -> None:
    cloud = FakeCloud()
    many = [f"{n:012}" for n in range(1, ASKED + 3)]
    told = who_changed(cloud, [account_report(), *map(failing, many)], SINCE)
    assert list(told) == many[:ASKED]
    assert [id for id, _, _ in cloud.asked_who] == many[:ASKED]
