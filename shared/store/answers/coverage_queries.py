"""How datasets stand, now or at a past instant: what a report says about itself besides its rows."""

from collections.abc import Callable, Mapping, Sequence
from copy import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from shared.core.coverage import REFUSED, Coverage, Idle, Standing, Unread
from shared.core.registry import is_imported
from shared.core.retention import History, history_of
from shared.store.registers.known_access import seen
from shared.store.session.sessions import Session
from shared.store.session.statements import Statement

# The tenant, once for each of the datasets that has a state, at least once if it is known. Both are said
# as text: every report asks the first, and a worker's first would have to make it of tables.
_STATES = Statement(
    """
    SELECT t.state AS tenant_state, w.subject AS dataset, w.phase, w.state, w.finished_at, w.complete_at,
        w.first_collected_at, w.data_version, w.report_date, w.final_until, w.rows, w.cause,
        w.started_at, w.last_started_at, w.next_due, w.read,
        (SELECT kanri.access_version()) AS access_version,
        (SELECT s.thresholds FROM kanri.tenant_settings s WHERE s.tenant_id = $1::uuid) AS thresholds,
        (SELECT c.seen_at FROM kanri.consents c WHERE c.tenant_id = $1::uuid) AS consent_seen_at,
        k.kept_since, k.thinned
    FROM kanri.tenants t
    LEFT JOIN kanri.work_state w
        ON w.tenant_id = t.tenant_id AND w.kind = 'collect' AND w.subject = ANY ($2::text[])
    LEFT JOIN kanri.kept_history k ON k.tenant_id = w.tenant_id AND k.dataset = w.subject
    WHERE t.tenant_id = $1::uuid
    """,
    ("tenant_id", "datasets"),
)
# Each dataset's last run that had ended by then, and when one had last read everything.
_LAST_RUNS = Statement(
    """
    SELECT DISTINCT ON (l.subject) l.subject AS dataset, l.state, l.finished_at, whole.complete_at,
        l.report_date, l.final_until, l.rows, l.cause
    FROM kanri.ledger l
    JOIN (
        SELECT subject, max(complete_at) AS complete_at
        FROM kanri.ledger
        WHERE tenant_id = $1::uuid AND kind = 'collect' AND subject = ANY ($2::text[])
            AND finished_at <= $3::timestamptz
        GROUP BY subject
    ) whole ON whole.subject = l.subject
    WHERE l.tenant_id = $1::uuid AND l.kind = 'collect' AND l.subject = ANY ($2::text[])
        AND l.finished_at <= $3::timestamptz
    ORDER BY l.subject, l.finished_at DESC, l.run_id DESC
    """,
    ("tenant_id", "datasets", "as_of"),
)


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
            _execute(states, _STATES, values)
            if past:
                _execute(ended, _LAST_RUNS, values)
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
    again = row.next_due if state in REFUSED and row.phase == "idle" else None
    return replace(
        _coverage(row, state), reading=row.read if under_way else None, asked_again_at=again
    )


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
