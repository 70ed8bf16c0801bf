"""The Home: made anew when it is opened, after a press in it, and when a change moves while somebody looks."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from slack_bolt import Ack
from slack_sdk.models.views import View

from bot.domain.home import Chain
from bot.domain.refusal import Refused
from bot.services import home, runs
from handlers.talk import ASIDE, HOME, Caller, Place, Talk, caller_of
from handlers.views import home as view
from handlers.views import home_accounts, ids
from handlers.views.home_accounts import ALL, Chosen, load_chosen
from handlers.views.words import refusal

LOOKS_FOR = timedelta(minutes=10)
"""So long after the last sign of somebody their Home is kept up to date unasked."""
MOST_LOOKING = 20
"""Slack takes about a hundred Homes a minute; everybody else's is made when they open it."""


@dataclass(frozen=True)
class Looking:
    """Somebody who has the Home open, perhaps: since when, and what it was made from."""

    caller: Caller
    at: datetime
    pulse: object


class Homes:
    """`looked` gives the last look through the chain of evidence."""

    def __init__(self, talk: Talk, looked: Callable[[], Chain | None] = lambda: None) -> None:
        self._talk = talk
        self._world = talk.world
        self._looked = looked
        self._looking: dict[str, Looking] = {}
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        talk.repaint_home = self.repaint

    def opened(self, body: dict[str, Any]) -> None:
        """To open it is to do nothing in it, after which it is made as after everything."""
        event = body["event"]
        if event.get("tab") == "home":
            caller = Caller(event.get("user", ""), body.get("team_id", ""), "", app=body.get("api_app_id", ""))
            self._talk.hand_over(replace(caller, surface=HOME), lambda: None)

    def repaint(self, caller: Caller) -> None:
        """One at a time for each person, so that the newest is shown last."""
        with self._turns[caller.user]:
            pulse = home.pulse(self._world)
            self._looking[caller.user] = Looking(caller, self._world.clock.now(), pulse)
            self._talk.publish(caller.user, self._made(caller.user))

    def _made(self, user: str) -> View:
        try:
            return view.home(home.gather(self._world, user, self._talk.channels, self._looked))
        except Refused as refused:
            return view.closed(refusal(refused))

    def tend(self) -> None:
        """For the clock: whoever looks sees that something moved, whichever process moved it."""
        since = self._world.clock.now() - LOOKS_FOR
        for user, one in tuple(self._looking.items()):
            if one.at < since:
                self._looking.pop(user, None)
        if not self._looking:
            return
        now = home.pulse(self._world)
        for one in sorted(self._looking.values(), key=lambda each: each.at, reverse=True)[:MOST_LOOKING]:
            if one.pulse != now:
                self._again(one)

    def _again(self, one: Looking) -> None:
        """Without a sign of the person's own the ten minutes go on."""
        with self._turns[one.caller.user]:
            self._looking[one.caller.user] = replace(one, pulse=home.pulse(self._world))
            self._talk.publish(one.caller.user, self._made(one.caller.user))

    def audit_now(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller = caller_of(body)
        self._talk.begin(caller, lambda: self._audit(caller))

    def _audit(self, caller: Caller) -> None:
        runs.run_audit(self._world, home.order_audit(self._world, caller.user, self._talk.channels, uuid4().hex[:12]))

    def accounts(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        caller = replace(caller_of(body), surface=ASIDE)
        self._talk.hand_over(caller, lambda: self._talk.open(caller, self._page(caller, Chosen())))

    def turned(self, ack: Ack, body: dict[str, Any]) -> None:
        """Another unit, verdict or page was chosen in the list of accounts."""
        ack()
        caller, shown = replace(caller_of(body), surface=ASIDE), body.get("view") or {}
        chosen = _chosen(load_chosen(shown.get("private_metadata") or ""), body["actions"][0])
        place = Place(shown.get("id", ""), hash=shown.get("hash", ""))
        self._talk.hand_over(caller, lambda: self._talk.show(place, self._page(caller, chosen)))

    def _page(self, caller: Caller, chosen: Chosen) -> View:
        report = home.report_for(self._world, caller.user, self._talk.channels)
        return home_accounts.accounts(report, chosen)


def _chosen(before: Chosen, action: dict[str, Any]) -> Chosen:
    """A new filter begins at its first page."""
    picked = str((action.get("selected_option") or {}).get("value", ALL))
    match action.get("action_id"):
        case ids.ACCOUNTS_UNIT:
            return Chosen(picked, before.verdict)
        case ids.ACCOUNTS_VERDICT:
            return Chosen(before.unit, picked)
        case _:
            value = str(action.get("value", ""))
            return replace(before, page=int(value) if value.isascii() and value.isdecimal() else 0)
