"""The approval card: what, where, why, who asks, who may approve, until when; and after the decision, who and how."""

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, ConfirmObject, PlainTextObject

from bot.domain.census import recorded, recorded_locally
from bot.domain.change import OPEN, Change, Entitled, State
from bot.domain.controls import named
from bot.domain.deletion import loses_last_compliant
from bot.domain.finding import Finding, Verdict
from bot.domain.plan import Plan, judged
from bot.domain.selectors import Coverage, Sources
from bot.domain.trail import Snapshot
from bot.domain.undo import offers_undo
from handlers.views import ids, preflight, verdicts
from handlers.views.exceptions import terms
from handlers.views.message import Message, context, fields, header, section
from handlers.views.who import called, who_may
from handlers.views.words import code_block, cut, escape, fitting, label, mention, plural, prose, when

TITLES = {
    "fix": "Fix CloudTrail",
    "create": "Create a trail",
    "update": "Update a trail",
    "delete": "Delete a trail",
    "undo": "Undo a change",
    "accept": "Exception",
}
OUTCOME_ROOM, NAMED_REGIONS = 1_500, 3
FIRST_WORDS = {
    State.PROPOSED: "APPROVAL NEEDED",
    State.APPROVED: "APPROVED – starting",
    State.APPLYING: "APPROVED – applying",
    State.VERIFIED: "VERIFIED",
    State.DENIED: "DENIED",
    State.EXPIRED: "EXPIRED",
    State.CANCELLED: "CANCELLED",
    State.SUPERSEDED: "SUPERSEDED",
    State.FAILED: "FAILED",
    State.UNKNOWN: "UNKNOWN",
    State.ACTIVE: "ACTIVE",
    State.ENDED: "ENDED",
}


NOTHING_DONE = frozenset({State.DENIED, State.EXPIRED, State.CANCELLED, State.SUPERSEDED})
"""The card keeps what was asked for, and promises nothing of it."""


def subject(change: Change) -> str:
    """What would be done and where, in a sentence; escaped."""
    return f"{TITLES[change.plan.kind]} in {escape(label(change.plan.account))}"


def card(change: Change, entitled: Entitled | None) -> Message:
    """`entitled` is None where it could not be read, and the card says so; once it is decided, nobody asks any more."""
    plan, comes = change.plan, change.state not in NOTHING_DONE
    title = f"{FIRST_WORDS[change.state]}: {TITLES[plan.kind]} in {label(plan.account)}"
    blocks: list[Block] = [header(title), *_lead(change), _facts(change, entitled), *_call(change, entitled)]
    blocks += [*terms(change), *_why(plan)] if plan.accepts else [*_why(plan), _diff(plan)]
    blocks += _verdicts(change) if comes and not plan.accepts else []
    blocks += preflight.summary(plan.checks)
    blocks += [*_to_know(plan, ways_back(plan) if comes else []), *_story(change), *_buttons(change)]
    text = f"{change.id} {escape(title)}, asked by {mention(change.requester)}. {_ask(change)}"
    return Message(text, tuple(blocks))


def _verdicts(change: Change) -> list[Block]:
    words = verdicts.changed(change.plan, warns=change.state in OPEN)
    return [section(words)] if words else []


def _ask(change: Change) -> str:
    if change.state is State.PROPOSED:
        return f"It needs {plural(change.quorum, 'approval')} until {when(change.expires_at)}."
    return cut(prose(change.outcome), OUTCOME_ROOM) if change.outcome else f"It is {change.state}."


def _call(change: Change, entitled: Entitled | None) -> list[Block]:
    """The only mentions of people who should act. An edited message notifies nobody again."""
    people = called(change, entitled)
    return [section(f"For {people}.")] if people else []


def _lead(change: Change) -> list[Block]:
    """A delete says first what is lost, until it has ended; an undo what it takes back."""
    plan = change.plan
    back = [section(f"Takes back what C-{plan.undoes} did.")] if plan.undoes else []
    if not plan.trail_name or change.state not in OPEN:
        return [*back]
    last = loses_last_compliant(plan, named(plan.controls))
    warning = "*This is the last compliant trail of the account: CloudTrail is off afterwards.* " if last else ""
    todo = " To approve, type the trail's name." if change.state is State.PROPOSED else ""
    return [*back, section(f"{warning}Deleting cannot be undone.{todo}")]


def _facts(change: Change, entitled: Entitled | None) -> Block:
    plan = change.plan
    waits = change.state is State.PROPOSED
    may = [("Who may approve", who_may(entitled, change.requester))] if waits else []
    decide_by = [("Decide before" if plan.accepts else "Expires", when(change.expires_at))] if waits else []
    return fields(
        [
            ("Change", f"{change.id} · plan `{plan.fingerprint}`"),
            ("Account", escape(label(plan.account))),
            ("Asked by", f"{mention(change.requester)} {when(change.proposed_at)}"),
            *may,
            *decide_by,
            ("Approvals", f"{len(change.approvers)} of {change.quorum}"),
        ]
    )


def _why(plan: Plan) -> list[Block]:
    failing = [f for f in _judged(plan) if f.verdict is Verdict.FAIL]
    if plan.kind in ("delete", "undo") or not failing:
        return []
    title = "*Why it fails*" if plan.accepts else "*Why*"
    return [section("\n".join([title, *fitting((f"• {escape(cut(f.why, 250))}" for f in failing), 1_250)]))]


def _judged(plan: Plan) -> tuple[Finding, ...]:
    return judged(plan.before, named(plan.controls), plan.profile)


def _diff(plan: Plan) -> Block:
    lines = tuple(line for step in plan.steps for line in (f"{step.call} in {step.region}", *step.diff))
    return section(f"*What changes*, in {plural(len(plan.steps), 'step')}\n{code_block(lines, 1_800)}")


def _to_know(plan: Plan, back: list[str]) -> list[Block]:
    """Of an exception, what could not be judged: one short line each, so that all have room."""
    if plan.accepts:
        return [context("\n".join(cut(escape(note), 200) for note in plan.notes))] if plan.notes else []
    return [context(*_notes(plan, back))]


def _notes(plan: Plan, back: list[str]) -> list[str]:
    return [
        *(cut(line, 500) for line in coverage_lines(plan)[:4]),
        *(["\n".join(map(escape, plan.notes))] if plan.notes else []),
        *(cut(escape(note), 250) for note in (plan.before.survey.notes if plan.before.survey else ())[:3]),
        *filter(None, [" ".join(back)]),
    ]


def coverage_lines(plan: Plan) -> list[str]:
    """Before and after: in every region, and where the steps act if something else changes there."""
    everywhere = _before_and_after(plan, "")
    there = {region: _before_and_after(plan, region) for region in plan.regions}
    news = {region: words for region, words in there.items() if words not in ("", everywhere)}
    lines = [f"Recorded in all regions: {everywhere or 'the same as before'}."]
    return [*lines, *(f"Recorded in {region}: {words}." for region, words in news.items())]


def _before_and_after(plan: Plan, region: str) -> str:
    """ "" where nothing changes."""
    before, after = recorded(plan.before, region), recorded(plan.after, region)
    if before == after:
        return ""
    if region:
        return f"before {_covered(before)}; after {_covered(after)}"
    return f"before {_everywhere(plan.before)}; after {_everywhere(plan.after)}"


def _everywhere(world: Snapshot) -> str:
    """Where nothing is recorded in all regions, what is in some."""
    if (covered := recorded(world)) != Coverage():
        return _covered(covered)
    local = [f"{_covered(there)} in {_regions(regions)} only" for there, regions in recorded_locally(world).items()]
    return ", ".join(local) or _covered(covered)


def _regions(regions: tuple[str, ...]) -> str:
    return ", ".join(regions) if len(regions) <= NAMED_REGIONS else plural(len(regions), "region")


def ways_back(plan: Plan) -> list[str]:
    """What can be undone, and, each for itself, what cannot."""
    undos = dict.fromkeys(step.undo for step in plan.steps)
    calls = [f"`{u}`" for u in undos if not u.startswith("none")]
    never = [escape(u.removeprefix("none: ")) for u in undos if u.startswith("none")]
    can = [f"Can be undone with {', '.join(calls)}."] if calls else []
    return [*can, *(f"Cannot be undone: {why}." for why in never)]


def _covered(covered: Coverage) -> str:
    if covered.read == covered.write:
        return f"read and write events {_sources(covered.read)}"
    return f"read events {_sources(covered.read)}, write events {_sources(covered.write)}"


def _sources(sources: Sources) -> str:
    names = escape(", ".join(sorted(sources.names)))
    if sources.all_but:
        return f"of all services but {names}" if names else "of all services"
    return f"of {names} only" if names else "none"


def _story(change: Change) -> list[Block]:
    """Who decided, when, and how it ended; it stays on the card."""
    lines = [
        f"{'Approved' if v.approve else 'Denied'} by {mention(v.user)} {when(v.at)}"
        f"{f': {cut(escape(v.reason), 500)}' if v.reason else ''}"
        for v in change.votes
    ]
    if change.state is State.APPLYING and change.outcome:
        lines.append(cut(prose(change.outcome), OUTCOME_ROOM))
    elif change.state is State.APPLYING:
        lines.append(f"Step {min(change.done + 1, len(change.plan.steps))} of {len(change.plan.steps)} is under way.")
    ended = change.state not in (State.PROPOSED, State.APPROVED, State.APPLYING, State.DENIED)
    if ended and change.decided_at:
        by = f" by {mention(change.ended_by)}" if change.ended_by else ""
        end = f"*{change.state.upper()}*{by} {when(change.decided_at)}."
        lines.append(f"{end} {cut(prose(change.outcome), OUTCOME_ROOM)}")
    return [section("\n".join(lines))] if lines else []


def _buttons(change: Change) -> list[Block]:
    """Gone once it is decided, but for the full plan. The block's id carries the version: new when repainted."""
    elements = _to_decide(change) if change.state is State.PROPOSED else _afterwards(change)
    return [ActionsBlock(block_id=f"actions-{value_of(change)}", elements=elements)] if elements else []


def value_of(change: Change) -> str:
    """Of a button or a form about it: a decision is on this plan, and on no other that has its number one day."""
    return f"{change.id}:{change.version}:{change.plan.fingerprint}"


def _to_decide(change: Change) -> list[ButtonElement]:
    return [*deciding(change), *full_plan(change), cancelling(change)]


def deciding(change: Change) -> list[ButtonElement]:
    value = value_of(change)
    return [_button("Approve", ids.APPROVE, value, "primary"), _button("Deny", ids.DENY, value, "danger")]


def cancelling(change: Change) -> ButtonElement:
    cancel = _button("Cancel", ids.CANCEL, value_of(change))
    cancel.confirm = ConfirmObject(title="Take it back?", text=f"{change.id} ends, and nothing is changed.")
    return cancel


def full_plan(change: Change) -> list[ButtonElement]:
    """An exception is on its card as a whole."""
    return [] if change.plan.accepts else [_button("Full plan", ids.FULL_PLAN, value_of(change))]


def _afterwards(change: Change) -> list[ButtonElement]:
    if change.state is State.ACTIVE:
        return [ending(change)]
    undo = [_button("Propose undo", ids.PROPOSE_UNDO, value_of(change))] if offers_undo(change) else []
    return [*full_plan(change), *undo]


def ending(change: Change) -> ButtonElement:
    end = _button("End now", ids.END_NOW, value_of(change))
    end.confirm = ConfirmObject(title="End it now?", text=f"{change.id} ends, and what fails is a failure again.")
    return end


def _button(text: str, action: str, value: str, style: str | None = None) -> ButtonElement:
    return ButtonElement(text=PlainTextObject(text=text), action_id=action, value=value, style=style)
