"""Reads the cells of the PowerShell tool's files as the columns of a report have them.

It wrote local time without an offset, words for codes, and words where it knew nothing. What a cell is
not is `Unread`, with a key of the section `past_reason`; None is what nobody knew.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.core.names import shown
from shared.core.past.headers import folded
from shared.core.report import ReportColumn

MOST_CHARACTERS = 4_000

# What stood for nothing known; a column whose own word one of them is goes by that.
_UNKNOWN = frozenset(map(folded, ("不明", "未設定", "N/A", "取得エラー", "確認不可", "-", "null")))
_TRUE = frozenset(
    map(folded, ("true", "yes", "はい", "有効", "許可", "準拠", "あり", "成功", "1", "○"))
)
_FALSE = frozenset(
    map(
        folded,
        ("false", "no", "いいえ", "無効", "禁止", "拒否", "非準拠", "なし", "失敗", "0", "×"),
    )
)
_OBJECT = re.compile(r"System\.[\w.`]+(\[.*\])?|@\{.*\}|Microsoft\.[\w.]+", re.ASCII | re.DOTALL)
_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d{1,15})(\.\d{1,18})?", re.ASCII)
_UNIT = re.compile(r"\s*(?:(TB|GB|MB|KB|B)|%|円|JPY|ms|s|分|秒|件|人|日|時間)$", re.IGNORECASE)
_BYTES = {"b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3, "tb": 1024**4}
_WHEN = re.compile(
    r"(\d{4})(?:-(\d\d?)-(\d\d?)|/(\d\d?)/(\d\d?)|年(\d\d?)月(\d\d?)日)"
    r"(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(\.\d{1,7})?)?)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_NOWHERE = datetime(1899, 12, 30)  # noqa: DTZ001  (of no place yet)


class Unread(ValueError):
    """A cell that is not understood; `why` is a key of `past_reason`."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


type Reader = Callable[[str], object]


def reader_of(column: ReportColumn, times: float, zone: ZoneInfo) -> Reader:
    """Return what reads the cells of a column: the value, None for nothing known; it raises Unread."""
    codes, read = _codes(column), _kind(column, times, zone)

    def value(cell: str) -> object:
        told = cell.strip()
        if told[:1] == "'" and told[1:2] in ("=", "+", "-", "@"):
            told = told[1:]  # how Kanri's own file makes it harmless
        if not told:
            return None
        if len(told) > MOST_CHARACTERS:
            raise Unread("length")
        word = folded(told)
        if (code := codes.get(word)) is not None:
            return code
        if word in _UNKNOWN:
            return None
        if _OBJECT.fullmatch(told) is not None:
            raise Unread("object")
        return read(told)

    return value


def _codes(column: ReportColumn) -> Mapping[str, str]:
    """The codes of a column by themselves and by their words; of two with one word the first."""
    found: dict[str, str] = {}
    for code, words in column.labels.items():
        for word in (code, words.ja, words.en):
            found.setdefault(folded(word), code)
    return found


def _kind(column: ReportColumn, times: float, zone: ZoneInfo) -> Reader:
    """What reads a cell that says something."""
    match column.type:
        case "text":
            return shown
        case "bool":
            return _boolean
        case "int":
            return lambda told: _whole(told, column, times)
        case "float":
            return lambda told: _number(told, column, times)
        case "timestamp":
            return lambda told: moment_of(told, zone)
        case "date":
            return lambda told: _day(told, zone)
        case "json":
            return _nested


def _boolean(told: str) -> bool:
    word = folded(told)
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise Unread("bool")


def _number(told: str, column: ReportColumn, times: float) -> float:
    plain = unicodedata.normalize("NFKC", told).strip().lstrip("¥\\$€").strip()
    unit = _UNIT.search(plain)
    size = None
    if unit is not None:
        plain, size = plain[: unit.start()], (unit[1] or "").lower() or None
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise Unread("number")
    value = float(found[1] + found[2].replace(",", "") + (found[3] or "")) * times
    if size is None:
        return value
    own = next((one for one in ("kb", "mb", "gb", "tb") if column.id.endswith(f"_{one}")), None)
    if own is None:
        raise Unread("number")
    return value * _BYTES[size] / _BYTES[own]


def _whole(told: str, column: ReportColumn, times: float) -> int:
    value = _number(told, column, times)
    if value != int(value):
        raise Unread("int")
    return int(value)


def moment_of(told: str, zone: ZoneInfo) -> datetime:
    """Return the instant that a date says, in `zone` if it tells no offset; raises Unread."""
    found = _WHEN.fullmatch(told.strip())
    if found is None:
        return _serial(told, zone)
    year, *days = (part for part in found.groups()[:7] if part is not None)
    hour, minute, second, fraction, offset = found.groups()[7:]
    try:
        naive = datetime(int(year), int(days[0]), int(days[1]), int(hour or 0), int(minute or 0))  # noqa: DTZ001
        naive += timedelta(seconds=float((second or "0") + (fraction or "")))
        if offset is None:
            return naive.replace(tzinfo=zone).astimezone(UTC)
        return datetime.fromisoformat(f"{naive.isoformat()}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unread("timestamp") from None


def _serial(told: str, zone: ZoneInfo) -> datetime:
    """What a sheet holds of a date is the days since the end of 1899."""
    if re.fullmatch(r"\d{5}(\.\d{1,12})?", told, re.ASCII) is None:
        raise Unread("timestamp")
    naive = _NOWHERE + timedelta(seconds=round(float(told) * 86_400))
    return naive.replace(tzinfo=zone).astimezone(UTC)


def _day(told: str, zone: ZoneInfo) -> date:
    try:
        return moment_of(told, zone).astimezone(zone).date()
    except (Unread, OverflowError):
        raise Unread("date") from None


def _nested(_: str) -> object:
    raise Unread("object")
