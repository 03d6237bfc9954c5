"""A question to a report: read from a plain mapping, kept as one, told as a sentence.

An address, a saved view, a schedule and GraphQL ask alike. All that can be wrong with a question is
refused here, by name, before the database is asked.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from shared.core.asked import MAX_TOP, Asked, check_names, choice, flag, instant, whole_number
from shared.core.clock import written
from shared.core.errors import BadRequest
from shared.core.format import FORMATS
from shared.core.masking import check_masked, unmasked_order
from shared.core.query import Condition, FirstPage, Order, ReportQuery, Value
from shared.core.registry import of
from shared.core.report import Report, ReportColumn
from shared.core.report_parameters import VOCABULARY, read_parameters
from shared.core.text import LANGS, Lang

NAMES = (
    "asOf",
    "filter",
    "orderBy",
    "select",
    "top",
    "cursor",
    "count",
    "totals",
    "format",
    "compat",
    "timeZone",
    "lang",
    "preset",
    *(parameter.name for parameter in VOCABULARY),
)
TOP = 100

# The PowerShell tool wrote local time without an offset, at its home in Japan.
TIME_ZONE = "Asia/Tokyo"
# Files beside the time zones on some machines; PostgreSQL does not know them.
_NOT_PLACES = ("localtime", "posix", "right/")

# Two clocks that are set by NTP differ by less: an instant so little ahead of ours is now.
CLOCK_SKEW = timedelta(seconds=5)

# What only some formats have a use for.
_OF_PAGES, _OF_FILES = ("top", "cursor", "count", "totals"), ("compat", "timeZone")


class Position(Struct, frozen=True):
    """Where a walk through the pages stands: how it began, and the order's values of the last row."""

    first_page: FirstPage
    after: tuple[Value, ...]


class Question(Struct, frozen=True, kw_only=True):
    """A question that makes sense. `asked` is what it was read from, sorted by name.

    `columns` are ids in the order of the answer; `order` always ends in the report's row key.
    `powershell` asks for the file as the PowerShell tool wrote it, in `time_zone` (an IANA name).
    `cursor` is still sealed: only who answers knows whether it is one of his. `masked` is not asked
    for: it follows from who asks.
    """

    report: Report
    asked: tuple[tuple[str, str], ...]
    lang: Lang
    format: str
    as_of: datetime | None
    columns: tuple[str, ...]
    order: tuple[Order, ...]
    where: Condition | None
    top: int
    count: bool
    totals: bool
    cursor: str | None
    powershell: bool
    time_zone: str
    parameters: tuple[tuple[str, int], ...]
    masked: bool

    def to_mapping(self) -> dict[str, str]:
        """Return what `read_question` makes this question of, given the same language."""
        return dict(self.asked)

    def sentence(self, lang: Lang) -> str:
        """Return the question in words; it quotes the filter's values, so it is not for logs."""
        from shared.core.sentence import sentence

        return sentence(self, lang)

    def query(self, position: Position | None = None) -> ReportQuery:
        """Return what the store is asked: the first page, or the one after `position`."""
        return ReportQuery(
            as_of=self.as_of,
            parameters=self.parameters,
            columns=self.columns,
            order=self.order,
            where=self.where,
            top=self.top,
            after=None if position is None else position.after,
            count=self.count,
            masked=self.masked,
            totals=self.totals,
        )


def read_question(
    asked: Asked, report: Report, lang: Lang, now: datetime, *, masked: bool = False
) -> Question:
    """Return the question that `asked` puts to `report`; BadRequest names the parameter at fault.

    `lang` holds if `asked` names no language; an `asOf` after `now` (UTC) is refused. `masked` is the
    question of somebody who may not see personal data: Forbidden if it goes by what is withheld.
    """
    check_names(asked, NAMES)
    asked = _with_preset(asked, report)
    format_ = _format(asked)
    powershell = choice(asked, "compat", ("powershell",), "") == "powershell"
    if "timeZone" in asked and not powershell and of(FORMATS)[format_].writes_utc:
        raise BadRequest("parameter_needs", parameter="timeZone", other="compat=powershell")
    columns = {column.id: column for column in report.columns}
    lang = _lang(asked, lang)
    where = _where(asked, report)
    order = _order(asked.get("orderBy"), report, columns, masked=masked)
    if masked:
        check_masked(report.columns, where, order)
    return Question(
        report=report,
        asked=tuple(sorted(asked.items())),
        lang=lang,
        format=format_,
        as_of=_as_of(asked, now),
        columns=_select(asked, report, columns, lang if powershell else None),
        order=order,
        where=where,
        top=whole_number(asked, "top", TOP, 1, MAX_TOP),
        count=flag(asked, "count"),
        totals=flag(asked, "totals"),
        cursor=asked.get("cursor"),
        powershell=powershell,
        time_zone=time_zone(asked),
        parameters=read_parameters(asked, report.parameters),
        masked=masked,
    )


def _with_preset(asked: Asked, report: Report) -> Asked:
    """What is asked with the preset's name replaced by what it asks: a kept question stays the same."""
    name = choice(asked, "preset", tuple(report.presets), "")
    if not name:
        return asked
    own = {key: value for key, value in asked.items() if key != "preset"}
    return {**report.presets[name].asked, **own}


def time_zone(asked: Asked) -> str:
    """Return the IANA name asked for, Asia/Tokyo if none; BadRequest if there is no such zone."""
    name = asked.get("timeZone")
    if name is None:
        return TIME_ZONE
    try:
        if name.startswith(_NOT_PLACES):
            raise ValueError(name)
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRequest("time_zone_unknown", parameter="timeZone", value=name) from None


def _format(asked: Asked) -> str:
    form = of(FORMATS)[choice(asked, "format", tuple(of(FORMATS)), "json")]
    idle = {*_OF_FILES} - form.takes | ({*_OF_PAGES} if form.needs_all_rows else set())
    for name in (*_OF_PAGES, *_OF_FILES):
        if name in asked and name in idle:
            raise BadRequest("parameter_not_with_format", parameter=name, format=form.id)
    return form.id


def _lang(asked: Asked, lang: Lang) -> Lang:
    return "ja" if choice(asked, "lang", LANGS, lang) == "ja" else "en"


def _as_of(asked: Asked, now: datetime) -> datetime | None:
    as_of = instant(asked, "asOf")
    if as_of is not None and as_of > now + CLOCK_SKEW:
        raise BadRequest("as_of_future", parameter="asOf", value=written(as_of))
    return as_of


def _known(name: str, parameter: str, columns: Mapping[str, ReportColumn]) -> ReportColumn:
    column = columns.get(name)
    if column is None:
        raise BadRequest(
            "column_unknown", parameter=parameter, value=name, columns=", ".join(columns)
        )
    return column


def _select(
    asked: Asked, report: Report, columns: Mapping[str, ReportColumn], file_of: Lang | None
) -> tuple[str, ...]:
    """The columns asked for; without any, those of the PowerShell tool's file in `file_of`, or all."""
    text = asked.get("select")
    if text is not None:
        names = dict.fromkeys(name.strip() for name in text.split(","))
        return tuple(_known(name, "select", columns).id for name in names)
    if file_of is not None and report.legacy is not None:
        return tuple(report.legacy.of(file_of).values())
    return tuple(columns)


def _where(asked: Mapping[str, str], report: Report) -> Condition | None:
    if (text := asked.get("filter")) is None:
        return None
    from shared.core.labelled_values import in_codes
    from shared.core.odata import parse_filter

    kinds = {column.id: column.type for column in report.columns}
    return in_codes(parse_filter(text, kinds), report.columns)


def _order(
    text: str | None, report: Report, columns: Mapping[str, ReportColumn], *, masked: bool
) -> tuple[Order, ...]:
    """The order asked for, made total by the report's row key."""
    if text is None:
        asked = [Order(name.lstrip("-"), name.startswith("-")) for name in report.order]
        asked = unmasked_order(asked, columns) if masked else asked
    else:
        asked = [_order_term(term, columns) for term in text.split(",")]
    # The key goes the way of the last column, so that an index on both serves either direction.
    descending = bool(asked) and asked[-1].descending
    asked += [Order(name, descending) for name in report.row_key]
    unique = {order.column: order for order in reversed(asked)}
    return tuple(order for order in asked if unique[order.column] is order)


def _order_term(term: str, columns: Mapping[str, ReportColumn]) -> Order:
    name, *direction = term.split() or [""]
    column = _known(name, "orderBy", columns)
    if column.type == "json":
        raise BadRequest("column_not_sortable", parameter="orderBy", value=name)
    if direction not in ([], ["asc"], ["desc"]):
        raise BadRequest("order_malformed", parameter="orderBy", value=term.strip())
    return Order(name, direction == ["desc"])
