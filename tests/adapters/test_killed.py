"""SIGKILL at every step boundary and inside every step of a create, an update and a delete: nothing lost or doubled."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

from bot.adapters.db.changes import ChangesTable
from bot.adapters.db.engine import connect
from bot.adapters.db.evidence import EvidenceTable
from bot.domain.change import State
from bot.domain.evidence import broken
from bot.domain.plan import is_as_predicted
from tests.adapters.killed_process import aws
from tests.builders import DEFAULTS, NOW
from tests.fakes import FakeClock

KINDS = {1: "create", 2: "update", 3: "delete"}


def test_a_process_that_dies_at_every_moment_once_loses_nothing_and_doubles_nothing(url: str, tmp_path: Path) -> None:
    told = [sys.executable, "-m", "tests.adapters.killed_process", url, str(tmp_path)]
    done = subprocess.run(told, capture_output=True, text=True, timeout=300, check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    engine = connect(url)
    changes = [ChangesTable(engine, lambda *_: None).get(number) for number in KINDS]
    entries = list(EvidenceTable(engine).entries())
    engine.dispose()

    died_at = (tmp_path / "died-at").read_text().split()
    steps = [f"{c.id}:{s.kind}:{n}" for c in changes if c for n, s in enumerate(c.plan.steps)]
    assert {f"{step}:{moment}" for step in steps for moment in ("sending", "sent")} <= set(died_at)
    assert 10 < int(done.stdout) <= len(died_at) + 1, "the three are applied at once, so a death may be one of several"

    assert [c.state for c in changes if c] == [State.VERIFIED] * 3
    assert broken(entries) == ""
    told_once = Counter(
        (e.change, e.what, e.facts.get("step")) for e in entries if e.what not in ("step-started", "vote")
    )
    assert set(told_once.values()) == {1}

    world = aws(tmp_path, FakeClock(NOW))
    assert Counter(world.effects) == Counter(s.call for c in changes if c for s in c.plan.steps)
    for change in changes:
        assert change
        assert is_as_predicted(change.plan, world.truth(change.plan.account.id), DEFAULTS) is True
