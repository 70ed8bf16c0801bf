"""The writes that concern the KMS key that log files are encrypted with."""

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from bot.domain.policy import same
from bot.domain.resources import Key
from bot.domain.trail import Snapshot


@dataclass(frozen=True)
class CreateKey:
    """A key for one trail, found again by its `description`: KMS gives it an id that nobody knows beforehand."""

    alias: str
    region: str
    policy: str
    description: str
    kind: Literal["create-key"] = "create-key"
    call: ClassVar[str] = "kms:CreateKey"
    undo: ClassVar[str] = "none: a key that log files are encrypted with is never deleted"

    @property
    def diff(self) -> tuple[str, ...]:
        return (
            f"+ KMS key in {self.region}, to become {self.alias}",
            "+   CloudTrail may encrypt with it, for this trail only",
        )

    def already(self, world: Snapshot) -> bool:
        key = _key(world, self.alias)
        return key is not None and key.exists is True

    def apply(self, world: Snapshot) -> Snapshot:
        made = Key(self.alias, exists=True, region=self.region, state="Enabled", policy=self.policy, named=False)
        return world.with_resource(made)


@dataclass(frozen=True)
class CreateAlias:
    """Names the key that CreateKey made."""

    alias: str
    region: str
    description: str
    kind: Literal["create-alias"] = "create-alias"
    call: ClassVar[str] = "kms:CreateAlias"
    undo: ClassVar[str] = "none: the name stays with its key"

    @property
    def diff(self) -> tuple[str, ...]:
        return (f"+ {self.alias} names that key",)

    def already(self, world: Snapshot) -> bool:
        key = _key(world, self.alias)
        return key is not None and key.exists is True and key.named

    def apply(self, world: Snapshot) -> Snapshot:
        key = _key(world, self.alias)
        return world.with_resource(replace(key, named=True)) if key else world


@dataclass(frozen=True)
class PutKeyPolicy:
    """Writes the whole text `after`, which is `before` with our statements merged in.

    `key` is an ARN: KMS takes no alias here.
    """

    key: str
    region: str
    before: str
    after: str
    added: tuple[str, ...]
    kind: Literal["put-key-policy"] = "put-key-policy"
    call: ClassVar[str] = "kms:PutKeyPolicy"
    undo: ClassVar[str] = "kms:PutKeyPolicy"

    @property
    def diff(self) -> tuple[str, ...]:
        kept = "  (the statements that are there stay as they are)"
        return (f"  key {self.key}, policy", kept, *(f"+ {line}" for line in self.added))

    def already(self, world: Snapshot) -> bool:
        key = _key(world, self.key)
        return key is not None and same(key.policy, self.after)

    def apply(self, world: Snapshot) -> Snapshot:
        key = _key(world, self.key)
        return world.with_resource(replace(key, policy=self.after)) if key else world


def _key(world: Snapshot, name: str) -> Key | None:
    found = world.resource(Key(name, exists=True))
    return found if isinstance(found, Key) else None
