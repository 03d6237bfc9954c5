"""How datasets stand, now or at a past instant: what a report says about itself besides its rows."""

from collections.abc import Callable, Mapping, Sequence
from copy import replace
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import ScalarSelect, Select, Table, Text, Uuid, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, distinct_on

from shared.core.coverage import Coverage, Idle, Standing, Unread
from shared.core.registry import is_imported
from shared.core.retention import History
from shared.store.datasets.kept_history import KEPT_HISTORY, history_of
from shared.store.registers.consents import CONSENTS
from shared.store.registers.known_access import seen
from shared.store.registers.tenant_settings import TENANT_SETTINGS
from shared.store.registers.tenant_table import TENANTS
from shared.store.session.sessions import Session
from shared.store.session.statements import Statement, compiled
from shared.store.work.ledger import LEDGER
from shared.store.work.work_state import WORK_STATE

_TENANT = bindparam("tenant_id", None, type_=Uuid())
_DATASETS = bindparam("datasets", None, type_=ARRAY(Text()))
_AS_OF = bindparam("as_of", None, type_=TIMESTAMP(timezone=True))


def standing(
    session: Session,
    tenant_id: UUID,
    datasets: Sequence[str],
    as_of: datetime | None,
    before: Callable[[], None] = lambda: None,
) -> Standing:
    """Return how the tenant and `datasets` stand, now or as it was known at `as_of`.

    One round trip, in which what `before` executes goes first. It tells as well whether what the
    request takes on trust (`known_access`) still holds: AccessChanged if not.
    """
    rows, runs = _ask(
        session, {"tenant_id": tenant_id, "datasets": list(datasets), "as_of": as_of}, before
    )
    known = {row.dataset: row for row in rows if row.dataset is not None}
    histories = _histories(known)
    if as_of is None:
        found = {dataset: _now(row) for dataset, row in known.items()}
    else:
        found = {row.dataset: _coverage(row, row.state) for row in runs}
    firsts = [row.first_collected_at for row in known.values() if row.first_collected_at]
    versions = (known[name].data_version if name in known else 0 for name in datasets)
    return Standing(
        tenant_state=rows[0].tenant_state if rows else None,
        coverage=tuple(
            _kept(
                found.get(dataset) or Coverage(dataset=dataset, state=_unread(dataset)),
                histories.get(dataset),
                as_of,
            )
            for dataset in datasets
        ),
        first_collected_at=min(firsts, default=None),
        data_version=".".join(map(str, versions)),
        thresholds=(rows[0].thresholds if rows else None) or {},
        histories=histories,
        idle={} if as_of is not None else _idle(known),
        consent_seen_at=rows[0].consent_seen_at if rows else None,
    )


def _unread(dataset: str) -> Unread:
    return "not_imported" if is_imported(dataset) else "never"


def _histories(known: Mapping[str, Any]) -> dict[str, History]:
    rows = known.items()
    return {
        dataset: history_of(row.kept_since, row.thinned)
        for dataset, row in rows
        if row.thinned is not None
    }


def _idle(known: Mapping[str, Any]) -> dict[str, Idle]:
    rows = known.items()
    return {
        dataset: Idle(row.last_started_at, row.next_due)
        for dataset, row in rows
        if row.phase == "idle"
    }


def _ask(
    session: Session, values: dict[str, object], before: Callable[[], None]
) -> tuple[list[Any], list[Any]]:
    """Return the states, and of a past instant the last runs that had ended by then."""
    past = values["as_of"] is not None
    with _asking(session) as states, _asking(session) as ended:
        with session.pipeline():
            before()
            _execute(states, _states(), values)
            if past:
                _execute(ended, _last_runs(), values)
        rows: list[Any] = states.fetchall()
        if rows:
            seen(rows[0].access_version)
        return rows, ended.fetchall() if past else []


def _asking(session: Session) -> psycopg.RawCursor[Any]:
    return psycopg.RawCursor(session, row_factory=namedtuple_row)


def _execute(
    query: psycopg.RawCursor[Any], statement: Statement, values: dict[str, object]
) -> None:
    query.execute(statement.sql.encode(), statement.arguments(values))


@cache
def _states() -> Statement:
    """The tenant, once for each of the datasets that has a state, at least once if it is known."""
    state = WORK_STATE.c
    subjects = state.subject == any_(_DATASETS)
    of_tenant = and_(state.tenant_id == TENANTS.c.tenant_id, state.kind == "collect", subjects)
    of_dataset = and_(
        KEPT_HISTORY.c.tenant_id == state.tenant_id, KEPT_HISTORY.c.dataset == state.subject
    )
    query: Select[Any] = (
        select(
            TENANTS.c.state.label("tenant_state"),
            state.subject.label("dataset"),
            state.phase,
            state.state,
            state.finished_at,
            state.complete_at,
            state.first_collected_at,
            state.data_version,
            state.report_date,
            state.final_until,
            state.rows,
            state.cause,
            state.started_at,
            state.last_started_at,
            state.next_due,
            state.read,
            select(func.kanri.access_version()).scalar_subquery().label("access_version"),
            _of_tenant(TENANT_SETTINGS, "thresholds").label("thresholds"),
            _of_tenant(CONSENTS, "seen_at").label("consent_seen_at"),
            KEPT_HISTORY.c.kept_since,
            KEPT_HISTORY.c.thinned,
        )
        .select_from(TENANTS.outerjoin(WORK_STATE, of_tenant).outerjoin(KEPT_HISTORY, of_dataset))
        .where(TENANTS.c.tenant_id == _TENANT)
    )
    return compiled(query)


def _of_tenant(register: Table, name: str) -> ScalarSelect[Any]:
    own = select(register.c[name]).where(register.c.tenant_id == _TENANT)
    return own.scalar_subquery()


@cache
def _last_runs() -> Statement:
    """Each dataset's last run that had ended by then, and when one had last read everything."""
    ran = LEDGER.c
    known = (
        ran.tenant_id == _TENANT,
        ran.kind == "collect",
        ran.subject == any_(_DATASETS),
        ran.finished_at <= _AS_OF,
    )
    complete = (
        select(ran.subject, func.max(ran.complete_at).label("complete_at"))
        .where(*known)
        .group_by(ran.subject)
        .subquery()
    )
    query: Select[Any] = (
        select(
            ran.subject.label("dataset"),
            ran.state,
            ran.finished_at,
            complete.c.complete_at,
            ran.report_date,
            ran.final_until,
            ran.rows,
            ran.cause,
        )
        .join(complete, complete.c.subject == ran.subject)
        .where(*known)
        .ext(distinct_on(ran.subject))
        .order_by(ran.subject, ran.finished_at.desc(), ran.run_id.desc())
    )
    return compiled(query)


def _kept(found: Coverage, history: History | None, as_of: datetime | None) -> Coverage:
    """The coverage with what is left of the past; now is never thinned."""
    if history is None or history == History():
        return found
    each = None if as_of is None else history.turn_at(as_of)
    return replace(found, kept_since=history.since, kept_each=each)


def _now(row: Any) -> Coverage:
    """The coverage of a dataset's state."""
    state = "throttled" if row.phase == "deferred" else row.state or _unread(row.dataset)
    # Of data that is whole nothing new is to be said, and the tag of an answer stays as it is.
    under_way = state != "ok" and row.started_at is not None
    return replace(_coverage(row, state), reading=row.read if under_way else None)


def _coverage(row: Any, state: str) -> Coverage:
    return Coverage(
        dataset=row.dataset,
        state=state,  # type: ignore[arg-type]  # the table's check constraint sees to it
        finished_at=row.finished_at,
        complete_at=row.complete_at,
        report_date=row.report_date,
        final_until=row.final_until,
        rows=row.rows,
        cause=row.cause,
    )
