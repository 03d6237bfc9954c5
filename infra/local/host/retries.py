"""Retry policies, which the platform honours for timers (not for queues and HTTP).

https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-policies
"""

import itertools
import random
from collections.abc import Iterator

from infra.local.host.wire import Retry


def pauses(policy: Retry | None) -> Iterator[float | None]:
    """Seconds to wait after each failed attempt; None after the last. No policy is one attempt."""
    for attempt in itertools.count(1):
        if policy is None or 0 <= policy.max_count < attempt:
            yield None
            return
        yield policy.delay if policy.fixed else _exponential(policy, attempt)


def _exponential(policy: Retry, attempt: int) -> float:
    step = (2.0 ** min(attempt - 1, 60)) * policy.minimum * random.uniform(0.8, 1.2)
    return min(policy.minimum + step, policy.maximum)
