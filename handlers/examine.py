"""Looking at Slack for `trailwarden doctor`: it asks, and posts nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.domain.authority import Authority, Rule, Standing
from bot.domain.doctor.people import PeopleFacts, named
from bot.domain.doctor.slack import Workspace
from bot.domain.trail import Unreadable
from handlers import slack_errors
from handlers.directory import NOT_THERE, standing

ENOUGH = 2
"""So many who can approve are looked up, or the quorum: with one, what that one asks for nobody can approve."""


@dataclass(frozen=True)
class Greeting:
    """What auth.test answered, and Slack's time with it."""

    workspace: Workspace | Unreadable
    at: datetime | None = None


def greeted(client: WebClient) -> Greeting:
    try:
        answer = client.auth_test()
    except slack_errors.TROUBLE as failed:
        return Greeting(unreadable("auth.test", failed))
    told = header(answer, "x-oauth-scopes")
    scopes = frozenset(s.strip() for s in told.split(",") if s.strip()) if told else None
    found = Workspace(str(answer.get("team")), str(answer["team_id"]), str(answer.get("user")), scopes)
    return Greeting(found, _time(header(answer, "date")))


def header(answer: SlackResponse, name: str) -> str:
    """Its value whatever its case, "" where there is none."""
    return next((str(value) for key, value in answer.headers.items() if key.lower() == name), "")


def _time(told: str) -> datetime | None:
    try:
        return parsedate_to_datetime(told)
    except ValueError:
        return None


def unreadable(call: str, failed: Exception) -> Unreadable:
    """With Slack's code, "" where Slack did not answer."""
    code = slack_errors.code(failed)
    return Unreadable(call, code) if code else Unreadable("", "", f"{call} had no answer ({type(failed).__name__})")


def socket(client: WebClient, token: str) -> str | Unreadable:
    """Asks where a socket could be opened, and opens none."""
    try:
        client.apps_connections_open(app_token=token)
    except slack_errors.TROUBLE as failed:
        return unreadable("apps.connections.open", failed)
    return "Socket Mode: Slack accepts the app-level token."


def place(client: WebClient, channel: str) -> Unreadable | None:
    """By reading what is there, as before a digest: None where the bot is in there."""
    try:
        client.conversations_history(channel=channel, limit=1)
    except slack_errors.TROUBLE as failed:
        return unreadable("conversations.history", failed)
    return None


class PeopleLook:
    """Looks people and groups up, each once."""

    def __init__(self, client: WebClient, team: str) -> None:
        self._client = client
        self._team = team
        self._people: dict[str, Standing | Unreadable] = {}
        self._groups: dict[str, frozenset[str] | Unreadable] = {}

    def at(self, authority: Authority) -> PeopleFacts:
        """All who are named; of groups as many members as a quorum asks for."""
        for id in named(authority):
            self._group(id) if id.startswith("S") else self._person(id)
        for rule in (authority.default, *authority.rules):
            self._electorate(rule)
        return PeopleFacts(authority, self._people, self._groups)

    def _electorate(self, rule: Rule) -> None:
        enough = max(ENOUGH, *vars(rule.quorum).values())
        for id in self._candidates(rule.approvers):
            if sum(self._people.get(c) is Standing.MEMBER for c in self._candidates(rule.approvers)) >= enough:
                return
            self._person(id)

    def _candidates(self, approvers: Iterable[str]) -> tuple[str, ...]:
        found = (self._group(id) if id.startswith("S") else frozenset({id}) for id in approvers)
        return tuple(sorted({id for group in found if not isinstance(group, Unreadable) for id in group}))

    def _person(self, id: str) -> None:
        if id in self._people:
            return
        try:
            self._people[id] = standing(self._client.users_info(user=id)["user"], self._team)
        except slack_errors.TROUBLE as failed:
            missing = slack_errors.code(failed) in NOT_THERE
            self._people[id] = Standing.UNKNOWN if missing else unreadable("users.info", failed)

    def _group(self, id: str) -> frozenset[str] | Unreadable:
        if id not in self._groups:
            self._groups[id] = self._members(id)
        return self._groups[id]

    def _members(self, id: str) -> frozenset[str] | Unreadable:
        try:
            return frozenset(self._client.usergroups_users_list(usergroup=id)["users"])
        except slack_errors.TROUBLE as failed:
            return unreadable("usergroups.users.list", failed)
