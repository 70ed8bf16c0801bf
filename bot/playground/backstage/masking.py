"""Nothing secret is shown: whoever looks over a shoulder, or gets a copied payload, has no key."""

import re

MASK = "•••"

_SECRETS = (
    re.compile(r"\b(xox[a-z]-|xapp-)[\w-]+"),
    re.compile(r"(/response/|/upload/v1/|[?&]ticket=)[\w-]+"),
    re.compile(r'("(?:token|SecretAccessKey|SessionToken|X-Slack-Signature)": ")[^"]*'),
    re.compile(r"(<(?:SecretAccessKey|SessionToken)>)[^<]*"),
)
"""The tokens of Slack by their shape, addresses that are a right by themselves, and AWS's keys by their names."""


def masked(text: str) -> str:
    """Without what opens something; how each begins stays."""
    for secret in _SECRETS:
        text = secret.sub(rf"\1{MASK}", text)
    return text
