"""A stub AWS on loopback, in a process of its own: `python -m tests.bench.stub COUNT LATENCY_MS` prints its port.

Cheap on purpose, about 0.1 ms of CPU a call, so that what is measured is the bot. It knows whose key signs each call,
and refuses a key with another account's token, and a key that asks for a trail of another account.
"""

import asyncio
import json
import re
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from tests.bench.fleet import MANAGEMENT, Has, State, accounts, basic, state_of

PAGE = 20
"""ListAccounts gives at most 20 a page on AWS."""
SIGNED_BY = re.compile(rb"Credential=(\w+)/\d+/([\w-]+)/([\w-]+)/")
TOKEN = re.compile(rb"X-Amz-Security-Token: *([\w-]+)", re.IGNORECASE)
TARGET = re.compile(rb"X-Amz-Target: *[\w.]+\.(\w+)\r", re.IGNORECASE)
LENGTH = re.compile(rb"Content-Length: *(\d+)", re.IGNORECASE)
OWN_KEY = "AKIDOWN"

Reply = tuple[int, bytes]


class MixedError(Exception):
    """Credentials of two accounts met in one call."""


class StubAws:
    """Answers by account; counts calls, and those in which accounts mixed."""

    def __init__(self, count: int) -> None:
        self.fleet = accounts(count)
        self.calls: Counter[str] = Counter()
        self._failed: Counter[tuple[str, str]] = Counter()

    def answer(self, head: bytes, body: bytes) -> Reply:
        signed = SIGNED_BY.search(head)
        if signed is None:
            return 403, b"{}"
        target = TARGET.search(head)
        asked = json.loads(body or b"{}") if target else {k: v[0] for k, v in parse_qs(body.decode()).items()}
        operation = target[1].decode() if target else asked["Action"]
        self.calls[operation] += 1
        try:
            return self._carried_out(operation, asked, _signer(signed[1].decode(), TOKEN.search(head)))
        except MixedError as mixed:
            self.calls["mixed"] += 1
            return 400, _error(f"Mixed{mixed}")

    def _carried_out(self, operation: str, asked: dict[str, Any], account: str) -> Reply:
        if operation == "AssumeRole":
            return self._assume(asked["RoleArn"].split(":")[4])
        if operation == "GetCallerIdentity":
            return 200, _who(account)
        if operation == "ListAccounts":
            return 200, self._page(int(asked.get("NextToken", 0)))
        return self._failure(operation, account) or (200, json.dumps(_cloudtrail(operation, asked, account)).encode())

    def _assume(self, account: str) -> Reply:
        failure = self._failure("AssumeRole", account)
        if failure:
            return 403, b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        return 200, _keys(state_of(account).assumes or account)

    def _failure(self, operation: str, account: str) -> Reply | None:
        for failing, status, code, times in state_of(account).fails:
            if failing == operation and (not times or self._failed[account, operation] < times):
                self._failed[account, operation] += 1
                return status, _error(code)
        return None

    def _page(self, start: int) -> bytes:
        page = [{"Id": a, "Name": f"account-{a}", "Status": "ACTIVE"} for a in self.fleet[start : start + PAGE]]
        more = {"NextToken": str(start + PAGE)} if start + PAGE < len(self.fleet) else {}
        return json.dumps({"Accounts": page, **more}).encode()


def _signer(key: str, token: Any) -> str:
    if key == OWN_KEY and token is None:
        return MANAGEMENT
    account = key.removeprefix("ASIA")
    if token is None or token[1].decode() != f"token-{account}":
        raise MixedError("Token")
    return account


def _cloudtrail(operation: str, asked: dict[str, Any], account: str) -> dict[str, Any]:
    state = state_of(account)
    if operation == "DescribeTrails":
        return {"trailList": [t.described(account) for t in state.trails]}
    arn = asked.get("Name") or asked["TrailName"]
    trail = _trail(state, arn, account)
    if operation == "GetTrailStatus":
        return trail.status()
    return {"TrailARN": arn, **(trail.selectors or basic())}


def _trail(state: State, arn: str, account: str) -> Has:
    found = next((t for t in state.trails if t.arn(account) == arn), None)
    if found is None:
        raise MixedError("Trail")
    return found


def _error(code: str) -> bytes:
    return json.dumps({"__type": code, "message": "said the stub"}).encode()


def _who(account: str) -> bytes:
    return (
        f"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{account}:user/bot</Arn>"
        f"<UserId>x</UserId><Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    ).encode()


def _keys(account: str) -> bytes:
    expires = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        "<AssumeRoleResponse><AssumeRoleResult>"
        f"<AssumedRoleUser><Arn>arn:aws:sts::{account}:assumed-role/x/y</Arn><AssumedRoleId>x:y</AssumedRoleId>"
        f"</AssumedRoleUser><Credentials><AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        f"<SessionToken>token-{account}</SessionToken><Expiration>{expires}</Expiration></Credentials>"
        "</AssumeRoleResult></AssumeRoleResponse>"
    ).encode()


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, one request at a time; each answer leaves `latency` seconds after its request."""

    def __init__(self, aws: StubAws, latency: float) -> None:
        self._aws = aws
        self._latency = latency
        self._came = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        head, end, body = self._came.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or len(body) < int(length[1] if length else 0):
            return
        self._came = b""
        if head.startswith(b"GET /calls"):
            self._send(200, json.dumps(self._aws.calls).encode())
        else:
            asyncio.get_running_loop().call_later(self._latency, self._send, *self._aws.answer(head, body))

    def _send(self, status: int, body: bytes) -> None:
        head = f"HTTP/1.1 {status} x\r\nx-amzn-RequestId: r\r\nContent-Length: {len(body)}\r\n\r\n"
        self._out.write(head.encode() + body)


async def serve(count: int, latency: float) -> None:
    aws = StubAws(count)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(aws, latency), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]) / 1000))
