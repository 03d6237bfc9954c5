"""Answers figures over time for the tenants that a caller may see, with what they are counted from."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.coverage import Coverage, Standing
from shared.core.format import About
from shared.core.query import FirstPage
from shared.core.window import Window
from shared.core.work import DEPLOYMENT
from shared.store.figures.known import known_of
from shared.store.figures.stretch import values_of
from shared.usecases.read_report import OpenedReport

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.core.question import Position, Question
    from shared.store.answers.reports import Reports


@dataclass(frozen=True, slots=True)
class FiguresAsked:
    """What figures are asked for: `sources` are the tables of ours that they are counted from."""

    question: "Question"
    window: Window
    tenants: Sequence[UUID]
    sources: tuple[str, ...]


def about_figures(
    engine: "Engine", asked: FiguresAsked, now: datetime, named: UUID | None = None
) -> About:
    """Return what is known of the figures before any is read. Raises StoreUnavailable.

    `named` is the tenant asked about; without one they are of several, and of none in particular.
    """
    window = asked.window
    coverage = tuple(_coverage(engine, asked, source) for source in asked.sources)
    standing = Standing(
        tenant_state=None,
        coverage=coverage,
        first_collected_at=min(filter(None, (one.since for one in coverage)), default=None),
        data_version="",
    )
    return About(
        tenant_id=DEPLOYMENT if named is None else named,
        question=asked.question,
        standing=standing,
        generated_at=now,
        as_of=window.ends,
        parameters=(),
        window=window,
    )


def _coverage(engine: "Engine", asked: FiguresAsked, source: str) -> Coverage:
    known = known_of(engine, source, asked.window, asked.tenants)
    return Coverage(
        dataset=source,
        state="never" if known.since is None else "ok",
        complete_at=known.newest,
        rows=known.entries,
        since=known.since,
    )


def fingerprint(about: About, tenants: Sequence[UUID]) -> str:
    """Return a text that changes whenever the figures could: with an entry more, and with each bucket
    that has come to its end.
    """
    window, table = about.window, about.question.report.table
    assert window is not None  # noqa: S101  (`about_figures` made it)
    entries = [
        (one.dataset, one.rows, one.complete_at, one.since) for one in about.standing.coverage
    ]
    known = (window.begins, window.interval, window.zone, window.last_bucket(), tenants, entries)
    return hashlib.sha256(repr((known, _version(table.file))).encode()).hexdigest()[:32]


@cache
def _version(file: str) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


@contextmanager
def open_figures(
    reports: "Reports",
    asked: FiguresAsked,
    about: About,
    position: "Position | None" = None,
    mask_key: str | None = None,
) -> Iterator[OpenedReport]:
    """Open the figures; what is read in the block belongs together.

    A question that goes on from `position` is about the window of its first page.
    """
    values = values_of(asked.window, asked.tenants)
    query = asked.question.query(position)
    with reports.of_tenants(asked.tenants, values, mask_key) as snapshot:
        yield OpenedReport(about, FirstPage(asked.window.ends, "", ()), query, snapshot)
