"""Each account's trails as the pretend AWS has them, now."""

from collections.abc import Callable, Mapping

from bot.playground.aws import RunningAws
from bot.playground.slack import JsonObject


class Trails:
    deeds: Mapping[str, Callable[[JsonObject], str]] = {}

    def __init__(self, aws: RunningAws) -> None:
        self._aws = aws

    def shown(self) -> JsonObject:
        return {"accounts": [self._account(id, name) for id, name in self._accounts()]}

    def _accounts(self) -> list[tuple[str, str]]:
        organization = self._aws.organization
        return [(a.id, a.name) for a in organization.audited] if organization else []

    def _account(self, id: str, name: str) -> JsonObject:
        trails = [{"name": t["Name"], "logging": t["Status"]["IsLogging"]} for t in self._aws.trails(id)]
        return {"id": id, "name": name, "trails": trails}
