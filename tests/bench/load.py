"""A mixed load: what people and their networks do to the bot on a busy day. Each deed ends when it was answered."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.playground.slack import Actor, Message
from tests.stories.stage import CHANNEL, Stage

PAYMENTS, LEDGER, WEBSITE = "111122223333", "567890123456", "890123456789"
AT_ONCE = 20
TRIES, RETRIES_AFTER = 60, 0.5
Deed = Callable[[Stage], object]


def audit(stage: Stage) -> Message:
    return stage.audit(stage.alice)


def questions(stage: Stage) -> None:
    for text in ("help", "changes", "exceptions", "digest", "ad-hoc nonsense", "change C-1"):
        _answered(stage, stage.carol, text)


def burst(stage: Stage) -> None:
    """Many commands in the same moment."""
    with ThreadPoolExecutor(AT_ONCE) as people:
        list(people.map(lambda _: stage.types(stage.alice, "changes"), range(AT_ONCE)))


def home(stage: Stage) -> None:
    for who in (stage.alice, stage.bob, stage.dave):
        assert who.opens_home()


def form(stage: Stage) -> None:
    stage.create_form(stage.alice, WEBSITE)
    stage.alice.closes()


def digest(stage: Stage) -> None:
    before = len(stage.slack.messages(CHANNEL))
    stage.types(stage.alice, "digest now")
    stage.until(lambda: [m for m in stage.slack.messages(CHANNEL)[before:] if "digest:" in m.text] or None)


def repair(stage: Stage) -> None:
    """Somebody stops a trail, and it is started again with consent; the click comes twice."""
    stage.aws.client(LEDGER, "cloudtrail", "eu-central-1").stop_logging(Name="ledger-trail")
    card = _card(stage, "prod-ledger")
    stage.slack.deliver_twice()
    stage.bob.clicks(card, "approve")
    stage.becomes(card, "VERIFIED")


def denial(stage: Stage) -> None:
    card = _card(stage, "sandbox-split")
    stage.bob.clicks(card, "deny")
    stage.modal(stage.bob, "deny_change")
    stage.bob.submits({"reason": "not today"})
    stage.becomes(card, "DENIED")


def cancellation(stage: Stage) -> None:
    card = _card(stage, "dev-tools")
    stage.alice.clicks(card, "cancel")
    stage.becomes(card, "CANCELLED")


def aws_trouble(stage: Stage) -> None:
    """Throttled, refused, and answers lost on their way."""
    stage.aws.throttle(PAYMENTS, "cloudtrail:DescribeTrails", times=2)
    stage.aws.refuse(WEBSITE, "cloudtrail:DescribeTrails", "InternalFailure", times=2, status=500)
    stage.aws.lose_answer(LEDGER, "cloudtrail:DescribeTrails")
    stage.audit(stage.alice)
    stage.aws.lose_answer(LEDGER, "cloudtrail:StartLogging")
    repair(stage)


def slack_trouble(stage: Stage) -> None:
    """Too loud, out of order, silent after it has done what was asked."""
    stage.slack.set_fault("chat.postMessage", "ratelimited", retry_after=1)
    stage.slack.set_fault("chat.postMessage", "no_answer", carried_out=True)
    stage.slack.set_fault("chat.update", "http_500", times=2)
    stage.audit(stage.alice)
    stage.slack.clear_faults()


def broken_socket(stage: Stage) -> None:
    stage.slack.drop_sockets()
    _heard_again(stage)


def renewed_socket(stage: Stage) -> None:
    stage.slack.ask_to_reconnect()
    _heard_again(stage)


ROUND: tuple[Deed, ...] = (
    audit,
    questions,
    repair,
    home,
    broken_socket,
    denial,
    burst,
    digest,
    aws_trouble,
    form,
    renewed_socket,
    cancellation,
    slack_trouble,
)


def tidy(stage: Stage) -> None:
    """Withdraws what a deed that was missed has left open: its account would take no other."""
    for card in stage.slack.messages(CHANNEL):
        if "APPROVAL NEEDED" in card.text:
            stage.alice.clicks(card, "cancel")


def _card(stage: Stage, account: str) -> Message:
    return stage.proposal(lambda: stage.types(stage.alice, f"fix {account}"))


def _answered(stage: Stage, who: Actor, text: str) -> None:
    before = len(who.ephemerals(CHANNEL))
    stage.types(who, text)
    stage.until(lambda: len(who.ephemerals(CHANNEL)) > before or None)


def _heard_again(stage: Stage) -> None:
    """Slack answers for an app that it cannot reach, so somebody tries again, as fast as people do."""
    for _ in range(TRIES):
        if stage.alice.types(CHANNEL, "/trail-audit changes").acked:
            return
        time.sleep(RETRIES_AFTER)
    raise TimeoutError("nobody is there")
