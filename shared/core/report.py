"""What a report declares: one table, and what cannot be seen in it: texts, order, former file.

A report is one file `catalog/reports/<area>/<key>.py` with one `REPORT`; the report key is the file
name. Its table (see catalog/table.py) is one line a column; columns, their types, whose data they
are and the datasets they need follow from it, and so do freshness, coverage, filters, paging, CSV,
OpenAPI and the reporting view.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct, field

from shared.core.kind import Kind
from shared.core.legacy_file import LegacyFile, pascal_case
from shared.core.report_parameter import ReportParameter
from shared.core.text import LANGS, Lang, Text

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, FromClause, Select

    from shared.core.access import Permission

type ValueType = Literal["text", "bool", "int", "float", "timestamp", "date", "json"]


class Sources(Protocol):
    """What a report's query may read; the store hands it in, bound to one tenant and one instant.

    Each dataset method returns a from-clause with `id`, every declared column of the collector,
    `<name>_folded` for each of them where letter case does not count, `<name>_collated` for each
    that sorts as a name, `parent_id` if it is read parent by parent, and `raw` (the Graph object as
    jsonb). It is already limited to the tenant and to what was true at `as_of`; a report never
    writes either predicate itself. A subquery that a report selects a name from passes the name's
    `<name>_collated` on, or it sorts by code point.
    """

    @property
    def as_of(self) -> "ColumnElement[datetime]":
        """The instant the report answers for (bound parameter)."""
        ...

    def parameter(self, parameter: ReportParameter) -> "ColumnElement[int]":
        """The value of a parameter; the report takes what it asks for here."""
        ...

    def ago(self, days: "int | ColumnElement[int]") -> "Sources":
        """The same sources as they were known that many days before `as_of`.

        What had not been collected then has no rows; whoever compares has to keep that apart from
        nothing.
        """
        ...

    def entity(self, dataset: str) -> "FromClause":
        """Objects that were valid at `as_of`."""
        ...

    def changes(self, dataset: str) -> "FromClause":
        """When each object that was valid at `as_of` was last found changed: `id` and `changed_at`.

        Null for one that was never found otherwise: when it became so is not known.
        """
        ...

    def counted(self, dataset: str) -> "FromClause":
        """The same, to be counted: all of them are read, `id` and what the collector has `counted`."""
        ...

    def gone(self, dataset: str, days: "int | ColumnElement[int]") -> "FromClause":
        """Of a `counted` dataset `id` and `gone_at` of what went in the days before and is not back."""
        ...

    def events(self, dataset: str, within: ReportParameter | None = None) -> "FromClause":
        """Events that had happened and had been collected at `as_of`.

        `within` a period before it, if one is named; a reporting view has all of them, because whoever
        reads it narrows it himself.
        """
        ...

    def measures(self, dataset: str, back: "int | ColumnElement[int]" = 0) -> "FromClause":
        """Rows of the newest report date that was collected at `as_of`; has `report_date`.

        With `back` those of the date that many days before it, if there are any.
        """
        ...

    def series(self, dataset: str, days: "int | ColumnElement[int]") -> "FromClause":
        """Rows of that many report dates, the newest and the days before it; has `report_date`."""
        ...

    def runs(self, datasets: "Sequence[str]") -> "FromClause":
        """How the last collection of each of them went that had ended at `as_of`, one row a dataset.

        `dataset`, `state`, `started_at`, `finished_at`, `cause` of it, and `complete_at`, when all of
        the dataset was read last; all null for one that was never collected. The report then needs
        those datasets.
        """
        ...

    def first_reads(self, datasets: "Sequence[str]") -> "FromClause":
        """From when on something is known of each of them as of `as_of`, one row a dataset.

        `dataset`; `known_since`, when all of it had been read for the first time, or what is left of its
        past begins, if that is later; `told_since`, how far back that first reading asked, where it asked
        for what happened since an instant. Both null for one that was never read to its end. The report
        then needs those datasets.
        """
        ...

    def failures(self, datasets: "Sequence[str]") -> "FromClause":
        """Each of their collections that had failed at `as_of` because of Microsoft Graph.

        `dataset`, `started_at`, `finished_at` and `cause`. The report then needs those datasets.
        """
        ...

    def answers(self, until: str, services: "Mapping[str, Sequence[str]]") -> "FromClause":
        """How Graph answered Kanri in the 24 hours before the last collection of `until` ended.

        One row for each subject of `services`, which are throttling services by subject: `subject`,
        `requests` that were answered or failed, `failed` of them with a 5xx or no answer, `median_ms`
        of those that were answered (at most 9 % too high). A subject that nothing was asked for has
        no row. The report then needs the dataset.
        """
        ...

    def looks(self, components: "Sequence[str]") -> "FromClause":
        """How each component of the service was when it was last looked at, one row for each.

        `component`, `state`, `cause` and `looked_at`; all null for one that was never looked at. What
        was seen counts as far as a collection of the tenant has ended since, or at `as_of`: an answer
        is another one only where the tenant's data is.
        """
        ...

    def consent(self) -> "FromClause":
        """`permission` and `seen_at` of what was granted at the last look up to `as_of`; no row without one."""
        ...


class Total(Struct, frozen=True):
    """What all rows that the filter lets through come to in a column, as far as its values are known.

    `sum` and `avg` of numbers, `count` of the rows where something is true; `share` is the sum of
    the column `of[0]` in percent of that of `of[1]`, over the rows where both are known.
    """

    function: Literal["sum", "avg", "count", "share"]
    of: tuple[str, ...] = ()


class ReportColumn(Struct, frozen=True):
    """One column as store, web and OpenAPI read it.

    `en` and `ja` are the headers, `labels` the words for coded values. `unavailable` says why it is always null.
    `total` is asked for by `totals=true`. `reads` are the datasets that its values are from, `inputs` their columns
    (`dataset.column`) and the parameters that go in; what counts up to now changes with time (`tells_time`)."""

    id: str
    type: ValueType
    en: str
    ja: str
    personal: bool = False
    labels: Mapping[str, Text] = field(default_factory=dict)
    unavailable: Text | None = None
    total: Total | None = None
    reads: frozenset[str] = frozenset()
    inputs: frozenset[str] = frozenset()
    tells_time: bool = False


class ReportTable(Protocol):
    """The rows of a report and what follows from them, derived once when first asked for."""

    @property
    def file(self) -> str:
        """The source file that says the rows."""
        ...

    @property
    def needs(self) -> tuple[str, ...]:
        """The datasets that the rows are read from, in the order of asking."""
        ...

    @property
    def parameters(self) -> tuple[ReportParameter, ...]:
        """The parameters that the rows ask for."""
        ...

    @property
    def columns(self) -> tuple[ReportColumn, ...]:
        """The columns in the order of the neutral vocabulary."""
        ...

    @property
    def query(self) -> "Callable[[Sources], Select[tuple[object, ...]]]":
        """The selectable; one and the same object at each look."""
        ...


class PowerShellFile(Struct, frozen=True, kw_only=True):
    """The PowerShell tool's CSV file: its folder and name, and column ids in the file's order, ", " between them.
    The header is the id in PascalCase in the English file, the column's own in the Japanese one; the tool's, if it is
    another, stands before the id: `LastAccess last_activity_date`. Columns and order differ."""

    path: str
    en: str
    ja: str


class Chart(Struct, frozen=True, kw_only=True):
    """How a report is drawn: `kind`, one column of names or times (`across`), columns of numbers (`up`).

    A bar stands for a row, without `up` for how many have that name; of many those with the `largest` or
    `smallest` number are drawn. In a line rows of one time are added up."""

    kind: Literal["bar", "line"]
    across: str
    up: tuple[str, ...] = ()
    first: Literal["largest", "smallest"] = "largest"


class Preset(Struct, frozen=True, kw_only=True):
    """A question worth asking often, as in an address, and what it is called."""

    words: Text
    asked: Mapping[str, str]


class Report(Struct, frozen=True, kw_only=True):
    """Declaration of one report. `key` is filled in by the registry from the file name.

    `row_key` are the column ids that identify a row (the tie-breaker of every order); `order` the
    default order, a column id each, `-` before it for descending. `lacks` says what the report does
    not contain as long as a dataset was not read to its end: dataset -> what is missing.
    `powershell` is absent where the PowerShell tool had no such report. `presets` are asked for by
    name (`preset=stale`); whatever is asked beside one goes before it. `permission` is what it takes
    to read the report, besides `report:read`.
    """

    title: Text
    description: Text
    table: ReportTable
    row_key: tuple[str, ...] = ("id",)
    order: tuple[str, ...]
    docs: str = ""
    lacks: Mapping[str, Text] = field(default_factory=dict)
    powershell: PowerShellFile | None = None
    presets: Mapping[str, Preset] = field(default_factory=dict)
    chart: Chart | None = None
    permission: "Permission" = "report:read"
    key: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """The datasets it reads; the coverage of each is part of every answer."""
        return self.table.needs

    @property
    def parameters(self) -> tuple[ReportParameter, ...]:
        """What it takes beside the question's own parameters, each with its default."""
        return self.table.parameters

    @property
    def columns(self) -> tuple[ReportColumn, ...]:
        """Its columns in the order of the neutral vocabulary."""
        return self.table.columns

    @property
    def query(self) -> "Callable[[Sources], Select[tuple[object, ...]]]":
        """Its rows; a column of the selectable for each of `columns`, in their order."""
        return self.table.query

    @property
    def legacy(self) -> LegacyFile | None:
        """The PowerShell tool's file; None if it had no such report."""
        if self.powershell is None:
            return None
        titles = {column.id: column.ja for column in self.columns}
        return LegacyFile({lang: self._headers(lang, self.powershell, titles) for lang in LANGS})

    def _headers(
        self, lang: Lang, file: PowerShellFile, titles: Mapping[str, str]
    ) -> Mapping[str, str]:
        headers: dict[str, str] = {}
        for entry in (file.ja if lang == "ja" else file.en).split(", "):
            # A header may have a blank in it, a column id never has.
            header, _, column = entry.rpartition(" ")
            usual = titles[column] if lang == "ja" else pascal_case(column)
            headers[header or usual] = column
        return headers


REPORTS = Kind(
    "shared.catalog.reports", "REPORT", Report, named="key", areas=True, unknown="report_unknown"
)
