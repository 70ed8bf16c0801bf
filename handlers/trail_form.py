"""The form of a trail, from the command or the report's button to the approval card: three steps in one modal.

Each step is acknowledged with the next one, and carries the answers so far. The third needs AWS, which may take longer
than Slack waits, so it is shown when it is ready. A form that is closed half-way leaves nothing behind.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

from slack_bolt import Ack
from slack_sdk.models.views import View

from bot.services import forms
from bot.services.proposals import Asker
from handlers import answers
from handlers.private import Form, form_for, load_form
from handlers.talk import Caller, Place, Talk, caller_of
from handlers.views import ids, trail_form, trail_review


class TrailForms:
    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._world = talk.world

    def pressed(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller, account = caller_of(body), str(body["actions"][0].get("value", ""))
        self._talk.begin(caller, lambda: self.open(caller, account))

    def open(self, caller: Caller, account: str, trail: str = "") -> None:
        """The modal at once, because it may be opened for 3 s only; its first step when the account is known.

        `trail` is the name or ARN of the one to update, "" for a new one.
        """
        title = trail_form.UPDATE if trail else trail_form.CREATE
        place = self._talk.open(caller, trail_form.looking(title))
        self._fill(caller, place, lambda: self._begun(caller, account, trail), partial(trail_form.told, title))

    def _begun(self, caller: Caller, account: str, trail: str) -> View:
        if trail:
            return _step_one(form_for(*forms.start_update(self._world, caller.user, account, trail), caller.channel))
        return _step_one(form_for(*forms.start_create(self._world, caller.user, account), caller.channel))

    def trail(self, ack: Ack, body: dict[str, Any]) -> None:
        """Step 1 came back."""
        form = _form(body)
        filled = answers.first(body["view"], form.answers)
        if wrong := answers.errors(filled, answers.FIRST):
            ack(response_action="errors", errors=wrong)
            return
        ack(response_action="update", view=_step_two(replace(form, answers=filled)))

    def events(self, ack: Ack, body: dict[str, Any]) -> None:
        """Step 2 came back."""
        form = _form(body)
        filled = answers.second(body["view"], form.answers)
        if wrong := answers.errors(filled, answers.SECOND):
            ack(response_action="errors", errors=wrong)
            return
        place = Place(body["view"]["id"], name=uuid4().hex)
        ack(response_action="update", view=trail_form.looking(trail_form.title(filled), place.name))
        self._review(_caller(body, form), place, replace(form, answers=filled, reviewed=""))

    def _review(self, caller: Caller, place: Place, form: Form) -> None:
        title = trail_form.title(form.answers)
        self._fill(
            caller,
            place,
            lambda: self._reviewed(caller, form),
            lambda words: trail_form.refused(title, words, form.dump()),
        )

    def _reviewed(self, caller: Caller, form: Form) -> View:
        plan = forms.review(self._world, _asker(caller), form.account, form.answers)
        return trail_review.review(plan, replace(form, reviewed=plan.fingerprint).dump())

    def review(self, ack: Ack, body: dict[str, Any]) -> None:
        """Step 3 came back: propose, from fresh facts."""
        ack()
        form = _form(body)
        caller = _caller(body, form)
        self._talk.hand_over_once(
            caller,
            lambda: forms.propose_form(self._world, _asker(caller), form.account, form.answers, form.reviewed),
        )

    def back_to_trail(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        form = _form(body)
        self._fill(_caller(body, form), _place(body), lambda: _step_one(_with_events(body, form)), _told(form))

    def back_to_events(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        form = _form(body)
        self._fill(_caller(body, form), _place(body), lambda: _step_two(form), _told(form))

    def _fill(self, caller: Caller, place: Place, made: Callable[[], View], otherwise: Callable[[str], View]) -> None:
        """Show what is made, or why it is not, in the modal that waits for it."""
        self._talk.hand_over(
            caller,
            lambda: self._talk.show(place, made()),
            lambda words: self._talk.show(place, otherwise(words)),
        )


def _step_one(form: Form) -> View:
    return trail_form.step_one(form.of, form.answers, form.organization, form.dump())


def _step_two(form: Form) -> View:
    return trail_form.step_two(form.of, form.answers, form.dump())


def _told(form: Form) -> Callable[[str], View]:
    return partial(trail_form.told, trail_form.title(form.answers))


def _form(body: dict[str, Any]) -> Form:
    return load_form(body["view"].get("private_metadata") or "")


def _with_events(body: dict[str, Any], form: Form) -> Form:
    """What is picked in step 2 is kept, for when one comes back to it."""
    if body["view"].get("callback_id") != ids.TRAIL_EVENTS:
        return form
    return replace(form, answers=answers.second(body["view"], form.answers))


def _place(body: dict[str, Any]) -> Place:
    return Place(body["view"]["id"], hash=body["view"].get("hash", ""))


def _caller(body: dict[str, Any], form: Form) -> Caller:
    """A form says nothing of a channel, so it carries the one that it was asked in."""
    return replace(caller_of(body), channel=form.channel)


def _asker(caller: Caller) -> Asker:
    return Asker(caller.user, caller.channel)
