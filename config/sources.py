"""Where settings come from: files that can be read, names that exist, secrets in files of their own."""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

PREFIX = "TRAILWARDEN_"
CONFIG = f"{PREFIX}CONFIG"
DOTENV = Path(".env")
PLAIN = (
    *("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET"),
    *("SLACK_API_URL", "DATABASE_URL", "PORT"),
)
"""The settings that keep the names that they have elsewhere."""
SLACKS_SECRETS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_SECRET")
SECRETS = (*SLACKS_SECRETS, "DATABASE_URL")
"""Those that may stand in a file of their own, which the variable of that name with _FILE behind it names."""
KUBERNETES = re.compile(
    r"TRAILWARDEN_(\w+_)?(SERVICE_HOST=|SERVICE_PORT(_\w+)?=\d|PORT_\d+_(TCP|UDP|SCTP)|PORT=(tcp|udp|sctp)://)"
)
"""What Kubernetes tells every pod of a service called trailwarden, or trailwarden-postgres; nobody set it.
Source: kubernetes.io, "Service", "Discovering services".
"""


class UnreadableFileError(Exception):
    """A file of settings that cannot be read; the text is a sentence."""


def config_file() -> Path | None:
    named = os.environ.get(CONFIG)
    return Path(named) if named else None


def check_files() -> dict[str, Any]:
    """What the TOML file says. Raises UnreadableFileError, of `.env` too."""
    if DOTENV.is_file():
        _text(DOTENV, f"The file {DOTENV.absolute()}")
    file = config_file()
    if file is None:
        return {}
    if not file.exists():
        raise UnreadableFileError(f"{CONFIG} names {file}, and there is no such file.")
    try:
        return tomllib.loads(_text(file, f"{CONFIG} names {file}, which"))
    except tomllib.TOMLDecodeError as wrong:
        raise UnreadableFileError(f"{CONFIG} names {file}, which is no valid TOML: {wrong}.") from None


def _text(file: Path, what: str) -> str:
    """`what` begins the sentence of a file that cannot be read."""
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError:
        raise UnreadableFileError(f"{what} is no text in UTF-8. Save it as such.") from None
    except OSError as failed:
        raise UnreadableFileError(
            f"{what} cannot be read: {failed.strerror}. Let the user that runs Trailwarden read it."
        ) from None


def unknown_names(fields: Iterable[str], dotenv: Iterable[str], toml: Iterable[str]) -> Iterator[str]:
    """A sentence for each name that is no setting: with a letter wrong it would set nothing, and nobody would know."""
    known = {f.upper(): variable(f) for f in fields}
    told = {**{name.upper(): "" for name in dotenv}, **os.environ}
    for name in sorted(n for n, value in told.items() if n.startswith(PREFIX) and not _is_kubernetes(n, value)):
        bare = name.removeprefix(PREFIX)
        if name != CONFIG and known.get(bare) != name:
            yield f"{name} is no setting; {_nearest(bare, known)}"
    in_file = {**{f: f for f in fields}, **{name: name for name in PLAIN}}
    for name in (n for n in toml if n not in in_file):
        yield f"{CONFIG}: {name} is no setting; {_nearest(name, in_file)}"


def variable(field: str) -> str:
    """The environment's name of a setting."""
    return field.upper() if field.upper() in PLAIN else f"{PREFIX}{field.upper()}"


def _is_kubernetes(name: str, value: str) -> bool:
    return KUBERNETES.match(f"{name}={value}") is not None


def _nearest(name: str, known: Mapping[str, str]) -> str:
    near = get_close_matches(name, known, 1, cutoff=0.6)
    return f"did you mean {known[near[0]]}?" if near else "the README lists them all."


def secrets_in_files() -> tuple[dict[str, str], list[str]]:
    """The secrets by their names, and a sentence for each file that is of no use."""
    found: dict[str, str] = {}
    wrong: list[str] = []
    for name in SECRETS:
        file = os.environ.get(f"{name}_FILE")
        if not file:
            continue
        if os.environ.get(name):
            wrong.append(f"{name} and {name}_FILE are both set: set one of them.")
            continue
        try:
            found[name] = _secret(name, Path(file))
        except UnreadableFileError as why:
            wrong.append(str(why))
    return found, wrong


def _secret(name: str, file: Path) -> str:
    """Without the line break at its end, which editors and `echo` add."""
    secret = _text(file, f"{name}_FILE names {file}, which").strip()
    if not secret:
        raise UnreadableFileError(f"{name}_FILE names {file}, which is empty.")
    return secret


def exposed() -> Iterator[Path]:
    """Each file with a secret in it that others on this machine may read."""
    for file in (DOTENV, config_file()):
        if file and file.is_file() and file.stat().st_mode & 0o044 and _holds_a_secret(file):
            yield file


def _holds_a_secret(file: Path) -> bool:
    names = "|".join((*SLACKS_SECRETS, rf"({PREFIX})?TOKEN_KEYS"))
    return (
        re.search(rf"^[ \t]*(export +)?({names})[ \t]*=[ \t]*['\"]?[^\s'\"]", file.read_text(), re.I | re.M) is not None
    )
