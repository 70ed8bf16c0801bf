"""Many accounts at once: as they come, as they are ready, and none waits for another."""

from collections.abc import Callable, Iterator
from itertools import islice
from threading import Event, current_thread

import pytest
from botocore.awsrequest import AWSResponse

from bot.adapters.aws.clients import AT_ONCE
from bot.adapters.aws.cloud import BotoCloud
from bot.domain.trail import Account
from bot.ports import Accounts, CannotRunError
from tests.adapters.wire import OWN, Sent, Wire, assumed, error, ok, trying
from tests.builders import account
from tests.fakes import FakeClock

PATIENCE = 20
"""Seconds after which a test that waits has failed; one that passes never waits so long."""
FLEET = [account(f"{n:012}") for n in range(1, 21)]
SLOW = FLEET[0]


def cloud(wire: Wire, *wanted: str) -> BotoCloud:
    return BotoCloud(wire.session, FakeClock(), wanted)


def empty_accounts(wire: Wire) -> Wire:
    wire.answers |= {"sts:AssumeRole": assumed(), "cloudtrail:DescribeTrails": ok(trailList=[])}
    return wire


def never_answers_until(others: Event, _sent: Sent) -> AWSResponse:
    assert others.wait(PATIENCE)
    return ok(trailList=[])


def throttles_until(others: Event, _sent: Sent) -> AWSResponse:
    return ok(trailList=[]) if others.is_set() else error("ThrottlingException", "Rate exceeded")


def fails_until(others: Event, _sent: Sent) -> AWSResponse:
    return ok(trailList=[]) if others.is_set() else error("InternalFailure", status=500)


@pytest.mark.parametrize("behaves", [never_answers_until, throttles_until, fails_until])
def test_an_account_in_trouble_delays_no_other(
    new_wire: Callable[..., Wire], behaves: Callable[[Event, Sent], AWSResponse]
) -> None:
    """Its trouble ends only when all others are done: were one of them to wait for it, nobody would get further."""
    others = Event()
    wire = empty_accounts(new_wire(reading=trying(times=20)))
    fine = ok(trailList=[])
    wire.answers["cloudtrail:DescribeTrails"] = lambda sent: behaves(others, sent) if SLOW.id in sent.key else fine
    found = cloud(wire).snapshots(FLEET)
    done = [s.account.id for s in islice(found, len(FLEET) - 1)]
    assert SLOW.id not in done
    others.set()
    assert [(s.account.id, s.trails) for s in found] == [(SLOW.id, ())]


def test_reading_starts_while_accounts_are_still_being_listed(wire: Wire) -> None:
    looked = Event()

    def described(_sent: Sent) -> AWSResponse:
        looked.set()
        return ok(trailList=[])

    def arriving() -> Iterator[Account]:
        yield FLEET[0]
        assert looked.wait(PATIENCE)
        yield FLEET[1]

    empty_accounts(wire).answers["cloudtrail:DescribeTrails"] = described
    assert len(list(cloud(wire).snapshots(arriving()))) == 2


def test_of_many_accounts_few_are_in_hand(wire: Wire) -> None:
    taken: list[str] = []

    def arriving() -> Iterator[Account]:
        for n in range(1, 10 * AT_ONCE):
            taken.append(f"{n:012}")
            yield account(taken[-1])

    found = cloud(empty_accounts(wire)).snapshots(arriving())
    next(found)
    assert len(taken) <= 2 * AT_ONCE
    assert len(list(found)) == 10 * AT_ONCE - 2
    assert len(taken) == 10 * AT_ONCE - 1


def test_audits_at_the_same_time_share_their_threads(wire: Wire) -> None:
    seen: set[str] = set()

    def described(_sent: Sent) -> AWSResponse:
        seen.add(current_thread().name)
        return ok(trailList=[])

    empty_accounts(wire).answers["cloudtrail:DescribeTrails"] = described
    aws = cloud(wire)
    fleet = [account(f"{n:012}") for n in range(1, 2 * AT_ONCE)]
    both = zip(aws.snapshots(fleet), aws.snapshots(fleet), strict=True)
    assert len(list(both)) == len(fleet)
    assert len(seen) <= AT_ONCE


def test_a_list_that_breaks_off_stops_the_audit(wire: Wire) -> None:
    def arriving() -> Iterator[Account]:
        yield FLEET[0]
        raise CannotRunError("The organization's accounts could not be listed.")

    with pytest.raises(CannotRunError):
        list(cloud(empty_accounts(wire)).snapshots(arriving()))


# The organization, page by page.


def page(*ids: str, more: str = "") -> AWSResponse:
    accounts = [{"Id": i, "Name": f"n{i}", "Status": "ACTIVE" if i[0] == "1" else "SUSPENDED"} for i in ids]
    return ok(Accounts=accounts, **({"NextToken": more} if more else {}))


def test_the_first_page_is_there_before_the_second_is_asked_for(wire: Wire) -> None:
    wire.answers["organizations:ListAccounts"] = [page("1a", more="x"), page("1b")]
    pages = cloud(wire, "organization").pages()
    assert [a.id for a in next(pages).accounts] == ["1a"]
    assert len(wire.calls("ListAccounts")) == 1
    assert [a.id for p in pages for a in p.accounts] == ["1b"]


def test_the_suspended_of_all_pages_are_counted_once_at_the_end(wire: Wire) -> None:
    wire.answers["organizations:ListAccounts"] = [page("1a", "2a", more="x"), page("2b", more="y"), page("1b")]
    *pages, last = cloud(wire, "organization").pages()
    assert [len(p.accounts) for p in pages] == [1, 0, 1]
    assert last == Accounts((), ("2 suspended or closing accounts left out",))


def test_our_own_account_is_one_page(wire: Wire) -> None:
    assert list(cloud(wire, "self").pages()) == [Accounts((Account(OWN),))]
