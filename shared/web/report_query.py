"""Reads a question to a report from query parameters: filter, order, columns, page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from shared.core.errors import BadRequest
from shared.core.odata import (
    GRAMMAR,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_SEARCHES,
    MAX_TERMS,
    MAX_VALUES,
    parse_filter,
    whole,
)
from shared.core.query import FirstPage, Order, ReportQuery, Value
from shared.core.report import Report, ReportColumn
from shared.core.text import Lang, Text
from shared.web.cursor import Cursors, Scalar, digest_of
from shared.web.http import Request
from shared.web.labelled_values import in_codes
from shared.web.parameters import (
    CURSOR,
    MAX_TOP,
    TOP,
    choice,
    flag,
    instant,
    is_storable,
    whole_number,
)
from shared.web.route import TEXT, Call, Parameter

PARAMETERS = (
    Parameter(
        "asOf",
        Text(
            "Answer as of this instant, ISO 8601 with an offset (write + as %2B).",
            "この時点の状態で回答します。オフセット付き ISO 8601 (+ は %2B)。",
        ),
        {"type": "string", "format": "date-time"},
        example="2026-01-31T09:00:00Z",
        codes=("instant_expected", "as_of_future", "as_of_too_early"),
    ),
    Parameter(
        "filter",
        Text(
            f"OData subset: and or not, eq ne gt ge lt le, in, startswith contains endswith. At most"
            f" {MAX_LENGTH} characters, {MAX_TERMS} conditions, {MAX_DEPTH} levels, {MAX_VALUES} values"
            f" of one in, {MAX_SEARCHES} contains or endswith. Texts in single quotes; write + as %2B.",
            f"OData のサブセット: and or not、eq ne gt ge lt le、in、startswith contains endswith。最大"
            f" {MAX_LENGTH} 文字、{MAX_TERMS} 条件、{MAX_DEPTH} 階層、in の値は {MAX_VALUES} 個、contains と endswith は {MAX_SEARCHES} 回まで。"
            "文字列は一重引用符で囲み、+ は %2B と書きます。",
        ),
        {"type": "string", "maxLength": MAX_LENGTH, "x-kanri-grammar": GRAMMAR},
        example="startswith(display_name,'Sato') and inactive_days ge 90",
        codes=(
            "filter_syntax",
            "filter_type",
            "filter_too_long",
            "column_unknown",
            "instant_expected",
        ),
    ),
    Parameter(
        "orderBy",
        Text(
            "Column ids with commas between them, each with ` desc` if descending.",
            "列 ID をコンマ区切りで指定します。降順は ` desc` を付けます。",
        ),
        TEXT,
        example="display_name desc",
        codes=("column_unknown", "column_not_sortable", "order_malformed"),
    ),
    Parameter(
        "select",
        Text("Column ids with commas between them.", "列 ID をコンマ区切りで指定します。"),
        TEXT,
        example="id,display_name",
        codes=("column_unknown",),
    ),
    TOP,
    CURSOR,
    Parameter(
        "count",
        Text("true: also count all rows.", "true を指定すると全行数も返します。"),
        {"type": "boolean", "default": False},
        codes=("value_not_allowed", "parameter_not_with_format"),
    ),
    Parameter(
        "format",
        Text("json or csv.", "json または csv。"),
        {"type": "string", "enum": ["json", "csv"], "default": "json"},
    ),
    Parameter(
        "compat",
        Text(
            "powershell: CSV as the PowerShell tool wrote it.",
            "powershell: PowerShell ツールと同じ形式の CSV。",
        ),
        {"type": "string", "enum": ["powershell"]},
        codes=("value_not_allowed", "parameter_not_with_format"),
    ),
    Parameter(
        "timeZone",
        Text(
            "IANA time zone of a compat CSV; Asia/Tokyo if absent.",
            "compat CSV のタイム ゾーン (IANA 名)。省略時は Asia/Tokyo。",
        ),
        TEXT,
        example="Asia/Tokyo",
        codes=("time_zone_unknown", "parameter_needs", "parameter_not_with_format"),
    ),
)


@dataclass(frozen=True, slots=True)
class Question:
    """A parsed question. `digest` binds cursors to it; `first_page` comes from the cursor."""

    report: Report
    query: ReportQuery
    lang: Lang
    digest: str
    first_page: FirstPage | None


def read_question(call: Call, report: Report) -> Question:
    """Return the question of `call` to `report`; BadRequest names the parameter at fault."""
    request = call.request
    columns = {column.id: column for column in report.columns}
    as_of = instant(request, "asOf")
    text = request.query.get("filter")
    kinds = {column.id: column.type for column in report.columns}
    where = None if text is None else in_codes(parse_filter(text, kinds), report.columns)
    order = _order(request.query.get("orderBy"), report, columns)
    digest = digest_of(call.tenant_id, report.key, as_of, text, order)
    cursor = request.query.get("cursor")
    first_page, after = None, None
    if cursor is not None:
        parts = call.cursors.decode(cursor, digest)
        first_page, after = _position(parts, order, columns)
    query = ReportQuery(
        as_of=as_of,
        columns=_select(request.query.get("select"), report, columns),
        order=order,
        where=where,
        top=whole_number(request, "top", 100, 1, MAX_TOP),
        after=after,
        count=flag(request, "count"),
    )
    return Question(report, query, call.lang, digest, first_page)


def page_cursor(
    cursors: Cursors, question: Question, first_page: FirstPage, after: Sequence[object]
) -> str:
    """Return the cursor of the page after the row with the order values `after`."""
    began = (first_page.at, first_page.data_version)
    return cursors.encode(question.digest, (*began, *after))


def check_format(request: Request) -> str:
    """Return json or csv; BadRequest for parameters that the format has no use for."""
    format_ = choice(request, "format", ("json", "csv"), "json")
    idle = ("top", "cursor", "count") if format_ == "csv" else ("compat", "timeZone")
    for name in idle:
        if name in request.query:
            raise BadRequest("parameter_not_with_format", parameter=name, format=format_)
    return format_


def _known(name: str, parameter: str, columns: dict[str, ReportColumn]) -> ReportColumn:
    column = columns.get(name)
    if column is None:
        raise BadRequest(
            "column_unknown", parameter=parameter, value=name, columns=", ".join(columns)
        )
    return column


def _select(text: str | None, report: Report, columns: dict[str, ReportColumn]) -> tuple[str, ...]:
    if text is None:
        return tuple(column.id for column in report.columns)
    names = dict.fromkeys(name.strip() for name in text.split(","))
    return tuple(_known(name, "select", columns).id for name in names)


def _order(text: str | None, report: Report, columns: dict[str, ReportColumn]) -> tuple[Order, ...]:
    """The order asked for, made total by the report's row key."""
    if text is None:
        asked = [Order(name.lstrip("-"), name.startswith("-")) for name in report.order]
    else:
        asked = [_order_term(term, columns) for term in text.split(",")]
    # The key goes the way of the last column, so that an index on both serves either direction.
    descending = asked[-1].descending
    asked += [Order(name, descending) for name in report.row_key]
    unique = {order.column: order for order in reversed(asked)}
    return tuple(order for order in asked if unique[order.column] is order)


def _order_term(term: str, columns: dict[str, ReportColumn]) -> Order:
    name, *direction = term.split() or [""]
    column = _known(name, "orderBy", columns)
    if column.type == "json":
        raise BadRequest("column_not_sortable", parameter="orderBy", value=name)
    if direction not in ([], ["asc"], ["desc"]):
        raise BadRequest("order_malformed", parameter="orderBy", value=term.strip())
    return Order(name, direction == ["desc"])


def _position(
    parts: Sequence[Scalar], order: Sequence[Order], columns: dict[str, ReportColumn]
) -> tuple[FirstPage, tuple[Value, ...]]:
    """The inverse of `page_cursor`; BadRequest for values that no page of ours ends with."""
    try:
        began, data_version, *after = parts
        first_page = FirstPage(_instant(began), str(data_version))
        keys = zip(after, order, strict=True)
        return first_page, tuple(_typed(value, columns[key.column].type) for value, key in keys)
    except (TypeError, ValueError, OverflowError):
        raise BadRequest("cursor_malformed", parameter="cursor") from None


def _typed(value: Scalar, kind: str) -> Value:
    """The value of a cursor as its column's type; ValueError or TypeError if it is none."""
    if value is None:
        return None
    match kind, value:
        case "timestamp", str():
            return _instant(value)
        case "date", str():
            return date.fromisoformat(value)
        case "text", str() if is_storable(value):
            return value
        case "bool", bool():
            return value
        case "int", int() if not isinstance(value, bool):
            return whole(value)
        case "float", int() | float() if not isinstance(value, bool):
            return float(value)
    raise TypeError(kind)


def _instant(value: Scalar) -> datetime:
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(UTC)
