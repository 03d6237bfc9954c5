"""One tenant's store as the tests drive it: pages in, runs opened and finished, rows out."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Engine

from shared.core.collector import Collector
from shared.core.coverage import Standing
from shared.core.messages import Claim
from shared.core.query import Condition, CsvStyle, Order, ReportPage, ReportQuery
from shared.core.report import Report
from shared.core.rows import Rows
from shared.render.csv import csv_file
from shared.store.answers.reports import Reports
from shared.store.datasets.loading import Loader
from shared.store.registers.tenants import Tenants
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs
from tests.store.catalogue import COLLECTORS

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""When the tests begin; `minute(n)` is n minutes later."""


def minute(count: float) -> datetime:
    """Return the instant `count` minutes after T0."""
    return T0 + timedelta(minutes=count)


def page(
    dataset: str,
    objects: Sequence[Mapping[str, object]],
    *,
    removed: Sequence[str] = (),
    removed_after: Sequence[int] = (),
    parents: Sequence[str] = (),
    day: date | None = None,
) -> Rows:
    """Return objects (id and Graph properties) as the decoder would."""
    rows = Rows(removed=list(removed), removed_after=list(removed_after), parents=list(parents))
    for item in objects:
        raw = json.dumps(item, default=str).encode()
        rows.ids.append(str(item["id"]))
        rows.hashes.append(hashlib.blake2b(raw, digest_size=16).digest())
        rows.raws.append(raw)
        rows.values.append(_values(COLLECTORS[dataset], item))
        if day is not None:
            rows.dates.append(day)
    return rows


def _values(collector: Collector, item: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(
        json.dumps(item[column.source]).encode()
        if column.type == "json" and column.source in item
        else item.get(column.source)
        for column in collector.columns
    )


class TenantData:
    """A tenant of its own in the test database."""

    def __init__(self, engine: Engine, name: str = "Contoso") -> None:
        self.engine = engine
        self.tenant_id = Tenants(engine).add(uuid4(), name).tenant_id
        self.runs = Runs(engine)
        self.reports = Reports(engine, COLLECTORS.__getitem__)
        self._loaders: dict[str, Loader] = {}

    def loader(self, dataset: str) -> Loader:
        """Return the loader of a dataset, one per tenant."""
        return self._loaders.setdefault(dataset, Loader(self.engine, COLLECTORS[dataset]))

    def message(self, dataset: str) -> Claim:
        """Return the message of a new run."""
        return Claim(
            kind="collect",
            tenant_id=self.tenant_id,
            subject=dataset,
            run_id=uuid4(),
            trigger="manual",
        )

    def open(self, dataset: str, now: datetime = T0) -> Run:
        """Open a new run."""
        run = self.runs.open(self.message(dataset), now)
        assert isinstance(run, Run)
        return run

    def load(self, dataset: str, rows: Rows, at: datetime = T0, *, full: bool = False) -> Run:
        """Load one page as a run that ends ok; `full` closes what the page does not contain."""
        run = self.open(dataset, at)
        loader = self.loader(dataset)
        loader.apply(run, rows, observed_at=at, checkpoint={"at": str(at)}, track_seen=full)
        if full:
            loader.close_unseen(run, observed_at=at)
        self.runs.finish(run, "ok", now=at)
        return run

    def ask(
        self,
        report: Report,
        *columns: str,
        order: Sequence[Order] = (Order("id"),),
        where: Condition | None = None,
        as_of: datetime | None = None,
        top: int = 1000,
        after: tuple[object, ...] | None = None,
        count: bool = False,
    ) -> ReportPage:
        """Return a page of a report."""
        question = ReportQuery(
            as_of=as_of,
            columns=columns or ("id",),
            order=tuple(order),
            where=where,
            top=top,
            after=after,  # type: ignore[arg-type]
            count=count,
        )
        with self.reports.snapshot(self.tenant_id) as snapshot:
            return snapshot.page(report, question)

    def csv(self, report: Report, question: ReportQuery, style: CsvStyle) -> Iterator[bytes]:
        """Yield all rows of a report as CSV, in chunks."""
        with self.reports.snapshot(self.tenant_id) as snapshot:
            lines = snapshot.csv_lines(report, question, style)
            columns = {column.id: column for column in report.columns}
            yield from csv_file(style, [columns[name] for name in question.columns], lines)

    def standing(self, *datasets: str, as_of: datetime | None = None) -> Standing:
        """Return how the tenant and `datasets` stand."""
        with self.reports.snapshot(self.tenant_id) as snapshot:
            return snapshot.standing(datasets, as_of)
