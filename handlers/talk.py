"""How a listener works: acknowledge at once, hand over, answer. Here every error becomes an answer, once."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from slack_sdk import WebClient
from slack_sdk.models.views import View
from slack_sdk.webhook import WebhookClient

from bot.domain.refusal import Channel, Refused, listed
from bot.ports import CannotAnnounceError, CannotRunError, World
from bot.ports.context import working_on
from bot.ports.traces import UNTRACED, Traces
from handlers import slack_errors
from handlers.pace import Pace
from handlers.slack_errors import TROUBLE, sentence
from handlers.views import modals
from handlers.views.message import Message, section
from handlers.views.words import prose, refusal

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caller:
    """Who speaks to us, and where. `response_url` is "" for a form; `trigger` lets one form open.

    `message` is the ts of the message whose button was pressed, else "". `surface` is HOME for what is pressed there
    or in a form that it opened, which is in no channel; and ASIDE for a form that leaves the Home as it is.
    """

    user: str
    team: str
    channel: str
    response_url: str = ""
    trigger: str = ""
    app: str = ""
    message: str = ""
    surface: Literal["", "home", "aside"] = ""

    @property
    def place(self) -> str:
        """What a form carries, so that it is answered where it was asked for."""
        return self.surface or self.channel


HOME: Literal["home"] = "home"
ASIDE: Literal["aside"] = "aside"


@dataclass(frozen=True)
class Place:
    """A form on somebody's screen, by its id. With `hash`, only as long as it is the one that was seen.

    `name` is that of the view that our acknowledgement puts there: until Slack has done that, nothing has this name.
    """

    view: str
    name: str = ""
    hash: str = ""


TRIES, PAUSE = 10, 0.2
"""How often, and after how many seconds each, a view is looked for that an acknowledgement is to put there."""
Words = Callable[[str], object]
"""What becomes of a refusal in words for Slack."""


class Talk:
    """What the listeners share."""

    def __init__(self, world: World, client: WebClient, team: str, channels: frozenset[str], app: str = "") -> None:
        """`channels` are those that the bot is limited to; none means all."""
        self.world = world
        self._client = client
        self._team = team
        self._app = app
        self.channels = channels
        self._workers = ThreadPoolExecutor(16, thread_name_prefix="worker")
        self.pace = Pace(world.clock)
        self.came_of_it: Callable[[str], object] = lambda _: None
        self.traces: Traces = UNTRACED
        self.digests_changed: Callable[[], None] = lambda: None
        self.repaint_home: Callable[[Caller], object] = lambda _: None
        self.app_removed: Callable[[], object] = lambda: None

    def close(self) -> None:
        """Lets what was acknowledged end: whoever clicked waits for an answer."""
        self._workers.shutdown(wait=True)

    def removal(self, body: dict[str, Any]) -> None:
        """An event: the app was uninstalled, or a token revoked."""
        if not self._app or body.get("api_app_id") == self._app:
            self.app_removed()

    def hand_over(self, caller: Caller, work: Callable[[], object], otherwise: Words | None = None) -> None:
        """Do it after the acknowledgement, on a thread of our own, and answer whatever comes of it.

        A refusal goes to `otherwise`, or to the caller alone in the channel.
        """
        try:
            self._workers.submit(self._answering, caller, work, otherwise)
        except RuntimeError:  # closed since: it was acknowledged, so it is answered all the same
            self._answering(caller, work, otherwise)

    def hand_over_once(self, caller: Caller, work: Callable[[], object]) -> None:
        """As `hand_over`, for what nothing else keeps from being done again where it is brought again: by a socket
        that broke, or by somebody who kept a signed request. A decision needs no such care: its change knows it.
        """
        self.hand_over(caller, lambda: self._unless_done(caller, work))

    def begin(self, caller: Caller, work: Callable[[], object]) -> None:
        """As `hand_over_once`, for what one person may start only so often. Not for a decision, nor for a form that
        somebody has filled in.
        """
        self.hand_over_once(caller, lambda: self._paced(caller, work))

    def _paced(self, caller: Caller, work: Callable[[], object]) -> None:
        self.pace.take(caller.user)
        work()

    def _unless_done(self, caller: Caller, work: Callable[[], object]) -> None:
        if caller.trigger and not self.world.inbox.take(caller.trigger, self.world.clock.now()):
            log.info("brought again, and not done again: from %s in %s", caller.user, caller.channel)
            return
        work()

    def _answering(self, caller: Caller, work: Callable[[], object], otherwise: Words | None = None) -> None:
        """Every line of the log on it carries its id, its user and its channel."""
        id = uuid4().hex[:8]
        with working_on(request=id, user=caller.user, channel=caller.channel), self.traces.span("request"):
            self._answered(caller, work, otherwise, id)

    def _answered(self, caller: Caller, work: Callable[[], object], otherwise: Words | None, id: str) -> None:
        if self._app and caller.app != self._app:
            log.warning("payload of another app refused: %r", caller.app)
            return
        try:
            self._refuse_outsiders(caller)
            self._done(caller, work)
            self.came_of_it("done")
        except Refused as refused:
            self.came_of_it("refused")
            log.info("refused %s in %s: %r", caller.user, caller.channel, str(refused))
            self._tell(caller, refusal(refused), otherwise)
        except (CannotRunError, CannotAnnounceError) as why:
            self.came_of_it("cannot")
            self._tell(caller, prose(str(why)), otherwise)
        except Exception:  # the edge: nobody may be left without an answer
            self.came_of_it("broke")
            log.exception("error %s while serving %s in %s", id, caller.user, caller.channel)
            self._tell(caller, f"Something broke. Whoever runs me finds it in the log as `{id}`.", otherwise)

    def _done(self, caller: Caller, work: Callable[[], object]) -> None:
        """Whatever comes of what is done in the Home, the Home shows how things stand then."""
        try:
            work()
        finally:
            if caller.surface == HOME:
                self.repaint_home(caller)

    def _tell(self, caller: Caller, words: str, otherwise: Words | None) -> None:
        """Where it was asked for; in the channel where that fails."""
        try:
            if otherwise:
                otherwise(words)
                return
        except CannotAnnounceError as failed:
            log.error("a form could not be told: %s", failed)
        self.answer(caller, _said(words))

    def _refuse_outsiders(self, caller: Caller) -> None:
        """A channel shared with another workspace lets its people press our buttons too."""
        if self._team and caller.team != self._team:
            raise Refused("You are from another workspace. Ask somebody of this one.")
        if self.channels and not caller.surface and caller.channel not in self.channels:
            there = listed(tuple(map(Channel, sorted(self.channels))))
            raise Refused("I work in ", *there, ", and not here. Whoever runs Trailwarden sets TRAILWARDEN_CHANNELS.")

    def answer(self, caller: Caller, message: Message) -> None:
        """Only to the caller. By the response URL where there is one: it works in channels that we are not in.

        A form has none; where its channel is not ours either, the answer goes to the caller's conversation with us.
        The Home has neither, so there it is shown at once in a small window.
        """
        if caller.surface and caller.trigger and self._answered_aside(caller, message):
            return
        if caller.response_url and self._answered_by_url(caller, message):
            return
        if caller.channel and self._answered_here(caller, message):
            return
        try:
            self._client.chat_postMessage(
                channel=caller.user,
                text=message.text,
                blocks=message.as_dicts(),
                unfurl_links=False,
                unfurl_media=False,
            )
        except TROUBLE as failed:
            log.error("no answer reached %s in %s: %s", caller.user, caller.channel, failed)

    def _answered_aside(self, caller: Caller, message: Message) -> bool:
        try:
            self.open(caller, modals.message("Trailwarden", message.text))
        except CannotAnnounceError as failed:
            log.warning("no window for an answer: %s", failed)
            return False
        return True

    def _answered_here(self, caller: Caller, message: Message) -> bool:
        try:
            self._client.chat_postEphemeral(
                channel=caller.channel, user=caller.user, text=message.text, blocks=message.as_dicts()
            )
        except TROUBLE as failed:
            log.warning("no ephemeral message in %s: %s", caller.channel, failed)
            return False
        return True

    def _answered_by_url(self, caller: Caller, message: Message) -> bool:
        try:
            webhook = WebhookClient(caller.response_url)
            answer = webhook.send(
                text=message.text, blocks=message.as_dicts(), response_type="ephemeral", replace_original=False
            )
        except (*TROUBLE, ValueError) as failed:
            log.warning("response URL failed: %s", failed)
            return False
        return answer.status_code == 200

    def open(self, caller: Caller, view: View) -> Place:
        """Show a form. Raises CannotAnnounceError where Slack waited too long for it."""
        try:
            answer = self._client.views_open(trigger_id=caller.trigger, view=view)
        except TROUBLE as failed:
            raise CannotAnnounceError(sentence(failed)) from failed
        opened = answer.get("view") or {}
        return Place(opened.get("id", ""), hash=opened.get("hash", ""))

    def publish(self, user: str, view: View) -> None:
        """This person's Home. One that Slack does not take now is made anew when it is opened."""
        try:
            self._client.views_publish(user_id=user, view=view)
        except TROUBLE as failed:
            log.error("no Home for %s: %s", user, failed)

    def show(self, place: Place, view: View) -> None:
        """Change a form that is open; one that was closed or changed meanwhile stays so. Raises CannotAnnounceError."""
        for _ in range(TRIES if place.name else 0):
            if self._shown(view, external_id=place.name):
                return
            self.world.clock.sleep(PAUSE)
        self._shown(view, view_id=place.view, **({"hash": place.hash} if place.hash else {}))

    def _shown(self, view: View, **where: str) -> bool:
        try:
            self._client.views_update(view=view, **where)
        except TROUBLE as failed:
            if slack_errors.code(failed) not in ("not_found", "hash_conflict"):
                raise CannotAnnounceError(sentence(failed)) from failed
            return False
        return True


def _said(text: str) -> Message:
    return Message(text, (section(text),))


def unescaped(text: str) -> str:
    """What was typed; Slack may send its three control characters escaped."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def caller_of(body: dict[str, Any]) -> Caller:
    """From a command, a click or a form; they name the same things differently."""
    user = body.get("user") or {}
    channel = body.get("channel") or {"id": (body.get("container") or {}).get("channel_id", "")}
    return Caller(
        user=body.get("user_id") or user.get("id", ""),
        team=user.get("team_id") or body.get("team_id") or (body.get("team") or {}).get("id", ""),
        channel=body.get("channel_id") or channel.get("id", ""),
        response_url=body.get("response_url", ""),
        trigger=body.get("trigger_id", ""),
        app=body.get("api_app_id", ""),
        message=(body.get("container") or {}).get("message_ts", ""),
        surface=HOME if (body.get("view") or {}).get("type") == "home" else "",
    )
