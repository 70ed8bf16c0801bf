"""A channel's digests: the list, the form, and the answers."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import available_timezones

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    CheckboxesElement,
    InputBlock,
    Option,
    OptionGroup,
    StaticSelectElement,
    TimePickerElement,
)
from slack_sdk.models.views import View

from bot.domain.controls import CONTROLS
from bot.domain.subscription import RHYTHMS, Ended, Subscribed, Subscription
from handlers.views import ids
from handlers.views.inputs import Field, plain, select, text_input, tick
from handlers.views.message import Message, context, section
from handlers.views.words import cut, escape, mention, plural, when

NO_ZONE = "never, for its time zone is not known here: change it"
CHANGE_WORDS = "Change…"
OFF_WORDS = "Switch off"


def listing(subscriptions: Sequence[Subscription], now: datetime) -> Message:
    if not subscriptions:
        words = "This channel has no digest. Ask for one with `/trail-audit digest 09:00 Europe/Paris weekdays`."
        return Message(words, (section(words), _add()))
    title = f"This channel gets {plural(len(subscriptions), 'digest')}."
    lines = "\n".join(f"{s.name}: {_words(s)}." for s in subscriptions)
    blocks = [block for s in subscriptions for block in entry(s, now)]
    return Message(f"{title}\n{lines}", (section(title), *blocks, _add()))


def _words(subscription: Subscription) -> str:
    return escape(cut(subscription.words, 250))


def entry(subscription: Subscription, now: datetime, where: str = "") -> list[Block]:
    """One digest with its buttons; `where` is said where it is not the channel that is looked at."""
    known = subscription.zone_is_known
    runs = ", ".join(when(fire) for fire in subscription.next_three(now)) if known else NO_ZONE
    paused = f"\nPaused: {escape(cut(subscription.paused, 150))}" if subscription.paused else ""
    words = f"*{subscription.name}*{where}: {_words(subscription)}{paused}\nNext: {runs}"
    buttons = [
        _button(ids.DIGEST_CHANGE, CHANGE_WORDS, subscription),
        _button(ids.DIGEST_OFF, OFF_WORDS, subscription),
    ]
    return [section(words), ActionsBlock(block_id=f"digest-{subscription.id}", elements=buttons)]


def _button(id: str, words: str, subscription: Subscription) -> ButtonElement:
    told = f"{words.rstrip('…')} {subscription.name}"
    return ButtonElement(action_id=id, text=plain(words), value=str(subscription.id), accessibility_label=told)


def _add() -> ActionsBlock:
    return ActionsBlock(elements=[ButtonElement(action_id=ids.DIGEST_ADD, text=plain("Add a digest…"))])


def subscribed(subscribed: Subscribed, now: datetime) -> Message:
    """To who asked for it."""
    subscription, before = subscribed.subscription, subscribed.before
    first, *more = (when(fire) for fire in subscription.next_three(now))
    begin = "Changed: this" if before and subscribed.is_news else "As before, this" if before else "This"
    text = f"{begin} channel gets {_gets(subscribed)}. The next one comes {first}, then {', '.join(more)}."
    return Message(text, (section(text), context(_further(subscribed))))


def _gets(subscribed: Subscribed) -> str:
    at = "" if subscribed.subscription.rhythm == "hourly" else "at "
    before = f", instead of {_words(subscribed.before)}" if subscribed.before and subscribed.is_news else ""
    return f"a digest {at}{_words(subscribed.subscription)}{before}"


def _further(subscribed: Subscribed) -> str:
    ends = f"`/trail-audit digest off {subscribed.subscription.name}` ends it."
    if not subscribed.before or not subscribed.is_news:
        return ends
    return f"{ends} To have both, ask for the other with accounts or controls of its own, such as `ou:Prod`."


def told_subscribed(subscribed: Subscribed) -> Message:
    """To the channel."""
    subscription = subscribed.subscription
    did = "changed" if subscribed.before else "set up"
    text = f"{mention(subscription.owner)} {did} {subscription.name}: this channel gets {_gets(subscribed)}."
    return Message(text, (section(text),))


def unsubscribed(ended: Ended) -> Message:
    """To who ended them."""
    names = f"{', '.join(s.name for s in ended.ended)} {'is' if len(ended.ended) == 1 else 'are'} off"
    if ended.left:
        text = f"{names}. This channel still gets {plural(len(ended.left), 'digest')}."
    else:
        text = f"{names}: this channel gets no more digests. `/trail-audit digest 09:00 Europe/Paris` brings one."
    return Message(text, (section(text),))


def told_unsubscribed(ended: Ended) -> Message:
    """To the channel."""
    left = f"still gets {_named(ended.left)}" if ended.left else "gets no more digests"
    text = f"{mention(ended.by)} ended {_named(ended.ended)}: this channel {left}."
    return Message(text, (section(text),))


def _named(subscriptions: Sequence[Subscription]) -> str:
    room = 250 // len(subscriptions)
    return ", ".join(f"{s.name} ({escape(cut(s.words, room))})" for s in subscriptions)


FORM_TITLE = "Digest"
RHYTHM_WORDS = {r: "Every day" if r == "daily" else "Every hour" if r == "hourly" else f"On {r}" for r in RHYTHMS}


def form(subscription: Subscription | None, private: str) -> View:
    """For a new one, or the one that is changed."""
    return View(
        type="modal",
        callback_id=ids.DIGEST_FORM,
        private_metadata=private,
        title=plain(FORM_TITLE),
        submit=plain("Save"),
        close=plain("Cancel"),
        blocks=[
            select(Field(ids.RHYTHM, "How often"), tuple(RHYTHM_WORDS.items()), _rhythm(subscription)),
            _time(f"{subscription.at:%H:%M}" if subscription else "09:00"),
            _zone(subscription.zone if subscription else "UTC"),
            _scope(" ".join(subscription.scope) if subscription else ""),
            _controls(subscription.controls if subscription else ()),
            tick(_ONLY, "Only when something changed", subscription is not None and subscription.only_changes),
        ],
    )


_ONLY = Field(ids.ONLY_CHANGES, "Silence", "Without it, no change is one line, so that silence means that I am broken.")


def _rhythm(subscription: Subscription | None) -> str:
    return subscription.rhythm if subscription else "weekdays"


def _time(at: str) -> InputBlock:
    hint = "Of the zone below. For every hour only the minutes count."
    element = TimePickerElement(action_id=ids.TIME, initial_time=at)
    return InputBlock(block_id=ids.TIME, label=plain("At"), element=element, hint=plain(hint))


def _zone(zone: str) -> InputBlock:
    element = StaticSelectElement(action_id=ids.ZONE, option_groups=_zones(zone), initial_option=_option(zone))
    return InputBlock(block_id=ids.ZONE, label=plain("Time zone"), element=element)


AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
MOST_OPTIONS = 100


def _zones(present: str) -> list[OptionGroup]:
    """The present one and UTC first, then the areas of IANA's list; Slack takes 100 options a group."""
    first = tuple(dict.fromkeys((present, "UTC")))
    groups = [OptionGroup(label="Usual", options=[_option(z) for z in first])]
    for area in AREAS:
        zones = sorted(z for z in available_timezones() if z.startswith(f"{area}/") and z not in first)
        parts = [zones[n : n + MOST_OPTIONS] for n in range(0, len(zones), MOST_OPTIONS)]
        groups += [OptionGroup(label=_span(area, part), options=[_option(z) for z in part]) for part in parts]
    return groups


def _span(area: str, zones: list[str]) -> str:
    initials = [zone.partition("/")[2][0] for zone in (zones[0], zones[-1])]
    return f"{area}, {initials[0]} to {initials[1]}"


def _option(value: str) -> Option:
    return Option(value=value, label=value.replace("_", " "))


def _scope(words: str) -> InputBlock:
    hint = "Accounts by id or name, or units such as ou:Prod. Empty: every account in scope."
    return text_input(Field(ids.SCOPE, "Of which accounts", hint), words, 1_000, optional=True)


def _controls(chosen: tuple[str, ...]) -> InputBlock:
    options = [Option(value=c.id, label=c.id) for c in CONTROLS]
    ticked = [o for o in options if o.value in chosen]
    element = CheckboxesElement(action_id=ids.CONTROLS, options=options, initial_options=ticked or None)
    hint = plain("None ticked: those of the settings.")
    return InputBlock(
        block_id=ids.CONTROLS, label=plain("By which controls"), element=element, hint=hint, optional=True
    )
