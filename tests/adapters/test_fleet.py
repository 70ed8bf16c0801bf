"""The command as it is, over real sockets, against the benchmark's stub AWS and the truth about its fleet."""

from tests.bench.audit import measured
from tests.bench.fleet import RING


def test_every_state_of_the_fleet_gets_its_true_verdicts_and_no_accounts_mix() -> None:
    found = measured(2 * len(RING), latency_ms=1)
    assert (found.correct, found.mixed) == (1.0, 0)


def test_a_healthy_account_costs_four_calls_at_most() -> None:
    """AssumeRole, DescribeTrails, GetTrailStatus, GetEventSelectors; the own account needs no role."""
    who_we_are_and_the_list = 2
    assert measured(1, latency_ms=1).calls == 3 + who_we_are_and_the_list
