"""What is a secret, taken out of a text: the values that we know, and what looks like one."""

import json
import re
from collections.abc import Iterable

HIDDEN = "[redacted]"
SHORTEST = 8
"""Characters of a known value: shorter ones stand in ordinary words too, and are found by the patterns alone."""

NAMED = (
    r"response_url|trigger_id|ticket|authorization|x-slack-signature|signature|x-amz-[a-z-]*(?:token|credential)"
    r"|(?:aws_?)?(?:secret_?(?:access_?)?key|session_?token|security_?token)|(?:client|signing)_?secret|password|passwd"
)
PATTERNS = (
    (r"\bxox[a-z](?:\.xox[a-z])?-[\w-]+", HIDDEN),
    (r"\bxapp-[\w-]{8,}", HIDDEN),
    (r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b", HIDDEN),
    (r"\bv0=[0-9a-f]{32,}", HIDDEN),
    (r"https?://hooks\.slack[^\s\"'<>]*", HIDDEN),
    (r"\b\d{4,}\.\d{4,}\.[0-9a-f]{16,}\b", HIDDEN),
    (r"(://[^\s:/@]*):[^\s@/]+@", rf"\1:{HIDDEN}@"),
    (r"(?i)\b(bearer|basic) [\w.~+/=-]{8,}", rf"\1 {HIDDEN}"),
    (rf"(?i)\b({NAMED})(['\"]?\s*[:=]\s*)(['\"]?)[^\s'\",;&}}]+", rf"\1\2\3{HIDDEN}"),
)
"""Slack's tokens, AWS's access key ids, a request's signature, a response URL, a trigger id, a password in a URL, a
header's credentials, and whatever has a name that says it is a secret. What is put in its place names none."""


def _written(value: str) -> tuple[str, ...]:
    """As it is, and as Python and JSON write it between quotes."""
    return value, repr(value)[1:-1], json.dumps(value)[1:-1]


class Redaction:
    """Called with a text, gives it back without secrets. `values` are those that are known."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms = {form for v in values if len(v) >= SHORTEST for form in _written(v)}
        known = sorted(forms, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None
        self._patterns = [(re.compile(pattern), instead) for pattern, instead in PATTERNS]

    def __call__(self, text: str) -> str:
        text = self._known.sub(HIDDEN, text) if self._known else text
        for pattern, instead in self._patterns:
            text = pattern.sub(instead, text)
        return text
