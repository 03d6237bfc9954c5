"""Addresses and API keys that are shut out: somebody failed to sign in again and again."""

from collections.abc import Iterable
from datetime import timedelta

from shared.core.rate_limit import RATE_LIMITS
from shared.core.registry import of
from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.usecases.evidence import Evidence


def look(evidence: Evidence) -> Iterable[Firing]:
    """Return how many addresses and keys are shut out now; the audit log names them."""
    limits = of(RATE_LIMITS)
    return [
        Firing(
            since=one.first_until - timedelta(seconds=limits[one.rate_limit].blocks),
            value=one.count,
            subject={"counted": one.counted},
        )
        for one in evidence.blocked.blocked()
        if one.rate_limit in limits
    ]


WATCH = Watch(
    title=Text("Somebody guesses credentials", "資格情報の総当たり"),
    severity=2,
    threshold=0,
    unit=Text("shut out now", "現在の遮断数"),
    look=look,
)
