"""Retry policies, which the platform honours for timers (not for queues and HTTP).

https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-policies
"""

import itertools
import random
from collections.abc import Iterator

from infra.local.host.wire import Retry


def pauses(policy: Retry | None) -> Iterator[float | None]:
    """Seconds to wait after each failed attempt; None after the last. No policy is one attempt."""
    if policy is not None:
        growing = backoff(policy.minimum, policy.maximum)
        waits = itertools.repeat(policy.delay) if policy.fixed else growing
        yield from waits if policy.max_count < 0 else itertools.islice(waits, policy.max_count)
    yield None


def backoff(minimum: float, maximum: float) -> Iterator[float]:
    """Growing pauses in seconds: the minimum, then it plus 1, 2, 4 ... times itself, give or take a fifth.

    The platform waits so between retries and between looks into an empty queue
    (https://github.com/Azure/azure-webjobs-sdk, RandomizedExponentialBackoffStrategy).
    """
    yield min(minimum, maximum)
    for exponent in itertools.count():
        step = 2.0 ** min(exponent, 60) * minimum * random.uniform(0.8, 1.2)
        yield min(minimum + step, maximum)
