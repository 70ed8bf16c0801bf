"""What was entered in a form: a trail's, step by step, with its problems by the field on screen; and a digest's."""

from dataclasses import replace
from datetime import time
from typing import Any, get_args

from bot.domain.form import OFF, Choice, Events, Further, TrailForm, problems
from bot.domain.subscription import RHYTHMS
from handlers.parse import DigestAt
from handlers.views import ids

FIRST = frozenset({ids.NAME, ids.BUCKET, ids.PREFIX, ids.KEY, ids.TOPIC, ids.LOGS, ids.ROLE})
SECOND = frozenset({ids.MANAGEMENT, ids.INSIGHTS})
"""The fields of each step that may be wrong; the domain calls them by the same names."""

View = dict[str, Any]


def first(view: View, before: TrailForm) -> TrailForm:
    """What the trail is made of; what it records stays as it was."""
    logs = _choice(view, ids.LOGS_KIND, ids.LOGS)
    return replace(
        _wider(view, before) if before.updates else _made_of(view, before),
        validation=_ticked(view, ids.VALIDATION),
        key=_choice(view, ids.KEY_KIND, ids.KEY),
        topic=_choice(view, ids.TOPIC_KIND, ids.TOPIC),
        logs=logs,
        role=_choice(view, ids.ROLE_KIND, ids.ROLE) if logs else OFF,
    )


def _made_of(view: View, before: TrailForm) -> TrailForm:
    """What only a new trail is asked."""
    return replace(
        before,
        name=text(view, ids.NAME).strip(),
        bucket=text(view, ids.BUCKET).strip(),
        new_bucket=_picked(view, ids.BUCKET_KIND) != "existing",
        prefix=text(view, ids.PREFIX).strip().strip("/"),
        organization=_ticked(view, ids.ORGANIZATION),
    )


def _wider(view: View, before: TrailForm) -> TrailForm:
    """What is asked only where an existing trail could be more than it is."""
    return replace(
        before,
        all_regions=_further(view, ids.ALL_REGIONS, before.all_regions),
        logging=_further(view, ids.LOGGING, before.logging),
    )


def _further(view: View, id: str, before: Further) -> Further:
    if before == "already":
        return before
    return "yes" if _ticked(view, id) else "no"


def second(view: View, before: TrailForm) -> TrailForm:
    """What it records; what it is made of stays as it was."""
    return replace(
        before,
        management=_events(view, ids.MANAGEMENT, before.management),
        data_events=_events(view, ids.DATA_EVENTS, before.data_events),
        insights=_ticked(view, ids.INSIGHTS),
    )


def digest(view: View) -> DigestAt:
    """A digest's form."""
    hours, _, minutes = str(_state(view, ids.TIME).get("selected_time") or "09:00").partition(":")
    return DigestAt(
        at=time(int(hours), int(minutes)),
        zone=_picked(view, ids.ZONE) or "UTC",
        rhythm=next((r for r in RHYTHMS if r == _picked(view, ids.RHYTHM)), "daily"),
        scope=tuple(text(view, ids.SCOPE).replace(",", " ").split()),
        controls=tuple(o["value"] for o in _state(view, ids.CONTROLS).get("selected_options") or ()),
        only_changes=_ticked(view, ids.ONLY_CHANGES),
    )


def errors(answers: TrailForm, fields: frozenset[str]) -> dict[str, str]:
    """By the field where it is shown, as plain text."""
    found = problems(answers)
    return {field: problem.replace("`", "") for field, problem in found.items() if field in fields}


def text(view: View, id: str) -> str:
    return _state(view, id).get("value") or ""


def _choice(view: View, kind: str, id: str) -> Choice:
    """A name that was left standing under "off" is no answer."""
    match _picked(view, kind):
        case "new":
            return Choice("new", text(view, id).strip())
        case "existing":
            return Choice("existing", text(view, id).strip())
        case _:
            return OFF


def _events(view: View, id: str, before: Events) -> Events:
    words: tuple[Events, ...] = get_args(Events)
    picked = _picked(view, id)
    return next((word for word in words if word == picked), before)


def _picked(view: View, id: str) -> str:
    return str((_state(view, id).get("selected_option") or {}).get("value", ""))


def _ticked(view: View, id: str) -> bool:
    return bool(_state(view, id).get("selected_options"))


def _state(view: View, id: str) -> dict[str, Any]:
    state: dict[str, Any] = view["state"]["values"].get(id, {}).get(id, {})
    return state
