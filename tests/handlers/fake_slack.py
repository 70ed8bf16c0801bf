"""Slack as the few methods that we call: each records what it was asked, and may refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from json import loads
from threading import Thread
from typing import Any, ClassVar

from slack_sdk.errors import SlackApiError

from handlers.sender import Sender
from handlers.talk import Caller, Talk

TEAM, CHANNEL = "T1", "C1"


def refusal(code: str) -> SlackApiError:
    return SlackApiError(code, {"ok": False, "error": code})  # type: ignore[no-untyped-call]  # theirs


class Slow(dict[str, object]):
    """An answer with headers, as slack_sdk hands it over."""

    headers: ClassVar = {"Retry-After": "7"}


def unprocessed() -> SlackApiError:
    """Of blocks with a file that was uploaded a moment ago."""
    told = {
        "ok": False,
        "error": "invalid_blocks",
        "errors": ["invalid slack file [json-pointer:/blocks/0/slack_file]"],
    }
    return SlackApiError("invalid_blocks", told)  # type: ignore[no-untyped-call]  # theirs


def slow_down() -> SlackApiError:
    """429, to be tried again in 7 seconds."""
    return SlackApiError("slow", Slow(ok=False, error="ratelimited"))  # type: ignore[no-untyped-call]  # theirs


@dataclass
class FakeSlack:
    """`refuses` are errors by method, raised one by one, `loses` those raised once the call is done; None is no error.

    `messages` is what is there; `groups` the members by user group, `users` what differs from a member.
    """

    refuses: dict[str, list[Exception | None]] = field(default_factory=dict)
    loses: dict[str, list[Exception | None]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def _call(self, method: str, told: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((method, told))
        _raise_next(self.refuses.get(method))
        number = next(self._ids)
        return {"ok": True, "ts": f"{number}.0", "view": {"id": f"V{number}", "hash": f"{number}.h"}}

    def chat_postMessage(self, **told: Any) -> dict[str, Any]:  # noqa: N802 - Slack's name
        answer = self._call("chat_postMessage", told)
        self.messages.append({**told, "ts": answer["ts"]})
        _raise_next(self.loses.get("chat_postMessage"))
        return answer

    def chat_update(self, **told: Any) -> dict[str, Any]:
        answer = self._call("chat_update", told)
        for message in self.messages:
            if (message["channel"], message["ts"]) == (told["channel"], told["ts"]):
                message |= told
        _raise_next(self.loses.get("chat_update"))
        return answer

    def conversations_history(self, **told: Any) -> dict[str, Any]:
        """Newest first, without replies, two a page."""
        self._call("conversations_history", told)
        here = [m for m in reversed(self.messages) if m["channel"] == told["channel"] and not m["thread_ts"]]
        return _page(here, told)

    def conversations_replies(self, **told: Any) -> dict[str, Any]:
        self._call("conversations_replies", told)
        return _page([m for m in self.messages if told["ts"] in (m["ts"], m["thread_ts"])], told)

    def files_upload_v2(self, **told: Any) -> dict[str, Any]:
        self._call("files_upload_v2", told)
        return {"ok": True, "files": [{"id": "F0PICTURE"}]}

    def chat_postEphemeral(self, **told: Any) -> dict[str, Any]:  # noqa: N802 - Slack's name
        return self._call("chat_postEphemeral", told)

    def views_open(self, **told: Any) -> dict[str, Any]:
        return self._call("views_open", told)

    def views_update(self, **told: Any) -> dict[str, Any]:
        return self._call("views_update", told)

    def views_publish(self, **told: Any) -> dict[str, Any]:
        return self._call("views_publish", told)

    def usergroups_users_list(self, **told: Any) -> dict[str, Any]:
        self._call("usergroups_users_list", told)
        return {"users": self.groups[told["usergroup"]]}

    def usergroups_list(self) -> dict[str, Any]:
        self._call("usergroups_list", {})
        return {"usergroups": [{"id": id, "handle": f"handle-of-{id}"} for id in self.groups]}

    def users_info(self, **told: Any) -> dict[str, Any]:
        self._call("users_info", told)
        id = told["user"]
        return {"user": {"id": id, "team_id": TEAM, "real_name": f"Name of {id}", **self.users.get(id, {})}}

    def of(self, method: str) -> list[dict[str, Any]]:
        return [told for name, told in self.calls if name == method]

    def told(self) -> list[str]:
        """What people were told for their eyes only: ephemerally, or in their conversation with us."""
        private = (t for m, t in self.calls if m == "chat_postEphemeral" or t.get("channel", "").startswith("U"))
        return [told["text"] for told in private]


def _raise_next(errors: list[Exception | None] | None) -> None:
    error = errors.pop(0) if errors else None
    if error:
        raise error


def _page(messages: list[dict[str, Any]], told: dict[str, Any]) -> dict[str, Any]:
    start = int(told["cursor"] or 0)
    more = str(start + 2) if len(messages) > start + 2 else ""
    shown = messages if told.get("include_all_metadata") else [{**m, "metadata": None} for m in messages]
    return {"ok": True, "messages": shown[start : start + 2], "response_metadata": {"next_cursor": more}}


class SenderByHand(Sender):
    """Sends when a test says so, on the test's thread."""

    def tend(self) -> None:
        """Not now."""

    def drain(self) -> None:
        while self.send_one():
            pass


class TalkAtOnce(Talk):
    """Works on the caller's thread, so that a test need not wait."""

    def hand_over(self, caller: Caller, work: Any, otherwise: Any = None) -> None:
        self._answering(caller, work, otherwise)


class Acks:
    """What a listener acknowledged with."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []

    def __call__(self, **said: Any) -> None:
        self.said.append(said)


@contextmanager
def response_url(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A URL that answers with this status, and what was sent to it."""
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/respond", got
    server.shutdown()
    server.server_close()


_triggers = (f"trigger-{number}" for number in count(1))


def command(text: str, user: str = "UALICE", **more: Any) -> dict[str, Any]:
    """As Slack sends a slash command."""
    return {
        "text": text,
        "user_id": user,
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "trigger_id": next(_triggers),
        **more,
    }


def click(value: str, user: str = "UALICE", **more: Any) -> dict[str, Any]:
    """As Slack sends a pressed button."""
    who = {"id": user, "team_id": more.pop("team", TEAM)}
    where = {"id": more.pop("channel", CHANNEL)}
    return {
        "actions": [{"value": value}],
        "user": who,
        "team": {"id": TEAM},
        "channel": where,
        "trigger_id": next(_triggers),
        **more,
    }


def submission(private: str, values: dict[str, Any], user: str = "UALICE") -> dict[str, Any]:
    """As Slack sends a form; `values` by block and action, which have the same id."""
    state = {"values": {id: {id: value} for id, value in values.items()}}
    who = {"id": user, "team_id": TEAM}
    view = {"id": "V7", "hash": "7.h", "private_metadata": private, "state": state}
    return {"view": view, "user": who, "team": {"id": TEAM}, "trigger_id": next(_triggers)}
