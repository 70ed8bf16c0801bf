"""A step as the command of the AWS CLI that would do the same, for people who want to know, or to do it by hand."""

import json
import re
import shlex
from collections.abc import Iterator

from bot.domain.requests import Request, request
from bot.domain.steps import Step

SERVICES = {"s3": "s3api"}
"""Where the CLI calls a service otherwise."""
KEY_MADE_BEFORE = "KEY_ID"
"""Stands for the id of the key that an earlier step makes: nobody knows it yet."""


def aws_command(step: Step, account: str) -> str:
    """One line, safe to paste into a POSIX shell whatever names are in it."""
    wanted = request(step, account)
    words = ("aws", SERVICES.get(wanted.service, wanted.service), _dashed(wanted.operation), "--region", step.region)
    return " ".join(shlex.quote(word) for word in (*words, *_options(wanted)))


def _options(wanted: Request) -> Iterator[str]:
    for name, value in wanted.parameters.items():
        yield from _option(_dashed(name), value)
    if wanted.key:
        yield from _option("target-key-id", KEY_MADE_BEFORE)


def _option(name: str, value: object) -> tuple[str, ...]:
    """A value that begins with a dash would be taken for an option of its own."""
    if isinstance(value, bool):
        return (f"--{name}" if value else f"--no-{name}",)
    text = value if isinstance(value, str) else json.dumps(value)
    if text.startswith(("{", "[")):
        text = text.replace("`", "\\u0060")  # the same JSON, and nothing that ends a block of code in a chat
    return (f"--{name}={text}",) if text.startswith("-") else (f"--{name}", text)


def _dashed(name: str) -> str:
    """S3BucketName -> s3-bucket-name, as botocore's xform_name does for all names that are used here (a test)."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
