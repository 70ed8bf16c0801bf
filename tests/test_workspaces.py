"""The workspaces follow the database: begun, exchanged, left and ended, whichever process wrote it there."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from slack_bolt import BoltRequest
from sqlalchemy import Engine

from bot import jobs
from bot.adapters.db.engine import connect
from bot.adapters.db.evidence import EvidenceTable
from bot.adapters.metrics.exposition import Metrics
from bot.domain.change import Change, State
from bot.domain.evidence import Fact
from bot.domain.subscription import Subscription
from bot.ports import CannotRunError, Installation, Locked
from bot.services.chain import ChainWatch
from bot.workspace import Shared, Workspace
from bot.workspaces import TheOnly, Watchers, Workspaces
from config.settings import Settings
from tests.builders import NOW, change, elsewhere, exception
from tests.fakes import FakeClock
from tests.fakes_bot import LiveAws

ACME, BETA = Installation("T0ACME", "A1", "xoxb-acme"), Installation("T0BETA", "A1", "xoxb-beta")


class Slack(ThreadingHTTPServer):
    """Answers every call of a token in `ended` as Slack does once the app was removed, and refuses all others."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.ended: set[str] = set()
        self.thread = Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def end(self) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class Answering(BaseHTTPRequestHandler):
    server: Slack

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        token = self.headers["Authorization"].removeprefix("Bearer ")
        error = "account_inactive" if token in self.server.ended else "invalid_auth"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"ok": False, "error": error}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class Runner:
    def enqueue_apply(self, *_: object) -> None:
        """Nothing is applied here."""


@dataclass
class Installed:
    """The port Installations, as any process may change it."""

    found: list[Installation]
    locked: set[str] = field(default_factory=set)

    def all(self) -> tuple[Installation | Locked, ...]:
        shut = {team: Locked(team, f"No key opens {team}.") for team in self.locked}
        return tuple(shut.get(one.team, one) for one in self.found)

    def adopt(self) -> bool:
        return False

    def save(self, installation: Installation) -> None:
        self.found.append(installation)

    def remove(self, installation: Installation) -> bool:
        self.found.remove(installation)
        return True


@dataclass
class Play:
    engine: Engine
    installed: Installed
    slack: Slack
    seen: list[str] = field(default_factory=list)

    def workspaces(self, store: Installed | TheOnly | None = None) -> Workspaces:
        clock = FakeClock()
        shared = Shared(
            settings=Settings(SLACK_API_URL=f"http://127.0.0.1:{self.slack.server_port}/api/"),  # type: ignore[call-arg]  # pydantic's alias
            engine=self.engine,
            runner=Runner(),  # type: ignore[arg-type]  # our stand-in
            process="this one",
            clock=clock,
            cloud=LiveAws(clock),  # type: ignore[arg-type]  # our stand-in
            writer=None,  # type: ignore[arg-type]  # not asked here
            chain=ChainWatch(EvidenceTable(self.engine), clock),
            counted=Metrics().counted,
            listeners=ThreadPoolExecutor(1),
        )

        def noted(what: str, one: Workspace) -> None:
            self.seen.append(f"{one.team} {what}")

        watchers = Watchers(*(lambda one, w=what: noted(w, one) for what in ("begins", "left", "locked", "ends")))  # type: ignore[misc]  # its word
        return Workspaces(shared, store or self.installed, watchers)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    engine = connect(f"sqlite:///{tmp_path / 'bot.sqlite'}")
    slack = Slack()
    yield Play(engine, Installed([ACME, BETA]), slack)
    slack.end()
    engine.dispose()


@pytest.fixture
def workspaces(play: Play) -> Iterator[Workspaces]:
    made = play.workspaces()
    made.refresh()
    yield made
    made.close()
    made.stop()


def proposed(workspace: Workspace | None, wish: Change | None = None) -> Change:
    assert workspace
    wish = wish or change(0, plan=elsewhere())
    return workspace.world.changes.add(wish, lambda c: Fact(NOW, c.id, "proposed", c.requester, {}))


def teams(workspaces: Workspaces) -> list[str]:
    return sorted(workspace.team for workspace in workspaces.here())


def test_each_installation_has_a_workspace_of_its_own(play: Play, workspaces: Workspaces) -> None:
    acme, beta = workspaces.of("T0ACME"), workspaces.of("T0BETA")
    assert acme
    assert beta
    assert (acme.world.changes, acme.talk, acme.app) != (beta.world.changes, beta.talk, beta.app)
    workspaces.refresh()
    assert workspaces.of("T0ACME") is acme
    assert sorted(play.seen) == ["T0ACME begins", "T0BETA begins"]


def test_one_that_another_process_installed_is_found_at_its_first_payload(play: Play, workspaces: Workspaces) -> None:
    assert workspaces.of("T0GAMMA") is None
    play.installed.save(replace(ACME, team="T0GAMMA"))
    assert workspaces.of("T0GAMMA")


def test_a_change_of_one_that_another_process_installed_just_now_is_no_removed_workspaces(
    play: Play, workspaces: Workspaces
) -> None:
    """Its proposals would be withdrawn: this process is given its work before it has looked."""
    play.installed.save(replace(ACME, team="T0GAMMA"))
    another = play.workspaces()
    another.refresh()
    asked = proposed(another.of("T0GAMMA"))
    play.seen.clear()
    assert workspaces.of_change(asked.number).changes.get(asked.number) == asked
    assert play.seen == ["T0GAMMA begins"]
    another.stop()


def test_one_that_was_installed_again_speaks_with_its_new_token(play: Play, workspaces: Workspaces) -> None:
    before = workspaces.of("T0ACME")
    play.installed.found[0] = replace(ACME, token="xoxb-newer", revision=2)
    workspaces.refresh()
    after = workspaces.of("T0ACME")
    assert after is not before
    assert after
    assert after.sender._client.token == "xoxb-newer"
    assert play.seen[2:] == ["T0ACME ends", "T0ACME begins"]


def test_a_token_that_cannot_be_opened_any_more_ends_nothing(play: Play, workspaces: Workspaces) -> None:
    """Keys are exchanged in one process after the other: this one still has the token that it began with."""
    play.installed.locked = {"T0ACME", "T0BETA"}
    workspaces.refresh()
    assert teams(workspaces) == ["T0ACME", "T0BETA"]
    assert sorted(play.seen) == ["T0ACME begins", "T0BETA begins"]


def test_one_that_cannot_be_opened_keeps_none_of_the_others_from_beginning_or_ending(play: Play) -> None:
    play.installed.locked = {"T0BETA"}
    workspaces = play.workspaces()
    workspaces.refresh()
    assert teams(workspaces) == ["T0ACME"]
    play.installed.save(replace(ACME, team="T0GAMMA"))
    assert workspaces.of("T0GAMMA")
    play.installed.remove(ACME)
    workspaces.refresh()
    assert teams(workspaces) == ["T0GAMMA"]
    assert (workspaces.of("T0BETA"), workspaces.why_not("T0BETA")) == (None, "No key opens T0BETA.")
    play.installed.locked = set()
    workspaces.refresh()
    assert (teams(workspaces), workspaces.why_not("T0BETA")) == (["T0BETA", "T0GAMMA"], "")
    workspaces.stop()


def test_it_is_said_once_and_again_when_it_opens(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    play.installed.locked = {"T0BETA"}
    workspaces = play.workspaces()
    with caplog.at_level("INFO", "bot.workspaces"):
        workspaces.refresh()
        workspaces.refresh()
        assert [record.message for record in caplog.records if record.name == "bot.workspaces"] == [
            "No key opens T0BETA."
        ]
        play.installed.locked = set()
        workspaces.refresh()
    assert "The token of the workspace T0BETA can be opened now, or it is gone." in caplog.messages
    workspaces.stop()


def test_where_none_can_be_opened_the_keys_are_wrong(play: Play) -> None:
    play.installed.locked = {"T0ACME", "T0BETA"}
    with pytest.raises(CannotRunError, match="No key opens T0ACME"):
        play.workspaces().begin()
    nobody = play.workspaces(Installed([]))
    nobody.begin()
    assert nobody.here() == ()


def test_what_is_unfinished_where_no_key_opens_goes_on_and_what_waits_is_not_withdrawn(play: Play) -> None:
    everywhere = play.workspaces()
    everywhere.refresh()
    waiting = proposed(everywhere.of("T0BETA"))
    everywhere.stop()
    play.seen.clear()
    play.installed.locked = {"T0BETA"}
    workspaces = play.workspaces()
    workspaces.refresh()
    assert play.seen == ["T0ACME begins", "T0BETA locked"]
    assert workspaces.of_change(waiting.number).changes.get(waiting.number) == waiting
    workspaces.refresh()
    play.installed.remove(BETA)
    workspaces.refresh()
    play.installed.save(BETA)
    play.installed.locked = set()
    workspaces.refresh()
    after = ["T0BETA ends", "T0BETA left", "T0BETA ends", "T0BETA begins"]
    assert play.seen == ["T0ACME begins", "T0BETA locked", *after]
    workspaces.stop()


def test_what_waits_where_the_app_was_removed_is_cancelled_and_then_nothing_is_left(
    play: Play, workspaces: Workspaces
) -> None:
    waiting = proposed(workspaces.of("T0BETA"))
    play.installed.remove(BETA)
    workspaces.refresh()
    assert workspaces.of("T0BETA") is None
    assert play.seen[2:] == ["T0BETA ends", "T0BETA left"]
    (left,) = set(workspaces.all()) - set(workspaces.here())
    jobs.close_former(left.world)
    ended = left.world.changes.get(waiting.number)
    assert ended
    assert (ended.state, ended.outcome) == (State.CANCELLED, jobs.REMOVED)
    workspaces.refresh()
    assert [w.team for w in workspaces.all()] == ["T0ACME"]
    assert play.seen[4:] == ["T0BETA ends"]


def test_what_was_approved_there_goes_on_and_an_exception_holds(play: Play, workspaces: Workspaces) -> None:
    beta = workspaces.of("T0BETA")
    approved = proposed(beta)
    active = proposed(beta, exception(0))
    assert beta
    beta.world.changes.save(replace(approved, state=State.APPROVED))
    beta.world.changes.save(replace(active, state=State.ACTIVE))
    play.installed.remove(BETA)
    workspaces.refresh()
    jobs.close_former(workspaces.of_change(approved.number))
    states = [workspaces.of_change(n).changes.get(n) for n in (approved.number, active.number)]
    assert [found and found.state for found in states] == [State.APPROVED, State.ACTIVE]


def test_a_change_is_of_the_workspace_that_asked_for_it(workspaces: Workspaces) -> None:
    for team in ("T0ACME", "T0BETA"):
        added = proposed(workspaces.of(team))
        assert workspaces.of_change(added.number).changes.get(added.number) == added


def test_digests_are_fired_for_all_that_are_here_and_made_for_nobody_else(play: Play, workspaces: Workspaces) -> None:
    ids = []
    for workspace in workspaces.here():
        wish = Subscription("C1", time(9), "UTC", "UALICE", NOW)
        ids.append(workspace.world.subscriptions.put(wish).id)
    assert sorted(s.id for s in workspaces.subscriptions()) == sorted(ids)
    assert all(workspaces.of_subscription(id) for id in ids)
    play.installed.found.clear()
    workspaces.refresh()
    assert workspaces.subscriptions() == ()
    assert [workspaces.of_subscription(id) for id in (*ids, 99)] == [None, None, None]


def test_a_removal_is_asked_about_after_an_event_alone(play: Play, workspaces: Workspaces) -> None:
    beta = workspaces.of("T0BETA")
    assert beta
    play.slack.ended.add("xoxb-beta")
    workspaces.look_after_removals()
    assert teams(workspaces) == ["T0ACME", "T0BETA"]
    beta.app.dispatch(BoltRequest(mode="socket_mode", body=UNINSTALLED))
    beta.app.listener_runner.listener_executor.shutdown(wait=True)
    workspaces.look_after_removals()
    assert teams(workspaces) == ["T0ACME"]
    assert play.installed.found == [ACME]


def test_without_an_event_it_is_found_in_time(play: Play, workspaces: Workspaces) -> None:
    workspaces.look_after_removals(everywhere=True)
    assert teams(workspaces) == ["T0ACME", "T0BETA"], "a token that is refused for another reason stays"
    play.slack.ended.add("xoxb-acme")
    workspaces.look_after_removals(everywhere=True)
    assert teams(workspaces) == ["T0BETA"]


UNINSTALLED = {
    "type": "event_callback",
    "team_id": "T0BETA",
    "api_app_id": "A1",
    "event": {"type": "app_uninstalled"},
}


def test_the_workspace_of_a_bot_token_stays_and_takes_what_had_no_team(play: Play) -> None:
    nobodys = play.workspaces(Installed([replace(ACME, team="")]))
    nobodys.refresh()
    old = proposed(nobodys.here()[0])
    nobodys.stop()
    only = play.workspaces(TheOnly(play.engine, ACME))
    only.refresh()
    assert [c.number for c in only.here()[0].world.changes.open()] == [old.number]
    assert not TheOnly(play.engine, ACME).remove(ACME)
    with pytest.raises(CannotRunError):
        only.install(BETA)
    only.stop()


def test_what_a_replica_of_an_older_release_asks_for_during_an_upgrade_is_no_removed_workspaces(play: Play) -> None:
    only = play.workspaces(TheOnly(play.engine, ACME))
    only.refresh()
    older = Workspace(only._shared, replace(ACME, team=""))
    waiting = proposed(older)
    only.refresh()
    assert [one.team for one in only.all()] == ["T0ACME"]
    assert only.here()[0].world.changes.get(waiting.number)
    approved = proposed(older)
    assert only.of_change(approved.number) is only.here()[0].world
    assert play.seen == ["T0ACME begins"]
    only.stop()


def test_who_clicks_while_the_app_is_installed_again_does_not_wait_for_what_is_being_sent(
    play: Play, workspaces: Workspaces
) -> None:
    before, another, found = workspaces.of("T0ACME"), ThreadPoolExecutor(1), []

    def clicked(_ending: Workspace) -> None:
        found.append(another.submit(workspaces.of, "T0ACME").result(timeout=5))

    workspaces._watchers = replace(workspaces._watchers, ends=clicked)
    play.installed.found[0] = replace(ACME, revision=2)
    workspaces.refresh()
    assert found == [before]
    assert workspaces.of("T0ACME") is not before
