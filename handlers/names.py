"""What people and groups are called, for showing only: read once, and an id where it could not be read."""

import logging
from dataclasses import replace

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.domain.refusal import Group, Person

log = logging.getLogger(__name__)


class Names:
    """A name that was read is kept until the next start; a look-up that failed is tried again at the next card."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._known: dict[str, str] = {}

    def named(self, someone: Person | Group) -> Person | Group:
        if someone.id not in self._known:
            self._read(someone)
        return replace(someone, name=self._known.get(someone.id, ""))

    def _read(self, someone: Person | Group) -> None:
        try:
            self._known |= self._handles() if isinstance(someone, Group) else {someone.id: self._name(someone.id)}
        except (SlackClientError, OSError) as failed:
            log.warning("no name for %s: %s", someone.id, failed)

    def _name(self, user: str) -> str:
        found = self._client.users_info(user=user)["user"]
        return str(found.get("real_name") or found.get("name") or "")

    def _handles(self) -> dict[str, str]:
        return {group["id"]: str(group["handle"]) for group in self._client.usergroups_list()["usergroups"]}
