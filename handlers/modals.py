"""Forms that come back. Errors in a field appear at the field; everything else is answered in the channel."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from slack_bolt import Ack

from bot.domain.form import TrailForm, bucket_problem, name_problem, prefix_problem
from bot.services import decisions, proposals
from handlers.actions import change_number
from handlers.private import load_form
from handlers.talk import Talk, caller_of
from handlers.views import ids
from handlers.views.modals import NEW


class Modals:
    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._world = talk.world

    def create(self, ack: Ack, body: dict[str, Any]) -> None:
        wanted = _trail_form(body["view"])
        if errors := _problems(wanted):
            ack(response_action="errors", errors=errors)
            return
        ack()
        private = load_form(body["view"].get("private_metadata") or "")
        caller = replace(caller_of(body), channel=private.channel)
        asker = proposals.Asker(caller.user, private.channel)
        self._talk.hand_over(caller, lambda: proposals.propose_create(self._world, asker, private.account, wanted))

    def delete(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        self._decide(
            body, lambda number, user: decisions.approve(self._world, number, user, _text(body["view"], ids.TYPED))
        )

    def deny(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        self._decide(
            body, lambda number, user: decisions.deny(self._world, number, user, _text(body["view"], ids.REASON))
        )

    def _decide(self, body: dict[str, Any], decision: Callable[[int, str], object]) -> None:
        """The form carries the change's id; everything else is read again."""
        value, _, channel = (body["view"].get("private_metadata") or "").partition(" ")
        caller = replace(caller_of(body), channel=channel)
        self._talk.hand_over(caller, lambda: decision(change_number(value), caller.user))


def _trail_form(view: dict[str, Any]) -> TrailForm:
    return TrailForm(
        name=_text(view, ids.NAME).strip(),
        bucket=_text(view, ids.BUCKET).strip(),
        new_bucket=(_state(view, ids.BUCKET_KIND).get("selected_option") or {}).get("value", NEW) == NEW,
        prefix=_text(view, ids.PREFIX).strip().strip("/"),
        validation=bool(_state(view, ids.VALIDATION).get("selected_options")),
    )


def _problems(form: TrailForm) -> dict[str, str]:
    """By the field where it is shown."""
    found = {
        ids.NAME: name_problem(form.name),
        ids.BUCKET: bucket_problem(form.bucket),
        ids.PREFIX: prefix_problem(form.prefix),
    }
    return {field: problem.replace("`", "") for field, problem in found.items() if problem}


def _text(view: dict[str, Any], id: str) -> str:
    return _state(view, id).get("value") or ""


def _state(view: dict[str, Any], id: str) -> dict[str, Any]:
    state: dict[str, Any] = view["state"]["values"].get(id, {}).get(id, {})
    return state
