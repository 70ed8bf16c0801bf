"""The doctor's looks: a database of either kind as it is, left as it was; and a port."""

import hashlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography.fernet import Fernet
from psycopg import sql
from sqlalchemy import create_engine, text

from bot.adapters import web
from bot.adapters.aws.cloud import BotoCloud
from bot.adapters.aws.examine import SAMPLED, Examiner, Identity
from bot.adapters.db.engine import connect, driver_url, migrate, revisions
from bot.adapters.db.evidence import EvidenceTable
from bot.adapters.db.examine import TAIL, examined, installed
from bot.adapters.db.installations import CANNOT_OPEN, InstallationsTable
from bot.adapters.db.subscriptions import SubscriptionsTable
from bot.adapters.seal import Seal
from bot.domain.evidence import Fact
from bot.domain.grant import Ruling
from bot.domain.trail import Account, Unreadable
from bot.ports import Installation, Locked
from tests.adapters.test_db import a_subscription
from tests.adapters.test_simulate import asked_for
from tests.adapters.wire import Wire, xml, xml_error
from tests.builders import NOW
from tests.fakes import FakeClock, FakeWatched
from tests.postgres import Postgres

NEWEST = revisions()[-1]


def record(url: str, number: int) -> None:
    engine = connect(url)
    for n in range(number):
        EvidenceTable(engine).record(Fact(NOW, "C-1", "vote", "U1", {"n": n}))
    engine.dispose()


def execute(url: str, *statements: str) -> None:
    engine = create_engine(driver_url(url))
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_a_database_of_this_release_is_fine_and_its_digests_are_told(url: str) -> None:
    engine = connect(url)
    made = SubscriptionsTable(engine).put(a_subscription())
    engine.dispose()
    record(url, 3)
    facts, digests = examined(url)
    assert (facts.trouble, facts.unwritable, facts.lacking, facts.tail, facts.looked) == ("", "", (), "", 3)
    assert (facts.revision, facts.is_current) == (NEWEST, True)
    assert digests == (made,)


def test_where_the_app_is_installed_is_told_and_which_token_no_key_opens(url: str) -> None:
    new, old, allowed = Fernet.generate_key().decode(), Fernet.generate_key().decode(), frozenset({"T0A", "T0B"})
    assert installed(url, (new,), allowed) == ()
    engine = connect(url)
    for team, key in (("T0A", new), ("T0B", old)):
        InstallationsTable(engine, Seal((key,)), FakeClock(), allowed).save(Installation(team, "A1", "xoxb-1"))
    engine.dispose()
    found = installed(url, (new,), allowed)
    assert isinstance(found, tuple)
    opened, locked = found
    assert isinstance(opened, Installation)
    assert locked == Locked("T0B", CANNOT_OPEN.format(team="T0B"))


def test_where_it_is_installed_is_not_known_where_the_database_cannot_be_opened(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    file.write_text("no database" * 100)
    assert isinstance(installed(f"sqlite:///{file}", (Fernet.generate_key().decode(),), frozenset({"T0A"})), Unreadable)


def test_a_database_of_the_first_release_is_left_as_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    engine = create_engine(url)
    migrate(engine, "0001")
    engine.dispose()
    facts, digests = examined(url)
    assert (facts.revision, facts.is_current, digests) == ("0001", False, ())
    assert examined(url)[0].revision == "0001"


def test_an_empty_database_has_no_revision(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").touch()
    facts, _ = examined(f"sqlite:///{tmp_path / 'x.sqlite'}")
    assert (facts.revision, facts.trouble, facts.unwritable) == ("", "", "")


def test_a_newer_releases_database_is_seen_as_one(url: str) -> None:
    connect(url).dispose()
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    facts, _ = examined(url)
    assert (facts.revision, facts.is_current) == ("9999", False)


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    facts, _ = examined(f"sqlite:///{tmp_path / 'x.sqlite'}")
    assert (facts.exists, facts.trouble, facts.unwritable) == (False, "", "")
    assert list(tmp_path.iterdir()) == []


CLOSED = "/proc"
"""A folder in which nobody, root neither, can make a file."""


def test_a_folder_in_which_no_file_can_be_made_is_said() -> None:
    assert CLOSED in examined(f"sqlite:///{CLOSED}/x.sqlite")[0].unwritable


OPENED = [
    ("sqlite:////none/such/x.sqlite", "there is no folder /none/such"),
    ("sqlite:////proc/version", "unable to open"),
    ("postgresql://x@127.0.0.1:1/x?connect_timeout=1", "refused"),
    ("nonsense", "Could not parse"),
    ("mysql://x/y", "MySQLdb"),
]


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_text("no database at all, but long enough to be looked at\n" * 40)
    assert examined(f"sqlite:///{tmp_path / 'x.sqlite'}")[0].trouble == "file is not a database"


@pytest.mark.parametrize(("url", "words"), OPENED, ids=[o[0] for o in OPENED])
def test_what_cannot_be_opened_says_why(url: str, words: str) -> None:
    facts, digests = examined(url)
    assert words in facts.trouble
    assert digests == ()


def test_a_look_changes_nothing_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite"
    record(f"sqlite:///{file}", 1)
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    examined(f"sqlite:///{file}")
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


def test_evidence_that_was_altered_lately_is_seen(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    record(url, 4)
    execute(url, "DROP TRIGGER evidence_no_update", "UPDATE evidence SET actor = 'U9' WHERE seq = 3")
    assert examined(url)[0].tail == "entry 3 was altered"


def test_of_much_evidence_the_end_is_looked_at(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    record(url, TAIL + 3)
    facts, _ = examined(url)
    assert (facts.looked, facts.tail) == (TAIL, "")


def test_rights_that_a_database_user_lacks_are_named(postgres: Postgres, migrated: str) -> None:
    name = postgres.new_database(migrated)
    postgres.run(sql.SQL("CREATE ROLE visitor LOGIN"))
    allowed = (
        "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO visitor; GRANT UPDATE, DELETE ON changes TO visitor"
    )
    postgres.run(sql.SQL(allowed), name)
    lacking = examined(postgres.url(name, "visitor"))[0].lacking
    assert "UPDATE on runs" in lacking
    assert "CREATE on the database" in lacking
    assert not [right for right in lacking if "evidence" in right or "changes" in right]


def test_a_server_that_only_reads_is_said(postgres: Postgres, new_url: Callable[[str], str]) -> None:
    url = new_url("PostgreSQL")
    connect(url).dispose()
    name = url.split("@/")[1].split("?")[0]
    postgres.run(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(sql.Identifier(name)))
    assert "read-only" in examined(url)[0].unwritable


def test_a_port_in_use_by_somebody_else_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} of 127.0.0.1 cannot be used" in web.trouble("127.0.0.1", port)
    assert web.trouble("127.0.0.1", port) == ""


class OpenDoor:
    endpoints: ClassVar = {}

    def is_open(self) -> bool:
        return True


def test_a_port_that_the_bot_itself_listens_on_is_fine() -> None:
    running = web.Web("127.0.0.1", 0, OpenDoor(), FakeWatched())
    assert web.trouble("127.0.0.1", running.port) == ""
    running.stop()


ARN = "arn:aws:sts::999900001111:assumed-role/Bot/i-0"
ROLE = "<Role><Arn>arn:aws:iam::999900001111:role/path/Bot</Arn></Role>"


def test_a_session_is_simulated_by_its_role_in_some_of_many_accounts(wire: Wire) -> None:
    wire.answers["iam:GetRole"] = xml(f"<GetRoleResponse><GetRoleResult>{ROLE}</GetRoleResult></GetRoleResponse>")
    wire.answers["iam:SimulatePrincipalPolicy"] = asked_for
    examiner = Examiner(wire.session, BotoCloud(wire.session, FakeClock(), ()), (), "")
    many = tuple(Account(f"{n:012}") for n in range(1, 101))
    found = examiner.assuming(many, Identity(Account("999900001111"), ARN, "", None))
    assert set(found.values()) == {Ruling.ALLOWED}
    assert len(found) == SAMPLED
    sent = [s.form for s in wire.calls("SimulatePrincipalPolicy")]
    assert {s["PolicySourceArn"] for s in sent} == {"arn:aws:iam::999900001111:role/path/Bot"}
    assert "arn:aws:iam::000000000001:role/TrailwardenChange" in {s["ResourceArns.member.1"] for s in sent}
    assert wire.calls("AssumeRole") == []


def test_where_its_role_cannot_be_read_nothing_is_simulated(wire: Wire) -> None:
    wire.answers["iam:GetRole"] = xml_error("AccessDenied")
    examiner = Examiner(wire.session, BotoCloud(wire.session, FakeClock(), ()), (), "")
    (found,) = examiner.assuming((Account("1" * 12),), Identity(Account("999900001111"), ARN, "", None)).values()
    assert isinstance(found, Unreadable)
