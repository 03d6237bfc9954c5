"""All rows as a workbook for spreadsheets, with a sheet that says what they are.

Of our own and not by a library: a writer that knows the columns makes XML of whole batches, column by
column. It takes as much time as the fastest (a Rust library, which needs dictionaries of rows and 3.4 MB)
and a tenth of that of openpyxl; see `tests.perf xlsx`.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from shared.core.format import About, Format, Rows
from shared.core.text import Lang, text
from shared.render.parts.columns import columns_of

if TYPE_CHECKING:
    from shared.render.parts.chart import AnswerChart
    from shared.render.parts.sheets import TableSheets
    from shared.render.parts.workbook import Workbook

type Batch = Sequence[tuple[object, ...]]

# Of more than 2 GB of XML no reader makes much; rows are told in Excel's own bounds.
_MOST_BYTES = 1_500_000_000


def write(
    about: About, rows: Rows, *, most_rows: int = 1_048_576, most_bytes: int = _MOST_BYTES
) -> Iterator[bytes]:
    """Yield the file while the rows are read; those beyond what a sheet holds go on on the next one."""
    from shared.render.parts.about_lines import about_sections, about_title
    from shared.render.parts.chart import chart_of
    from shared.render.parts.sheets import Bounds, TableSheets, about_sheet
    from shared.render.parts.workbook import Sheet, Workbook, sheet_name

    question = about.question
    title, own = question.report.title.of(question.lang), about_title(question.lang)
    batches = rows.stream()
    first = next(batches, None)
    chart = None if first is None else chart_of(about, about.time_zone)
    book = Workbook(title, about.generated_at, drawn=chart is not None)
    bounds = Bounds(most_rows, most_bytes)
    table = TableSheets(title, columns_of(question), question.lang, about.time_zone, bounds)
    read = chain(() if first is None else (first,), batches)
    for sheet, parts in table.written(read if chart is None else _seen(read, chart)):
        yield from book.sheet(sheet, parts)
    if chart is not None:
        yield from _drawn(book, chart, text("xlsx.chart", question.lang))
    notes = tuple(_notes(table, question.lang))
    yield from book.sheet(
        Sheet(name=sheet_name(own)), about_sheet(own, about_sections(about, notes))
    )
    yield book.end()


def _seen(batches: Iterable[Batch], chart: "AnswerChart") -> Iterator[Batch]:
    for batch in batches:
        chart.take(batch)
        yield batch


def _drawn(book: "Workbook", chart: "AnswerChart", name: str) -> Iterator[bytes]:
    from shared.render.parts.sheet_chart import chart_part, chart_sheet, drawing_part
    from shared.render.parts.workbook import Sheet

    charted = chart.charted()
    yield from book.sheet(Sheet(name=name), chart_sheet(charted))
    book.draw(drawing_part(charted), chart_part(charted, name))


def _notes(table: "TableSheets", lang: Lang) -> Iterator[str]:
    """What a worksheet could not hold."""
    if table.told.cut:
        yield text("xlsx.cut", lang, count=table.told.cut)
    if len(table.sheets) > 1:
        yield text("xlsx.sheets", lang, count=len(table.sheets))


FORMAT = Format(
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    extension="xlsx",
    whole=write,
    takes=frozenset({"timeZone"}),
    is_binary=True,
)
