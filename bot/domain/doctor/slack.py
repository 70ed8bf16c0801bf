"""Is the Slack app as config/slack_manifest.yml has it, can Slack reach the bot, and is the bot where it should be?"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.domain.doctor import Diagnosis, ok, unknown, wrong
from bot.domain.trail import Unreadable

MANIFEST = "config/slack_manifest.yml"
SCOPES = {
    "commands": "nobody can type /trail-audit",
    "chat:write": "nothing can be said: no report, no approval card, no digest",
    "channels:history": "after an answer that was lost, a message in a public channel may come twice",
    "groups:history": "after an answer that was lost, a message in a private channel may come twice",
    "files:write": "the digest comes without its picture",
    "usergroups:read": "nobody of a user group can approve",
    "users:read": "nobody can approve, and the bot does not start",
}
"""Each scope of the manifest, and what is without it."""
REFUSED = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_expired", "token_revoked"})
WRONG_APP_TOKEN = frozenset({"invalid_auth", "not_authed", "not_allowed_token_type", "missing_scope"})
NOT_IN = frozenset({"not_in_channel", "channel_not_found"})
REACH = "See to the network, to HTTPS_PROXY, and to SLACK_API_URL; then run it again."


@dataclass(frozen=True)
class Workspace:
    """What auth.test says of the bot token. `scopes` is None where Slack did not name any."""

    team: str
    team_id: str
    bot: str
    scopes: frozenset[str] | None


def installations(opened: int, locked: tuple[str, ...]) -> Iterator[Diagnosis]:
    """Of several workspaces, whose tokens are in the database: how many can be opened, and why the others cannot."""
    for why in locked:
        sentence, _, mend = why.partition(". ")
        yield wrong("workspaces", f"{sentence}.", mend)
    if opened:
        each = f"Workspaces whose token can be opened: {opened}. None was tried at Slack."
        yield unknown("workspaces", each, "Type /trail-audit help in each workspace.")
    elif not locked:
        yield unknown("workspaces", "The app is installed in no workspace yet.", "Open /slack/install for each.")


@dataclass(frozen=True)
class SlackFacts:
    """`way_in` says how Slack reaches the bot; `channels` are those of the settings and of digests, by id: None where
    the bot is in there. An Unreadable has Slack's error code, "" where Slack could not be reached.
    """

    workspace: Workspace | Unreadable
    way_in: str | Unreadable
    channels: Mapping[str, Unreadable | None]


def bot_token(facts: SlackFacts) -> Iterator[Diagnosis]:
    match facts.workspace:
        case Workspace(team=team, team_id=id, bot=bot):
            yield ok("bot token", f"The bot token is @{bot}'s, of the workspace {team} ({id}).")
        case Unreadable(error=error) if error in REFUSED:
            mend = (
                "Copy it anew from “OAuth & Permissions” into SLACK_BOT_TOKEN; install the app again if it was removed."
            )
            yield wrong("bot token", f"Slack does not accept the bot token: it answered {error}.", mend)
        case Unreadable() as lost:
            yield unknown("bot token", f"Whether Slack accepts the bot token is not known: {lost.sentence}.", REACH)


def scopes(facts: SlackFacts) -> Iterator[Diagnosis]:
    """One for each that is missing: what is lost differs."""
    if isinstance(facts.workspace, Unreadable):
        return
    given = facts.workspace.scopes
    if given is None:
        yield unknown("scopes", "Slack did not say which scopes the app has.", f"Compare them with {MANIFEST}.")
        return
    mend = f"Update the app from {MANIFEST} (“App Manifest”), then install it again (“Install App”)."
    for scope in (s for s in SCOPES if s not in given):
        yield wrong("scopes", f"The app lacks the scope {scope}: {SCOPES[scope]}.", mend)
    if SCOPES.keys() <= given:
        yield ok("scopes", f"The app has all {len(SCOPES)} scopes of {MANIFEST}.{_needless(given)}")


def _needless(given: frozenset[str]) -> str:
    more = sorted(given - SCOPES.keys())
    return f" It does not need {', '.join(more)}: “OAuth & Permissions” takes them away." if more else ""


def way_in(facts: SlackFacts) -> Iterator[Diagnosis]:
    match facts.way_in:
        case str() as how:
            yield ok("way in", how)
        case Unreadable(error=error) if error in WRONG_APP_TOKEN:
            mend = "Make one with connections:write under “Basic Information”, and set SLACK_APP_TOKEN."
            yield wrong("way in", f"Slack does not accept the app-level token: it answered {error}.", mend)
        case Unreadable(call="PORT", message=said):
            yield wrong("way in", f"Slack cannot deliver over HTTP: {said}.", "Set PORT to another one.")
        case Unreadable() as lost:
            yield unknown("way in", f"Whether Slack opens a socket to the bot is not known: {lost.sentence}.", REACH)


def channels(facts: SlackFacts) -> Iterator[Diagnosis]:
    inside = [id for id, trouble in facts.channels.items() if trouble is None]
    if inside:
        yield ok("channels", f"The bot is in {', '.join(inside)}.")
    for id, trouble in facts.channels.items():
        if trouble:
            yield _outside(id, trouble)


def _outside(id: str, trouble: Unreadable) -> Diagnosis:
    if trouble.error in NOT_IN:
        mend = "Type /invite @Trailwarden there, or take the channel out of TRAILWARDEN_CHANNELS or its digest off."
        return wrong("channels", f"The bot is not in the channel {id}: Slack answered {trouble.error}.", mend)
    if trouble.error == "is_archived":
        mend = "Unarchive it, or take it out of TRAILWARDEN_CHANNELS and its digest off."
        return wrong("channels", f"The channel {id} is archived, so nothing can be said there.", mend)
    if trouble.error == "missing_scope":
        mend = "Add channels:history and groups:history, as the manifest has them."
        return unknown("channels", f"Whether the bot is in the channel {id} cannot be seen without its history.", mend)
    return unknown("channels", f"Whether the bot is in the channel {id} is not known: {trouble.sentence}.", REACH)


CHECKS: tuple[Callable[[SlackFacts], Iterator[Diagnosis]], ...] = (bot_token, scopes, way_in, channels)
