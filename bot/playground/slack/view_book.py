"""Modals and App Homes: a stack of modals and one Home for each user."""

import secrets
from dataclasses import replace

from bot.playground.slack.forms import initial_state
from bot.playground.slack.message import JsonObject, View
from bot.playground.slack.refusal import ApiError

STACK_LIMIT = 3  # docs.slack.dev/surfaces/modals: "up to three views in a stack"


class ViewBook:
    """Not locked by itself: the world's lock is held by its callers."""

    def __init__(self) -> None:
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}
        self.publications: dict[str, int] = {}

    def stack(self, user: str) -> tuple[View, ...]:
        """Bottom first."""
        return tuple(self._stacks.get(user, ()))

    def home(self, user: str) -> View | None:
        return self._homes.get(user)

    def open(self, user: str, body: JsonObject) -> View:
        self._refuse_known_external_id(body)
        view = _new_view(user, body)
        self._stacks[user] = [view]
        return view

    def push(self, user: str, body: JsonObject) -> View:
        """Raises ApiError `not_found` without an open modal, `push_limit_reached` at the fourth."""
        stack = self._stacks.get(user, [])
        if not stack:
            raise ApiError("not_found")
        if len(stack) >= STACK_LIMIT:
            raise ApiError("push_limit_reached")
        self._refuse_known_external_id(body)
        view = replace(_new_view(user, body), root_id=stack[0].id, previous_id=stack[-1].id)
        stack.append(view)
        return view

    def publish(self, user: str, body: JsonObject, expected_hash: str | None) -> View:
        """Raises ApiError `hash_conflict`, `duplicate_external_id`."""
        old = self._homes.get(user)
        _compare(old, expected_hash)
        self._refuse_known_external_id(body, but=old.id if old else "")
        view = _repainted(old, body) if old else _new_view(user, body)
        self._homes[user] = view
        self.publications[user] = self.publications.get(user, 0) + 1
        return view

    def update(self, view_id: str, body: JsonObject, expected_hash: str | None) -> View:
        """Raises ApiError `not_found`, `hash_conflict`, `duplicate_external_id`."""
        old = self.find(view_id)
        _compare(old, expected_hash)
        self._refuse_known_external_id(body, but=old.id)
        view = _repainted(old, body)
        self.keep(view)
        return view

    def find(self, view_id: str) -> View:
        """By id or external id. Raises ApiError `not_found`."""
        for view in self._all():
            if view_id in (view.id, view.body.get("external_id")):
                return view
        raise ApiError("not_found")

    def keep(self, view: View) -> None:
        """Puts a changed view into its place."""
        stack = self._stacks.get(view.user, [])
        for place, old in enumerate(stack):
            if old.id == view.id:
                stack[place] = view
        home = self._homes.get(view.user)
        if home and home.id == view.id:
            self._homes[view.user] = view

    def close_top(self, user: str) -> None:
        del self._stacks[user][-1]

    def clear(self, user: str) -> None:
        self._stacks[user] = []

    def _all(self) -> list[View]:
        return [view for stack in self._stacks.values() for view in stack] + list(self._homes.values())

    def _refuse_known_external_id(self, body: JsonObject, but: str = "") -> None:
        """Unique over all views of the workspace: docs.slack.dev/reference/views, external_id."""
        name = body.get("external_id")
        if name and any(name == view.body.get("external_id") for view in self._all() if view.id != but):
            raise ApiError("duplicate_external_id")


def _new_view(user: str, body: JsonObject) -> View:
    view_id = "V" + secrets.token_hex(5).upper()
    return View(view_id, _new_hash(), user, body, view_id, state=initial_state(body["blocks"], {}))


def _repainted(old: View, body: JsonObject) -> View:
    state = initial_state(body["blocks"], old.state)
    return replace(old, hash=_new_hash(), body=body, state=state)


def _new_hash() -> str:
    return f"{secrets.randbelow(10**10)}.{secrets.token_hex(4)}"


def _compare(old: View | None, expected_hash: str | None) -> None:
    if expected_hash and old and old.hash != expected_hash:
        raise ApiError("hash_conflict")
