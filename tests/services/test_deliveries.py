"""The first log file after a trail was started."""

from datetime import timedelta

import pytest

from bot import jobs
from bot.domain.change import State
from bot.domain.trail import Delivery, Status
from bot.services import decisions, proposals
from bot.services.proposals import Asker
from tests.builders import ACCOUNT, NOW, denied, surveyed, trail
from tests.fakes_bot import Bot, bot
from tests.services.crashing import Durable

STARTED = NOW
BEFORE, AFTER = NOW - timedelta(days=3), NOW + timedelta(minutes=4)


def verified() -> Bot:
    """A trail that was stopped is started."""
    made = bot(surveyed(trail(logging=False)))
    proposals.propose_fix(made.world, Asker("UREQUESTER", "C1"), ACCOUNT)
    decisions.approve(made.world, 1, "UALICE")
    Durable().apply(made.world, 1)
    assert made.change().state is State.VERIFIED
    return made


def later(made: Bot, delivery: Delivery, minutes: int = 5) -> str:
    """What the change says after so many minutes, with this delivery."""
    made.clock.move(minutes=minutes)
    made.aws.becomes(surveyed(trail(status=Status(True, delivery))))
    jobs.watch_deliveries(made.world)
    return made.change().outcome


def test_a_start_is_verified_at_once_and_its_first_file_is_waited_for() -> None:
    assert verified().change().delivery == "awaited"


def test_the_first_file_is_said_once_and_on_the_card() -> None:
    made = verified()
    said = later(made, Delivery(last=AFTER, started=STARTED))
    assert said.endswith("First log file seen at 2026-11-23 09:04 UTC.")
    assert (made.change().delivery, made.card().outcome) == ("seen", said)
    assert later(made, Delivery(last=AFTER, started=STARTED)) == said
    assert made.evidence.whats().count("first-delivery") == 1


@pytest.mark.parametrize(
    "delivery",
    [Delivery(last=BEFORE, started=STARTED), Delivery(started=STARTED), Delivery("NoSuchBucket", AFTER, STARTED)],
    ids=["from before the start", "none", "an error"],
)
def test_a_file_from_before_or_an_error_is_no_first_file(delivery: Delivery) -> None:
    made = verified()
    later(made, delivery)
    assert made.change().delivery == "awaited"


def test_after_half_an_hour_its_absence_is_a_warning_with_awss_words() -> None:
    made = verified()
    said = later(made, Delivery("NoSuchBucket", None, STARTED), minutes=31)
    assert "Warning: no log file arrived within 30 minutes: AWS says NoSuchBucket." in said
    assert (made.change().state, made.change().delivery) == (State.VERIFIED, "missing")
    later(made, Delivery(last=AFTER, started=STARTED))
    assert made.evidence.whats().count("no-delivery") == 1


def test_not_being_able_to_look_is_said_as_such() -> None:
    made = verified()
    made.clock.move(minutes=31)
    made.aws.blind = [denied()]
    jobs.watch_deliveries(made.world)
    assert "Whether log files arrive could not be seen within 30 minutes." in made.change().outcome


def test_a_change_that_starts_nothing_is_not_waited_for() -> None:
    made = bot(surveyed(trail(validation=False)))
    proposals.propose_fix(made.world, Asker("UREQUESTER", "C1"), ACCOUNT)
    decisions.approve(made.world, 1, "UALICE")
    Durable().apply(made.world, 1)
    assert (made.change().state, made.change().delivery) == (State.VERIFIED, "")
