"""botocore's `standard` retries, but for what they share between calls.

In `standard` mode a client has 500 tokens; each retry costs 5 or 14, and without tokens nothing is tried again
(botocore/retries/standard.py, RetryQuotaChecker). In a client that all accounts share, some that throttle for good
would take the others' retries away, and with them their verdicts. The number of attempts bounds each call anyway.
"""

from typing import Any

from botocore.retries import quota, standard


class _Endless(quota.RetryQuota):
    def acquire(self, capacity_amount: int) -> bool:  # noqa: ARG002 - botocore's signature
        return True


def without_a_common_quota(client: Any) -> None:
    """Replaces the retry handler of a client in `standard` mode by one whose quota never ends."""
    service = client.meta.service_model.service_id.hyphenize()
    id = f"retry-config-{service}"
    client.meta.events.unregister(f"needs-retry.{service}", unique_id=id)
    handler = _handler(service, client.meta.config.retries["total_max_attempts"])
    client.meta.events.register(f"needs-retry.{service}", handler.needs_retry, unique_id=id)


def _handler(service: str, attempts: int) -> standard.RetryHandler:
    adapter = standard.RetryEventAdapter()
    throttling = standard.ThrottlingErrorDetector(adapter)
    return standard.RetryHandler(
        standard.RetryPolicy(
            standard.StandardRetryConditions(max_attempts=attempts),
            standard.ExponentialBackoff(service_name=service, throttling_detector=throttling),
        ),
        adapter,
        standard.RetryQuotaChecker(_Endless(), throttling),  # type: ignore[arg-type]  # so botocore itself; its stubs err
        service_name=service,
    )
