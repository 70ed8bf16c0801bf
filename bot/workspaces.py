"""The workspaces: those where the app is installed, and those that it has left with something unfinished."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock, Thread
from time import monotonic

from sqlalchemy import Engine

from bot.adapters.db.teams import Teams, adopt
from bot.domain.subscription import Subscription
from bot.ports import CannotRunError, Installation, Installations, World
from bot.workspace import Shared, Workspace

log = logging.getLogger(__name__)

ADOPT_SECONDS = 60.0


class TheOnly:
    """The port Installations for a bot token in the settings: its workspace is the only one, and stays.

    What has no team is that one's: older releases give it none, whose replicas may still run.
    """

    def __init__(self, engine: Engine, installation: Installation) -> None:
        self._engine = engine
        self._installation = installation

        self._adopted = float("-inf")

    def all(self) -> tuple[Installation, ...]:
        if monotonic() - self._adopted >= ADOPT_SECONDS:
            self._adopted = monotonic()
            self.adopt()
        return (self._installation,)

    def adopt(self) -> bool:
        adopt(self._engine, self._installation.team)
        return True

    def save(self, installation: Installation) -> None:
        raise CannotRunError(f"{installation.team} cannot be added to the workspace of a bot token.")

    def remove(self, installation: Installation) -> bool:
        log.error("The app was removed from %s: install it again, and renew SLACK_BOT_TOKEN.", installation.team)
        return False


@dataclass(frozen=True)
class Watchers:
    """Who wants to know that a workspace begins and ends, or becomes one that the app has left."""

    begins: Callable[[Workspace], None]
    left: Callable[[Workspace], None]
    ends: Callable[[Workspace], None]


class Workspaces:
    """As the database says: `refresh` makes it so here, whichever process it was that changed it."""

    def __init__(self, shared: Shared, installations: Installations, watchers: Watchers) -> None:
        self._shared = shared
        self._installations = installations
        self._watchers = watchers
        self._teams = Teams(shared.engine)
        self._turn = RLock()
        self._started = False
        self._here: dict[str, Workspace] = {}
        self._left: dict[str, Workspace] = {}

    def here(self) -> tuple[Workspace, ...]:
        """Those where the app is installed."""
        return tuple(self._here.values())

    def all(self) -> tuple[Workspace, ...]:
        return (*self._here.values(), *self._left.values())

    def of(self, team: str) -> Workspace | None:
        """Where the app is installed, perhaps by another process just now."""
        if team not in self._here:
            self.refresh()
        return self._here.get(team)

    def of_change(self, number: int) -> World:
        """Also of a workspace that the app has left: what was approved goes on."""
        return self._any(self._team_of(number)).world

    def _team_of(self, number: int) -> str:
        """A replica of an older release gives what is asked for there no team."""
        team = self._teams.of_change(number)
        if team == "" and self._installations.adopt():
            team = self._teams.of_change(number)
        return team or ""

    def of_subscription(self, id: int) -> World | None:
        """None where nobody wants it any more, or nobody could read it."""
        found = self.of(self._teams.of_subscription(id) or "")
        return found.world if found else None

    def subscriptions(self) -> tuple[Subscription, ...]:
        return tuple(s for workspace in self.here() for s in workspace.world.subscriptions.all())

    def _any(self, team: str) -> Workspace:
        if found := self._here.get(team) or self._left.get(team):
            return found
        with self._turn:
            return self._here.get(team) or self._left.get(team) or self._leave(team)

    def refresh(self) -> None:
        """Raises CannotRunError where a token cannot be opened; then everything stays as it is."""
        with self._turn:
            wanted = {i.team: i for i in self._installations.all()}
            for workspace in self.here():
                if wanted.get(workspace.team) != workspace.installation:
                    self._end(workspace)
                    self._here = {team: one for team, one in self._here.items() if one is not workspace}
            for team in wanted.keys() - self._here.keys():
                self._begin(wanted[team])
            unfinished = self._unfinished() - wanted.keys()
            for team in self._left.keys() - unfinished:
                self._end(self._left.pop(team))
            for team in unfinished - self._left.keys():
                self._leave(team)

    def _unfinished(self) -> frozenset[str]:
        found = self._teams.unfinished()
        return found - {""} if "" in found and self._installations.adopt() else found

    def _begin(self, installation: Installation) -> None:
        if former := self._left.pop(installation.team, None):
            self._end(former)
        workspace = Workspace(self._shared, installation)
        if self._started:
            workspace.sender.start()
        self._here = {**self._here, workspace.team: workspace}
        self._watchers.begins(workspace)

    def _leave(self, team: str) -> Workspace:
        log.warning("The app is not installed in %s: what is unfinished there ends.", team)
        workspace = Workspace(self._shared, Installation(team, "", ""))
        workspace.sender.stop()
        self._left = {**self._left, team: workspace}
        self._watchers.left(workspace)
        return workspace

    def _end(self, workspace: Workspace) -> None:
        """Nobody waits for an audit that is under way there; its report is kept. What is being sent is waited for,
        and so long it still takes payloads: Slack waits only three seconds.
        """
        self._watchers.ends(workspace)
        Thread(target=workspace.talk.close, name="closing", daemon=True).start()
        workspace.sender.stop()

    def install(self, installation: Installation) -> None:
        self._installations.save(installation)
        self.refresh()

    def look_after_removals(self, everywhere: bool = False) -> None:
        """Ask Slack where an event said so, or of each workspace: an event may never have come."""
        for workspace in self.here():
            if (everywhere or workspace.removal.is_due()) and workspace.removal.is_gone():
                self._installations.remove(workspace.installation)
        self.refresh()

    def start(self) -> None:
        with self._turn:
            self._started = True
            for workspace in self.here():
                workspace.sender.start()

    def close(self) -> None:
        """Lets what was acknowledged end."""
        for workspace in self.all():
            workspace.talk.close()

    def stop(self) -> None:
        for workspace in self.all():
            workspace.sender.stop()
