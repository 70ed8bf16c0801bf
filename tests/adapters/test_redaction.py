"""Nothing that is a secret comes out of the redaction, and what is none is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.redaction import HIDDEN, SHORTEST, Redaction

SHOWN_SECRETS = [
    ("token xoxb-12-34-abcDEF of the bot", "xoxb-12-34-abcDEF"),
    ("refresh xoxe.xoxb-1-Mi0yLTE of the bot", "Mi0yLTE"),
    ("refresh xoxe-1-Mi0yLTE too", "Mi0yLTE"),
    ("socket xapp-1-A012-34-abcdef0123", "abcdef0123"),
    ("key AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    ("key ASIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"),
    ("'SecretAccessKey': 'wJalrXUtnFEMI/K7MDENG'", "wJalrXUtnFEMI"),
    ('"SessionToken": "FwoGZXIvYXdzEBY+/=="', "FwoGZXIvYXdz"),
    ("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
    ("X-Amz-Security-Token: FwoGZXIvYXdzEBY", "FwoGZXIvYXdz"),
    ("GET /?X-Amz-Signature=deadbeef&a=1", "deadbeef"),
    ("Authorization: Bearer abcdefghij", "abcdefghij"),
    ("Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261124, Signature=deadbeef", "deadbeef"),
    ("x-slack-signature: v0=a2114d57b48eac39b9ad189dd8316235", "a2114d57b48eac39"),
    ("postgresql://bot:hunter2@db/trailwarden", "hunter2"),
    ("postgresql+psycopg://bot:p%40ss@db:5432/trailwarden is away", "p%40ss"),
    ("redis://:only@db", "only"),
    ("https://hooks.slack.com/commands/T1/2/abc", "abc"),
    ("response_url=http://127.0.0.1/response/s3cr3t", "s3cr3t"),
    ("trigger 13345224609.738474920.8088930838d88f008e0 has expired", "8088930838d88f008e0"),
    ("wss://wss-primary.slack.com/link/?ticket=a1b2-c3d4&app_id=x", "a1b2-c3d4"),
    ("signing_secret: 8f742231b10e8888", "8f742231b10e8888"),
]


@pytest.mark.parametrize(("text", "secret"), SHOWN_SECRETS)
def test_what_looks_like_a_secret_is_taken_out(text: str, secret: str) -> None:
    shown = Redaction()(text)
    assert secret not in shown
    assert HIDDEN in shown


@pytest.mark.parametrize(
    "text",
    [
        "C-42 not sent in C0CLOUDSEC, again in 0:00:07: Slack asks to slow down.",
        "arn:aws:cloudtrail:us-east-1:111122223333:trail/main",
        "HTTP request refused with 401: Its signature is wrong: it was forged.",
        "Renew SLACK_APP_TOKEN (xapp-…, with connections:write).",
        "http://127.0.0.1:8642/api/ cannot be reached",
        "sqlite:////var/lib/trailwarden.sqlite",
        "2026-11-24T19:06:45.123456+00:00 host-1234-0a1b2c3d is gone",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert Redaction()(text) == text


@given(
    secret=st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=SHORTEST),
    before=st.text(),
    after=st.text(),
)
def test_a_known_value_is_taken_out_wherever_it_stands(secret: str, before: str, after: str) -> None:
    shown = Redaction((secret,))(f"{before}{secret}{after}")
    assert secret not in shown.replace(HIDDEN, "") or secret in HIDDEN


def test_of_two_known_values_the_longer_goes_whole() -> None:
    assert Redaction(("wrong-horse", "wrong-horse-battery"))("a wrong-horse-battery b") == f"a {HIDDEN} b"


def test_a_short_value_is_no_reason_to_cut_words() -> None:
    assert Redaction(("bot", ""))("the bot at postgresql://x:bot@db") == f"the bot at postgresql://x:{HIDDEN}@db"
