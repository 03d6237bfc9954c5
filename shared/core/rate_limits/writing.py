"""Writing: whatever changes something, or starts work that does.

Each change is an event in the audit log, which is kept for years: ten a second are 36,000 an hour.
"""

from shared.core.rate_limit import RateLimit

RATE_LIMIT = RateLimit(
    counts=("writing",),
    seconds=60,
    quotas={"caller": 600, "address": 1_200, "tenant": 1_200},
)
