"""The chart that a report declares, drawn of the rows of an answer: what stands where, for any painter."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from shared.core.masking import masking_of
from shared.core.text import Lang, text
from shared.render.parts.chart_rows import Gathered, Gathering, Mark, gathering
from shared.render.parts.chart_shapes import Look, bars, lines
from shared.render.parts.columns import columns_of, header
from shared.render.parts.drawing import Drawing
from shared.render.parts.scale import scale_of, written

if TYPE_CHECKING:
    from shared.core.format import About
    from shared.core.report import Chart, ReportColumn

# How the id of a column says what its numbers are, where the words for it do not already.
_PERCENT = ("_percent", "_rate", "_rate_percent")


class Charted(Struct, frozen=True):
    """What is drawn, for who draws it himself: a value of each of the `series` for each mark."""

    kind: Literal["bar", "line"]
    title: str
    across: str
    series: tuple[str, ...]
    marks: tuple[Mark, ...]
    notes: tuple[str, ...]


class AnswerChart(Struct, frozen=True):
    """Takes the rows of an answer while they are written, and draws them."""

    _chart: "Chart"
    _columns: "Sequence[ReportColumn]"
    _lang: Lang
    _rows: Gathering

    def take(self, batch: Iterable[Sequence[object]]) -> None:
        """Take rows, in the order of the answer's columns."""
        for row in batch:
            self._rows.take(row)

    def drawing(self) -> Drawing | None:
        """Return the chart of what was taken; None if there is nothing to draw."""
        found = self._rows.gathered()
        if not found.marks:
            return None
        values = [value for mark in found.marks for value in mark.values if value is not None]
        counts = not self._up
        whole = counts or all(column.type == "int" for column in self._up)
        scale = scale_of(values, self._unit, whole=whole)
        look = Look(self._title, self._series, scale, tuple(self._notes(found)), self._lang)
        draw = lines if self._chart.kind == "line" else bars
        height, shapes = draw(found.marks, look)
        description = " ".join((self._description(found), *look.notes))
        return Drawing(look.width, height, self._title, description, tuple(shapes))

    def charted(self) -> Charted:
        """Return what is drawn of what was taken."""
        found = self._rows.gathered()
        notes = tuple(self._notes(found))
        return Charted(
            self._chart.kind, self._title, self._across, self._series, found.marks, notes
        )

    @property
    def _up(self) -> "list[ReportColumn]":
        by_id = {column.id: column for column in self._columns}
        return [by_id[name] for name in self._chart.up if name in by_id]

    @property
    def _unit(self) -> str:
        return "%" if any(column.id.endswith(_PERCENT) for column in self._up) else ""

    @property
    def _series(self) -> tuple[str, ...]:
        names = tuple(header(column, self._lang) for column in self._up)
        return names or (text("chart.rows", self._lang),)

    @property
    def _across(self) -> str:
        across = next(one for one in self._columns if one.id == self._chart.across)
        return header(across, self._lang)

    @property
    def _title(self) -> str:
        up = ("、" if self._lang == "ja" else ", ").join(self._series)
        return text("chart.title", self._lang, up=up, across=self._across)

    def _notes(self, found: Gathered) -> Iterator[str]:
        if not found.others:
            return
        if self._chart.kind == "line":
            yield text("chart.not_drawn", self._lang, rows=written(found.others))
            return
        largest = self._chart.first == "largest"
        first = "chart.first_largest" if largest else "chart.first_smallest"
        drawn, rows = written(len(found.marks)), written(found.rows)
        yield text(first, self._lang, drawn=drawn, rows=rows, up=self._series[0])
        for name, rest in zip(self._series, found.rest, strict=True):
            if rest is not None:
                yield text("chart.rest", self._lang, up=name, rest=written(rest, self._unit))

    def _description(self, found: Gathered) -> str:
        if self._chart.kind == "line":
            told, ends = self._spans(found), (found.marks[0].name, found.marks[-1].name)
            params = {"first": ends[0], "last": ends[1]}
            return text("chart.description_line", self._lang, marks="; ".join(told), **params)
        marks = (
            f"{mark.name} {' / '.join(self._told(value) for value in mark.values)}"
            for mark in found.marks
        )
        return text("chart.description_bar", self._lang, marks="; ".join(marks))

    def _spans(self, found: Gathered) -> Iterator[str]:
        for number, name in enumerate(self._series):
            known = [told for one in found.marks if (told := one.values[number]) is not None]
            least, most = map(self._told, (min(known), max(known)) if known else (None, None))
            yield text("chart.least_and_most", self._lang, name=name, least=least, most=most)

    def _told(self, value: float | None) -> str:
        return text("chart.unknown", self._lang) if value is None else written(value, self._unit)


def chart_of(about: "About", zone: str) -> AnswerChart | None:
    """Return what draws the answer's chart, with times of `zone`.

    None where the report declares none, and where its columns are not asked for or withheld: a file of
    the PowerShell tool has none.
    """
    question, chart = about.question, about.question.report.chart
    if chart is None or question.powershell:
        return None
    columns = columns_of(question)
    hidden = {one.id for one in columns if question.masked and masking_of(one) == "withheld"}
    seen = {column.id for column in columns} - hidden
    up = tuple(name for name in chart.up if name in seen)
    if chart.across not in seen or (chart.up and not up):
        return None
    chart = type(chart)(kind=chart.kind, across=chart.across, up=up, first=chart.first)
    rows = gathering(chart, columns, question.lang, zone)
    return AnswerChart(chart, columns, question.lang, rows)
