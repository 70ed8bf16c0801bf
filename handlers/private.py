"""What a form carries with it: ids only."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """The account that the create form is for, and the channel that it was asked in."""

    account: str
    channel: str

    def dump(self) -> str:
        return json.dumps({"account": self.account, "channel": self.channel})


def load_form(text: str) -> Form:
    """What is not ours names no account, and is refused as an unknown one later."""
    try:
        data = json.loads(text)
        return Form(str(data["account"]), str(data["channel"]))
    except (KeyError, TypeError, ValueError):
        return Form("", "")
