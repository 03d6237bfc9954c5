"""Failed sign-ins: whoever guesses is shut out.

Thirty in five minutes are more than a script with an old key makes while somebody mends it, and with
256 random bits in a key fewer than any guessing needs. A quarter of an hour slows a machine down and
is over before a person has called for help.
"""

from shared.core.rate_limit import RateLimit

RATE_LIMIT = RateLimit(
    counts=("failing",),
    seconds=300,
    quotas={"address": 30, "key": 30},
    blocks=900,
)
