"""One bot in two workspaces, whose channels and people have the same ids: what is one's is never the other's."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from cryptography.fernet import Fernet

from bot.adapters.seal import Seal
from bot.playground.aws import start_aws
from bot.playground.slack import DEFAULT_SETUP, Message, RunningWorkspace, start_workspace
from bot.playground.slack.posts import Address
from tests.stories.front import CLIENT_ID, CLIENT_SECRET, HERE, Front, front_of
from tests.stories.stage import CHANNEL, UNHURRIED, Stage, change_id

PAYMENTS, LEDGER, TOOLS, API = "111122223333", "567890123456", "210987654321", "901234567890"
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@dataclass
class Page:
    """What a browser was told."""

    status: int
    text: str
    location: str
    cookie: str


@dataclass
class Company:
    """Its two workspaces, a stranger's, and the address of its bot."""

    front: Front
    acme: Stage
    beta: Stage
    stranger: RunningWorkspace
    address: Address

    def settings(self, keys: str = OLD) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": "",
            "SLACK_API_URL": f"{self.front.url}api/",
            "SLACK_CLIENT_ID": CLIENT_ID,
            "SLACK_CLIENT_SECRET": CLIENT_SECRET,
            "TRAILWARDEN_TOKEN_KEYS": keys,
            "TRAILWARDEN_WORKSPACES": "T0ACME,T0BETA",
        }

    def bot(self, keys: str = OLD) -> AbstractContextManager[ForkServerProcess]:
        return self.acme.bot(**self.settings(keys))

    def opens(self, path: str, cookie: str = "") -> Page:
        with closing(HTTPConnection(HERE, self.address.port, timeout=20)) as connection:
            connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
            answer = connection.getresponse()
            cookie = answer.getheader("set-cookie", "").partition(";")[0]
            return Page(answer.status, answer.read().decode(), answer.getheader("location", ""), cookie)

    def begins(self) -> tuple[Page, str]:
        """On Slack's page, and the state with which the way back has to come."""
        page = self.opens("/slack/install")
        assert page.status == 302, page
        return page, parse_qs(urlsplit(page.location).query)["state"][0]

    def returns(self, code: str, state: str, cookie: str) -> Page:
        return self.opens(f"/slack/oauth_redirect?code={code}&state={quote(state)}", cookie)

    def installs(self, workspace: RunningWorkspace) -> Page:
        page, state = self.begins()
        return self.returns(self.front.agrees(page.location, workspace), state, page.cookie)

    def removes(self, stage: Stage) -> None:
        """As Slack: the token ends, and two events say so."""
        self.front.ended.add(stage.slack.bot_token)
        for kind in ("tokens_revoked", "app_uninstalled"):
            assert stage.slack.posts.deliver(event(stage.slack.team_id, kind)).acked


def event(team: str, kind: str) -> dict[str, object]:
    told = {"team_id": team, "api_app_id": "A0TRAIL", "type": "event_callback", "event_id": kind}
    return {"type": "events_api", "payload": {**told, "event": {"type": kind, "tokens": {"bot": ["U0TRAILBOT"]}}}}


def free_port() -> int:
    with socket.create_server((HERE, 0)) as found:
        return int(found.getsockname()[1])


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """Each test its own: they stop and start the bot, and remove the app."""
    address = Address(free_port(), SIGNING_SECRET)
    with company_at(tmp_path, address, address) as made:
        yield made


SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@contextmanager
def company_at(folder: Path, of_acme: Address, of_beta: Address) -> Iterator[Company]:
    """Slack brings what is Acme's to the one address, and what is Beta's to the other."""
    aws = start_aws()
    aws.deliver_every(1)
    acme, beta, stranger = (
        start_workspace(replace(DEFAULT_SETUP, team_id=team), delivery="http", app=address, **UNHURRIED)
        for team, address in (("T0ACME", of_acme), ("T0BETA", of_beta), ("T0STRANGER", of_acme))
    )
    with front_of(acme, beta, stranger) as front:
        yield Company(front, Stage(aws, acme, folder), Stage(aws, beta, folder), stranger, of_acme)
    for slack in (acme, beta, stranger):
        slack.stop()
    aws.stop()


def test_what_one_replica_installs_or_removes_the_other_serves_and_ends(tmp_path: Path, postgres_url: str) -> None:
    one, other = (Address(free_port(), SIGNING_SECRET) for _ in range(2))
    with company_at(tmp_path, one, other) as company:
        acme, beta = company.acme, company.beta
        settings = {**company.settings(), "DATABASE_URL": postgres_url}
        with acme.bot(**settings), beta.bot(**settings):
            for slack in (acme.slack, beta.slack):
                assert company.installs(slack).status == 200, "both at the first replica"
            beta.audit(beta.alice, PAYMENTS)
            acme.audit(acme.alice, PAYMENTS)
            waiting = beta.proposal(lambda: beta.types(beta.alice, "fix prod-payments"))

            company.removes(beta)
            card = acme.until(lambda: proposed(acme, "prod-payments"))
            acme.bob.clicks(card, "approve")
            acme.becomes(card, "VERIFIED")
            beta.types(beta.alice, "changes")
            beta.told(beta.alice, "is not installed in this workspace any more")

            assert company.installs(beta.slack).status == 200
            assert "removed from this workspace" in beta.becomes(waiting, "CANCELLED").all_text()
            beta.audit(beta.alice, PAYMENTS)
        assert acme.writes(PAYMENTS) == ["UpdateTrail"]
        assert "Traceback" not in acme.log()


def test_two_workspaces_of_one_bot_know_nothing_of_each_other(company: Company) -> None:
    acme, beta = company.acme, company.beta
    with company.bot():
        for slack in (acme.slack, beta.slack):
            page = company.installs(slack)
            assert (page.status, page.text.startswith("Trailwarden is installed.")) == (200, True), page
        acme.audit(acme.alice)
        assert beta.slack.messages(CHANNEL) == []
        card = acme.proposal(lambda: acme.types(acme.alice, "fix prod-payments"))
        assert beta.slack.messages(CHANNEL) == []

        for asked in (f"change {change_id(card)}", f"undo {change_id(card)}"):
            beta.types(beta.bob, asked)
            beta.told(beta.bob, f"There is no change {change_id(card)}")
        beta.types(beta.alice, "fix prod-payments")
        told = beta.told(beta.alice, "another workspace asked for is open")
        assert change_id(card) not in told
        click = {"type": "interactive", "payload": click_of(beta, card.ts, change_id(card))}
        assert beta.slack.posts.deliver(click).acked
        assert "APPROVAL NEEDED" in acme.now(card).text

        theirs = beta.proposal(lambda: beta.types(beta.alice, "fix prod-ledger"))
        assert len([m for m in acme.slack.messages(CHANNEL) if "prod-ledger" in m.text]) == 0
        beta.bob.clicks(theirs, "approve")
        beta.becomes(theirs, "VERIFIED")
        acme.bob.clicks(card, "approve")
        acme.becomes(card, "VERIFIED")
    assert (acme.writes(PAYMENTS), len(acme.writes(LEDGER)) > 0) == (["UpdateTrail"], True)
    assert not [m for m in acme.slack.messages(CHANNEL) if change_id(theirs) in m.all_text()]
    assert not [m for m in beta.slack.messages(CHANNEL) if change_id(card) in m.all_text()]
    assert "Traceback" not in acme.log()


def click_of(stage: Stage, ts: str, change: str) -> dict[str, object]:
    """As if somebody of that workspace pressed Approve below the other one's card."""
    return {
        "type": "block_actions",
        "api_app_id": "A0TRAIL",
        "team": {"id": stage.slack.team_id},
        "user": {"id": "U0BOB", "team_id": stage.slack.team_id},
        "channel": {"id": CHANNEL},
        "container": {"type": "message", "message_ts": ts, "channel_id": CHANNEL},
        "trigger_id": f"forged {change}",
        "actions": [{"action_id": "approve", "block_id": "b", "type": "button", "value": change}],
    }


def test_tokens_are_sealed_and_a_new_key_takes_the_place_of_the_old_one(company: Company) -> None:
    acme, beta = company.acme, company.beta
    database = acme.folder / "trailwarden.sqlite"
    with company.bot():
        company.installs(acme.slack)
        company.installs(beta.slack)
    written = b"".join(file.read_bytes() for file in acme.folder.glob("*"))
    assert b"xoxb-" not in written, "neither in the database nor in the log"
    before = sealed(database)
    with company.bot(f"{NEW},{OLD}"):
        acme.audit(acme.alice, PAYMENTS)
    assert set(sealed(database)).isdisjoint(before)
    with company.bot(NEW):
        beta.audit(beta.alice, PAYMENTS)
    assert len(acme.slack.messages(CHANNEL)) == len(beta.slack.messages(CHANNEL)) == 1
    with pytest.raises(AssertionError, match="cannot be opened by any of TRAILWARDEN_TOKEN_KEYS"):
        acme.started(**company.settings(OLD))


def sealed(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [text for (text,) in connection.execute("SELECT sealed FROM installations ORDER BY team")]


def test_a_token_that_no_key_opens_harms_its_workspace_alone_until_the_app_is_installed_there_again(
    company: Company,
) -> None:
    acme, beta = company.acme, company.beta
    with company.bot():
        company.installs(acme.slack)
        company.installs(beta.slack)
        card = beta.proposal(lambda: beta.types(beta.alice, "fix dev-tools"))
    lock(acme.folder / "trailwarden.sqlite", "T0BETA")
    with company.bot():
        acme.audit(acme.alice, PAYMENTS)
        assert "The token of the workspace T0BETA cannot be opened" in acme.log()
        beta.types(beta.alice, "changes")
        beta.told(beta.alice, "cannot begin in this workspace")
        assert "1 cannot begin: the log says why" in company.opens("/readyz").text
        assert "APPROVAL NEEDED" in beta.now(card).text

        assert company.installs(beta.slack).status == 200
        beta.bob.clicks(card, "approve")
        beta.becomes(card, "VERIFIED")
    assert "Traceback" not in acme.log()


def lock(database: Path, team: str) -> None:
    """As if its key were lost."""
    other = Seal((NEW,)).sealed(team, "xoxb-lost")
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE installations SET sealed = ? WHERE team = ?", (other, team))
        connection.commit()


def test_what_is_removed_is_ended_and_what_is_installed_again_goes_on(company: Company) -> None:
    acme, beta = company.acme, company.beta
    with company.bot():
        for slack in (acme.slack, beta.slack):
            company.installs(slack)
        beta.types(beta.alice, "digest 09:00 UTC")
        beta.told(beta.alice, "This channel gets a digest")
        waiting = beta.proposal(lambda: beta.types(beta.alice, "fix dev-tools"))
        running = beta.proposal(lambda: beta.types(beta.alice, "fix dev-api"))
        beta.aws.delay(API, "cloudtrail:PutEventSelectors", seconds=3)
        beta.bob.clicks(running, "approve")
        beta.until(lambda: beta.aws_is_asked("PutEventSelectors", API))

        company.removes(beta)
        beta.until(lambda: f"The app is not installed in {beta.slack.team_id}" in acme.log() or None)
        assert beta.bob.types(CHANNEL, "/trail-audit changes").acked, "Slack is not to send it again"
        card = acme.until(lambda: proposed(acme, "dev-tools"))
        acme.bob.clicks(card, "approve")
        acme.becomes(card, "VERIFIED")
        acme.until(lambda: beta.writes(API) or None)
        assert "APPROVAL NEEDED" in beta.now(waiting).text, "nothing is said where the app is not"

        assert company.installs(beta.slack).status == 200
        assert "removed from this workspace" in beta.becomes(waiting, "CANCELLED").all_text()
        beta.becomes(running, "VERIFIED")
        beta.types(beta.carol, "digest")
        beta.told(beta.carol, "This channel gets 1 digest")
    assert beta.writes(TOOLS) == ["UpdateTrail"]
    assert "Traceback" not in acme.log()


def proposed(stage: Stage, account: str) -> Message | None:
    """The card, once nobody else's change of that account stands in the way."""
    known = len(stage.alice.ephemerals(CHANNEL))
    stage.types(stage.alice, f"fix {account}")
    cards = lambda: [m for m in stage.slack.messages(CHANNEL) if "APPROVAL NEEDED" in m.text]  # noqa: E731 - read anew
    stage.until(lambda: cards() or stage.alice.ephemerals(CHANNEL)[known:] or None)
    return next(iter(cards()), None)


def test_an_event_that_comes_after_a_new_installation_removes_nothing(company: Company) -> None:
    acme = company.acme
    with company.bot():
        company.installs(acme.slack)
        assert acme.slack.posts.deliver(event("T0ACME", "app_uninstalled")).acked
        acme.slack.wait_for(lambda: [c for c in acme.slack.calls if c.method == "auth.test"][1:] or None, timeout=20)
        acme.audit(acme.alice, PAYMENTS)


def test_only_who_may_have_the_app_and_only_who_began_it_installs_it(company: Company) -> None:
    acme, front = company.acme, company.front
    with company.bot():
        page = company.installs(company.stranger)
        assert (page.status, "T0STRANGER is not among TRAILWARDEN_WORKSPACES" in page.text) == (403, True)
        assert front.refused == [company.stranger.bot_token]

        page, state = company.begins()
        code = front.agrees(page.location, acme.slack)
        assert company.returns(code, state, "").status == 400, "another browser"
        other, _ = company.begins()
        assert company.returns(code, state, other.cookie).status == 400
        assert company.returns("code-99", state, page.cookie).status == 401
        assert company.returns(code, state, page.cookie).status == 401, "it was used"
        forged = "slack-app-oauth-state=forged"
        assert company.returns(code, "forged", forged).status == 401
        denied = company.opens("/slack/oauth_redirect?error=<script>alert(1)</script>")
        assert "script" not in denied.text
        assert acme.alice.types(CHANNEL, "/trail-audit").acked
        assert acme.slack.messages(CHANNEL) == []

        assert company.installs(acme.slack).status == 200
        acme.audit(acme.alice, PAYMENTS)
    assert "Traceback" not in acme.log()
