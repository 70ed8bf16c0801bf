"""Every metric by its name, on one screen; docs/operations.md has the same table, held by a test.

No label is an account, a person, a channel or a name of theirs: each has few values, of ours, of AWS or of Slack.
"""

from dataclasses import dataclass
from typing import Literal

PREFIX = "trailwarden_"


@dataclass(frozen=True)
class Metric:
    """`buckets` in seconds, of a histogram. `meaning` is what it says in Prometheus and in the docs."""

    kind: Literal["gauge", "counter", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
DECIDING = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, 12 * HOUR, DAY, 7 * DAY)
APPLYING = (1.0, 5.0, 15.0, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR)
AUDITING = (1.0, 2.0, 5.0, 10.0, 30.0, MINUTE, 5 * MINUTE, 15 * MINUTE)

COUNTED: dict[str, Metric] = {
    "aws_requests_total": Metric("counter", "Requests sent to AWS, each try", ("service", "operation", "outcome")),
    "slack_calls_total": Metric("counter", "Calls of Slack's Web API, each try", ("method", "outcome")),
    "requests_total": Metric("counter", "Commands, clicks and forms, by what came of them", ("outcome",)),
    "audits_total": Metric("counter", "Audits that ended, asked for or for a digest", ("kind", "outcome")),
    "audit_duration_seconds": Metric("histogram", "From an audit's start to its report", ("kind",), AUDITING),
    "task_failures_total": Metric("counter", "What the clock started that failed, or was missed", ("task", "why")),
}
"""Since this process began."""
NOW: dict[str, Metric] = {
    "build_info": Metric("gauge", "Always 1; the label says which release runs", ("version",)),
    "ready": Metric("gauge", "1 where this part is well, as `/readyz` says", ("part",)),
    "evidence_chain_verified": Metric("gauge", "1 where the whole chain of evidence held at the last look, else 0"),
    "evidence_chain_checked_timestamp_seconds": Metric("gauge", "When that look was"),
}
"""Of this process, at this moment."""
STORED: dict[str, Metric] = {
    "changes": Metric("gauge", "Changes by state", ("state",)),
    "change_oldest_seconds": Metric("gauge", "How long the oldest change is in this state, 0 for none", ("state",)),
    "change_events_total": Metric("counter", "Entries of the evidence, such as proposed or approved", ("event",)),
    "decision_duration_seconds": Metric("histogram", "From a proposal to its approval or denial", (), DECIDING),
    "apply_duration_seconds": Metric("histogram", "From the approval to VERIFIED", (), APPLYING),
    "outbox_messages": Metric("gauge", "Messages that are not sent: waiting, sending, given-up", ("stage",)),
    "outbox_oldest_seconds": Metric("gauge", "How long the oldest unsent message waits, 0 for none"),
    "digests": Metric("gauge", "Digests: active; paused; and of the active ones those that are overdue", ("state",)),
    "digest_overdue_seconds": Metric("gauge", "How late the latest digest is that was due and not made, 0 for none"),
    "last_audit_timestamp_seconds": Metric("gauge", "When the newest audit or digest of everything ended"),
    "accounts": Metric("gauge", "Accounts in it by verdict", ("verdict",)),
    "findings": Metric("gauge", "Findings in it by control and verdict", ("control", "verdict")),
}
"""Read from the tables at each scrape: the same in every process, and after a restart."""
METRICS: dict[str, Metric] = {
    **COUNTED,
    **NOW,
    **STORED,
    "database_up": Metric("gauge", "1 where the tables could be read within two seconds; else what is read is absent"),
}
