"""`[[rules]]` of the TOML file: who may do what in some accounts. What a rule does not say is said by the defaults."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_settings import NoDecode

KINDS = ("fix", "create", "update", "delete", "undo", "accept")
MOST_VOTES = 20


def listed(value: object) -> object:
    """A comma-separated list, or a real one."""
    return tuple(v for v in re.split(r"[,\s]+", value) if v) if isinstance(value, str) else value


def _slack_ids(value: tuple[str, ...]) -> tuple[str, ...]:
    wrong = [v for v in value if not re.fullmatch(r"[UWS][A-Z0-9]+", v)]
    if wrong:
        raise ValueError(f"{', '.join(wrong)} is no Slack id; users are U… or W…, user groups S…")
    return value


def _votes(value: object) -> object:
    """ "delete=2, fix=1", or a table of TOML."""
    if not isinstance(value, str):
        return value
    pairs = [pair.partition("=") for pair in re.split(r"[,\s]+", re.sub(r"\s*=\s*", "=", value)) if pair]
    return {kind: votes for kind, _, votes in pairs}


def _enough(value: dict[str, int]) -> dict[str, int]:
    wrong = [kind for kind in value if kind not in KINDS]
    if wrong:
        raise ValueError(f"{', '.join(wrong)} is no kind of change; there are {', '.join(KINDS)}, as in delete=2")
    if not all(1 <= votes <= MOST_VOTES for votes in value.values()):
        raise ValueError(f"say a number of approvals from 1 to {MOST_VOTES}")
    if value.get("delete", 2) < 2:
        raise ValueError("a delete needs 2 approvals or more; where fewer people may approve, as many as there are")
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed)]
"""A comma-separated list."""
People = Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed), AfterValidator(_slack_ids)]
Votes = Annotated[dict[str, int], NoDecode, BeforeValidator(_votes), AfterValidator(_enough)]


class RuleSettings(BaseModel):
    """One rule. None is what the defaults say; an empty list is an empty list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: tuple[str, ...] = ()
    ou: str = ""
    approvers: People | None = None
    requesters: People | None = None
    ping: People | None = None
    quorum: Votes = {}

    @model_validator(mode="after")
    def _covers_something(self) -> "RuleSettings":
        if bool(self.accounts) == bool(self.ou.strip("/ ")):
            raise ValueError("say either accounts (ids or names) or ou (a name or a path), and not both")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The accounts that are not named by their ids."""
        return tuple(a for a in self.accounts if not re.fullmatch(r"[0-9]{12}", a))
