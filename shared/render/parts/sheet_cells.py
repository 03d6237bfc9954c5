"""Rows of a report as XML of a worksheet, a batch at a time and column by column: that is what is fast.

Every text is an inline string in the number format Text: nothing that is typed into Kanri is ever a formula,
not even after somebody has edited the cell. What a worksheet cannot hold is told of in `Told`.
https://learn.microsoft.com/openspecs/office_standards/ms-oi29500 (ECMA-376 Part 1, 18.3.1)
"""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.core.report import ReportColumn
from shared.core.text import Lang
from shared.render.parts.cells import values_of, visible

# https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
MOST_ROWS, MOST_CHARACTERS = 1_048_576, 32_767
# Cell styles, by their place in `workbook.STYLES`.
PLAIN, TEXT, WHOLE, DAY, MOMENT, HEAD, WRAPPED, TITLE = range(8)

type _Encoder = Callable[[Sequence[object], Sequence[int]], list[str]]

# Excel has a 29 February 1900: days before are not where others count them.
_FIRST_DAY = date(1900, 3, 1)
_DAY_ZERO = date(1899, 12, 30)
_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
_FIRST_DAYS, _OFFSETS_KNOWN = (_FIRST_DAY - _DAY_ZERO).days + 1, (date(1970, 1, 1) - _DAY_ZERO).days
# Excel keeps fifteen digits of a number.
_EXACT = 10**15
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CUT = "…"


class Told(Struct):
    """What had to be done to cells so that a worksheet holds them: `cut` texts were too long."""

    cut: int = 0


def letters(place: int) -> str:
    """Return what a worksheet calls the column at `place`, which counts from 0: A, Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def inline(value: str, told: Told) -> str:
    """Return a text as the content of a cell whose type is inlineStr."""
    shown = visible(value).replace("\r\n", "\n").replace("\r", "\n")
    if len(shown) > MOST_CHARACTERS // 2 and _width(shown) > MOST_CHARACTERS:
        shown = _cut(shown)
        told.cut += 1
    # A line of its own so that Excel does not read _x0041_ as a letter.
    shown = _ESCAPED.sub("_x005F_", shown)
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    kept = ' xml:space="preserve"' if shown != shown.strip() or "\n" in shown else ""
    return f"<is><t{kept}>{shown}</t></is>"


def text_cell(place: str, value: str, style: int, told: Told) -> str:
    """Return a cell of text at `place`, such as B7."""
    return f'<c r="{place}" s="{style}" t="inlineStr">{inline(value, told)}</c>'


def _width(shown: str) -> int:
    """Excel counts UTF-16."""
    return len(shown.encode("utf-16-le")) // 2


def _cut(shown: str) -> str:
    kept = shown.encode("utf-16-le")[: 2 * (MOST_CHARACTERS - 1)]
    return kept.decode("utf-16-le", "ignore") + _CUT


class RowWriter:
    """Makes the rows of one report; `told` counts what did not fit."""

    def __init__(self, columns: Sequence[ReportColumn], lang: Lang, zone: str) -> None:
        self.told = Told()
        self._encoders = [
            self._encoder(column, letters(place), lang, zone)
            for place, column in enumerate(columns)
        ]

    def rows(self, batch: Sequence[tuple[object, ...]], first: int) -> str:
        """Return the XML of `batch`, whose first row is number `first` of the sheet."""
        numbers = range(first, first + len(batch))
        columns = zip(*batch, strict=True)
        cells = [
            encode(values, numbers) for encode, values in zip(self._encoders, columns, strict=True)
        ]
        rows = map("".join, zip(*cells, strict=True))
        return "".join([f'<row r="{n}">{row}</row>' for n, row in zip(numbers, rows, strict=True)])

    def _encoder(self, column: ReportColumn, at: str, lang: Lang, zone: str) -> _Encoder:
        match column.type:
            case "int" | "float":
                return self._numbers(at, WHOLE if column.type == "int" else PLAIN)
            case "bool" if not column.labels:
                return _truths(at)
            case "date":
                return self._days(at)
            case "timestamp":
                return self._moments(at, ZoneInfo(zone))
            case "text" if not column.labels:
                return self._texts(at)
        [value_of] = values_of([column], lang, zone)
        return self._words(at, value_of)

    def _text(self, value: object) -> str:
        return f'" s="{TEXT}" t="inlineStr">{inline(str(value), self.told)}</c>'

    def _texts(self, at: str) -> _Encoder:
        start, middle, end = f'<c r="{at}', f'" s="{TEXT}" t="inlineStr"><is><t>', "</t></is></c>"

        def encode(values: Sequence[object], numbers: Sequence[int]) -> list[str]:
            pairs = zip(values, numbers, strict=True)
            if _harmless([str(value) for value in values if value is not None]):
                return [
                    "" if value is None else f"{start}{n}{middle}{value}{end}" for value, n in pairs
                ]
            return ["" if value is None else f"{start}{n}{self._text(value)}" for value, n in pairs]

        return encode

    def _words(self, at: str, value_of: Callable[[object], object]) -> _Encoder:
        """Codes come again and again: each is made a cell once."""
        start, known = f'<c r="{at}', dict[object, str]()

        def cell(value: object) -> str:
            try:
                return known[value]
            except (KeyError, TypeError):  # A list or a dict is no key.
                found = value_of(value)
                made = _truth(found) if isinstance(found, bool) else self._text(found)
                if isinstance(value, str | bool) and len(known) < 1000:
                    known[value] = made
                return made

        def encode(values: Sequence[object], numbers: Sequence[int]) -> list[str]:
            return [
                "" if value is None else f"{start}{n}{cell(value)}"
                for value, n in zip(values, numbers, strict=True)
            ]

        return encode

    def _numbers(self, at: str, style: int) -> _Encoder:
        start, middle = f'<c r="{at}', f'" s="{style}"><v>'

        def cell(value: object) -> str:
            if not isinstance(value, int | float) or not math.isfinite(value):
                return self._text(value)
            if isinstance(value, int) and abs(value) >= _EXACT:
                return self._text(value)
            return f"{middle}{value!r}</v></c>"

        def encode(values: Sequence[object], numbers: Sequence[int]) -> list[str]:
            return [
                "" if value is None else f"{start}{n}{cell(value)}"
                for value, n in zip(values, numbers, strict=True)
            ]

        return encode

    def _days(self, at: str) -> _Encoder:
        start, known = f'<c r="{at}', dict[object, str]()

        def cell(value: object) -> str:
            if (made := known.get(value)) is None:
                made = self._text(value)
                if isinstance(value, date) and value >= _FIRST_DAY:
                    made = f'" s="{DAY}"><v>{(value - _DAY_ZERO).days}</v></c>'
                known[value] = made
            return made

        def encode(values: Sequence[object], numbers: Sequence[int]) -> list[str]:
            return [
                "" if value is None else f"{start}{n}{cell(value)}"
                for value, n in zip(values, numbers, strict=True)
            ]

        return encode

    def _moments(self, at: str, zone: ZoneInfo) -> _Encoder:
        start, middle, offset = f'<c r="{at}', f'" s="{MOMENT}"><v>', _Offsets(zone)

        def cell(value: object) -> str:
            if not isinstance(value, datetime):
                return self._text(value)
            since = value - _ZERO
            if since.days < _FIRST_DAYS:
                return self._text(f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0"))
            days = since.days + (since.seconds + offset.at(since)) / 86_400
            return f"{middle}{days:.10f}</v></c>"

        def encode(values: Sequence[object], numbers: Sequence[int]) -> list[str]:
            return [
                "" if value is None else f"{start}{n}{cell(value)}"
                for value, n in zip(values, numbers, strict=True)
            ]

        return encode


class _Offsets:
    """How far the clocks of a zone are ahead of UTC, in seconds, each quarter of an hour looked up once.

    Since 1970 no clock has been changed at another minute.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._known: dict[int, int] = {}

    def at(self, since: timedelta) -> int:
        """Return it for an instant that long after the zero of worksheets."""
        quarter = since.days * 96 + since.seconds // 900
        found = self._known.get(quarter)
        if found is None:
            offset = (_ZERO + since).astimezone(self._zone).utcoffset() or timedelta()
            found = round(offset.total_seconds())
            if since.days >= _OFFSETS_KNOWN:
                self._known[quarter] = found
        return found


def _harmless(texts: list[str]) -> bool:
    """Tell whether none of them needs a look: all printable, no markup, no blank at an end, not long."""
    if not texts:
        return True
    joined = f" {' '.join(texts)} "
    if len(joined) > MOST_CHARACTERS // 2 and max(map(len, texts)) > MOST_CHARACTERS // 2:
        return False
    return (
        joined.isprintable()
        and "  " not in joined
        and "&" not in joined
        and "<" not in joined
        and ">" not in joined
        and "_x" not in joined
    )


def _truth(value: bool) -> str:
    return f'" t="b"><v>{int(value)}</v></c>'


def _truths(at: str) -> _Encoder:
    start = f'<c r="{at}'

    def encode(values: Sequence[object], numbers: Sequence[int]) -> list[str]:
        return [
            "" if value is None else f"{start}{n}{_truth(bool(value))}"
            for value, n in zip(values, numbers, strict=True)
        ]

    return encode
