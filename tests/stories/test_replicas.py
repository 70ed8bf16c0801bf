"""Two `trailwarden serve` on one PostgreSQL: what one leaves when it is killed, the other finishes."""

from multiprocessing.context import ForkServerProcess

import psycopg

from tests.stories.stage import CHANNEL, Stage

API = "901234567890"


def test_a_survivor_finishes_what_a_killed_replica_was_doing(empty_stage: Stage, postgres_url: str) -> None:
    stage = empty_stage
    stage.aws.delay(API, "cloudtrail:PutEventSelectors", seconds=1)
    both = [stage.started(DATABASE_URL=postgres_url) for _ in range(2)]
    stage.until(lambda: stage.log().count("is connected to Slack") == 2)
    card = stage.proposal(lambda: stage.types(stage.alice, "fix dev-api"))
    stage.bob.clicks(card, "approve")
    stage.until(lambda: stage.aws_is_asked("PutEventSelectors", API))
    dying, survivor = sorted(both, key=lambda bot: bot.pid != busy(postgres_url))
    dying.kill()
    dying.join()
    stage.becomes(card, "VERIFIED")
    assert "its work goes on here" in stage.log()
    assert stage.writes(API) == ["PutEventSelectors"]
    assert len([m for m in stage.slack.messages(CHANNEL) if m.text.startswith("C-")]) == 1
    ended(survivor)


def busy(url: str) -> int:
    """The number of the process that is applying the first change; its id names it."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT executor_id FROM dbos.workflow_status WHERE workflow_uuid = 'C-1'").fetchone()
    assert row
    return int(row[0].split("-")[-2])


def ended(bot: ForkServerProcess) -> None:
    bot.terminate()
    bot.join(30)
    assert bot.exitcode == 0
