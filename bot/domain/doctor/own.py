"""May the bot's own credentials assume the change role? Simulated, like what the role itself may do."""

from collections.abc import Iterator, Mapping

from bot.domain.doctor import Diagnosis, ok, unknown, wrong
from bot.domain.doctor.accounts import Setup
from bot.domain.grant import Ruling
from bot.domain.trail import Account, Unreadable

CHECK = "own credentials"
REFUSED = frozenset(Ruling) - {Ruling.ALLOWED, Ruling.DEPENDS}


def assuming(found: Mapping[Account, Ruling | Unreadable], accounts: int, setup: Setup) -> Iterator[Diagnosis]:
    """`found` are those of so many accounts that were simulated."""
    role, who = setup.roles.change, setup.caller.arn
    unseen = next((r for r in found.values() if isinstance(r, Unreadable)), None)
    refused = [a for a, r in found.items() if r in REFUSED]
    if unseen:
        sentence = f"Whether the bot may assume the role {role} could not be simulated: {unseen.sentence}."
        mend = f"Let {who} do iam:SimulatePrincipalPolicy and iam:GetRole, or see in IAM that it may."
        yield unknown(CHECK, sentence, mend)
    elif refused:
        where = ", ".join(a.name or a.id for a in refused[:3])
        mend = f"Let {who} do sts:AssumeRole on the role {role} in every account."
        yield wrong(CHECK, f"The bot may not assume the role {role}, among others in {where}.", mend)
    elif Ruling.DEPENDS in found.values():
        sentence = f"Whether the bot may assume the role {role} hangs on conditions that a simulation does not know."
        yield unknown(CHECK, sentence, "See in IAM that these are met.")
    elif found:
        yield ok(CHECK, f"The bot may assume the role {role} in {_of(len(found), accounts)} (simulated).")


def _of(some: int, accounts: int) -> str:
    if some < accounts:
        return f"{some} of the {accounts} accounts"
    return f"all {accounts} accounts" if accounts > 1 else "the account"
