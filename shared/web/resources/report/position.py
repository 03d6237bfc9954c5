"""Where a walk through the pages of a report stands: sealed into a cursor, and opened again."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from shared.core.asked import is_storable
from shared.core.errors import BadRequest
from shared.core.format import Onward
from shared.core.query import FirstPage, Value
from shared.core.question import Position, Question
from shared.core.report import ReportColumn
from shared.web.cursor import Scalar
from shared.web.digest import digest_of
from shared.web.links import link_to
from shared.web.route import Call

_LINE = ReportColumn("line", "int", "", "")


def position_of(call: Call, question: Question, *further: object) -> Position | None:
    """Return where the cursor of `question` stands, None if it has none.

    `further` is what decides which rows there are and no part of the question. BadRequest for a cursor that is not ours, of another caller, or of another question.
    """
    if question.cursor is None:
        return None
    parts = call.cursors.decode(question.cursor, _digest(call, question, further))
    columns = {column.id: column for column in question.report.columns}
    try:
        began, data_version, *values = parts
        taken = question.report.parameters
        given = zip(taken, map(_number, values), strict=False)
        parameters = tuple((parameter.name, value) for parameter, value in given)
        first_page = FirstPage(_instant(began), str(data_version), parameters)
        kinds = [columns[key.column] for key in question.order]
        if first_page.data_version.startswith("import:"):  # its order ends in the line of the file
            kinds.append(_LINE)
        keys = zip(values[len(taken) :], kinds, strict=True)
        after = tuple(_typed(value, kind) for value, kind in keys)
    except (TypeError, ValueError, OverflowError):
        raise BadRequest("cursor_malformed", parameter="cursor") from None
    return Position(first_page, after)


def onward(
    call: Call,
    question: Question,
    first_page: FirstPage,
    after: Sequence[object] | None,
    *further: object,
) -> Onward | None:
    """Return the cursor of the page after the row with the order values `after`, and its address.

    None after the last page, which has no `after`; `further` as for `position_of`.
    """
    if after is None:
        return None
    values = (value for _, value in first_page.parameters)
    began = (first_page.at, first_page.data_version, *values)
    cursor = call.cursors.encode(_digest(call, question, further), (*began, *after))
    public_url = call.doors.settings().public_url
    return Onward(
        cursor, link_to(call.request, public_url, {**call.request.query, "cursor": cursor})
    )


def _digest(call: Call, question: Question, further: tuple[object, ...]) -> str:
    """What binds a cursor to its question: all that decides which rows follow which."""
    text = question.to_mapping().get("filter")
    taken = tuple(parameter.name for parameter in question.report.parameters)
    narrowed = (
        taken,
        question.as_of,
        text,
        question.order,
        question.parameters,
        question.masked,
        *further,
    )
    tenant_id = call.tenant_id if "tenant" in call.request.route else None
    return digest_of(tenant_id, question.report.key, *narrowed)


def _typed(value: Scalar, column: ReportColumn) -> Value:
    """The value of a cursor as its column's type; ValueError or TypeError if it is none."""
    if value is None:
        return None
    match column.type, value:
        case "timestamp", str():
            return _instant(value)
        case "date", str():
            return date.fromisoformat(value)
        case "text", str() if is_storable(value):
            return value
        case "bool", bool():
            return value
        case "int", int() if not isinstance(value, bool):
            from shared.core.odata import whole

            return whole(value)
        case "float", int() | float() if not isinstance(value, bool):
            return float(value)
    raise TypeError(column.type)


def _number(value: Scalar) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value


def _instant(value: Scalar) -> datetime:
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(UTC)
