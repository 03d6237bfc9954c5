"""What is known about datasets, now or at a past instant: coverage and fingerprints."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from shared.core.coverage import Coverage
from shared.store.control_tables import DATASET_STATE, LEDGER


def coverage(
    connection: Connection, tenant_id: UUID, datasets: Sequence[str], as_of: datetime | None
) -> list[Coverage]:
    """Return the coverage of `datasets`, in their order."""
    if as_of is None:
        found = _now(connection, tenant_id, datasets)
    else:
        found = _then(connection, tenant_id, datasets, as_of)
    return [found.get(dataset) or Coverage(dataset=dataset, state="never") for dataset in datasets]


def first_collected(
    connection: Connection, tenant_id: UUID, datasets: Sequence[str]
) -> datetime | None:
    """Return the end of the first run that brought rows of any of `datasets`."""
    query = select(func.min(DATASET_STATE.c.first_collected_at)).where(
        DATASET_STATE.c.tenant_id == tenant_id, DATASET_STATE.c.dataset.in_(datasets)
    )
    first: datetime | None = connection.execute(query).scalar_one()
    return first


def fingerprint(
    connection: Connection, tenant_id: UUID, datasets: Sequence[str], as_of: datetime | None
) -> str:
    """Return a text that changes whenever an answer from `datasets` or their coverage could."""
    state = DATASET_STATE.c
    query = (
        select(state.dataset, state.phase == "deferred", state.data_version, state.finished_at)
        .where(state.tenant_id == tenant_id, state.dataset.in_(datasets))
        .order_by(state.dataset)
    )
    rows = [tuple(row) for row in connection.execute(query)]
    return hashlib.sha256(repr((tenant_id, as_of, rows)).encode()).hexdigest()[:32]


def _now(connection: Connection, tenant_id: UUID, datasets: Sequence[str]) -> dict[str, Coverage]:
    state = DATASET_STATE.c
    query = select(
        state.dataset,
        state.phase,
        state.state,
        state.finished_at,
        state.complete_at,
        state.report_date,
        state.rows,
        state.cause,
    ).where(state.tenant_id == tenant_id, state.dataset.in_(datasets))
    found = {}
    for row in connection.execute(query):
        current = "throttled" if row.phase == "deferred" else row.state
        if current is not None:
            found[row.dataset] = _coverage(row, current)
    return found


def _then(
    connection: Connection, tenant_id: UUID, datasets: Sequence[str], as_of: datetime
) -> dict[str, Coverage]:
    ran = LEDGER.c
    known = (ran.tenant_id == tenant_id, ran.dataset.in_(datasets), ran.finished_at <= as_of)
    complete = (
        select(ran.dataset, func.max(ran.complete_at).label("complete_at"))
        .where(*known)
        .group_by(ran.dataset)
        .subquery()
    )
    query = (
        select(
            ran.dataset,
            ran.state,
            ran.finished_at,
            complete.c.complete_at,
            ran.report_date,
            ran.rows,
            ran.cause,
        )
        .join(complete, complete.c.dataset == ran.dataset)
        .where(*known)
        .ext(distinct_on(ran.dataset))
        .order_by(ran.dataset, ran.finished_at.desc(), ran.run_id.desc())
    )
    return {row.dataset: _coverage(row, row.state) for row in connection.execute(query)}


def _coverage(row: Any, state: str) -> Coverage:
    return Coverage(
        dataset=row.dataset,
        state=state,  # type: ignore[arg-type]  # the table's check constraint sees to it
        finished_at=row.finished_at,
        complete_at=row.complete_at,
        report_date=row.report_date,
        rows=row.rows,
        cause=row.cause,
    )
