"""How figures are asked for and answered over HTTP, whichever they are: a page, a file, a confirmation."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple

from shared.core import registry
from shared.core.format import FORMATS
from shared.core.text import Text
from shared.core.work import DEPLOYMENT
from shared.web.entity_tags import is_named, tag_of
from shared.web.http import Response
from shared.web.links import path_of
from shared.web.reach import REFUSES as REACH_REFUSES
from shared.web.reach import TENANT, reach_of
from shared.web.resources.report.parameters import PARAMETERS as OF_REPORTS
from shared.web.route import TEXT, Call, Parameter

if TYPE_CHECKING:
    from uuid import UUID

    from shared.core.format import About
    from shared.core.question import Position
    from shared.core.report import Report
    from shared.usecases.read_figures import FiguresAsked

# What figures have no use for: they have a window and not an instant, and no former file.
_TAKEN = ("filter", "orderBy", "select", "top", "cursor", "count", "totals", "format")
_INSTANT = {"type": "string", "format": "date-time"}
_OF_WINDOW = ("instant_expected", "window_reversed", "window_too_early", "window_too_long")

PARAMETERS = (
    TENANT,
    Parameter(
        "from",
        Text(
            "The beginning, an instant with an offset. If absent: 30 days, with PT1H two days, before the end.",
            "始まり (オフセット付きの日時)。省略時は終わりの 30 日前 (PT1H では 2 日前)。",
        ),
        _INSTANT,
        codes=_OF_WINDOW,
    ),
    Parameter(
        "to",
        Text(
            "The end, which is not included. Now if absent or ahead.",
            "終わり (この日時は含みません)。省略時、または未来の場合は現在。",
        ),
        _INSTANT,
        codes=_OF_WINDOW,
    ),
    Parameter(
        "interval",
        Text(
            "P1D (up to 400 days at once) or PT1H (up to 31).",
            "P1D (一度に 400 日まで) または PT1H (31 日まで)。",
        ),
        {"type": "string", "enum": ["P1D", "PT1H"], "default": "P1D"},
    ),
    Parameter(
        "timeZone",
        Text(
            "IANA time zone whose days and hours are counted; UTC if absent.",
            "集計する日と時間のタイム ゾーン (IANA 名)。省略時は UTC。",
        ),
        TEXT,
        example="Asia/Tokyo",
        codes=("time_zone_unknown",),
    ),
    *(parameter for parameter in OF_REPORTS if parameter.name in _TAKEN),
)
# What the question to a report, which has no window, does not know.
_NOT_OF_REPORTS = ("tenant", "from", "to", "interval", "timeZone")

HEADERS = (
    "ETag",
    "Link",
    "Kanri-Generated-At",
    "Kanri-As-Of",
    "Kanri-Coverage",
    "Kanri-Personal-Data",
    "Kanri-Row-Count",
)
REFUSES: dict[int, tuple[str, ...]] = {
    400: ("export_too_large",),
    403: ("column_withheld", *REACH_REFUSES[403]),
    404: REACH_REFUSES[404],
    503: ("export_slow", "question_slow"),
}


class _Asked(NamedTuple):
    """What a call asks for: `further` binds its cursors to what is no part of the question."""

    figures: "FiguresAsked"
    position: "Position | None"
    further: tuple[object, ...]
    named: "UUID | None"


def answer_figures(
    call: Call, report: "Report", sources: tuple[str, ...], own: Sequence[str] = ()
) -> Response:
    """Return the figures of `report`, counted from `sources`, of the tenants that the caller may see.

    304 without reading any if his copy is still right. `own` are parameters of the route that are
    no part of the question: they have decided which report it is.
    """
    from shared.usecases.read_figures import about_figures, fingerprint
    from shared.web.resources.report.responses import freshness_headers

    asked = _asked(call, report, sources, own)
    question, tenants = asked.figures.question, asked.figures.tenants
    about = about_figures(call.doors.engine, asked.figures, call.now, asked.named)
    known = (question.to_mapping(), call.lang, question.masked, fingerprint(about, tenants))
    tag = tag_of(path_of(call.request), *known)
    headers = {"ETag": tag, **freshness_headers(about)}
    if is_named(tag, call.request.headers.get("if-none-match", "")):
        return Response(304, b"", headers)
    response = _read(call, asked, about)
    response.headers.update(headers)
    return response


def _asked(call: Call, report: "Report", sources: tuple[str, ...], own: Sequence[str]) -> _Asked:
    from shared.core.question import read_question
    from shared.core.window import read_window
    from shared.usecases.read_figures import FiguresAsked
    from shared.web.resources.report.position import position_of

    query, reach = call.request.query, reach_of(call, report.permission)
    masked = not all(map(call.caller.sees_personal_data, reach.ids))
    apart = {name: text for name, text in query.items() if name in (*_NOT_OF_REPORTS, *own)}
    rest = {name: text for name, text in query.items() if name not in apart}
    question = read_question(rest, report, call.lang, call.now, masked=masked)
    further = (reach.ids, sorted(apart.items()))
    position = position_of(call, question, *further)
    window = read_window(apart, call.now if position is None else position.first_page.at)
    figures = FiguresAsked(question, window, reach.ids, sources)
    return _Asked(figures, position, further, reach.named)


def _read(call: Call, asked: _Asked, about: "About") -> Response:
    from shared.core.masking import key_of
    from shared.store.answers.reports import Reports
    from shared.usecases.read_figures import open_figures
    from shared.web.resources.report.position import onward
    from shared.web.resources.report.responses import file_response, page_response

    question, tenants, doors = asked.figures.question, asked.figures.tenants, call.doors
    # Of one tenant the pseudonyms are those of its reports, and of its audit log.
    whose = tenants[0] if len(tenants) == 1 else DEPLOYMENT
    key = key_of(doors.secrets().pseudonym_secret, whose) if question.masked else None
    form = registry.of(FORMATS)[question.format]
    with ExitStack() as snapshot:
        reading = open_figures(Reports(doors.engine), asked.figures, about, asked.position, key)
        opened = snapshot.enter_context(reading)
        if form.needs_all_rows:
            return file_response(call.request, form, opened)
        page = opened.page()
        snapshot.close()  # Nobody waits for our session while the page is being written.
        following = onward(call, question, opened.first_page, page.next, *asked.further)
        return page_response(form, about, page, following)
