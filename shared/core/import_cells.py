"""Reads the cells of an imported file: numbers, dates and texts as people and admin centres write them.

Whatever a cell is not is a ValueError whose message is a key of the section `import_reason`.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from uuid import UUID

from shared.core.collector import ColumnType

# Python reads more than this: digits of other scripts, 1_000, dates by their week, nan.
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,18})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII
)
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}


def _boolean(cell: str) -> bool:
    if (value := _BOOLEANS.get(cell.lower())) is None:
        raise ValueError("bool")
    return value


def _whole(cell: str) -> int:
    if _WHOLE.fullmatch(cell) is None:
        raise ValueError("int")
    return int(cell)


def _number(cell: str) -> float:
    if _NUMBER.fullmatch(cell) is None:
        raise ValueError("float")
    value = float(cell)
    assert math.isfinite(value)  # noqa: S101  (18 digits are)
    return value


def _day(cell: str) -> date:
    if _DAY.fullmatch(cell) is None:
        raise ValueError("date")
    try:
        return date.fromisoformat(cell)
    except ValueError:
        raise ValueError("date") from None


def _moment(cell: str) -> datetime:
    """Return the instant; without an offset it is UTC, and a day is its beginning."""
    if _DAY.fullmatch(cell) is None and _MOMENT.fullmatch(cell) is None:
        raise ValueError("timestamp")
    try:
        value = datetime.fromisoformat(cell)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("timestamp") from None


CELLS: Mapping[ColumnType, Callable[[str], object]] = {
    "text": str,
    "bool": _boolean,
    "int": _whole,
    "float": _number,
    "date": _day,
    "timestamp": _moment,
}


def guid(value: object) -> str:
    """Return a GUID as Graph writes it."""
    text = str(value).strip("{}").lower()
    if _GUID.fullmatch(text) is None:
        raise ValueError("guid")
    return str(UUID(text))


def currency(value: object) -> str:
    """Return the code of a currency by ISO 4217: whether there is one of that name is not known."""
    text = str(value).upper()
    if _CURRENCY.fullmatch(text) is None:
        raise ValueError("currency")
    return text


def not_negative(value: object) -> object:
    """Return a number that is 0 or more."""
    if not isinstance(value, int | float) or value < 0:
        raise ValueError("not_negative")
    return value
