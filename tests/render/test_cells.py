"""Cells as readers see them: words, local times, truth, lists; typed where a format has types."""

from datetime import UTC, date, datetime

import pytest

from shared.core.report import ReportColumn, ValueType
from shared.core.text import Lang, Text
from shared.render.parts.cells import texts_of, values_of, visible

_WORDS = {"on": Text("Switched on", "有効"), "true": Text("Enabled", "有効です")}
# The second before the clocks of Berlin went back.
_INSTANT = datetime(2026, 10, 25, 0, 59, 59, 999_999, tzinfo=UTC)


def _column(kind: ValueType, *, words: bool = False) -> ReportColumn:
    return ReportColumn("c", kind, "C", "列", labels=_WORDS if words else {})


@pytest.mark.parametrize(
    ("kind", "words", "value", "typed", "text"),
    [
        ("text", False, "佐藤", "佐藤", "佐藤"),
        ("text", False, "=1+1", "=1+1", "=1+1"),
        ("text", False, "a\x00b\u202ec\ud800", "a\ufffdb\ufffdc\ufffd", "a\ufffdb\ufffdc\ufffd"),
        ("text", False, "two\nlines\t", "two\nlines\t", "two\nlines\t"),
        ("text", True, "on", "Switched on", "Switched on"),
        ("text", True, "unheard_of", "unheard_of", "unheard_of"),
        ("bool", False, False, False, "no"),
        ("bool", True, True, "Enabled", "Enabled"),
        ("bool", True, False, False, "no"),
        ("int", False, 2026, 2026, "2026"),
        ("int", False, -1_234_567, -1_234_567, "-1,234,567"),
        ("float", False, 12_345.5, 12_345.5, "12,345.5"),
        ("float", False, 0.1, 0.1, "0.1"),
        ("date", False, date(2026, 1, 31), date(2026, 1, 31), "2026-01-31"),
        ("timestamp", False, _INSTANT, datetime(2026, 10, 25, 2, 59, 59), "2026-10-25 02:59:59"),  # noqa: DTZ001
        ("json", False, ["a", "b", 1], "a, b, 1", "a, b, 1"),
        ("json", True, ["on", "off"], "Switched on, off", "Switched on, off"),
        ("json", False, {"k": [None]}, '{"k":[null]}', '{"k":[null]}'),
    ],
)
def test_a_value_as_a_reader_sees_it(
    kind: ValueType, words: bool, value: object, typed: object, text: str
) -> None:
    column, zone = _column(kind, words=words), "Europe/Berlin"
    [read], [shown] = values_of([column], "en", zone), texts_of([column], "en", zone)
    assert read(value) == typed
    assert type(read(value)) is type(typed)
    assert shown(value) == text


@pytest.mark.parametrize("kind", ["text", "bool", "int", "float", "date", "timestamp", "json"])
@pytest.mark.parametrize("lang", ["en", "ja"])
def test_null_is_no_word(kind: ValueType, lang: Lang) -> None:
    for words in (False, True):
        column = _column(kind, words=words)
        assert values_of([column], lang, "UTC")[0](None) is None
        assert texts_of([column], lang, "UTC")[0](None) == ""


def test_what_no_document_may_hold_is_shown() -> None:
    assert visible("ab c") == "ab c"
    assert visible("\u2028\ufffe\x85") == "\ufffd" * 3
    assert visible("👩‍💻") == "👩‍💻"
