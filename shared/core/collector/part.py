"""What the parts of a collector have in common."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from msgspec import Struct

if TYPE_CHECKING:
    from shared.core.collector.declaration import Collector

# What stands for the bounds of a slice in a body to post.
FROM, UNTIL = "{from}", "{until}"

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
    """Return a body to post; where it is read in slices, with the bounds that its texts name."""
    if bounds is None:
        return dict(body)
    since, until = map(instant, bounds)
    return {
        name: value.replace(FROM, since).replace(UNTIL, until) if isinstance(value, str) else value
        for name, value in body
    }


def instant(moment: datetime) -> str:
    """Return a moment as Graph's filters spell it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
