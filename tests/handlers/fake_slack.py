"""Slack as the few methods that we call: each records what it was asked, and may refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from json import loads
from threading import Thread
from typing import Any

from slack_sdk.errors import SlackApiError

from handlers.talk import Caller, Talk

TEAM, CHANNEL = "T1", "C1"


def refusal(code: str) -> SlackApiError:
    return SlackApiError(code, {"ok": False, "error": code})  # type: ignore[no-untyped-call]  # theirs


@dataclass
class FakeSlack:
    """`refuses` are errors by method, raised one by one; `groups` the members by user group, `users` what differs."""

    refuses: dict[str, list[Exception]] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def _call(self, method: str, told: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((method, told))
        if self.refuses.get(method):
            raise self.refuses[method].pop(0)
        return {"ok": True, "ts": f"{next(self._ids)}.0"}

    def chat_postMessage(self, **told: Any) -> dict[str, Any]:  # noqa: N802 - Slack's name
        return self._call("chat_postMessage", told)

    def chat_update(self, **told: Any) -> dict[str, Any]:
        return self._call("chat_update", told)

    def chat_postEphemeral(self, **told: Any) -> dict[str, Any]:  # noqa: N802 - Slack's name
        return self._call("chat_postEphemeral", told)

    def views_open(self, **told: Any) -> dict[str, Any]:
        return self._call("views_open", told)

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


class TalkAtOnce(Talk):
    """Works on the caller's thread, so that a test need not wait."""

    def hand_over(self, caller: Caller, work: Any) -> None:
        self._answering(caller, work)


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


def command(text: str, user: str = "UALICE", **more: Any) -> dict[str, Any]:
    """As Slack sends a slash command."""
    return {"text": text, "user_id": user, "team_id": TEAM, "channel_id": CHANNEL, "trigger_id": "t-1", **more}


def click(value: str, user: str = "UALICE", **more: Any) -> dict[str, Any]:
    """As Slack sends a pressed button."""
    who = {"id": user, "team_id": more.pop("team", TEAM)}
    where = {"id": more.pop("channel", CHANNEL)}
    return {
        "actions": [{"value": value}],
        "user": who,
        "team": {"id": TEAM},
        "channel": where,
        "trigger_id": "t",
        **more,
    }


def submission(private: str, values: dict[str, Any], user: str = "UALICE") -> dict[str, Any]:
    """As Slack sends a form; `values` by block and action, which have the same id."""
    state = {"values": {id: {id: value} for id, value in values.items()}}
    who = {"id": user, "team_id": TEAM}
    return {"view": {"private_metadata": private, "state": state}, "user": who, "team": {"id": TEAM}}
