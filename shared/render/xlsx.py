"""All rows as a workbook for spreadsheets, with a sheet that says what they are.

Of our own and not by a library: a writer that knows the columns makes XML of whole batches, column by
column. It takes as much time as the fastest (a Rust library, which needs dictionaries of rows and 3.4 MB)
and a tenth of that of openpyxl; see `tests.perf xlsx`.
"""

from collections.abc import Iterator

from shared.core.format import About, Format, Rows
from shared.core.text import text
from shared.render.parts.columns import columns_of

# Of more than 2 GB of XML no reader makes much; rows are told in Excel's own bounds.
_MOST_BYTES = 1_500_000_000


def write(
    about: About, rows: Rows, *, most_rows: int = 1_048_576, most_bytes: int = _MOST_BYTES
) -> Iterator[bytes]:
    """Yield the file while the rows are read; those beyond what a sheet holds go on on the next one."""
    from shared.render.parts.about_lines import about_sections, about_title
    from shared.render.parts.sheets import Bounds, TableSheets, about_sheet
    from shared.render.parts.workbook import Sheet, Workbook, sheet_name

    question = about.question
    title = question.report.title.of(question.lang)
    made_at = about.generated_at
    book = Workbook(title, made_at)
    bounds = Bounds(most_rows, most_bytes)
    table = TableSheets(title, columns_of(question), question.lang, about.time_zone, bounds)
    for sheet, parts in table.written(iter(rows.stream())):
        yield from book.sheet(sheet, parts)
    notes = []
    if table.told.cut:
        notes.append(text("xlsx.cut", question.lang, count=table.told.cut))
    if len(table.sheets) > 1:
        notes.append(text("xlsx.sheets", question.lang, count=len(table.sheets)))
    own = about_title(question.lang)
    yield from book.sheet(
        Sheet(name=sheet_name(own)), about_sheet(own, about_sections(about, notes))
    )
    yield book.end()


FORMAT = Format(
    media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    extension="xlsx",
    whole=write,
    takes=frozenset({"timeZone"}),
    is_binary=True,
)
