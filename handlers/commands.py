"""`/trail-audit`: parse, call one service, show the answer."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from slack_bolt import Ack

from bot.domain.refusal import Refused
from bot.ports import Run
from bot.services import decisions, exceptions, proposals, runs
from handlers import parse
from handlers.digests import Digests
from handlers.talk import Caller, Talk, caller_of, unescaped
from handlers.trail_form import TrailForms
from handlers.views import changes, help, notice
from handlers.views.exceptions import listing


@dataclass(frozen=True)
class Asked:
    """One command and who typed it."""

    caller: Caller

    @property
    def asker(self) -> proposals.Asker:
        return proposals.Asker(self.caller.user, self.caller.channel)


class Commands:
    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._world = talk.world
        self._trail_forms = TrailForms(talk)
        self._digests = Digests(talk)
        self._table: dict[type, Callable[[Any, Asked], None]] = {
            parse.Audit: self._audit,
            parse.Fix: self._fix,
            parse.Create: self._create,
            parse.Update: self._update,
            parse.Delete: self._delete,
            parse.ListChanges: self._list_changes,
            parse.ShowChange: self._show_change,
            parse.Undo: self._undo,
            parse.Accept: self._accept,
            parse.ListExceptions: self._list_exceptions,
            parse.DigestAt: self._digest_at,
            parse.DigestNow: self._digest_now,
            parse.DigestOff: self._digest_off,
            parse.DigestShow: self._digest_show,
            parse.Help: self._help,
        }

    def trail_audit(self, ack: Ack, body: dict[str, Any]) -> None:
        ack()
        command = parse.parse(unescaped(body.get("text") or ""))
        asked = Asked(caller_of(body))
        self._talk.begin(asked.caller, lambda: self._table[type(command)](command, asked))

    def _audit(self, command: parse.Audit, asked: Asked) -> None:
        run = Run(uuid4().hex[:12], asked.caller.channel, asked.caller.user, command.scope, self._world.clock.now())
        try:
            runs.run_audit(self._world, run)
        except Refused as unknown:
            raise Refused(*unknown.parts, _meant(command.scope)) from unknown

    def _fix(self, command: parse.Fix, asked: Asked) -> None:
        proposals.propose_fix(self._world, asked.asker, command.account)

    def _create(self, command: parse.Create, asked: Asked) -> None:
        self._trail_forms.open(asked.caller, command.account)

    def _update(self, command: parse.Update, asked: Asked) -> None:
        self._trail_forms.open(asked.caller, command.account, command.trail)

    def _delete(self, command: parse.Delete, asked: Asked) -> None:
        proposals.propose_delete(self._world, asked.asker, command.account, command.trail)

    def _list_changes(self, _command: parse.ListChanges, asked: Asked) -> None:
        self._talk.answer(asked.caller, changes.listing(self._world.changes.open()))

    def _show_change(self, command: parse.ShowChange, asked: Asked) -> None:
        change = decisions.found(self._world, command.number)
        entries = tuple(self._world.evidence.entries(change.id))
        self._talk.answer(asked.caller, changes.story(change, entries))

    def _undo(self, command: parse.Undo, asked: Asked) -> None:
        """An exception is ended at once; what a change has done is taken back by another change."""
        if decisions.found(self._world, command.number).plan.accepts:
            ended = exceptions.end_early(self._world, command.number, asked.caller.user)
            self._talk.answer(asked.caller, notice.ended(ended))
            return
        proposals.propose_undo(self._world, asked.asker, command.number)

    def _accept(self, command: parse.Accept, asked: Asked) -> None:
        exceptions.propose_accept(self._world, asked.asker, command.wanted)

    def _list_exceptions(self, _command: parse.ListExceptions, asked: Asked) -> None:
        found = exceptions.listed(self._world)
        self._talk.answer(asked.caller, listing(found, self._world.clock.now()))

    def _digest_at(self, command: parse.DigestAt, asked: Asked) -> None:
        self._digests.at(command, asked.caller)

    def _digest_now(self, _command: parse.DigestNow, asked: Asked) -> None:
        self._digests.now(asked.caller)

    def _digest_off(self, command: parse.DigestOff, asked: Asked) -> None:
        self._digests.off(command, asked.caller)

    def _digest_show(self, _command: parse.DigestShow, asked: Asked) -> None:
        self._digests.show(asked.caller)

    def _help(self, command: parse.Help, asked: Asked) -> None:
        self._talk.answer(asked.caller, help.examples(command.mistake))


def _meant(scope: tuple[str, ...]) -> str:
    """What to say where the words name no account: perhaps the first was to be a command."""
    near = difflib.get_close_matches(scope[0].lower(), parse.VERBS, n=1) if scope else []
    perhaps = f" If you meant the command: `/trail-audit {near[0]}`." if near else ""
    return f"{perhaps} `/trail-audit help` shows examples."
