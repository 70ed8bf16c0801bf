"""From the settings to a diagnosis: each part is gathered by its adapter, and judged in `bot/domain/doctor`."""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import TypeVar
from zoneinfo import available_timezones

from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, RateLimitErrorRetryHandler

from bot.adapters import web
from bot.adapters.aws.cloud import BotoCloud
from bot.adapters.aws.examine import Examiner, Identity, identified
from bot.adapters.aws.session import Roles, Session
from bot.adapters.clock import SystemClock
from bot.adapters.db import examine as stored
from bot.authority import authority
from bot.doctor_report import Part
from bot.domain.doctor import Diagnosis, accounts, aws, clock, database, ok, own, people, slack, unknown, wrong
from bot.domain.doctor.trust import Caller
from bot.domain.subscription import Subscription
from bot.domain.trail import Unreadable
from bot.ports import CannotRunError, Locked
from bot.serving import unfit
from config.policies import change_actions
from config.settings import Settings, SettingsError, load, missing_for_slack
from config.sources import exposed
from handlers import examine

SLACK_SECONDS = 20
Facts = TypeVar("Facts")
Seen = Callable[[int, int], None]


def parts(seen: Seen) -> tuple[Part, ...]:
    """`seen` is told how many accounts were looked at, of how many."""
    try:
        settings = load()
    except SettingsError as why:
        return (Part("Settings", tuple(_unset(why))),)
    facts, subscriptions = stored.examined(settings.database_url)
    of_slack, at_slack = _slack(settings, subscriptions)
    of_aws, at_aws = _aws(settings, seen)
    ahead = (*at_slack, *at_aws)
    told = clock.ClockFacts(datetime.now(UTC), len(available_timezones()), ahead, subscriptions)
    return (
        Part("Settings", tuple(_settings(settings))),
        Part("Slack", of_slack),
        Part("Database", _judged(database.CHECKS, facts)),
        Part("Clock", _judged(clock.CHECKS, told)),
        Part("AWS", of_aws),
    )


def _judged(checks: Iterable[Callable[[Facts], Iterator[Diagnosis]]], facts: Facts) -> tuple[Diagnosis, ...]:
    return tuple(chain.from_iterable(check(facts) for check in checks))


def _unset(why: SettingsError) -> Iterator[Diagnosis]:
    yield from (wrong("settings", sentence, "") for sentence in str(why).splitlines())
    yield unknown("settings", "Slack, the database and AWS were not looked at.", "Mend the settings first.")


def _settings(settings: Settings) -> Iterator[Diagnosis]:
    missing = unfit(settings, os.environ)
    yield from (wrong("settings", sentence, "") for sentence in missing)
    if not missing:
        yield ok("settings", "Each is of the right form.")
    for file in exposed():
        yield wrong("settings", f"{file} holds secrets, and others on this machine can read it.", f"chmod 600 {file}")


Ahead = tuple[tuple[str, float], ...]
"""Who told the time, and by how many seconds our clock is ahead of it."""


def _ahead(who: str, told: datetime | None) -> Ahead:
    return ((who, (datetime.now(UTC) - told).total_seconds()),) if told else ()


def _slack(settings: Settings, subscriptions: tuple[Subscription, ...]) -> tuple[tuple[Diagnosis, ...], Ahead]:
    if missing_for_slack(settings):
        return (unknown("Slack", "Slack was not asked.", "Mend the settings first."),), ()
    if settings.by_installation:
        return _installed(settings), ()
    client = _client(settings)
    greeting = examine.greeted(client)
    ahead = _ahead("Slack", greeting.at)
    known = greeting.workspace
    places = dict.fromkeys((*settings.channels, *(s.channel for s in subscriptions)))
    asked = {} if isinstance(known, Unreadable) else {id: examine.place(client, id) for id in places}
    found = _judged(slack.CHECKS, slack.SlackFacts(known, _way_in(settings, client), asked))
    if isinstance(known, Unreadable):
        lost = unknown("channels and people", "They were not looked at.", "Mend the bot token first.")
        return (*found, lost), ahead
    looked = examine.PeopleLook(client, known.team_id).at(authority(settings))
    return (*found, *_judged(people.CHECKS, looked)), ahead


def _installed(settings: Settings) -> tuple[Diagnosis, ...]:
    keys = tuple(key.get_secret_value() for key in settings.token_keys)
    found = stored.installed(settings.database_url, keys, frozenset(settings.workspaces))
    if isinstance(found, Unreadable):
        return (unknown("workspaces", f"Where the app is installed is not known: {found.sentence}.", "Mend it first."),)
    locked = tuple(one.why for one in found if isinstance(one, Locked))
    return tuple(slack.installations(len(found) - len(locked), locked))


def _client(settings: Settings) -> WebClient:
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
    patient = [ConnectionErrorRetryHandler(), RateLimitErrorRetryHandler(max_retry_count=5)]
    return WebClient(token, settings.slack_api_url, timeout=SLACK_SECONDS, retry_handlers=patient)


def _way_in(settings: Settings, client: WebClient) -> str | Unreadable:
    if settings.slack_app_token:
        return examine.socket(client, settings.slack_app_token.get_secret_value())
    port = settings.port or 0
    trouble = web.trouble(settings.host, port)
    how = "Slack's requests are checked with SLACK_SIGNING_SECRET; that it is the right one, the first of them tells"
    return Unreadable("PORT", "Taken", trouble) if trouble else f"Port {port} can be used. {how}."


def _aws(settings: Settings, seen: Seen) -> tuple[tuple[Diagnosis, ...], Ahead]:
    roles = Roles(settings.audit_role, settings.change_role, settings.external_id)
    try:
        session = Session(roles)
        identity = identified(session)
    except CannotRunError as why:
        return _judged(aws.CHECKS, aws.AwsFacts(why)), ()
    ahead = _ahead("AWS", identity.at)
    cloud = BotoCloud(session, SystemClock(), settings.accounts)
    units = tuple((unit, _size(cloud.under(unit))) for unit in aws.named_units(authority(settings)))
    try:
        listed = cloud.accounts()
    except CannotRunError as why:
        return _judged(aws.CHECKS, aws.AwsFacts(identity.arn, why, units=units)), ahead
    facts = aws.AwsFacts(identity.arn, len(listed.accounts), listed.left_out, listed.complete, units)
    examiner = Examiner(session, cloud, change_actions(), identity.manager)
    found = accounts.diagnosed(examiner.all(listed.accounts, seen), _setup(settings, identity))
    mine = own.assuming(examiner.assuming(listed.accounts, identity), len(listed.accounts), _setup(settings, identity))
    return (*_judged(aws.CHECKS, facts), *found, *mine), ahead


def _size(found: frozenset[str] | Unreadable) -> int | Unreadable:
    return found if isinstance(found, Unreadable) else len(found)


def _setup(settings: Settings, identity: Identity) -> accounts.Setup:
    caller = Caller(identity.account.id, identity.arn, settings.external_id)
    return accounts.Setup(caller, accounts.RoleNames(settings.audit_role, settings.change_role))
