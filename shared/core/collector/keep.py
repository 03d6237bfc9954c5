"""The keeping: which of the shapes of stored data the rows become."""

from dataclasses import dataclass
from typing import ClassVar

from shared.core.collector.column import Shape
from shared.core.collector.part import Part


class Keep(Part):
    """How rows are kept."""

    __slots__ = ()
    shape: ClassVar[Shape]

    @property
    def event_time(self) -> str | None:
        """The column that says when an event happened."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions(Keep):
    """Each object with its history: a change ends its version and begins another."""

    shape: ClassVar[Shape] = "entity"


@dataclass(frozen=True, slots=True)
class Events(Keep):
    """What happened, at the instant in the column `time`; nothing is ever closed."""

    shape: ClassVar[Shape] = "event"
    time: str = "created_at"

    @property
    def event_time(self) -> str | None:
        """The column `time`."""
        return self.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily(Keep):
    """What was measured, per subject and day; the source `date` says which day."""

    shape: ClassVar[Shape] = "measure"
    date: str = "Report Refresh Date"
