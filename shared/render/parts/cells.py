"""The value of a report's cell as a reader sees it, in a language and a time zone.

Two ways: `texts_of` for formats that show text (HTML, PDF), `values_of` for those whose cells have types
(XLSX). Both give a function for each column, made once and called for each row. A code shows as its word,
an unknown one as itself; a null is no text, never a word. What hides or turns round what people read is
shown as U+FFFD.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from shared.core.report import ReportColumn
from shared.core.text import Lang, text

type Typed = str | int | float | bool | date | datetime | None
type _Reader[T] = Callable[[object], T]

# C0 but tab and line ends, DEL, and what core.hiding_signs finds in UTF-8; half surrogates and the two
# last code points of the plane are no characters: https://www.w3.org/TR/xml/#charsets
_HIDES = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_SHOWN = "\N{REPLACEMENT CHARACTER}"
# Years stand as they are.
_GROUPED_FROM = 10_000


def visible(value: str) -> str:
    """Return a text with what hides, or no document may hold, shown as U+FFFD."""
    return value if value.isascii() and value.isprintable() else _HIDES.sub(_SHOWN, value)


def texts_of(columns: Sequence[ReportColumn], lang: Lang, zone: str) -> list[_Reader[str]]:
    """Return for each column what makes text of a value: of null none.

    Instants are local `yyyy-MM-dd HH:mm:ss` in the IANA `zone`, great numbers are grouped, truth is a word.
    """
    return [_text_of(column, lang, zone) for column in columns]


def values_of(columns: Sequence[ReportColumn], lang: Lang, zone: str) -> list[_Reader[Typed]]:
    """Return for each column what makes a typed value of one: text where it has words or is JSON.

    Instants are local datetimes without a zone, to the second.
    """
    return [_value_of(column, lang, zone) for column in columns]


def duration(seconds: int | None, lang: Lang) -> str:
    """Return a span in its two largest units, as in `3 d 4 h`; of None no text."""
    if seconds is None:
        return ""
    days, rest = divmod(max(0, seconds), 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    units = zip(("days", "hours", "minutes", "seconds"), (days, hours, minutes, left), strict=True)
    said = [text(f"about.{unit}", lang, count=count) for unit, count in units if count]
    return " ".join(said[:2]) or text("about.seconds", lang, count=0)


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return an instant as a clock in `zone` shows it, to the second, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0)


def _text_of(column: ReportColumn, lang: Lang, zone: str) -> _Reader[str]:
    typed = _value_of(column, lang, zone)
    yes, no = text("question.yes", lang), text("question.no", lang)

    def shown(value: object) -> str:
        match found := typed(value):
            case None:
                return ""
            case str():
                return found
            case bool():
                return yes if found else no
            case int() | float():
                return _number(found)
            case datetime():
                return found.isoformat(" ")
        return str(found)

    return shown


def _number(value: float) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:,}" if abs(value) >= _GROUPED_FROM else str(value)


def _value_of(column: ReportColumn, lang: Lang, zone: str) -> _Reader[Typed]:
    words = {code: visible(word.of(lang)) for code, word in column.labels.items()}
    match column.type:
        case "bool":
            return _truth(words) if words else _as_it_is
        case "timestamp":
            at = ZoneInfo(zone)
            return lambda value: local(value, at) if isinstance(value, datetime) else None
        case "text" if words:
            return lambda value: (
                None if value is None else words.get(str(value)) or visible(str(value))
            )
        case "text":
            return _plain
        case "json":
            return lambda value: _structure(value, words)
    return _as_it_is


def _as_it_is(value: object) -> Typed:
    return value if isinstance(value, str | int | float | date) else None


def _plain(value: object) -> Typed:
    return None if value is None else visible(str(value))


def _truth(words: dict[str, str]) -> _Reader[Typed]:
    def told(value: object) -> Typed:
        if not isinstance(value, bool):
            return None
        return words.get("true" if value else "false", value)

    return told


def _structure(value: object, words: dict[str, str]) -> Typed:
    """A list of single values as they are, with commas between them; all else as JSON."""
    if value is None:
        return None
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ", ".join(words.get(str(one)) or _single(one) for one in value)
    if isinstance(value, str):
        return words.get(value) or visible(value)
    return visible(msgspec.json.encode(value).decode())


def _single(value: object) -> str:
    return visible(value) if isinstance(value, str) else msgspec.json.encode(value).decode()
