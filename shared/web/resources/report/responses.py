"""The HTTP of a report: a page, a file, a confirmation; what every one of them says of its age."""

from urllib.parse import quote

from shared.core.clock import written
from shared.core.format import About, Format, Onward
from shared.core.query import ReportPage
from shared.render.parts.coverage import coverage_line
from shared.render.parts.parameters import parameters_line
from shared.usecases.read_report import OpenedReport
from shared.web.compression import accepts_gzip, in_one_piece
from shared.web.http import Request, Response

# What is settled is so for good, but for what is deleted from history: a copy lives for a day.
_SETTLED_SECONDS = 86_400


def keeping(opened: OpenedReport, form: Format) -> str:
    """Return what `Cache-Control` says of an answer: who may keep it, how long he need not ask.

    A file that names people is for who asked for it alone, and is kept where he puts it.
    """
    if form.needs_all_rows and not opened.about.question.masked:
        return "private, no-store"
    if opened.is_settled:
        return f"private, max-age={_SETTLED_SECONDS}, immutable"
    seconds = opened.good_for()
    return f"private, max-age={seconds}, must-revalidate" if seconds else "private, no-cache"


def freshness_headers(about: About) -> dict[str, str]:
    """Return the headers that tell the age, and whether names are shown. A 304 renews them, though the body stays as it was."""
    headers = {
        "Cache-Control": "private, no-cache",
        "Kanri-Generated-At": written(about.generated_at),
        "Kanri-As-Of": written(about.as_of),
        "Kanri-Coverage": coverage_line(about.standing.coverage, about.as_of),
        "Kanri-Personal-Data": "masked" if about.question.masked else "shown",
    }
    if (then := about.compared) is not None:
        headers["Kanri-Compared-With"] = written(then.as_of)
        coverage = coverage_line(then.standing.coverage, then.as_of)
        headers["Kanri-Compared-Coverage"] = coverage
    if about.parameters:
        headers["Kanri-Parameters"] = parameters_line(about)
    return headers


def page_response(form: Format, about: About, page: ReportPage, onward: Onward | None) -> Response:
    """Return one page; its `Link` is the address of the next one."""
    assert form.page is not None  # noqa: S101 - the caller looked at `needs_all_rows`
    body = form.page(about, page, onward)
    headers = {"Content-Type": form.media_type}
    if onward is not None:
        headers["Link"] = f'<{onward.link}>; rel="next"'
    return Response(200, body, headers)


def file_response(request: Request, form: Format, opened: OpenedReport) -> Response:
    """Return all rows as a file, in gzip if the caller takes it."""
    assert form.whole is not None  # noqa: S101 - the caller looked at `needs_all_rows`
    rows = opened.rows()
    headers = {
        "Content-Type": form.media_type,
        "Content-Disposition": _disposition(opened.about, form),
    }
    accepted = request.headers.get("accept-encoding", "")
    if packed := not form.is_binary and accepts_gzip(accepted):
        headers["Content-Encoding"] = "gzip"
    body = in_one_piece(form.whole(opened.about, rows), packed=packed)
    headers["Kanri-Row-Count"] = str(rows.count)
    return Response(200, body, headers, packed=form.is_binary)


def _disposition(about: About, form: Format) -> str:
    from shared.render.parts.file_name import file_name, titled_file_name

    titled = quote(titled_file_name(about, form))
    return f"attachment; filename=\"{file_name(about, form)}\"; filename*=UTF-8''{titled}"
