"""The port Announcer on Slack: renders what is to be said, and hands it to the sender under a name of its own.

To say something new: a method that renders a view and calls `_draft` with a subject that is this message's for ever.
`put` says or repaints it some time; `put_now` waits a moment and raises CannotAnnounceError where Slack refuses it.
"""

import json
import logging

from slack_sdk.errors import SlackObjectFormationError

from bot.domain.change import Change, Entitled, State
from bot.domain.exceptions import Review
from bot.domain.finding import Report
from bot.domain.outgoing import Draft, card_of, digest_of, picture_of, reminder_of, told_of
from bot.domain.refusal import Refused
from bot.domain.subscription import Ended, Subscribed, Subscription
from bot.domain.trend import Week
from bot.ports import Digest, Directory, Run
from handlers.pictures import Pictures
from handlers.sender import Sender
from handlers.views import card, digest, notice, report, subscriptions, trend
from handlers.views.message import Message
from handlers.views.words import prose

log = logging.getLogger(__name__)

RUNNING, FAILED, FINISHED = 0, 1, 2
"""Versions of an audit's message: a restart does not say "interrupted" over a report."""


class SlackAnnouncer:
    def __init__(self, sender: Sender, directory: Directory, pictures: Pictures) -> None:
        self._sender = sender
        self._directory = directory
        self._pictures = pictures

    def audit_started(self, run: Run) -> None:
        self._sender.put_now(_of_run(run, report.started(run), RUNNING))

    def audit_progress(self, run: Run, done: int, total: int) -> None:
        self._sender.put(_of_run(run, report.progress(run, done, total), RUNNING))

    def audit_finished(self, run: Run, result: Report, before: Report | None) -> None:
        self._sender.put(_of_run(run, report.finished(run, result, before), FINISHED))

    def audit_failed(self, run: Run, why: str) -> None:
        self._sender.put(_of_run(run, report.failed(run, prose(why)), FAILED))

    def card(self, change: Change) -> None:
        self._sender.put_now(self._card(change))

    def repaint(self, change: Change) -> None:
        self._sender.put(self._card(change))

    def remind(self, change: Change) -> None:
        message = notice.reminder(change, self._entitled(change))
        self._sender.put(_draft(reminder_of(change.id), change.channel, message, thread=change.message))

    def tell(self, change: Change) -> None:
        """A user's id as the channel is the conversation between that user and us: chat:write is enough for it."""
        self._sender.put(_draft(f"notice:{change.id}", change.requester, notice.ended(change)))

    def review(self, change: Change, review: Review) -> None:
        subject = f"review:{change.id}:{review.name.lower()}"
        self._sender.put(_draft(subject, change.requester, notice.review(change, review)))

    def digest(self, channel: str, content: Digest) -> None:
        """What is too long for one message hangs below it."""
        subject = digest_of(channel, content.report.run)
        first, *more = digest.digest(content)
        self._sender.put_now(_draft(subject, channel, first, FINISHED))
        for number, message in enumerate(more):
            self._sender.put(_draft(f"{subject}:{number}", channel, message, thread=subject))
        if content.subscription and content.trend:
            self._picture(channel, content.subscription, content.trend, subject)

    def _picture(self, channel: str, of: Subscription, weeks: tuple[Week, ...], above: str) -> None:
        """Once a week; where it cannot be uploaded, the next digest of the week tries again."""
        subject = picture_of(channel, of.id, weeks[-1].name)
        if self._sender.knows(subject):
            return
        if file := self._pictures.uploaded(of.name, weeks):
            self._sender.put(_draft(subject, channel, trend.picture(of.name, weeks, file), thread=above))

    def digest_started(self, channel: str, key: str) -> None:
        self._sender.put_now(_draft(digest_of(channel, key), channel, digest.started(), RUNNING))

    def digest_failed(self, channel: str, key: str, subscription: Subscription, why: str) -> None:
        self._sender.put(_draft(digest_of(channel, key), channel, digest.failed(subscription, prose(why)), FAILED))

    def digest_paused(self, subscription: Subscription, slot: str, why: str) -> None:
        subject = f"paused:{subscription.id}:{slot}"
        self._sender.put(_draft(subject, subscription.owner, digest.paused(subscription, prose(why))))

    def subscribed(self, subscribed: Subscribed) -> None:
        now = subscribed.subscription
        self._sender.put(_draft(told_of(now.id, now.since), now.channel, subscriptions.told_subscribed(subscribed)))

    def unsubscribed(self, ended: Ended) -> None:
        first = ended.ended[0]
        self._sender.put(_draft(told_of(first.id, ended.at), first.channel, subscriptions.told_unsubscribed(ended)))

    def unsent(self) -> int:
        return self._sender.unsent()

    def _card(self, change: Change) -> Draft:
        message = card.card(change, self._entitled(change))
        return _draft(card_of(change.id), change.channel, message, change.version)

    def _entitled(self, change: Change) -> Entitled | None:
        """For display only, and only while somebody is needed; the decision asks again."""
        if change.state is not State.PROPOSED:
            return None
        try:
            return self._directory.shown(change.plan.account)
        except Refused:
            return None


def _of_run(run: Run, message: Message, version: int) -> Draft:
    """To a person its end is a message of its own: what was said in a conversation is never painted again."""
    ended = version != RUNNING and run.channel.startswith(("U", "W"))
    return _draft(f"{'report' if ended else 'run'}:{run.id}", run.channel, message, version)


def _draft(subject: str, channel: str, message: Message, version: int = 0, thread: str = "") -> Draft:
    return Draft(subject, channel, message.text, json.dumps(_blocks(message)), version, thread)


def _blocks(message: Message) -> list[dict[str, object]]:
    """Blocks that slack_sdk itself refuses are left to their text: a card is never lost."""
    try:
        return message.as_dicts()
    except SlackObjectFormationError as refused:
        log.error("blocks refused by slack_sdk, sent as text: %s", refused)
        return message.plainly()
