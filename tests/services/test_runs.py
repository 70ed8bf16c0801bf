"""An audit in a channel: a card at once, painted while it runs, and never left saying that it looks."""

from dataclasses import replace

import pytest

from bot.domain.finding import Verdict
from bot.domain.refusal import Refused
from bot.ports import CannotAnnounceError, CannotRunError, Run
from bot.ports.context import known
from bot.services import runs
from tests.builders import HOUR, NOW, account, surveyed, trail
from tests.fakes_bot import Bot, Crash, LiveAws, bot
from tests.services.crashing import Fuse, fused, until_done

RUN = Run("run-1", "C1", "UALICE", (), NOW)


def some(count: int) -> Bot:
    return bot(*(surveyed(trail(owner=f"{n:012}"), account=account(f"{n:012}", f"web{n}")) for n in range(count)))


class CuriousAws(LiveAws):
    """Remembers what a line of the log would have named when it was asked."""

    ids: tuple[str, ...] = ()

    def snapshot(self, *a, **k):  # type: ignore[no-untyped-def]  # as its parent
        self.ids = (*self.ids, known()["run"])
        return super().snapshot(*a, **k)


class SlowAws(LiveAws):
    """A second passes with each account."""

    def snapshot(self, *a, **k):  # type: ignore[no-untyped-def]  # as its parent
        self.clock.move(seconds=1)
        return super().snapshot(*a, **k)


def test_an_audit_posts_a_card_and_paints_the_report_on_it() -> None:
    made = some(3)
    runs.run_audit(made.world, RUN)
    assert [said[0] for said in made.announcer.said] == ["audit started", "audit finished"]
    _, report, before = made.announcer.of("audit finished")[0]
    assert report.count(Verdict.PASS) == 3
    assert before is None
    assert made.runs.get("run-1") == (replace(RUN, finished=made.clock.now()), report)


def test_each_line_on_an_audit_names_its_run() -> None:
    made = some(1)
    made.aws.__class__ = CuriousAws
    runs.run_audit(made.world, RUN)
    assert made.aws.ids == ("run-1",)  # type: ignore[attr-defined]  # by its new class


def test_the_last_report_of_the_same_scope_is_compared() -> None:
    made = some(1)
    runs.run_audit(made.world, RUN)
    made.clock.move(hours=1)
    runs.run_audit(made.world, replace(RUN, id="run-2", scope=("web0",), started=NOW + HOUR))
    runs.run_audit(made.world, replace(RUN, id="run-3", channel="C2", started=NOW + HOUR))
    runs.run_audit(made.world, replace(RUN, id="run-4", started=NOW + HOUR))
    befores = [before.run if before else None for _, _, before in made.announcer.of("audit finished")]
    assert befores == [None, None, None, "run-1"]


def test_progress_is_painted_at_most_every_two_seconds() -> None:
    made = some(7)
    made.aws.__class__ = SlowAws
    runs.run_audit(made.world, RUN)
    assert [(done, total) for _, done, total in made.announcer.of("audit progress")] == [(2, 7), (4, 7), (6, 7)]


def test_a_scope_that_names_nothing_is_refused_before_anything_is_posted() -> None:
    made = some(1)
    with pytest.raises(Refused, match="nonsense"):
        runs.run_audit(made.world, replace(RUN, scope=("nonsense",)))
    assert made.announcer.said == []
    assert made.runs.unfinished() == ()


def test_an_audit_that_cannot_run_says_so_on_its_card() -> None:
    made = some(1)
    made.aws.broken = CannotRunError("No AWS credentials.")
    runs.run_audit(made.world, RUN)
    assert made.announcer.of("audit failed")[0][1] == "No AWS credentials."
    assert made.runs.unfinished() == ()
    assert made.announcer.of("audit finished") == []


def test_an_audit_that_cannot_be_posted_is_told_to_the_asker_and_closed() -> None:
    made = some(1)
    made.announcer.fails = CannotAnnounceError("I am not in this channel.")
    with pytest.raises(CannotAnnounceError):
        runs.run_audit(made.world, RUN)
    assert made.runs.unfinished() == ()
    assert made.aws.reads == []


class BrokenAws(LiveAws):
    def snapshots(self, accounts, wish):  # type: ignore[no-untyped-def]  # as its parent
        raise RuntimeError(accounts, wish)


def test_an_error_that_nobody_foresaw_does_not_leave_the_card_looking_for_ever() -> None:
    made = some(1)
    made.aws.__class__ = BrokenAws
    with pytest.raises(RuntimeError):
        runs.run_audit(made.world, RUN)
    assert "broke" in made.announcer.of("audit failed")[0][1]
    assert made.runs.unfinished() == ()


def test_audits_that_died_with_the_process_are_closed_at_the_start() -> None:
    made = some(1)
    for id in ("died", "finished"):
        made.runs.start(replace(RUN, id=id))
    made.runs.finish("finished", None, NOW)
    for _ in range(2):
        runs.close_interrupted(made.world, "the one that died")
    ((run, why),) = made.announcer.of("audit failed")
    assert run.id == "died"
    assert "restarted" in why
    assert made.runs.unfinished() == ()


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_crash_at_any_call_of_an_audit_leaves_no_card_that_looks_for_ever(before: bool) -> None:
    whole = Fuse()
    runs.run_audit(fused(some(2).world, whole), RUN)
    for at in range(1, whole.calls + 1):
        made = some(2)
        with pytest.raises(Crash):
            runs.run_audit(fused(made.world, Fuse(at, before=before)), RUN)
        until_done(lambda: runs.close_interrupted(made.world, "the one that died"))  # noqa: B023 - called at once
        assert made.runs.unfinished() == ()
        said = [what for what, *_ in made.announcer.said]
        assert said == [] or {"audit finished", "audit failed"}.intersection(said), at
