"""The page that the PowerShell tool wrote of a report, made safe: no font or script of others, all escaped.

Title, heading, time line, blue header row, zebra rows, number of records, badges for 低, 中 and 高. Cells are
those of its CSV file: local time without an offset, numbers as they are, True and False.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.core.format import About
from shared.core.report import ReportColumn
from shared.core.text import text as say
from shared.render.parts.cells import values_of
from shared.render.parts.columns import columns_of
from shared.render.parts.former_headers import former_header
from shared.render.parts.markup import asset, policy, text

# The three words that have a colour are those of a scale with exactly these steps.
_STEPS = ("low", "medium", "high")


def powershell_page(about: About, batches: Iterator[Sequence[tuple[object, ...]]]) -> Iterator[str]:
    """Yield the page in pieces of a batch of rows each."""
    question = about.question
    columns = columns_of(question)
    readers = [
        _reader(column, read)
        for column, read in zip(
            columns, values_of(columns, question.lang, question.time_zone), strict=True
        )
    ]
    yield _head(about, columns)
    count = 0
    for batch in batches:
        count += len(batch)
        yield "".join(
            f"<tr>{''.join(read(value) for read, value in zip(readers, row, strict=True))}</tr>\n"
            for row in batch
        )
    told = say("html.records", question.lang, rows=count)
    yield f'</tbody>\n</table>\n<p class="footer">{text(told)}</p>\n</main>\n</body>\n</html>\n'


def _head(about: About, columns: Sequence[ReportColumn]) -> str:
    question, style = about.question, asset("powershell.css")
    name = text(question.report.title.of(question.lang))
    made = about.generated_at.astimezone(ZoneInfo(question.time_zone))
    heads = "".join(f'<th scope="col">{text(former_header(question, one))}</th>' for one in columns)
    return f"""<!DOCTYPE html>
<html lang="ja">
<head>
<meta charset="UTF-8">
{policy([style], [])}
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>{name} - Microsoft 365管理ツール</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{name}</h1>
<p class="generated">生成日時: {made:%Y年%m月%d日 %H:%M:%S}</p>
<table>
<thead>
<tr>{heads}</tr>
</thead>
<tbody>
"""


def _reader(column: ReportColumn, read: Callable[[object], object]) -> Callable[[object], str]:
    steps = frozenset(_STEPS) & column.labels.keys() if set(_STEPS) <= column.labels.keys() else ()

    def cell(value: object) -> str:
        told = text(_told(read(value)))
        return (
            f'<td><span class="badge {value}">{told}</span></td>'
            if value in steps
            else f"<td>{told}</td>"
        )

    return cell


def _told(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "True" if value else "False"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
    return str(value)
