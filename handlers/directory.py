"""The port Directory on Slack: user ids as they are, user groups read afresh each time."""

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.domain.change import Entitled
from bot.domain.refusal import Group, Person, Refused
from handlers import slack_errors


class SlackDirectory:
    """`approvers` and `requesters` are ids from the settings: users U… or W…, groups S…."""

    def __init__(self, client: WebClient, approvers: tuple[str, ...], requesters: tuple[str, ...]) -> None:
        self._client = client
        self._approvers = approvers
        self._requesters = requesters

    def approvers(self) -> Entitled:
        return self._entitled(self._approvers)

    def requesters(self) -> Entitled | None:
        return self._entitled(self._requesters) if self._requesters else None

    def _entitled(self, ids: tuple[str, ...]) -> Entitled:
        users = {id for id in ids if not id.startswith("S")}
        for group in (id for id in ids if id.startswith("S")):
            users |= self._members(group)
        return Entitled(frozenset(users), tuple(Group(id) if id.startswith("S") else Person(id) for id in ids))

    def _members(self, group: str) -> set[str]:
        try:
            return set(self._client.usergroups_users_list(usergroup=group)["users"])
        except (SlackClientError, OSError) as failed:
            raise Refused(
                "Who belongs to ", Group(group), " could not be read, so nobody of it can decide now. ",
                slack_errors.sentence(failed),
            ) from failed  # fmt: skip
