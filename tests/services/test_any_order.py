"""Everything that can happen to changes, in any order: what was promised holds after each event."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot import jobs
from bot.domain.acceptance import Wanted
from bot.domain.change import NEXT, OPEN, Change, State
from bot.domain.evidence import broken
from bot.domain.finding import Verdict
from bot.domain.plan import fingerprint, is_as_predicted
from bot.domain.refusal import Refused
from bot.domain.steps import Step
from bot.domain.trail import Snapshot
from bot.ports import AwsRefusedError, CannotAnnounceError
from bot.services import applying, decisions, exceptions, proposals, settling
from tests.builders import ACCOUNT, DEFAULTS, WRITE_ONLY, account_report, denied, entitled, report, surveyed, trail
from tests.fakes_bot import Bot, Crash, LiveAws, bot
from tests.services.crashing import Durable, Fuse, fused

WORLDS: tuple[Snapshot, ...] = (
    surveyed(trail("main", logging=False, selectors=WRITE_ONLY), trail("spare", logging=False, selectors=WRITE_ONLY)),
    surveyed(trail("main", logging=False), trail("spare", logging=False)),
    surveyed(trail("main"), trail("spare")),
    surveyed(trail("main")),
    surveyed(trail("spare", validation=False)),
)
people = st.sampled_from(["UALICE", "UBOB", "UREQUESTER", "UMALLORY"])
approvers = st.sampled_from(
    [("UALICE", "UBOB"), ("UALICE", "UREQUESTER"), ("UBOB", "UREQUESTER", "UALICE"), ("UREQUESTER",), ("",)]
)
changes = st.integers(0, 7)
"""Which of the changes, counted back from the newest: mostly one that is open."""
AWAY = CannotAnnounceError("Slack cannot be reached.")


class WatchedAws(LiveAws):
    """Remembers which change each write was sent for, and which step of it."""

    def perform(self, change: Change, step: Step) -> str:
        self.__dict__.setdefault("sent", []).append((change, step))
        return super().perform(change, step)

    @property
    def sent_for(self) -> list[tuple[Change, Step]]:
        return list(self.__dict__.get("sent", []))


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.made: Bot = bot(WORLDS[0])
        self.made.aws.__class__ = WatchedAws
        self.runs: dict[int, Durable] = {}
        self.clicked: dict[int, set[str]] = {}
        self.consent: dict[int, set[str]] = {}
        """By change that was approved: who had clicked Approve and was entitled at that moment."""
        self.strange: set[int] = set()
        """Those whose account was no longer as it was for the plan, before they were begun."""
        self.ended: dict[int, State] = {}
        self.versions: dict[int, int] = {}

    @initialize(kind=st.sampled_from(["fix", "delete", "accept"]), world=st.sampled_from(WORLDS[:2]))
    def it_begins(self, kind: str, world: Snapshot) -> None:
        self.made.aws.becomes(world)
        self.somebody_asks(kind)

    def number(self, back: int) -> int:
        """Never none: the first was asked for at the beginning."""
        return max(1, len(self.made.changes.all()) - back // 4)

    # Asking and deciding

    @rule(kind=st.sampled_from(["fix", "delete", "accept"]))
    def somebody_asks(self, kind: str) -> None:
        asker = proposals.Asker("UREQUESTER", "C1")
        try:
            if kind == "fix":
                proposals.propose_fix(self.made.world, asker, ACCOUNT)
            elif kind == "accept":
                exceptions.propose_accept(self.made.world, asker, Wanted((ACCOUNT,), self.a_day_ahead, "so it is"))
            else:
                proposals.propose_delete(self.made.world, asker, ACCOUNT, "spare")
        except (Refused, CannotAnnounceError):
            return

    @property
    def a_day_ahead(self) -> str:
        return str(self.made.clock.now().date() + timedelta(days=1))

    @rule(user=people, back=changes, typed=st.sampled_from(["spare", "spare", "wrong"]))
    def somebody_approves(self, user: str, back: int, typed: str) -> None:
        number = self.number(back)
        try:
            approved = decisions.approve(self.made.world, number, user, typed)
        except Refused:
            return
        self.clicked.setdefault(number, set()).add(user)
        if approved.state in (State.APPROVED, State.ACTIVE):
            entitled_now = self.made.directory.may_approve.users - {"UREQUESTER"}
            self.consent[number] = self.clicked[number] & entitled_now
            assert len(self.consent[number]) >= (2 if approved.plan.trail_name and len(entitled_now) > 1 else 1)

    @rule()
    def two_approve_the_newest(self) -> None:
        for user in ("UALICE", "UBOB"):
            self.somebody_approves(user, 0, "spare")

    @rule(user=people, back=changes, denies=st.booleans())
    def somebody_denies_or_cancels(self, user: str, back: int, denies: bool) -> None:
        number = self.number(back)
        try:
            if denies:
                decisions.deny(self.made.world, number, user, "no")
            else:
                decisions.cancel(self.made.world, number, user)
        except Refused:
            return

    @rule(user=people, back=changes)
    def somebody_ends_an_exception(self, user: str, back: int) -> None:
        try:
            ended = exceptions.end_early(self.made.world, self.number(back), user)
        except Refused:
            return
        assert user == "UREQUESTER" or user in self.made.directory.may_approve.users
        assert ended.ended_by == user

    @rule(who=approvers)
    def the_approvers_change(self, who: tuple[str, ...]) -> None:
        self.made.directory.may_approve = entitled(*who)

    # The clock

    @rule(minutes=st.sampled_from([1, 1, 30, 300, 2000]))
    def time_passes(self, minutes: int) -> None:
        self.made.clock.move(minutes=minutes)

    @rule()
    def the_clock_sweeps(self) -> None:
        jobs.sweep(self.made.world)

    @rule(back=changes)
    def an_unknown_one_is_looked_at(self, back: int) -> None:
        settling.settle(self.made.world, self.number(back))

    # The work

    @rule(calls=st.integers(1, 60), before=st.booleans())
    def the_process_works_and_dies(self, calls: int, before: bool) -> None:
        """Where it has less to do than that, it ends in peace."""
        for number in self.made.changes.started:
            run = self.runs.setdefault(number, Durable())
            try:
                run.apply(fused(self.made.world, Fuse(calls, before=before)), number)
            except Crash:
                return

    @rule(back=changes, index=st.integers(0, 1), what=st.sampled_from(["perform", "perform", "begin", "give up"]))
    def a_replica_that_was_thought_dead_goes_on(self, back: int, index: int, what: str) -> None:
        """It may run what was started, and any part of it again."""
        number = self.number(back)
        if number not in self.made.changes.started:
            return
        change = self.made.change(number)
        if what == "begin":
            applying.begin(self.made.world, number)
        elif what == "give up":
            settling.give_up(self.made.world, number, "Error")
        elif index <= change.done < len(change.plan.steps):
            applying.perform(self.made.world, number, index)

    # The world

    @rule(world=st.sampled_from(WORLDS))
    def somebody_else_changes_the_account(self, world: Snapshot) -> None:
        self.made.aws.becomes(world)
        for change in self.made.changes.all():
            if change.state in (State.PROPOSED, State.APPROVED):
                same = fingerprint(change.plan, world) == change.plan.fingerprint
                self.strange = self.strange - {change.number} if same else self.strange | {change.number}

    @rule(times=st.integers(1, 40))
    def aws_cannot_be_read_for_a_while(self, times: int) -> None:
        self.made.aws.blind = [denied()] * times

    @rule(what=st.sampled_from(["lost", "refused"]), blind=st.booleans())
    def the_next_write_goes_wrong(self, what: str, blind: bool) -> None:
        self.made.aws.blind_after_write = [denied()] * 40 if blind else []
        error = AwsRefusedError("AccessDeniedException", "no")
        for call in ("StartLogging", "PutEventSelectors", "DeleteTrail", "UpdateTrail"):
            self.made.aws.trouble[f"cloudtrail:{call}"] = [error if what == "refused" else what]

    @rule(away=st.booleans())
    def slack_goes_and_comes(self, away: bool) -> None:
        self.made.announcer.fails = AWAY if away else None

    # What holds

    @invariant()
    def nothing_is_written_without_the_consent_that_it_needs(self) -> None:
        for change, step in self.made.aws.sent_for:  # type: ignore[attr-defined]  # it became a WatchedAws
            assert change.state is State.APPLYING
            assert step in change.plan.steps
            assert self.consent[change.number] <= set(change.approvers)
            assert change.number not in self.strange
            assert change.plan.accepts is None

    @invariant()
    def what_is_accepted_was_agreed_to_by_somebody_else_and_was_never_applied(self) -> None:
        for change in self.made.changes.all():
            if change.state in (State.ACTIVE, State.ENDED):
                assert change.plan.accepts
                assert change.number in self.consent
                assert change.number not in self.made.changes.started
            if change.plan.accepts:
                assert change.state not in (State.APPROVED, State.APPLYING, State.VERIFIED, State.FAILED)

    @invariant()
    def no_exception_outlives_its_last_day_in_a_report(self) -> None:
        now = self.made.clock.now()
        made = report(account_report())
        marked = exceptions.mark(self.made.world, made).accounts[0].findings[0]
        over = [c for c in self.made.changes.active() if c.plan.accepts and c.plan.accepts.ends_at <= now]
        assert marked.verdict is Verdict.FAIL
        assert marked.accepted is None or marked.accepted.change not in [c.id for c in over]

    @invariant()
    def what_has_ended_stays_as_it_ended(self) -> None:
        for change in self.made.changes.all():
            assert self.ended.get(change.number, change.state) is change.state
            if change.state not in OPEN | {State.ACTIVE}:
                self.newly_ended(change)

    def newly_ended(self, change: Change) -> None:
        first_seen = change.number not in self.ended
        self.ended[change.number] = change.state
        assert NEXT[change.state] == frozenset()
        if first_seen and change.state is State.VERIFIED:
            assert is_as_predicted(change.plan, self.made.aws.truth(ACCOUNT), DEFAULTS) is True

    @invariant()
    def each_change_is_started_applied_and_ended_at_most_once(self) -> None:
        assert max(Counter(self.made.changes.started).values(), default=0) <= 1
        told = Counter(
            (e.change, e.what, e.facts.get("step"))
            for e in self.made.evidence.all
            if e.what not in ("vote", "step-started", "answer-lost", "unknown")
        )
        assert not [what for what, times in told.items() if times > 1]

    @invariant()
    def a_step_is_known_to_be_done_once_and_in_order(self) -> None:
        """What was only seen at the end, because its answer was lost, is done by the read that verified the change."""
        for change in self.made.changes.all():
            told = [e.facts["step"] for e in self.made.evidence.entries(change.id) if e.what == "step-done"]
            assert told == list(range(len(told)))
            every = len(change.plan.steps)
            assert change.done in (len(told), every), "a fresh read may have shown that all is done"
            assert change.done == every or change.state is not State.VERIFIED

    @invariant()
    def the_evidence_holds_and_a_version_never_goes_back(self) -> None:
        assert broken(self.made.evidence.all) == ""
        for change in self.made.changes.all():
            assert change.version >= self.versions.get(change.number, 0)
            self.versions[change.number] = change.version

    def teardown(self) -> None:
        """In the end everything is well again, and all that was approved comes to an end."""
        self.made.aws.blind, self.made.aws.blind_after_write, self.made.aws.trouble = [], [], {}
        self.made.announcer.fails = None
        for number in self.made.changes.started:
            self.runs.setdefault(number, Durable()).apply(self.made.world, number)
            settling.settle(self.made.world, number)
            assert self.made.change(number).state not in OPEN or self.made.change(number).plan.awaits_delivery
        self.made.clock.move(hours=49)
        for number in (
            self.made.changes.started * 2
        ):  # a repair of delivery waits for a log file: to UNKNOWN, then FAILED
            settling.settle(self.made.world, number)
        jobs.sweep(self.made.world)
        assert self.made.changes.open() == self.made.changes.active() == ()
        for change in self.made.changes.all():
            shown = self.made.announcer.cards.get(change.number)
            assert shown is None or shown == replace(change, message=shown.message)


AnyOrder.TestCase.settings = settings(max_examples=150, stateful_step_count=30)
TestAnyOrder = AnyOrder.TestCase
