"""Exporting: whole files. Each holds a database session for seconds, of which a worker has two.

Two a second for a minute is what two instances manage of files that take two seconds.
"""

from shared.core.rate_limit import RateLimit

RATE_LIMIT = RateLimit(
    counts=("exporting",),
    seconds=60,
    quotas={"caller": 120, "address": 240, "tenant": 240},
)
