"""`trailwarden evidence` and `trailwarden verify`, on a database and on a file."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.adapters.db.engine import connect
from bot.adapters.db.evidence import EvidenceTable
from bot.cli import main
from bot.domain.evidence import Fact


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    url = f"sqlite:///{tmp_path}/x.sqlite"
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


@pytest.mark.parametrize("text", ["not json", "{}", '{"seq": 1}', "[]"], ids=["words", "empty", "short", "a list"])
def test_a_file_that_is_no_export_is_refused_with_a_sentence(
    text: str, database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = database / "other"
    file.write_text(text)
    assert main(["verify", str(file)]) == 3
    assert "is no export" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_refused_with_a_sentence(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(database / "nothing")]) == 3
    assert "is no export" in capsys.readouterr().err
