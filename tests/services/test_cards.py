"""The card shows what is saved, however quickly people click."""

from bot.domain.change import Change, State
from bot.services import decisions, proposals
from bot.services.proposals import Asker
from tests.builders import ACCOUNT
from tests.fakes_bot import Bot, FakeAnnouncer, bot


class QuickFingers(FakeAnnouncer):
    """Somebody approves the moment the card is there, before we have noted where it is."""

    def __init__(self, made: Bot) -> None:
        super().__init__()
        self._made = made

    def card(self, change: Change) -> str:
        message = super().card(change)
        decisions.approve(self._made.world, change.number, "UALICE")
        return message


def test_a_click_that_is_faster_than_our_notes_gets_no_second_card() -> None:
    made = bot()
    made.announcer = QuickFingers(made)
    proposals.propose_fix(made.world, Asker("UREQUESTER", "C1"), ACCOUNT)
    assert len(made.announcer.of("card")) == 1
    assert made.card().state is State.APPROVED
