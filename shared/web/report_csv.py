"""A report as CSV in chunks, neutral or as the PowerShell tool wrote it, coverage in the headers."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote
from zoneinfo import ZoneInfo

from shared.core.query import CsvStyle
from shared.core.question import Question
from shared.core.report import Report, ReportColumn
from shared.core.text import Lang
from shared.usecases.read_report import ReportReading
from shared.web.compression import accepts_gzip, in_one_piece
from shared.web.http import Request, Response


def csv_report(request: Request, question: Question, reading: ReportReading) -> Response:
    """Return all rows that `question` asks for, in gzip if the caller takes it."""
    zone = question.time_zone if question.powershell else None
    style = csv_style(question.report, question.columns, question.lang, zone)
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": _disposition(reading, question),
    }
    if packed := accepts_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
    counts: list[int] = []
    body = in_one_piece(reading.csv(style, counts.append), packed=packed)
    return Response(200, body, {**headers, "Kanri-Row-Count": str(sum(counts))})


def csv_style(
    report: Report, names: Sequence[str], lang: Lang, legacy_zone: str | None
) -> CsvStyle:
    """Return the style for the columns `names`: neutral, or legacy in the time zone given."""
    by_id = {column.id: column for column in report.columns}
    columns = [by_id[name] for name in names]
    legacy = legacy_zone is not None
    former = _legacy_headers(report, lang) if legacy else {}
    return CsvStyle(
        headers=tuple(former.get(column.id, _header(column, lang)) for column in columns),
        labels={
            column.id: {code: word.of(lang) for code, word in column.labels.items()}
            for column in columns
            if column.labels
        },
        quote_all=legacy,
        time_zone=legacy_zone,
        booleans=("True", "False") if legacy else ("true", "false"),
    )


def _legacy_headers(report: Report, lang: Lang) -> Mapping[str, str]:
    """Column id -> header of the PowerShell tool's file in `lang`."""
    file = report.legacy.of(lang) if report.legacy else {}
    return {column: header for header, column in file.items()}


def _header(column: ReportColumn, lang: Lang) -> str:
    return column.ja if lang == "ja" else column.en


def _disposition(reading: ReportReading, question: Question) -> str:
    report, local = question.report, reading.now.astimezone(ZoneInfo(question.time_zone))
    stamp = local.strftime("%Y%m%d_%H%M%S")
    title = quote(f"{report.title.of(question.lang)}_{stamp}.csv".replace(" ", "_"))
    return f"attachment; filename=\"{report.key}_{stamp}.csv\"; filename*=UTF-8''{title}"
