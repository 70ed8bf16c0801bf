"""Who may approve, and who is called. Naming somebody on a card must not ping them: names are text, not mentions."""

from bot.domain.change import Change, Entitled, State
from bot.domain.refusal import Group, Person
from handlers.views.words import cut, escape, mention, part

SHOWN = 20


def who_may(entitled: Entitled | None, requester: str) -> str:
    """Never the requester, who may be in a group of them."""
    if entitled is None:
        return "could not be read just now; it is read again at the click"
    if not entitled.named:
        return "nobody: TRAILWARDEN_APPROVERS is not set"
    others = [p for p in entitled.named if p.id != requester]
    names = ", ".join(plain(p) for p in others[:SHOWN]) or "nobody"
    if len(others) > SHOWN:
        names += f" and {len(others) - SHOWN} more"
    return f"{names}, but not the requester"


def plain(someone: Person | Group) -> str:
    """As text, which notifies nobody; the id where the name is not known."""
    name = escape(cut(someone.name, 80)) or someone.id
    return f"{name} (group)" if isinstance(someone, Group) else name


def called(change: Change, entitled: Entitled | None) -> str:
    """Mentions of the ping list without those who have voted or asked; "" once it is decided."""
    if entitled is None or change.state is not State.PROPOSED:
        return ""
    done = {change.requester, *change.approvers}
    return ", ".join(part(p) for p in entitled.ping if p.id not in done)


def by(change: Change) -> str:
    """Who approved, as mentions."""
    return ", ".join(mention(user) for user in change.approvers)
