"""A filter may name a coded value by the word that the CSV prints, for every labelled column there is."""

import pytest

from shared.core import registry
from shared.core.errors import BadRequest
from shared.core.labelled_values import in_codes
from shared.core.odata import parse_filter
from shared.core.query import Both, Compare, Condition, Negation, OneOf
from shared.core.report import Report, ReportColumn
from shared.core.text import Text

WORDS = [
    (report, column, code, word)
    for report in map(registry.report, registry.report_keys())
    for column in report.columns
    for code, text in column.labels.items()
    for word in (text.en, text.ja, text.en.upper())
]


@pytest.mark.parametrize(
    ("report", "column", "code", "word"),
    WORDS,
    ids=[f"{report.key}.{column.id}={word}" for report, column, _, word in WORDS],
)
def test_every_word_of_every_column_is_understood_or_refused(
    report: Report, column: ReportColumn, code: str, word: str
) -> None:
    kinds = {item.id: item.type for item in report.columns}
    quoted = word.replace("'", "''")
    text = f"{column.id} eq '{quoted}'"
    if column.type != "text":
        with pytest.raises(BadRequest, match="filter_type"):
            parse_filter(text, kinds)
        return
    match in_codes(parse_filter(text, kinds), report.columns):
        case Compare(_, "eq", value):
            assert value == code or (word in column.labels and value == word)
        case OneOf(_, values):
            assert code in values
        case other:
            raise AssertionError(other)


_COLUMN = ReportColumn(
    "state",
    "text",
    "State",
    "状態",
    labels={"a": Text("On", "有効"), "b": Text("Off", "無効"), "c": Text("off", "停止")},
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Compare("state", "eq", "On"), Compare("state", "eq", "a")),
        (Compare("state", "eq", "a"), Compare("state", "eq", "a")),
        (Compare("state", "ne", "有効"), Compare("state", "ne", "a")),
        (Compare("state", "eq", "OFF"), OneOf("state", ("b", "c"))),
        (Compare("state", "ne", "off"), Negation(OneOf("state", ("b", "c")))),
        (OneOf("state", ("On", "a", "new", None)), OneOf("state", ("a", "new", None))),
        (Compare("state", "eq", "tomorrow"), Compare("state", "eq", "tomorrow")),
        (Compare("state", "eq", None), Compare("state", "eq", None)),
        (Compare("other", "eq", "On"), Compare("other", "eq", "On")),
        (
            Both(Negation(Compare("state", "eq", "On")), Compare("other", "eq", "x")),
            Both(Negation(Compare("state", "eq", "a")), Compare("other", "eq", "x")),
        ),
    ],
)
def test_words_become_codes_wherever_they_stand(given: Condition, expected: Condition) -> None:
    assert in_codes(given, [_COLUMN, ReportColumn("other", "text", "O", "O")]) == expected
