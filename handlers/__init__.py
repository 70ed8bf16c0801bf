"""Slack, and nothing else: parse, call one service, show the answer. This screen lists every id that Slack may send."""

from slack_bolt import App

from handlers.actions import Actions
from handlers.commands import Commands
from handlers.digests import Digests
from handlers.home import Homes
from handlers.modals import Modals
from handlers.talk import Talk
from handlers.trail_form import TrailForms
from handlers.views import ids


def register(app: App, talk: Talk, homes: Homes) -> None:
    """Connect each command, button, form and event to its listener."""
    commands, actions, modals, trails = Commands(talk), Actions(talk), Modals(talk), TrailForms(talk)
    digests = Digests(talk)
    app.command("/trail-audit")(commands.trail_audit)
    app.action(ids.PROPOSE_FIX)(actions.propose_fix)
    app.action(ids.CREATE)(trails.pressed)
    app.action(ids.TRAIL_BACK_1)(trails.back_to_trail)
    app.action(ids.TRAIL_BACK_2)(trails.back_to_events)
    app.action(ids.APPROVE)(actions.approve)
    app.action(ids.DENY)(actions.deny)
    app.action(ids.CANCEL)(actions.cancel)
    app.action(ids.FULL_PLAN)(actions.full_plan)
    app.action(ids.PROPOSE_UNDO)(actions.propose_undo)
    app.action(ids.DIGEST_ADD)(digests.added)
    app.action(ids.DIGEST_CHANGE)(digests.changed)
    app.action(ids.DIGEST_OFF)(digests.switched_off)
    app.view(ids.DIGEST_FORM)(digests.submitted)
    app.action(ids.END_NOW)(actions.end_now)
    app.event("app_home_opened")(homes.opened)
    for left in ("app_uninstalled", "tokens_revoked"):
        app.event(left)(talk.removal)
    app.action(ids.AUDIT_NOW)(homes.audit_now)
    app.action(ids.ACCOUNTS)(homes.accounts)
    for turning in (ids.ACCOUNTS_UNIT, ids.ACCOUNTS_VERDICT, ids.ACCOUNTS_PREVIOUS, ids.ACCOUNTS_NEXT):
        app.action(turning)(homes.turned)
    app.view(ids.TRAIL_FORM)(trails.trail)
    app.view(ids.TRAIL_EVENTS)(trails.events)
    app.view(ids.TRAIL_REVIEW)(trails.review)
    app.view(ids.DELETE_FORM)(modals.delete)
    app.view(ids.DENY_FORM)(modals.deny)
    for unknown in (app.command, app.action, app.view, app.shortcut):  # the last that match: what nobody above knows
        unknown(ids.ANY)(actions.unknown)
