"""A report as CSV in chunks, neutral or as the PowerShell tool wrote it, coverage in the headers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.core.errors import BadRequest
from shared.core.query import CsvStyle
from shared.core.report import Report, ReportColumn
from shared.core.text import Lang
from shared.usecases.read_report import ReportReading
from shared.web.compression import accepts_gzip, in_one_piece
from shared.web.http import Request, Response
from shared.web.parameters import choice
from shared.web.report_query import Question

# The PowerShell tool wrote local time without an offset, at its home in Japan.
LEGACY_TIME_ZONE = "Asia/Tokyo"
# Files beside the time zones on some machines; PostgreSQL does not know them.
_NOT_PLACES = ("localtime", "posix", "right/")


def is_legacy(request: Request) -> bool:
    """Tell whether the CSV is to look as the PowerShell tool wrote it; only then a zone matters."""
    legacy = choice(request, "compat", ("powershell",), "") == "powershell"
    if "timeZone" in request.query and not legacy:
        raise BadRequest("parameter_needs", parameter="timeZone", other="compat=powershell")
    return legacy


def with_legacy_columns(request: Request, question: Question) -> Question:
    """Return the question for the columns of the PowerShell tool, unless it selects its own."""
    legacy = question.report.legacy
    if legacy is None or not is_legacy(request) or "select" in request.query:
        return question
    columns = tuple(legacy.of(question.lang).values())
    return replace(question, query=replace(question.query, columns=columns))


def csv_report(request: Request, question: Question, reading: ReportReading) -> Response:
    """Return all rows that `question` asks for, in gzip if the caller takes it."""
    zone = time_zone(request)
    names = reading.query.columns
    style = csv_style(reading.report, names, question.lang, zone if is_legacy(request) else None)
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": _disposition(reading, question.lang, zone),
    }
    if packed := accepts_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
    counts: list[int] = []
    body = in_one_piece(reading.csv(style, counts.append), packed=packed)
    return Response(200, body, {**headers, "Kanri-Row-Count": str(sum(counts))})


def time_zone(request: Request) -> str:
    """Return the IANA name asked for, Asia/Tokyo if none; BadRequest if there is no such zone."""
    name = request.query.get("timeZone", LEGACY_TIME_ZONE)
    try:
        if name.startswith(_NOT_PLACES):
            raise ValueError(name)
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRequest("time_zone_unknown", parameter="timeZone", value=name) from None


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


def _disposition(reading: ReportReading, lang: Lang, zone: str) -> str:
    stamp = reading.now.astimezone(ZoneInfo(zone)).strftime("%Y%m%d_%H%M%S")
    title = quote(f"{reading.report.title.of(lang)}_{stamp}.csv".replace(" ", "_"))
    return f"attachment; filename=\"{reading.report.key}_{stamp}.csv\"; filename*=UTF-8''{title}"
