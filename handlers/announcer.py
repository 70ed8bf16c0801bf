"""The port Announcer on Slack: posts, and paints again what it posted."""

import logging
from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError, SlackObjectFormationError

from bot.domain.change import Change, Entitled, State
from bot.domain.finding import Report
from bot.domain.refusal import Refused
from bot.ports import CannotAnnounceError, Digest, Directory, Run
from handlers import slack_errors
from handlers.views import card, digest, notice, report
from handlers.views.message import Message
from handlers.views.words import prose

log = logging.getLogger(__name__)


class SlackAnnouncer:
    def __init__(self, client: WebClient, directory: Directory) -> None:
        self._client = client
        self._directory = directory

    def audit_started(self, run: Run) -> str:
        return self._post(run.channel, report.started(run), "audit", run.id)

    def audit_progress(self, run: Run, done: int, total: int) -> None:
        self._update(run.channel, run.message, report.progress(run, done, total))

    def audit_finished(self, run: Run, result: Report, before: Report | None) -> None:
        self._update(run.channel, run.message, report.finished(run, result, before))

    def audit_failed(self, run: Run, why: str) -> None:
        self._update(run.channel, run.message, report.failed(run, prose(why)))

    def card(self, change: Change) -> str:
        return self._post(change.channel, card.card(change, self._entitled(change)), "change", change.id)

    def repaint(self, change: Change) -> None:
        self._update(change.channel, change.message, card.card(change, self._entitled(change)))

    def remind(self, change: Change) -> None:
        message = notice.reminder(change, self._entitled(change))
        self._post(change.channel, message, "reminder", change.id, thread=change.message)

    def tell(self, change: Change) -> None:
        """A user's id as the channel is the conversation between that user and us: chat:write is enough for it."""
        self._post(change.requester, notice.ended(change), "notice", change.id)

    def digest(self, channel: str, content: Digest) -> None:
        self._post(channel, digest.digest(content), "digest", content.report.run)

    def _entitled(self, change: Change) -> Entitled | None:
        """For display only, and only while somebody is needed; the decision asks again."""
        if change.state is not State.PROPOSED:
            return None
        try:
            return self._directory.shown(change.plan.account)
        except Refused:
            return None

    def _post(self, channel: str, message: Message, kind: str, id: str, thread: str | None = None) -> str:
        """The message's ts. Our id goes along as metadata, so that a post whose answer was lost can be found."""
        metadata = {"event_type": f"trailwarden_{kind}", "event_payload": {"id": id}}
        answer = _sent(
            message,
            lambda text, blocks: self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread,
                text=text,
                blocks=blocks,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
            ),
        )
        return str(answer["ts"])

    def _update(self, channel: str, ts: str, message: Message) -> None:
        _sent(message, lambda text, blocks: self._client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks))


Send = Callable[[str, list[dict[str, Any]]], Any]


def _sent(message: Message, send: Send) -> Any:
    """Blocks that Slack does not accept are sent again as plain text: a card is never lost."""
    try:
        return send(message.text, message.as_dicts())
    except SlackApiError as refused:
        if slack_errors.code(refused) not in ("invalid_blocks", "invalid_attachments"):
            raise CannotAnnounceError(slack_errors.sentence(refused)) from refused
        log.error("blocks refused, sent as text: %s", refused.response.get("response_metadata"))
    except SlackObjectFormationError as refused:
        log.error("blocks refused by slack_sdk, sent as text: %s", refused)
    except (SlackClientError, OSError) as failed:
        raise CannotAnnounceError(slack_errors.sentence(failed)) from failed
    return _sent_plainly(message, send)


def _sent_plainly(message: Message, send: Send) -> Any:
    try:
        return send(message.text, message.plainly())
    except (SlackClientError, OSError) as failed:
        raise CannotAnnounceError(slack_errors.sentence(failed)) from failed
