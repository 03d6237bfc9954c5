"""All rows as CSV, neutral or as the PowerShell tool wrote it.

PostgreSQL formats the cells; those that a spreadsheet would run are made harmless by `parts.csv_safety`.
"""

from collections.abc import Iterable, Iterator

from shared.core.format import About, Format, Rows
from shared.core.query import CsvStyle
from shared.core.question import Question
from shared.core.report import ReportColumn
from shared.render.parts.columns import columns_of, header
from shared.render.parts.csv_safety import neutraliser
from shared.render.parts.former_headers import former_headers

_BOM = b"\xef\xbb\xbf"


def write(about: About, rows: Rows) -> Iterator[bytes]:
    """Yield the file in chunks of about 64 KB, CRLF at the end of each row, no live cell in any."""
    style, columns = csv_style(about.question), columns_of(about.question)
    return csv_file(style, columns, rows.csv_lines(style))


def csv_file(
    style: CsvStyle, columns: Iterable[ReportColumn], lines: Iterable[list[bytes]]
) -> Iterator[bytes]:
    """Yield the header, and `lines` made harmless; `columns` are those of the lines."""
    typed = [place for place, column in enumerate(columns) if column.type in ("text", "json")]
    neutralise = neutraliser(typed)
    yield _header(style)
    for batch in lines:
        yield b"\r\n".join(neutralise(batch)) + b"\r\n"


def csv_style(question: Question) -> CsvStyle:
    """Return the style that `question` asks for: neutral, or legacy in its time zone."""
    legacy, lang, columns = question.powershell, question.lang, columns_of(question)
    former = former_headers(question) if legacy else {}
    return CsvStyle(
        headers=tuple(former.get(column.id, header(column, lang)) for column in columns),
        labels={
            column.id: {code: word.of(lang) for code, word in column.labels.items()}
            for column in columns
            if column.labels
        },
        quote_all=legacy,
        time_zone=question.time_zone if legacy else None,
        booleans=("True", "False") if legacy else ("true", "false"),
    )


def _header(style: CsvStyle) -> bytes:
    """The first line, with the byte order mark if the style has one."""
    cells = ",".join(_quoted(cell, always=style.quote_all) for cell in style.headers)
    return (_BOM if style.bom else b"") + cells.encode() + b"\r\n"


def _quoted(cell: str, *, always: bool) -> str:
    if always or any(sign in cell for sign in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


FORMAT = Format(
    media_type="text/csv; charset=utf-8",
    extension="csv",
    whole=write,
    takes=frozenset({"compat", "timeZone"}),
    writes_utc=True,
    example="\ufeffId,Name\r\n1,Sato\r\n",
)
