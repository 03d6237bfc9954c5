"""What a report declares: its columns in every vocabulary, the datasets it needs, and one selectable.

A report is one file `catalog/reports/<area>/<key>.py` with one `REPORT`; the report key is the file
name. Freshness, coverage, filters, paging, CSV, OpenAPI and the reporting view follow from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from shared.core.text import Lang, Text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, FromClause, Select

type ValueType = Literal["text", "bool", "int", "float", "timestamp", "date", "json"]


class Sources(Protocol):
    """What a report's query may read; the store hands it in, bound to one tenant and one instant.

    Each dataset method returns a from-clause with `id`, every declared column of the collector,
    `<name>_folded` for each of them where letter case does not count, `parent_id` if it is read parent by parent, and `raw` (the Graph object as jsonb). It is already limited to the tenant and to what was true at
    `as_of`; a report never writes either predicate itself.
    """

    @property
    def as_of(self) -> "ColumnElement[datetime]":
        """The instant the report answers for (bound parameter)."""
        ...

    def entity(self, dataset: str) -> "FromClause":
        """Objects that were valid at `as_of`."""
        ...

    def events(self, dataset: str) -> "FromClause":
        """Events that had happened and had been collected at `as_of`."""
        ...

    def measures(self, dataset: str) -> "FromClause":
        """Rows of the newest report date that was collected at `as_of`; has `report_date`."""
        ...


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """One column. The query must select a column labelled `id`.

    `en` and `ja` are the headers. `labels` gives the words for coded values. `unavailable` says why
    Graph cannot fill the column: it is then always null.
    """

    id: str
    type: ValueType
    en: str
    ja: str
    personal: bool = False
    labels: Mapping[str, Text] = field(default_factory=dict)
    unavailable: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyFile:
    """The PowerShell tool's CSV file of a report: `Header column_id` in the file's order, with ", "
    between them.

    Its English and Japanese files are two vocabularies that grew apart: neither the columns nor
    their order are the same, so each is written out whole.
    """

    en: str
    ja: str

    def of(self, lang: Lang) -> Mapping[str, str]:
        """Return header -> column id of the file in `lang`."""
        entries = (self.ja if lang == "ja" else self.en).split(", ")
        # A header may have a blank in it, a column id never has.
        return {header: column for header, _, column in (e.rpartition(" ") for e in entries)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Declaration of one report. `key` is filled in by the registry from the file name.

    `needs` are the datasets it reads; coverage of each is part of every answer. `row_key` are the
    column ids that identify a row (the tie-breaker of every order); `order` the default order, a
    column id each, `-` before it for descending. `lacks` says what the report does not contain as long
    as a dataset was not read to its end: dataset -> what is missing. `legacy` is absent where the
    PowerShell tool had no such report.
    """

    title: Text
    description: Text
    needs: tuple[str, ...]
    columns: tuple[ReportColumn, ...]
    query: "Callable[[Sources], Select[tuple[object, ...]]]"
    row_key: tuple[str, ...]
    order: tuple[str, ...]
    docs: str = ""
    lacks: Mapping[str, Text] = field(default_factory=dict)
    legacy: LegacyFile | None = None
    key: str = field(default="", compare=False)
