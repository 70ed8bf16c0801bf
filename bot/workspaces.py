"""The workspaces: those where the app is installed, and those that it has left with something unfinished."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock, Thread
from time import monotonic

from slack_bolt import App
from sqlalchemy import Engine

from bot.adapters.db.teams import Teams, adopt
from bot.domain.subscription import Subscription
from bot.ports import CannotRunError, Installation, Installations, Locked, World
from bot.workspace import Shared, Workspace

log = logging.getLogger(__name__)

ADOPT_SECONDS = 60.0
NONE_OPENS = (
    "No workspace's token can be, so the bot does not start. Where all keys are lost, delete the rows of the table "
    "installations, start it, and install the app anew."
)


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
    """Who wants to know that a workspace begins and ends, or becomes one without the app or without its token."""

    begins: Callable[[Workspace], None]
    left: Callable[[Workspace], None]
    locked: Callable[[Workspace], None]
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
        self._locked: dict[str, str] = {}

    def begin(self) -> None:
        """At the start. Raises CannotRunError where no token can be opened: then the keys are wrong."""
        self.refresh()
        if self._locked and not self._here:
            raise CannotRunError(f"{next(iter(self._locked.values()))} {NONE_OPENS}")

    def why_not(self, team: str) -> str:
        """Why it has no workspace here although the app is installed in it, or ""."""
        return "" if team in self._here else self._locked.get(team, "")

    def waiting(self) -> int:
        """How many are installed and cannot begin here."""
        return len(self._locked.keys() - self._here.keys())

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

    def app_of(self, team: str) -> App | None:
        found = self.of(team)
        return found.app if found else None

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
            self.refresh()  # perhaps another process has just installed it
            return self._here.get(team) or self._left.get(team) or self._leave(team)

    def refresh(self) -> None:
        """One whose token cannot be opened goes on with the one that it has, and begins as soon as it can be."""
        with self._turn:
            found = self._installations.all()
            self._note_locked({one.team: one.why for one in found if isinstance(one, Locked)})
            wanted = {one.team: one for one in found if isinstance(one, Installation)}
            for workspace in self.here():
                if workspace.team not in self._locked and wanted.get(workspace.team) != workspace.installation:
                    self._end(workspace)
                    self._here = {team: one for team, one in self._here.items() if one is not workspace}
            for team in wanted.keys() - self._here.keys():
                self._begin(wanted[team])
            unfinished = self._unfinished() - self._here.keys()
            for team in self._left.keys() - unfinished:
                self._end(self._left.pop(team))
            for team in unfinished - self._left.keys():
                self._leave(team)

    def _note_locked(self, locked: dict[str, str]) -> None:
        """Where that is news, what is unfinished there has another end."""
        for team in locked.keys() - self._locked.keys():
            log.error("%s", locked[team])
        for team in self._locked.keys() - locked.keys():
            log.info("The token of the workspace %s can be opened now, or it is gone.", team)
        for team in self._left.keys() & (locked.keys() ^ self._locked.keys()):
            self._end(self._left.pop(team))
        self._locked = locked

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
        workspace = Workspace(self._shared, Installation(team, "", ""))
        workspace.sender.stop()
        self._left = {**self._left, team: workspace}
        if team in self._locked:
            self._watchers.locked(workspace)
        else:
            log.warning("The app is not installed in %s: what is unfinished there ends.", team)
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
