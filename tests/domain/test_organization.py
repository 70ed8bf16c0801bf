"""Organization trails: what only their owner can see is shared with its members."""

from bot.domain.organization import owners_to_read, shared
from bot.domain.selectors import Selectors
from bot.domain.trail import Snapshot
from tests.builders import OWNER, WRITE_ONLY, account, denied, organization_trail, snapshot, trail

MEMBER = snapshot(organization_trail())


def owned(**different: object) -> Snapshot:
    return snapshot(trail("org", owner=OWNER, organization=True, **different), account=account(OWNER))


def test_the_owner_is_to_be_read_where_a_member_sees_no_selectors() -> None:
    assert owners_to_read([MEMBER, snapshot(trail())]) == {OWNER}


def test_nobody_is_to_be_read_for_selectors_that_are_known_or_were_denied() -> None:
    known = snapshot(organization_trail(selectors=Selectors()))
    assert owners_to_read([known, snapshot(trail(selectors=denied())), snapshot(unreadable=denied())]) == set()


def test_a_member_gets_the_selectors_and_nothing_else() -> None:
    (before,) = MEMBER.known_trails
    (after,) = shared(MEMBER, [owned(selectors=WRITE_ONLY, validation=False)]).known_trails
    assert after.selectors == WRITE_ONLY
    assert (after.status, after.validation) == (before.status, before.validation)


def test_only_the_owners_own_view_is_shared() -> None:
    """What another member says of the same trail proves nothing."""
    liar = snapshot(organization_trail(selectors=Selectors()), account=account("444455556666"))
    assert shared(MEMBER, [liar]) == MEMBER


def test_an_owner_that_could_not_be_read_changes_nothing() -> None:
    assert shared(MEMBER, [snapshot(unreadable=denied(), account=account(OWNER))]) == MEMBER


def test_what_could_not_be_read_stays_so() -> None:
    blind = snapshot(unreadable=denied())
    assert shared(blind, [owned()]) == blind


def test_our_own_denied_selectors_are_not_replaced() -> None:
    world = snapshot(trail(selectors=denied()))
    assert shared(world, [world]) == world
