"""Preflight as a use case: it looks, it asks what the change role may do, and it never stands in the way."""

import pytest

from bot.domain.change import State
from bot.domain.grant import Grant, Ruling, Rulings
from bot.domain.refusal import Refused
from bot.domain.trail import Account, Bucket, Snapshot
from bot.ports import Wish
from bot.services import proposals
from bot.services.preflight import checked
from bot.services.proposals import Asker
from tests.builders import ACCOUNT, REGION, denied, plan, snapshot, surveyed, trail, trail_arn, update
from tests.fakes_bot import Bot, LiveAws, bot

ASKER = Asker("UREQUESTER", "C1")
ARN = trail_arn("spare")


def local(*buckets: Bucket) -> Snapshot:
    """A trail that a conversion repairs."""
    return surveyed(trail("spare", multi_region=False, bucket="theirs"), buckets=buckets)


def fix(made: Bot) -> tuple[str, ...]:
    return tuple(c.state for c in proposals.propose_fix(made.world, ASKER, ACCOUNT).plan.checks)


def test_a_proposal_carries_its_checks_to_the_card_and_into_the_database() -> None:
    made = bot()
    assert fix(made) == ("ready",)
    assert made.card().plan.checks == made.change().plan.checks
    assert made.aws.calls == []


def test_the_change_role_is_asked_about_for_all_steps_at_once() -> None:
    made = bot()
    fix(made)
    ((grant,),) = made.aws.simulated
    assert (grant.action, grant.resource) == ("cloudtrail:StartLogging", trail_arn())


@pytest.mark.parametrize(
    ("ruling", "state"), [(Ruling.MISSING, "fails"), (denied("iam:SimulatePrincipalPolicy"), "unchecked")]
)
def test_what_would_fail_or_could_not_be_checked_is_proposed_all_the_same(ruling: Ruling, state: str) -> None:
    made = bot()
    made.aws.rulings["cloudtrail:StartLogging"] = ruling
    assert fix(made) == (state,)
    assert made.change().state is State.PROPOSED


def test_the_bucket_of_a_trail_that_is_updated_is_looked_at() -> None:
    made = bot(local(Bucket("theirs", exists=True, region=REGION, requester_pays=True)))
    found = proposals.propose_fix(made.world, ASKER, ACCOUNT).plan
    assert made.aws.reads == [Wish(survey=True, organization=True), Wish(buckets=("theirs",))]
    assert any("theirs is a requester-pays bucket" in c.sentence for c in found.checks)
    assert found.before.buckets == ()


def test_a_bucket_in_an_account_that_cannot_be_read_any_more_is_unchecked_with_the_reason() -> None:
    made = bot(local())
    made.aws.blind = [denied("sts:AssumeRole")]
    convert = plan(update(ARN, validation=True), before=snapshot(trail("spare", bucket="theirs")))
    (first, *_) = checked(made.aws, convert).checks
    assert (first.state, "it needs sts:AssumeRole" in first.sentence) == ("unchecked", True)


def test_who_asks_while_another_one_is_being_checked_is_told_of_it() -> None:
    """Both found nothing open when they began."""
    made = bot()
    aws = Slow(made)
    made.aws = aws
    with pytest.raises(Refused, match="C-1 for 111122223333 waits for approval already"):
        fix(made)
    assert len(made.changes.all()) == 1


class Slow(LiveAws):
    """While it simulates for the first time, somebody else asks for the same."""

    def __init__(self, made: Bot) -> None:
        super().__init__(made.clock, made.aws.truth(ACCOUNT))
        self.made: Bot | None = made

    def simulate(self, account: Account, grants: tuple[Grant, ...]) -> Rulings:
        made, self.made = self.made, None
        if made:
            proposals.propose_fix(made.world, Asker("UOTHER", "C1"), ACCOUNT)
        return super().simulate(account, grants)
