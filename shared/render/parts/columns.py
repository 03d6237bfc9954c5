"""The columns of an answer: which, in which words, whose data."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct, field

from shared.core.masking import Masking, masking_of
from shared.core.question import Question
from shared.core.report import ReportColumn, ValueType
from shared.core.text import Lang, entry


class ColumnAnswer(Struct, rename="camel", omit_defaults=True):
    """One column of a report. `unavailable` says why it is always null; `labels` words for codes.

    `masked` says how personal data is hidden from who lacks the permission `report:personal`: by a
    pseudonym, the same for the same text in every report of the tenant, or withheld (always null)."""

    id: str
    title: str
    type: ValueType
    personal: bool
    labels: dict[str, str] = field(default_factory=dict)
    unavailable: str | None = None
    masked: Masking | None = None
    total: Literal["sum", "avg", "count", "share"] | None = None


def columns_of(question: Question) -> list[ReportColumn]:
    """Return the columns that are asked for, in the order of the answer."""
    by_id = {column.id: column for column in question.report.columns}
    return [by_id[name] for name in question.columns]


def header(column: ReportColumn, lang: Lang) -> str:
    """Return the column's title in `lang`."""
    return column.ja if lang == "ja" else column.en


def column_answers(
    columns: Iterable[ReportColumn], lang: Lang, *, masked: bool = False
) -> list[ColumnAnswer]:
    """Describe `columns`: title, type, whose data, words for codes, why one is empty or masked."""
    return [_answer(column, lang, masking_of(column) if masked else None) for column in columns]


def _answer(column: ReportColumn, lang: Lang, masking: Masking | None) -> ColumnAnswer:
    why = column.unavailable or (entry("word.withheld") if masking == "withheld" else None)
    return ColumnAnswer(
        id=column.id,
        title=header(column, lang),
        type=column.type,
        personal=column.personal,
        labels={code: word.of(lang) for code, word in column.labels.items()},
        unavailable=None if why is None else why.of(lang),
        masked=masking,
        total=None if column.total is None else column.total.function,
    )
