"""What the form of a trail carries with it: ids, and the answers so far. It is never carried out as it is."""

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, get_args, get_type_hints

from bot.domain.form import Choice, TrailForm
from bot.domain.trail import Account, Snapshot, Unreadable

NOTHING = TrailForm("", "", new_bucket=True)
"""No answers yet: it has problems, so nothing can come of it."""
ALLOWED = "allowed"
PERHAPS = "perhaps"
NAME_ROOM = 60
"""Of an account's name, which is for showing only."""


@dataclass(frozen=True)
class Form:
    """The account that the form is for, the channel that it was asked in, and the answers so far.

    `name` and `partition` are the account's, for showing. `organization` says whether it may make its organization's
    trail: "allowed", "perhaps" where nobody could look, or "". `reviewed` is the fingerprint of the plan on show.
    Every answer is checked again, and the plan made anew, whenever the form comes back.
    """

    account: str
    channel: str
    name: str = ""
    partition: str = "aws"
    organization: str = ""
    answers: TrailForm = NOTHING
    reviewed: str = ""

    @property
    def of(self) -> Account:
        return Account(self.account, self.name, partition=self.partition)

    def dump(self) -> str:
        """Compact: Slack keeps 3,000 characters. What is as at the beginning is left out."""
        kept = {f.name: v for f in fields(self) if f.name != "answers" and (v := getattr(self, f.name)) != f.default}
        answers = _different(self.answers)
        return json.dumps(kept | ({"answers": answers} if answers else {}), separators=(",", ":"), ensure_ascii=False)


def form_for(snapshot: Snapshot, answers: TrailForm, channel: str) -> Form:
    account = snapshot.account
    unsure = PERHAPS if isinstance(snapshot.manager, Unreadable) else ""
    may = ALLOWED if snapshot.organization else unsure
    return Form(account.id, channel, account.name[:NAME_ROOM], account.partition, may, answers)


def _different(answers: TrailForm) -> dict[str, Any]:
    now, nothing = asdict(answers), asdict(NOTHING)
    return {name: value for name, value in now.items() if value != nothing[name]}


def load_form(text: str) -> Form:
    """What is not ours names no account, and is refused as an unknown one later."""
    try:
        data = json.loads(text)
        form = Form(data.pop("account"), data.pop("channel"), answers=_answers(data.pop("answers", {})))
        return _all_text(replace(form, **data))
    except (AttributeError, KeyError, TypeError, ValueError):
        return Form("", "")


def _answers(data: dict[str, Any]) -> TrailForm:
    """Each of its own type, or nothing at all. Raises TypeError, ValueError, KeyError, AttributeError."""
    kinds = get_type_hints(TrailForm)
    return replace(NOTHING, **{name: _typed(kinds[name], value) for name, value in data.items()})


def _typed(kind: Any, value: Any) -> Any:
    if kind is Choice:
        which = get_type_hints(Choice)["which"]
        return Choice(**{name: _typed(which if name == "which" else str, part) for name, part in value.items()})
    if words := get_args(kind):
        return words[words.index(value)]
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind}")
    return value


def _all_text(form: Form) -> Form:
    if not all(isinstance(getattr(form, f.name), str) for f in fields(form) if f.name != "answers"):
        raise TypeError("a part is no text")
    return form
