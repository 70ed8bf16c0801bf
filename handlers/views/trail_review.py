"""The third step of a trail's form: the plan as it would be proposed, before anybody is asked."""

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.domain.plan import Plan
from bot.domain.steps import Step
from handlers.views import ids, verdicts
from handlers.views.card import coverage_lines, ways_back
from handlers.views.inputs import plain
from handlers.views.message import context, section
from handlers.views.trail_form import CREATE, UPDATE, back
from handlers.views.words import code_blocks, cut, escape, fitting, label, plural

MOST_DIFF = 80
"""Blocks of the diff; a modal has room for 100."""


def review(plan: Plan, private: str) -> View:
    return View(
        type="modal",
        callback_id=ids.TRAIL_REVIEW,
        private_metadata=private,
        title=plain(f"{UPDATE if plan.kind == 'update' else CREATE}: 3 of 3"),
        submit=plain("Ask for approval"),
        close=plain("Cancel"),
        blocks=[
            section(f"*Step 3 of 3: the plan*\nFor *{escape(label(plan.account))}*. Somebody else must approve it."),
            section(verdicts.of(plan)),
            _recorded(plan),
            *_to_know(plan),
            *_diff(plan),
            section("\n".join(["*The way back*", *(f"• {line}" for line in ways_back(plan))])),
            *_unseen(plan),
            context(
                f"Plan `{plan.fingerprint}`. The plan is made anew when you ask, and once more before it is applied."
            ),
            back((ids.TRAIL_BACK_1, "Change the trail"), (ids.TRAIL_BACK_2, "Change the events")),
        ],
    )


def _recorded(plan: Plan) -> Block:
    """In every region, and in each where it is otherwise."""
    lines = coverage_lines(plan)
    shown = fitting((f"• {cut(line, 500)}" for line in lines), 2_500)
    more = [f"{len(shown)} of {len(lines)} shown"] if len(shown) < len(lines) else []
    return section("\n".join(["*What is recorded*", *shown, *more]))


def _to_know(plan: Plan) -> list[Block]:
    """Costs, and what this trail does not do."""
    return [section("\n".join(["*To know*", *(f"• {escape(note)}" for note in plan.notes)]))] if plan.notes else []


def _diff(plan: Plan) -> list[Block]:
    """Step by step: a wall of text is not read on a phone."""
    shown = [part for number, step in enumerate(plan.steps, start=1) for part in _step(number, step)]
    more = [context(f"{len(shown) - MOST_DIFF} more parts do not fit.")] if len(shown) > MOST_DIFF else []
    title = section(f"*What changes*, in {plural(len(plan.steps), 'step')}")
    return [title, *(section(part) for part in shown[:MOST_DIFF]), *more]


def _step(number: int, step: Step) -> list[str]:
    """Its call with what it changes; a long text goes on below."""
    first, *rest = code_blocks(step.diff)
    return [f"{number}. `{step.call}` in {step.region}\n{first}", *rest]


def _unseen(plan: Plan) -> list[Block]:
    """Regions that could not be searched."""
    notes = plan.before.survey.notes if plan.before.survey else ()
    return [context(*(cut(escape(note), 250) for note in notes[:5]))] if notes else []
