"""The keeping: which of the shapes of stored data the rows become."""

from typing import ClassVar

from shared.core.collector.column import Shape
from shared.core.collector.part import Part


class Keep(Part, frozen=True):
    """How rows are kept."""

    shape: ClassVar[Shape]

    @property
    def volatile(self) -> tuple[str, ...]:
        """Sources that change by themselves: what they were before is not kept."""
        return ()

    @property
    def closes(self) -> bool:
        """Whether what a complete read does not contain is gone."""
        return False

    @property
    def having(self) -> str | None:
        """The property without which an object is not kept; None if all are."""
        return None

    @property
    def matching(self) -> tuple[tuple[str, str], ...]:
        """Properties, each with the regular expression by which an object is kept all the same."""
        return ()

    @property
    def event_time(self) -> str | None:
        """The column that says when an event happened."""
        return None

    @property
    def event_version(self) -> str | None:
        """The column that says which state of an event is the newer one."""
        return None


class Versions(Keep, frozen=True, kw_only=True):
    """Each object with its history: a change ends its version and begins another.

    A change of nothing but `volatile` sources (properties, as Graph names them) is written into the
    current version: it is no news, and with each read every object would get a version. `closes`:
    what a complete read does not contain is gone; without, the source forgets objects that still
    are. With `having` only objects that have that property (it is there and not null), and those of
    which the text of one property `matching` matches: one that has lost it is gone, as one that Graph
    marks as removed.
    """

    shape: ClassVar[Shape] = "entity"
    volatile: tuple[str, ...] = ()
    closes: bool = True
    having: str | None = None
    matching: tuple[tuple[str, str], ...] = ()

    @property
    def question(self) -> tuple[object, ...]:
        """What is kept: objects that were passed over would else be missing for good."""
        return () if self.having is None else ("having", self.having, *self.matching)


class Events(Keep, frozen=True):
    """What happened, at the instant in the column `time`; nothing is ever closed.

    With `version`, a column of numbers, one that is told with a lower one than before is an older
    state of it, and is passed over.
    """

    shape: ClassVar[Shape] = "event"
    time: str = "created_at"
    version: str | None = None

    @property
    def event_time(self) -> str | None:
        """The column `time`."""
        return self.time

    @property
    def event_version(self) -> str | None:
        """The column `version`."""
        return self.version


class Daily(Keep, frozen=True, kw_only=True):
    """What was measured, per subject and day; the source `date` says which day: a header, or ASKED.

    A file is complete for its day: what it lacks is gone. A `series` tells of many days with a line
    each, and of a day that it lacks it says nothing. `volatile` as in `Versions`.
    """

    shape: ClassVar[Shape] = "measure"
    date: str = "Report Refresh Date"
    series: bool = False
    volatile: tuple[str, ...] = ()

    @property
    def closes(self) -> bool:
        """Unless it is a series."""
        return not self.series
