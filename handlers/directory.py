"""The port Directory on Slack: membership and accounts, read afresh each time; what cannot be read means no."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.domain.authority import Authority, Rule, Standing, Under, Viewer, is_below, rule_for
from bot.domain.change import Entitled
from bot.domain.refusal import Group, Person, Refused
from bot.domain.trail import Account, Unreadable
from handlers import slack_errors
from handlers.names import Names

NOT_THERE = ("user_not_found", "users_not_found", "user_not_visible")
UNREACHABLE = frozenset({"not_in_channel", "channel_not_found", "is_archived"})
SHOWN = 20
"""So many approvers are named on a card."""


@dataclass(frozen=True)
class Workplace:
    """The workspace's id, the rules of the settings, and how to look into an organizational unit."""

    team: str
    authority: Authority
    under: Under


class SlackDirectory:
    def __init__(self, client: WebClient, workplace: Workplace) -> None:
        self._client = client
        self._workplace = workplace
        self._names = Names(client)
        self._inside: dict[str, frozenset[str]] = {}

    def approvers(self, account: Account) -> Entitled:
        rule = self._rule(account)
        ping = tuple(map(_someone, rule.ping))
        return replace(self._entitled(rule.approvers), ping=ping, quorum=rule.quorum)

    def requesters(self, account: Account) -> Entitled | None:
        rule = self._rule(account)
        return self._entitled(rule.requesters) if rule.requesters else None

    def standing(self, user: str) -> Standing:
        try:
            return standing(self._client.users_info(user=user)["user"], self._workplace.team)
        except (SlackClientError, OSError) as failed:
            if isinstance(failed, SlackApiError) and slack_errors.code(failed) in NOT_THERE:
                return Standing.UNKNOWN
            raise Refused(
                "The account of ", Person(user), " could not be read, so nobody can decide now. ",
                slack_errors.sentence(failed),
            ) from failed  # fmt: skip

    def named(self, person: Person) -> Person:
        return replace(person, name=self._names.named(person).name)

    def shown(self, account: Account) -> Entitled:
        entitled = self.approvers(account)
        first = tuple(self._names.named(p) for p in entitled.named[:SHOWN])
        return replace(entitled, named=(*first, *entitled.named[SHOWN:]))

    def reach(self, channel: str) -> None:
        """By reading what is there: who may read a channel is in it, and may write. Other trouble is no answer."""
        try:
            self._client.conversations_history(channel=channel, limit=1)
        except SlackApiError as refused:
            if slack_errors.code(refused) in UNREACHABLE:
                raise Refused(slack_errors.sentence(refused)) from refused
        except (SlackClientError, OSError):
            return

    def viewer(self, user: str, accounts: tuple[Account, ...]) -> Viewer:
        """Raises Refused where a group could not be read."""
        authority, members = self._workplace.authority, cache(self._members)
        rules = {a.id: rule_for(authority, a, partial(self._known_under, a)) for a in accounts}

        def named(approvers: tuple[str, ...]) -> bool:
            return user in approvers or any(user in members(id) for id in approvers if id.startswith("S"))

        anywhere = tuple(dict.fromkeys(id for rule in (authority.default, *authority.rules) for id in rule.approvers))
        return Viewer(
            named(anywhere),
            frozenset(id for id, rule in rules.items() if isinstance(rule, Rule) and named(rule.approvers)),
            frozenset(id for id, rule in rules.items() if isinstance(rule, Unreadable)),
        )

    def _known_under(self, account: Account, unit: str) -> frozenset[str] | Unreadable:
        """As it was read for the last card or decision, or as the account's path tells."""
        if unit in self._inside:
            return self._inside[unit]
        if account.path:
            return frozenset({account.id} if is_below(account.path, unit) else ())
        return Unreadable("", "NotKnown", "the account's unit is not known")

    def _under(self, unit: str) -> frozenset[str] | Unreadable:
        found = self._workplace.under(unit)
        if not isinstance(found, Unreadable):
            self._inside[unit] = found
        return found

    def _rule(self, account: Account) -> Rule:
        found = rule_for(self._workplace.authority, account, self._under)
        if isinstance(found, Unreadable):
            raise Refused(
                f"Which rule is for {account.label} could not be read: {found.sentence}. So nobody can ask or decide "
                "there now; try again, or ask whoever runs Trailwarden."
            )
        return found

    def _entitled(self, ids: tuple[str, ...]) -> Entitled:
        users = {id for id in ids if not id.startswith("S")}
        for group in (id for id in ids if id.startswith("S")):
            users |= self._members(group)
        return Entitled(frozenset(users), tuple(map(_someone, ids)))

    def _members(self, group: str) -> set[str]:
        try:
            return set(self._client.usergroups_users_list(usergroup=group)["users"])
        except (SlackClientError, OSError) as failed:
            raise Refused(
                "Who belongs to ", Group(group), " could not be read, so nobody of it can decide now. ",
                slack_errors.sentence(failed),
            ) from failed  # fmt: skip


def _someone(id: str) -> Person | Group:
    return Group(id) if id.startswith("S") else Person(id)


def standing(user: Mapping[str, Any], team: str) -> Standing:
    """Of a user object (docs.slack.dev/reference/objects/user-object).

    In an Enterprise organization somebody belongs to several workspaces, and `team_id` is one of them.
    """
    teams = {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or ())}
    if user.get("is_stranger") or team not in teams:
        return Standing.STRANGER
    if user.get("deleted"):
        return Standing.DEACTIVATED
    if user.get("is_bot"):
        return Standing.BOT
    guest = user.get("is_restricted") or user.get("is_ultra_restricted")
    return Standing.GUEST if guest else Standing.MEMBER
