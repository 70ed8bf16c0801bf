"""The sender: takes what the outbox holds to Slack. Every message that is to stay goes this way.

- Written before it is sent: `put` is done when the row is saved. A crash, a restart or an absent Slack loses nothing.
- In order for each channel: only the oldest unsent row of a channel can be claimed, by one thread of one replica. A
  channel that waits (429, its own trouble) holds up no other.
- 429 is answered by waiting as long as Retry-After says; a broken Slack by waiting longer each time, for a day.
- A token that Slack does not accept is the app's trouble, not the message's: what waits is tried for a day, and goes
  out with the new token.
- What Slack refuses for good is given up, with the reason: `put_now` tells it to whoever asked, the sweep withdraws a
  proposal that nobody could see, and a refused repaint is tried again at the next start. Blocks that Slack refuses are
  sent as text; those with a picture that Slack has not processed yet are tried for half a minute before.
- Nothing is posted twice: chat.postMessage has no idempotency key, so each post carries the row's key as metadata. A
  try without an answer (a crash, a 500, a broken connection) leaves the row in doubt, and the channel's history is
  searched for the key before it is posted again. Where the history cannot be read (no `channels:history` or
  `groups:history`, a direct message) it IS posted again: a second copy of a card is a nuisance, and a click on the
  older one is told where the newer one is; a card that nobody sees would be a proposal that nobody can decide.
- chat.update needs none of that: to repeat it does no harm, and only the newest repaint is sent.

Not in the outbox: ephemeral answers and forms. They belong to one click, and are worth nothing after a restart.
slack_sdk must not retry for us here: its retry after a broken connection would post twice, and its wait for a
Retry-After holds up a thread and is forgotten in a crash.
"""

import json
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import uuid4

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.domain.outgoing import LONGEST_WAIT, UNSENT, Draft, Outgoing, Stage, change_in
from bot.ports import CannotAnnounceError, Clock, Outbox
from bot.ports.context import working_on
from handlers import slack_errors
from handlers.slack_errors import TROUBLE
from handlers.views.message import plainly

log = logging.getLogger(__name__)

THREADS = 4
FIRST_TRY = timedelta(seconds=5)
"""So long whoever asks waits to hear of a refusal."""
LOOK_EVERY = 0.1
TRIED_FOR = timedelta(days=1)
"""A message that has had no luck for so long is given up: those behind it wait, and it is news no more."""
LONGEST_BACK_OFF = timedelta(minutes=5)
PICTURE_TRIES = 6
"""Waits of 1 to 16 s lie between them; a file that is not there by then is not coming."""
CLOCKS_APART = timedelta(minutes=5)
"""Slack's clock may be behind ours; the key is unique, so a search that begins too early does no harm."""


class Sender:
    def __init__(self, outbox: Outbox, client: WebClient, clock: Clock) -> None:
        """`client` must have no retry handlers, and a time-out well below `outgoing.LEASE`."""
        self._outbox = outbox
        self._client = client
        self._clock = clock
        self._owner = uuid4().hex
        self._stopping = Event()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="sender")

    def start(self) -> None:
        """Before anything else of this process may send."""
        self._outbox.recover(self._clock.now())
        self.tend()

    def stop(self) -> None:
        """What is being sent now is sent; the rest waits for the next start."""
        self._stopping.set()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def tend(self) -> None:
        """Send what is to be sent by now; called at every `put`, and by the clock for what had to wait."""
        with suppress(RuntimeError):  # stopped: the next start sends it
            self._threads.submit(self._drain).add_done_callback(_log_error)

    def unsent(self) -> int:
        return self._outbox.depth()

    def knows(self, subject: str) -> bool:
        """It was put, whatever has become of it."""
        return self._outbox.get(subject) is not None

    def _drain(self) -> None:
        while not self._stopping.is_set() and self.send_one():
            pass

    def put(self, draft: Draft) -> None:
        self._outbox.put(draft, self._clock.now())
        self.tend()

    def put_now(self, draft: Draft) -> None:
        """Put it, and wait a moment for what becomes of it. Raises CannotAnnounceError where it is refused for good."""
        self._outbox.put(draft, self._clock.now())
        deadline = self._clock.now() + FIRST_TRY
        while (found := self._outbox.get(draft.subject)) and found.stage in UNSENT and self._clock.now() < deadline:
            if not self.send_one(draft.channel):  # somebody else has it, or it must wait
                self._clock.sleep(LOOK_EVERY)
        if found and found.stage is Stage.GIVEN_UP:
            raise CannotAnnounceError(found.error)

    def send_one(self, channel: str = "") -> bool:
        """One try of one message, of this channel or of any; False where none is to be sent now."""
        claim = self._outbox.claim(self._owner, self._clock.now(), channel)
        if claim is None:
            return False
        with working_on(subject=claim.draft.subject, change=change_in(claim.draft.subject)):
            self._send(claim)
        return True

    def _send(self, claim: Outgoing) -> None:
        try:
            message = self._delivered(claim)
        except TROUBLE as failed:
            self._settle_trouble(claim, failed)
        else:
            self._outbox.sent(claim, message)

    def _settle_trouble(self, claim: Outgoing, failed: Exception) -> None:
        why, now = slack_errors.sentence(failed), self._clock.now()
        subject, channel = claim.draft.subject, claim.draft.channel
        if not slack_errors.passes(failed) or now - claim.since > TRIED_FOR:
            log.error("%s given up in %s: %s", subject, channel, why)
            self._outbox.give_up(claim, why)
            return
        wait = _wait(claim, failed)
        log.warning("%s not sent in %s, again in %s: %s", subject, channel, wait, why)
        self._outbox.put_off(claim, now + wait, why, claim.in_doubt or slack_errors.in_doubt(failed))

    def _delivered(self, claim: Outgoing) -> str:
        """The message's id. One that is there already is painted: it may show what was put before."""
        there = claim.message or (self._searched(claim) if claim.in_doubt else "")
        blocks = json.loads(claim.draft.blocks)
        try:
            return self._said(claim, there, blocks)
        except SlackApiError as refused:
            if slack_errors.code(refused) not in ("invalid_blocks", "invalid_attachments"):
                raise
            if slack_errors.awaits_file(refused) and claim.attempts < PICTURE_TRIES:
                raise
            log.error("blocks refused, sent as text: %s", refused.response.get("response_metadata"))
        return self._said(claim, there, plainly(claim.draft.text, blocks))

    def _said(self, claim: Outgoing, there: str, blocks: list[dict[str, Any]]) -> str:
        """Posted or painted; with the key again, so that a painting can never take it away."""
        draft = claim.draft
        said: dict[str, Any] = {"channel": draft.channel, "text": draft.text, "blocks": blocks}
        said["metadata"] = _metadata(claim)
        if there:
            self._client.chat_update(**said, ts=there)
            return there
        answer = self._client.chat_postMessage(
            **said, thread_ts=self._thread(claim) or None, unfurl_links=False, unfurl_media=False
        )
        return str(answer["ts"])

    def _thread(self, claim: Outgoing) -> str:
        """The id of the message that it hangs under; of one that was never sent there is none, and it stands alone."""
        named = claim.draft.thread
        above = self._outbox.get(named) if ":" in named else None
        return above.message if above else "" if ":" in named else named

    def _searched(self, claim: Outgoing) -> str:
        """The id of the post with our key, or "". Raises what passes: then nobody knows yet."""
        try:
            return self._found(claim)
        except SlackApiError as refused:
            if slack_errors.passes(refused):
                raise
            why = slack_errors.code(refused)
            log.warning("%s may be posted twice: the history cannot be read (%s)", claim.draft.subject, why)
            return ""

    def _found(self, claim: Outgoing) -> str:
        cursor = ""
        while True:
            page = self._page(claim, cursor)
            for message in page["messages"]:
                if _key(message) == claim.key:
                    return str(message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return ""

    def _page(self, claim: Outgoing, cursor: str) -> Any:
        """Of the channel, or of the thread: a history shows no replies."""
        oldest = f"{(claim.since - CLOCKS_APART).timestamp():.6f}"
        where: dict[str, Any] = {"channel": claim.draft.channel, "oldest": oldest, "cursor": cursor or None}
        if thread := self._thread(claim):
            return self._client.conversations_replies(**where, ts=thread, include_all_metadata=True)
        return self._client.conversations_history(**where, include_all_metadata=True)


def _metadata(claim: Outgoing) -> dict[str, Any]:
    kind, _, id = claim.draft.subject.partition(":")
    return {"event_type": f"trailwarden_{kind}", "event_payload": {"id": id, "key": claim.key}}


def _key(message: dict[str, Any]) -> str:
    """Ours, or "" for what somebody else wrote."""
    metadata = message.get("metadata") or {}
    ours = str(metadata.get("event_type", "")).startswith("trailwarden_")
    return str((metadata.get("event_payload") or {}).get("key", "")) if ours else ""


def _wait(claim: Outgoing, failed: Exception) -> timedelta:
    """What Slack asks for, else twice as long each time: 1 s, 2 s, 4 s …"""
    told = timedelta(seconds=slack_errors.retry_after(failed))
    doubled = timedelta(seconds=2 ** min(claim.attempts - 1, 10))
    return min(told, LONGEST_WAIT) or min(doubled, LONGEST_BACK_OFF)


def _log_error(done: Future[None]) -> None:
    """What broke (the database, say) is logged; the clock tends again."""
    if not done.cancelled() and (error := done.exception()):
        log.error("the sender broke", exc_info=error)
