"""What pip-audit says becomes one of three ends; what it could not look up is never an all-clear."""

import json

import pytest

from deploy.release.audit_deps import COULD_NOT_LOOK, NOTHING, SOMETHING, verdict

FINE = {"name": "boto3", "version": "1.44.5", "vulns": []}
BAD = {"name": "urllib3", "version": "2.8.0", "vulns": [{"id": "PYSEC-2027-1", "fix_versions": ["2.8.1"]}]}
WORSE = {"name": "rich", "version": "15.0", "vulns": [{"id": "PYSEC-2027-2", "fix_versions": []}]}
SKIPPED = {"name": "dbos", "skip_reason": "Dependency not found on PyPI and could not be audited: dbos (3.4.0)"}


def said(*packages: object) -> tuple[int, list[str]]:
    return verdict(json.dumps({"dependencies": packages, "fixes": []}))


def test_nothing_known_is_the_only_all_clear() -> None:
    assert said(FINE, FINE) == (NOTHING, ["2 packages, and nothing is known against them."])


def test_what_is_known_is_told_with_its_remedy() -> None:
    code, words = said(FINE, BAD, WORSE)
    assert code == SOMETHING
    assert words == [
        "urllib3 2.8.0: PYSEC-2027-1, mended in 2.8.1",
        "rich 15.0: PYSEC-2027-2, mended in no version yet",
    ]


def test_what_was_skipped_is_no_all_clear() -> None:
    code, (words,) = said(FINE, SKIPPED)
    assert code == COULD_NOT_LOOK
    assert words.startswith("1 of 2 packages could not be looked up, so this is no all-clear. The first: Dependency")


def test_what_is_known_counts_even_where_others_were_skipped() -> None:
    code, words = said(SKIPPED, BAD)
    assert code == SOMETHING
    assert "PYSEC-2027-1" in words[0]
    assert "could not be looked up" in words[1]


@pytest.mark.parametrize("output", ["", "Traceback", "{}", '{"dependencies": []}'])
def test_no_answer_is_no_all_clear(output: str) -> None:
    code, words = verdict(output)
    assert code == COULD_NOT_LOOK
    assert "no all-clear" in words[0]


def test_a_failure_of_pip_audit_is_told_by_its_last_line() -> None:
    assert verdict("", "Traceback\n ...\nConnectionError: no such host\n")[1][-1] == "ConnectionError: no such host"
