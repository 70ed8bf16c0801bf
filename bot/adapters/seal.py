"""Tokens at rest: sealed with Fernet (AES-128-CBC and HMAC-SHA256), by the first of several keys.

Source: cryptography.io, "Fernet (symmetric encryption)". What is sealed names the workspace that it is for: a row whose
content was exchanged with another one's does not open.
"""

import json
import secrets
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

STATE_LIVES = timedelta(minutes=10)
"""From the press on "install" to the way back from Slack."""


class Seal:
    """`keys`: the newest first. It alone seals, all of them open."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._newest = Fernet(keys[0])
        self._all = MultiFernet([Fernet(key) for key in keys])

    def sealed(self, team: str, token: str) -> str:
        return self._newest.encrypt(json.dumps({"team": team, "token": token}).encode()).decode()

    def opened(self, team: str, sealed: str) -> str | None:
        """None where no key opens it, or where it is not that workspace's."""
        try:
            content = json.loads(self._all.decrypt(sealed))
        except (InvalidToken, ValueError):
            return None
        return str(content["token"]) if content["team"] == team else None

    def is_of_newest(self, sealed: str) -> bool:
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def stamp(self, now: datetime) -> str:
        """Something that nobody else could have made, with its time; no = at its end, which is special in cookies."""
        return self._newest.encrypt_at_time(secrets.token_bytes(16), int(now.timestamp())).decode().rstrip("=")

    def fresh(self, stamp: str, now: datetime) -> bytes | None:
        """What is in it, None where it is too old or no stamp; one stamp may be spelled in several ways."""
        padded = stamp + "=" * (-len(stamp) % 4)
        try:
            return self._all.decrypt_at_time(padded, int(STATE_LIVES.total_seconds()), int(now.timestamp()))
        except (InvalidToken, ValueError):
            return None
