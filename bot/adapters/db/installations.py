"""The port Installations, with the tokens sealed; and the port States, for which the inbox remembers what was used."""

import hashlib
from dataclasses import replace

from sqlalchemy import Engine, Row, delete, insert, select, update

from bot.adapters.db import locks
from bot.adapters.db.engine import for_reading
from bot.adapters.db.tables import installations
from bot.adapters.seal import Seal
from bot.ports import Clock, Inbox, Installation, Locked

CANNOT_OPEN = (
    "The token of the workspace {team} cannot be opened by any of TRAILWARDEN_TOKEN_KEYS. Add the key that sealed it "
    "at the end of them; if it is lost, install the app there again."
)


class InstallationsTable:
    """`allowed` are the teams that may have the app: of another one, that could have it before, nothing is read."""

    def __init__(self, engine: Engine, seal: Seal, clock: Clock, allowed: frozenset[str]) -> None:
        self._allowed = allowed
        self._engine = engine
        self._reading = for_reading(engine)
        self._seal = seal
        self._clock = clock

    def all(self) -> tuple[Installation | Locked, ...]:
        ours = select(installations).where(installations.c.team.in_(self._allowed)).order_by(installations.c.team)
        with self._reading.connect() as connection:
            rows = connection.execute(ours).all()
        return tuple(map(self._installation, rows))

    def adopt(self) -> bool:
        """Nobody knows whose it is."""
        return False

    def save(self, installation: Installation) -> None:
        team = installation.team
        values = {name: getattr(installation, name) for name in ("team", "app", "name", "installer")}
        values |= {"at": self._clock.now(), "sealed": self._seal.sealed(team, installation.token)}
        here = installations.c.team == team
        with self._engine.begin() as connection:
            locks.until_commit(connection, f"installation:{team}")
            before = connection.execute(select(installations.c.revision).where(here)).scalar() or 0
            connection.execute(delete(installations).where(here))
            connection.execute(insert(installations).values(**values, revision=before + 1))

    def remove(self, installation: Installation) -> bool:
        same = (installations.c.team == installation.team) & (installations.c.at == installation.at)
        same &= installations.c.revision == installation.revision
        with self._engine.begin() as connection:
            return connection.execute(delete(installations).where(same)).rowcount == 1

    def reseal(self) -> int:
        """By the newest key whatever is not; how many those were. A token that no key opens stays as it is."""
        with self._engine.begin() as connection:
            locks.until_commit(connection, "installations")
            old = [r for r in connection.execute(select(installations)) if not self._seal.is_of_newest(r.sealed)]
            resealed = 0
            for row in old:
                if token := self._seal.opened(row.team, row.sealed):
                    this = (installations.c.team == row.team) & (installations.c.sealed == row.sealed)
                    anew = {"sealed": self._seal.sealed(row.team, token)}
                    connection.execute(update(installations).where(this).values(anew))
                    resealed += 1
        return resealed

    def _installation(self, row: Row[tuple[object, ...]]) -> Installation | Locked:
        token = self._seal.opened(row.team, row.sealed)
        if token is None:
            return Locked(row.team, CANNOT_OPEN.format(team=row.team))
        made = Installation(row.team, row.app, token, row.name, row.installer)
        return replace(made, at=row.at, revision=row.revision)


class SealedStates:
    """A state is written nowhere until it is used, so that a stranger who asks for many fills nothing."""

    def __init__(self, seal: Seal, inbox: Inbox, clock: Clock) -> None:
        self._seal = seal
        self._inbox = inbox
        self._clock = clock

    def issue(self) -> str:
        return self._seal.stamp(self._clock.now())

    def consume(self, state: str) -> bool:
        now = self._clock.now()
        content = self._seal.fresh(state, now)
        return content is not None and self._inbox.take(f"state:{hashlib.sha256(content).hexdigest()}", now)
