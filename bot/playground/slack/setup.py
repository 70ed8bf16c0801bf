"""Who is in the pretend workspace, before anything is said in it."""

from dataclasses import dataclass

APP_ID = "A0TRAIL"
BOT_ID = "B0TRAIL"
SLACKBOT_ID = "USLACKBOT"

SCOPES = frozenset(
    {
        "channels:history",
        "chat:write",
        "commands",
        "files:write",
        "groups:history",
        "usergroups:read",
        "users:read",
    }
)
"""Those of config/slack_manifest.yml: a bot that only runs with more would be wrong on Slack."""


@dataclass(frozen=True)
class Person:
    """A member, or a guest. `team_id` is set for somebody of another company (Slack Connect), else None."""

    id: str
    name: str
    real_name: str
    deactivated: bool = False
    is_bot: bool = False
    team_id: str | None = None
    guest: bool = False


@dataclass(frozen=True)
class Channel:
    """A public channel; `members` are user ids, `bot_in` says whether the bot was invited."""

    id: str
    name: str
    members: tuple[str, ...]
    bot_in: bool = True


@dataclass(frozen=True)
class Group:
    """A user group (`@handle`); `members` are user ids."""

    id: str
    handle: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class WorkspaceSetup:
    """Everything that a workspace starts with. `rate_limit` False lifts one message a second a channel.

    `home_tab` is whether the app's Home tab is switched on, `read_only` whether nobody can write in its Messages tab.
    """

    people: tuple[Person, ...]
    channels: tuple[Channel, ...]
    groups: tuple[Group, ...]
    team_id: str = "T0TRAIL"
    scopes: frozenset[str] = SCOPES
    command: str = "/trail-audit"
    rate_limit: bool = True
    home_tab: bool = True
    read_only: bool = True


BOT = Person("U0TRAILBOT", "trailwarden", "Trailwarden", is_bot=True)
SLACKBOT = Person(SLACKBOT_ID, "slackbot", "Slackbot", is_bot=True)

_EVERYBODY = ("U0ALICE", "U0BOB", "U0CAROL", "U0DAVE")

DEFAULT_SETUP = WorkspaceSetup(
    people=(
        Person("U0ALICE", "alice", "Alice Moreau"),
        Person("U0BOB", "bob", "Bob Lindqvist"),
        Person("U0CAROL", "carol", "Carol Adeyemi"),
        Person("U0DAVE", "dave", "Dave Okafor"),
    ),
    channels=(
        Channel("C0CLOUDSEC", "cloud-security", _EVERYBODY),
        Channel("C0RANDOM", "random", _EVERYBODY, bot_in=False),
    ),
    groups=(Group("S0APPROVERS", "cloud-approvers", ("U0BOB", "U0CAROL")),),
)
