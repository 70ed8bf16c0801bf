"""A local Slack workspace: the Web API, Socket Mode or signed HTTP, and a page on which one person acts as everybody.

The unmodified bot talks to it with `SLACK_API_URL`; the story tests drive it from Python. Loopback only.
"""

from bot.playground.slack.actor import Actor
from bot.playground.slack.backstage import Part
from bot.playground.slack.message import File, JsonObject, Message, View
from bot.playground.slack.results import ClickResult, SlashResult, SubmitResult
from bot.playground.slack.running import RunningWorkspace, Way, start_workspace
from bot.playground.slack.setup import DEFAULT_SETUP, Channel, Group, Person, WorkspaceSetup

__all__ = [
    "DEFAULT_SETUP",
    "Actor",
    "Channel",
    "ClickResult",
    "File",
    "Group",
    "JsonObject",
    "Message",
    "Part",
    "Person",
    "RunningWorkspace",
    "SlashResult",
    "SubmitResult",
    "View",
    "Way",
    "WorkspaceSetup",
    "start_workspace",
]
