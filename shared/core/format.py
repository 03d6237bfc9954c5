"""What a format declares: how the rows of an answer become a document, without HTTP.

A format is one file `shared/render/<id>.py` with one `FORMAT`; the id is the file name.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from msgspec import Struct

from shared.core.clock import written
from shared.core.kind import Kind

if TYPE_CHECKING:
    from shared.core.coverage import Standing
    from shared.core.query import CsvStyle, ReportPage
    from shared.core.question import Question
    from shared.core.window import Window


class Compared(Struct, frozen=True, kw_only=True):
    """The earlier instant that an answer is compared with, and how its datasets stood then."""

    as_of: datetime
    standing: "Standing"


class About(Struct, frozen=True, kw_only=True):
    """All that is known of an answer beside its rows.

    `standing` tells how far the rows can be trusted, `generated_at` when the question was asked,
    `as_of` the instant that the answer describes, `parameters` the values of the report's own,
    `window` the stretch of time that figures are of, `compared` what a comparison is with.
    """

    tenant_id: UUID
    question: "Question"
    standing: "Standing"
    generated_at: datetime
    as_of: datetime
    parameters: tuple[tuple[str, int], ...]
    window: "Window | None" = None
    compared: Compared | None = None

    @property
    def time_zone(self) -> str:
        """The IANA name of the zone that instants are shown in: of figures the one they are counted in."""
        return self.question.time_zone if self.window is None else self.window.zone

    def edition(self) -> dict[str, str]:
        """Return what `read_question` makes the question of that is answered with these rows again.

        It is all that need be kept of an edition of a report: whatever is collected later, history
        has the rows. Language and thresholds are written out, because they may be set otherwise by
        then. What had been observed at that instant and was still being stored comes in.
        """
        asked, values = self.question.to_mapping(), dict(self.parameters)
        asked.pop("cursor", None)  # the whole of it, from the first page on
        told = {one.name: one.written(values[one.name]) for one in self.question.report.parameters}
        return {**asked, **told, "lang": self.question.lang, "asOf": written(self.as_of)}


class Onward(Struct, frozen=True):
    """How to ask for the next page: its cursor, and the address that has it."""

    cursor: str
    link: str


class Rows(Protocol):
    """All rows of an answer, read while they are written: take one of the two, once."""

    def stream(self) -> Iterator[Sequence[tuple[object, ...]]]:
        """Yield the rows in batches, each value as Python's; in the order of the question's columns."""
        ...

    def csv_lines(self, style: "CsvStyle") -> Iterator[list[bytes]]:
        """Yield the rows in batches as lines of CSV without line ends, as the database formats them.

        That is several times as fast as formatting them here. Cells are quoted, not made harmless.
        """
        ...


class Format(Struct, frozen=True, kw_only=True):
    """Declaration of one format. `id` is filled in by the registry from the file name.

    One of two writers: `page` of a format that is read page by page, `whole` of one that is a file
    of all rows. `takes` names the parameters of a question that only such formats have a use for,
    `example` is the beginning of a document, for the description of the API; one that `is_binary` has
    none, and is packed already. Instants are those of a time zone, but for one that `writes_utc` as long
    as it is not to be the former tool's.
    """

    media_type: str
    extension: str
    page: "Callable[[About, ReportPage, Onward | None], bytes] | None" = None
    whole: Callable[[About, Rows], Iterator[bytes]] | None = None
    takes: frozenset[str] = frozenset()
    example: str = ""
    is_binary: bool = False
    writes_utc: bool = False
    id: str = ""

    @property
    def needs_all_rows(self) -> bool:
        """Tell whether a document always has all rows: there are no pages then."""
        return self.page is None


# JSON first: a question that names no format means it.
FORMATS = Kind("shared.render", "FORMAT", Format, named="id", first="json")
