"""The columns of an answer: which, in which words, whose data."""

from collections.abc import Iterable

from msgspec import Struct, field

from shared.core.question import Question
from shared.core.report import ReportColumn, ValueType
from shared.core.text import Lang


class ColumnAnswer(Struct, rename="camel", omit_defaults=True):
    """One column of a report. `unavailable` says why it is always null; `labels` words for codes."""

    id: str
    title: str
    type: ValueType
    personal: bool
    labels: dict[str, str] = field(default_factory=dict)
    unavailable: str | None = None


def columns_of(question: Question) -> list[ReportColumn]:
    """Return the columns that are asked for, in the order of the answer."""
    by_id = {column.id: column for column in question.report.columns}
    return [by_id[name] for name in question.columns]


def header(column: ReportColumn, lang: Lang) -> str:
    """Return the column's title in `lang`."""
    return column.ja if lang == "ja" else column.en


def column_answers(columns: Iterable[ReportColumn], lang: Lang) -> list[ColumnAnswer]:
    """Describe `columns`: title, type, whose data, words for codes, why one is empty."""
    return [
        ColumnAnswer(
            id=column.id,
            title=header(column, lang),
            type=column.type,
            personal=column.personal,
            labels={code: word.of(lang) for code, word in column.labels.items()},
            unavailable=None if column.unavailable is None else column.unavailable.of(lang),
        )
        for column in columns
    ]
