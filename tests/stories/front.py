"""One Slack for several local workspaces: the token of a call says to which it goes; and Slack's side of OAuth."""

import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bot.playground.slack import RunningWorkspace

CLIENT_ID, CLIENT_SECRET = "1234.5678", "a client secret"
HERE = "127.0.0.1"
PASSED_ON = ("authorization", "content-type")


class Front:
    """`refused` are the tokens that were revoked, `ended` those of workspaces that removed the app."""

    def __init__(self, port: int, *workspaces: RunningWorkspace) -> None:
        self.url = f"http://{HERE}:{port}/"
        self.refused: list[str] = []
        self.ended: set[str] = set()
        self._workspaces = {w.bot_token: w for w in workspaces}
        self._codes: dict[str, RunningWorkspace] = {}

    def agrees(self, location: str, workspace: RunningWorkspace) -> str:
        """Somebody of that workspace agrees on Slack's page: the code for the way back. It is good once."""
        asked = parse_qs(urlsplit(location).query)
        assert location.startswith(f"{self.url}oauth/v2/authorize?"), location
        assert asked["client_id"] == [CLIENT_ID]
        assert "chat:write" in asked["scope"][0].split(",")
        self.ended.discard(workspace.bot_token)
        code = f"code-{len(self._codes)}"
        self._codes[code] = workspace
        return code

    def answer(self, method: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if method == "oauth.v2.access":
            return _json(self._exchanged(headers, body))
        token = token or parse_qs(body.decode()).get("token", [""])[0]
        if token in self.ended:
            return _json({"ok": False, "error": "account_inactive"})
        if method == "auth.revoke":
            self.refused.append(token)
            return _json({"ok": True, "revoked": True})
        if token not in self._workspaces:
            return _json({"ok": False, "error": "invalid_auth" if token else "not_authed"})
        return self._passed_on(self._workspaces[token], method, headers, body)

    def _exchanged(self, headers: dict[str, str], body: bytes) -> dict[str, Any]:
        given = b64decode(headers.get("authorization", "").removeprefix("Basic ")).decode()
        if given != f"{CLIENT_ID}:{CLIENT_SECRET}":
            return {"ok": False, "error": "bad_client_secret"}
        workspace = self._codes.pop(parse_qs(body.decode())["code"][0], None)
        if workspace is None:
            return {"ok": False, "error": "invalid_code"}
        return {
            "ok": True,
            "app_id": "A0TRAIL",
            "access_token": workspace.bot_token,
            "token_type": "bot",
            "scope": "commands,chat:write",
            "bot_user_id": "U0TRAILBOT",
            "team": {"id": workspace.team_id, "name": "<b>One & another</b>"},
            "enterprise": None,
            "is_enterprise_install": False,
            "authed_user": {"id": "U0ALICE"},
        }

    def _passed_on(
        self, workspace: RunningWorkspace, method: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection(urlsplit(workspace.url).netloc, timeout=30)
        connection.request("POST", f"/api/{method}", body, {n: headers[n] for n in PASSED_ON if n in headers})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        told = {name: value for name, value in answer.getheaders() if name.lower() in ("content-type", "retry-after")}
        return answer.status, told, content


def _json(content: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(content).encode()


@contextmanager
def front_of(*workspaces: RunningWorkspace) -> Iterator[Front]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length", "0")))
            status, told, content = front.answer(self.path.rpartition("/")[2], headers, body)
            self.send_response(status)
            for name, value in {**told, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer((HERE, 0), Handler)
    front = Front(server.server_port, *workspaces)
    serving = Thread(target=server.serve_forever, daemon=True)
    serving.start()
    yield front
    server.shutdown()
    serving.join()
    server.server_close()
