"""Answers to render without a database: what is known of them, and rows as they would be read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.core import registry
from shared.core.coverage import Coverage, Standing
from shared.core.format import About
from shared.core.query import CsvStyle
from shared.core.question import read_question
from shared.core.report import Report
from shared.core.text import Lang

TENANT = UUID("11111111-1111-1111-1111-111111111111")
NOW = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)

type Row = tuple[object, ...]


def about(report: Report | str, lang: Lang = "en", **asked: str) -> About:
    """Return what is known of an answer to what is `asked` of `report`; all it needs was read in time."""
    return about_asked(report, lang, asked)


def about_asked(
    report: Report | str, lang: Lang, asked: Mapping[str, str], *, masked: bool = False
) -> About:
    """The same of a mapping, and of somebody who may not see personal data."""
    report = registry.report(report) if isinstance(report, str) else report
    question = read_question(asked, report, lang, NOW, masked=masked)
    read = NOW - timedelta(hours=2)
    coverage = tuple(Coverage(dataset=one, state="ok", complete_at=read) for one in report.needs)
    standing = Standing(
        tenant_state=None, coverage=coverage, first_collected_at=read, data_version="1"
    )
    values = tuple((one.name, one.default) for one in report.parameters)
    return About(
        tenant_id=TENANT,
        question=question,
        standing=standing,
        generated_at=NOW,
        as_of=NOW,
        parameters=values,
    )


class Listed:
    """Rows that are there already, read in batches as those of the database are."""

    def __init__(self, rows: Sequence[Row], batch: int = 500) -> None:
        self._rows, self._batch = rows, batch

    def stream(self) -> Iterator[Sequence[Row]]:
        for first in range(0, len(self._rows), self._batch):
            yield self._rows[first : first + self._batch]

    def csv_lines(self, style: CsvStyle) -> Iterator[list[bytes]]:
        raise NotImplementedError("only the database writes CSV")


def rows_of(asked: About, *values: Mapping[str, object]) -> list[Row]:
    """Return rows with these values by column id, null in all other columns that are asked for."""
    return [tuple(value.get(name) for name in asked.question.columns) for value in values]
