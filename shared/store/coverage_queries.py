"""How datasets stand, now or at a past instant: what a report says about itself besides its rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from shared.core.coverage import Coverage, Standing
from shared.store.control_tables import DATASET_STATE, LEDGER, TENANTS


def standing(
    connection: Connection, tenant_id: UUID, datasets: Sequence[str], as_of: datetime | None
) -> Standing:
    """Return how the tenant and `datasets` stand, now or as it was known at `as_of`."""
    rows = connection.execute(_states(tenant_id, datasets)).all()
    known = {row.dataset: row for row in rows if row.dataset is not None}
    if as_of is None:
        found = {dataset: _now(row) for dataset, row in known.items()}
    else:
        found = _then(connection, tenant_id, datasets, as_of)
    firsts = [row.first_collected_at for row in known.values() if row.first_collected_at]
    versions = (known[name].data_version if name in known else 0 for name in datasets)
    return Standing(
        tenant_state=rows[0].tenant_state if rows else None,
        coverage=tuple(
            found.get(dataset) or Coverage(dataset=dataset, state="never") for dataset in datasets
        ),
        first_collected_at=min(firsts, default=None),
        data_version=".".join(map(str, versions)),
    )


def _states(tenant_id: UUID, datasets: Sequence[str]) -> Any:
    """The tenant, once for each of `datasets` that has a state, at least once if it is known."""
    state = DATASET_STATE.c
    of_tenant = and_(state.tenant_id == TENANTS.c.tenant_id, state.dataset.in_(datasets))
    return (
        select(
            TENANTS.c.state.label("tenant_state"),
            state.dataset,
            state.phase,
            state.state,
            state.finished_at,
            state.complete_at,
            state.first_collected_at,
            state.data_version,
            state.report_date,
            state.rows,
            state.cause,
        )
        .select_from(TENANTS.outerjoin(DATASET_STATE, of_tenant))
        .where(TENANTS.c.tenant_id == tenant_id)
    )


def _now(row: Any) -> Coverage | None:
    """The coverage of a dataset's state; None before its first run has ended."""
    state = "throttled" if row.phase == "deferred" else row.state
    return None if state is None else _coverage(row, state)


def _then(
    connection: Connection, tenant_id: UUID, datasets: Sequence[str], as_of: datetime
) -> dict[str, Coverage | None]:
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
