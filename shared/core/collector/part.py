"""What the parts of a collector have in common."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from shared.core import clock

if TYPE_CHECKING:
    from shared.core.collector.declaration import Collector

# What stands for the bounds of a slice in a body to post, and for the millisecond it is posted at, in digits.
FROM, UNTIL, NOW = "{from}", "{until}", "{now}"

type Bounds = tuple[datetime, datetime]


class Part(Struct, frozen=True):
    """One of the answers that make a collector. Whoever reads asks it; nobody asks for its type."""

    @classmethod
    def of(cls, collector: "Collector") -> Self:
        """Return the collector's part of this kind, for whoever was chosen by it.

        TypeError if it has another one: the reader was chosen wrongly.
        """
        for part in (collector.ask, collector.answer, collector.extent, collector.keep):
            if isinstance(part, cls):
                return part
        raise TypeError(f"{collector.dataset} has no {cls.__name__}")

    @property
    def question(self) -> tuple[object, ...]:
        """What of this part changes the answers: a saved place is of no use for another question."""
        return ()


def filled(
    body: tuple[tuple[str, object], ...], bounds: Bounds | None = None
) -> Mapping[str, object]:
    """Return a body to post; its texts name the instant, and where it is read in slices the bounds."""
    told = {NOW: clock.now().astimezone(UTC).strftime("%Y%m%d%H%M%S%f")[:17]}
    if bounds is not None:
        told |= dict(zip((FROM, UNTIL), map(instant, bounds), strict=True))
    return {name: _filled(value, told) if isinstance(value, str) else value for name, value in body}


def _filled(text: str, told: Mapping[str, str]) -> str:
    for name, value in told.items():
        text = text.replace(name, value)
    return text


def instant(moment: datetime) -> str:
    """Return a moment as Graph's filters spell it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
