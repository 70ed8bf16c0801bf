"""What the page shows beside the workspace: what stands behind it, and what one can do to it."""

from collections.abc import Mapping

from bot.playground.aws import RunningAws
from bot.playground.backstage.chaos import Chaos
from bot.playground.backstage.traffic import Traffic
from bot.playground.backstage.trails import Trails
from bot.playground.clock import MovableClock
from bot.playground.process import BotProcess
from bot.playground.slack import Part, RunningWorkspace


def parts(workspace: RunningWorkspace, aws: RunningAws, bot: BotProcess, clock: MovableClock) -> Mapping[str, Part]:
    """The tabs of the panel, by the name in their address."""
    return {
        "aws": Trails(aws),
        "chaos": Chaos(workspace, aws, bot, clock),
        "traffic": Traffic((workspace.journal, aws.journal)),
    }
