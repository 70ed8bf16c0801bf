"""`trailwarden evidence` and `trailwarden verify`, on a database and on a file."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.adapters.db.engine import connect
from bot.adapters.db.evidence import EvidenceTable
from bot.cli import main
from bot.domain.evidence import Fact

ROOT = Path(__file__).parent.parent


@pytest.fixture
def database(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    engine = connect(url)
    table = EvidenceTable(engine)
    for number in (1, 2, 1):
        table.record(Fact(datetime.now(UTC), f"C-{number}", "proposed", "U0ALICE", {"n": number}))
    engine.dispose()
    return tmp_path


def exported(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert main(["evidence", *words]) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("database")
def test_the_evidence_is_exported_as_json_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [json.loads(line) for line in exported(capsys)]
    assert [line["change"] for line in lines] == ["C-1", "C-2", "C-1"]
    assert lines[0]["actor"] == "U0ALICE"


@pytest.mark.usefixtures("database")
def test_the_evidence_of_one_change_is_exported_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(exported(capsys, "--change", "c-1")) == 2


@pytest.mark.usefixtures("database")
def test_a_change_of_which_there_is_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evidence", "--change", "c-7"]) == 3
    assert "There is no evidence of C-7" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["evidence", "verify"])
def test_who_only_reads_makes_no_database(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/absent.db")
    assert main([command]) == 3
    assert "There is no database at" in capsys.readouterr().err
    assert not (tmp_path / "absent.db").exists()


def test_a_chain_that_holds_is_verified_in_the_database_and_in_its_export(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = database / "export.jsonl"
    file.write_text("\n".join(exported(capsys)))
    assert main(["verify"]) == 0
    assert main(["verify", str(file)]) == 0
    assert "The chain holds: 3 entries" in capsys.readouterr().out


def test_an_export_of_one_change_is_said_to_be_too_little(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = database / "export.jsonl"
    file.write_text("\n".join(exported(capsys, "--change", "C-1")))
    assert main(["verify", str(file)]) == 1
    assert "export everything" in capsys.readouterr().out


def test_an_altered_export_is_found(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = database / "export.jsonl"
    file.write_text("\n".join(exported(capsys)).replace("U0ALICE", "U0MALLORY", 1))
    assert main(["verify", str(file)]) == 1
    assert "entry 1 was altered" in capsys.readouterr().out


def test_a_tail_that_was_cut_off_is_found_by_the_head_that_a_digest_printed(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = exported(capsys)
    file = database / "export.jsonl"
    file.write_text("\n".join(lines[:-1]))
    printed = json.loads(lines[-1])["hash"][:12]
    assert main(["verify", str(file)]) == 0
    assert "cut off is not in the chain" in capsys.readouterr().out
    assert main(["verify", "--head", printed, str(file)]) == 1
    told = capsys.readouterr().out
    assert f"no entry has the hash {printed}" in told
    assert "or it is mistyped or another database's" in told
    assert main(["verify", "--head", printed]) == 0
    assert f"The head {printed} is that of entry 3." in capsys.readouterr().out


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("command", "what"), [("evidence", "evidence"), ("verify", "result")])
def test_what_cannot_be_written_is_one_sentence_and_no_verdict(command: str, what: str) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        ended = subprocess.run(
            [sys.executable, "-m", "bot", command], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert ended.stderr.decode() == f"The {what} could not be written: No space left on device.\n"
    assert ended.returncode == 3


def test_a_moment_that_is_none_is_said_and_not_taken_for_a_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/altered.db"
    monkeypatch.setenv("DATABASE_URL", url)
    engine = connect(url)
    EvidenceTable(engine).record(Fact(datetime.now(UTC), "C-1", "proposed", "U0ALICE", {}))
    with engine.begin() as connection:
        for statement in (*UNGUARD["sqlite"], "UPDATE evidence SET at = 'never'"):
            connection.execute(text(statement))
    engine.dispose()
    assert main(["verify"]) == 3
    assert "The evidence in the database cannot be read: " in capsys.readouterr().err


UNGUARD = {
    "sqlite": tuple(f"DROP TRIGGER evidence_no_{verb}" for verb in ("update", "delete", "replace")),
    "postgresql": ("DROP TRIGGER evidence_no_change ON evidence",),
}
"""What an administrator could do; nothing less lets evidence be altered."""
FORGED = "INSERT INTO evidence SELECT 4, at, change, what, actor, facts, hash, '{}' FROM evidence WHERE seq = 3"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("statements", "named"),
    [
        (("UPDATE evidence SET actor = 'U0MALLORY' WHERE seq = 2",), "entry 2 was altered"),
        (("UPDATE evidence SET facts = 'no JSON' WHERE seq = 3",), "entry 3 was altered"),
        (("DELETE FROM evidence WHERE seq = 2",), "entry 2 is missing, moved or inserted: found entry 3"),
        (
            (
                "UPDATE evidence SET seq = 9 WHERE seq = 2",
                "UPDATE evidence SET seq = 2 WHERE seq = 3",
                "UPDATE evidence SET seq = 3 WHERE seq = 9",
            ),
            "entry 2 is missing, moved or inserted",
        ),
        ((FORGED.format("f" * 64),), "entry 4 was altered"),
    ],
    ids=["altered", "spoilt", "removed", "reordered", "inserted"],
)
def test_whatever_an_administrator_does_to_a_row_is_named(
    statements: tuple[str, ...], named: str, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = connect(url)
    with engine.begin() as connection:
        for statement in (*UNGUARD[engine.dialect.name], *statements):
            connection.execute(text(statement))
    engine.dispose()
    assert main(["verify"]) == 1
    assert f"BROKEN: {named}" in capsys.readouterr().out


@pytest.mark.parametrize("head", ["abc", "not hexadecimal", "0" * 65])
def test_what_is_no_head_is_a_usage_error(head: str) -> None:
    assert main(["verify", "--head", head]) == 3


@pytest.mark.parametrize("words", ["not json", "{}", '{"seq": 1}', "[]"], ids=["words", "empty", "short", "a list"])
def test_a_file_that_is_no_export_is_refused_with_a_sentence(
    words: str, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = database / "other"
    file.write_text(words)
    assert main(["verify", str(file)]) == 3
    assert "is no export" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_refused_with_a_sentence(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(database / "nothing")]) == 3
    assert "is no export" in capsys.readouterr().err
