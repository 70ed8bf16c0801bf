"""The tab "AWS": each account's trails as the pretend AWS has them now, and buttons that break them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.playground.aws import MANAGEMENT_ACCOUNT, RunningAws
from bot.playground.aws.membership import Member, members
from bot.playground.aws.permissions import CHANGE_ROLE
from bot.playground.aws.seeding import missing_roles
from bot.playground.backstage.trail_deeds import DEEDS, carry_out, reader
from bot.playground.backstage.trail_words import Fact, delivery, facts
from bot.playground.slack import JsonObject


class Trails:
    def __init__(self, aws: RunningAws) -> None:
        self._aws = aws
        self.deeds: Mapping[str, Callable[[JsonObject], str]] = {
            name: partial(carry_out, aws, deed) for name, deed in DEEDS.items()
        }

    def shown(self) -> JsonObject:
        """Every account that is not suspended; a text with `wrong` beside it is bad news."""
        return {"accounts": [self._account(member) for member in members(MANAGEMENT_ACCOUNT)]}

    def _account(self, member: Member) -> JsonObject:
        """`closed`: the bot can be let in again."""
        now = datetime.now(UTC)
        trails = [_trail(seen, member, now) for seen in self._aws.trails(member.id)]
        notes = [asdict(note) for note in (*self._access(member), *([] if trails else [NO_TRAIL]))]
        wrong = any(note["wrong"] for note in notes) or any(trail["wrong"] for trail in trails)
        closed = bool(self._aws.denied(member.id) or missing_roles(member.id))
        return {**asdict(member), "closed": closed, "notes": notes, "trails": trails, "wrong": wrong}

    def _access(self, member: Member) -> list[Fact]:
        """What stands between the bot and the account."""
        refused, calls = self._aws.denied(member.id), self._aws.throttled(member.id)
        notes = (
            (Fact("The bot's roles are missing here.", wrong=True), missing_roles(member.id)),
            (Fact("The bot may not read here.", wrong=True), reader(member.id).name in refused),
            (Fact("The bot may change nothing here.", wrong=True), CHANGE_ROLE in refused),
            (Fact(f"AWS throttles the next {calls} CloudTrail calls."), calls),
        )
        return [note for note, holds in notes if holds]


NO_TRAIL = Fact("No trail.", wrong=True)


def _trail(seen: Mapping[str, Any], member: Member, now: datetime) -> JsonObject:
    """`own` is False for the copy of an organization trail, which only its owner changes."""
    told, delivered = facts(seen), delivery(seen, now)
    return {
        "arn": seen["TrailARN"],
        "name": seen["Name"],
        "region": seen["HomeRegion"],
        "bucket": seen["S3BucketName"],
        "own": seen["TrailARN"].split(":")[4] == member.id,
        "logging": seen["Status"]["IsLogging"],
        "facts": [asdict(fact) for fact in told],
        "delivery": asdict(delivered),
        "wrong": delivered.wrong or any(fact.wrong for fact in told),
    }
