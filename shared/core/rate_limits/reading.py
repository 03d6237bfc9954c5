"""Reading: pages of reports, lists, single things.

A hundred a second is what a worker answers when it does nothing else; pages of a thousand rows come
to 100,000 rows a second, more than any refresh of Power BI takes.
"""

from shared.core.rate_limit import RateLimit

RATE_LIMIT = RateLimit(
    counts=("reading",),
    seconds=60,
    quotas={"caller": 6_000, "address": 12_000, "tenant": 12_000},
)
