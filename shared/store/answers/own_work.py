"""What a report may read of Kanri's own work for a tenant: how collections went, and what is granted.

Few reports do, so the tables are imported by who does: to make them is dear for a worker's first answer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    case,
    column,
    func,
    literal,
    literal_column,
    select,
    true,
    values,
)

# Causes of failures that are Microsoft Graph's.
_OF_GRAPH = ("graph_busy", "graph_malformed", "graph_unavailable", "graph_unreachable")

type Instant = ColumnElement[datetime] | None


def last_runs(datasets: Sequence[str], tenant: ColumnElement[UUID], instant: Instant) -> FromClause:
    """Return a row for each dataset: its last run that had ended at an instant (None: now).

    Each is found by an index of the ledger, whatever it holds.
    """
    from shared.store.work.ledger import LEDGER

    asked = values(column("dataset", Text), name="asked").data([(name,) for name in datasets])
    last, whole = LEDGER.alias(), LEDGER.alias()
    told = [last.c[name] for name in ("state", "started_at", "finished_at", "cause")]
    run = _newest(last, asked, told, _of(last, tenant, instant))
    complete = whole.c.complete_at
    read = _newest(whole, asked, [complete], _of(whole, tenant, instant) & complete.is_not(None))
    found = select(asked.c.dataset, *run.c, *read.c)
    return found.select_from(asked.outerjoin(run, true()).outerjoin(read, true())).subquery()


def _of(ledger: FromClause, tenant: ColumnElement[UUID], instant: Instant) -> ColumnElement[bool]:
    ran = ledger.c
    collected = (ran.tenant_id == tenant) & (ran.kind == literal_column("'collect'"))
    return collected if instant is None else collected & (ran.finished_at <= instant)


def _newest(
    ledger: FromClause,
    asked: FromClause,
    columns: Sequence[ColumnElement[Any]],
    which: ColumnElement[bool],
) -> FromClause:
    ran = ledger.c
    newest = select(*columns).where(which, ran.subject == asked.c.dataset)
    newest = newest.order_by(ran.finished_at.desc(), ran.run_id.desc())
    return newest.limit(literal_column("1")).correlate(asked).lateral()


def first_reads(
    datasets: Sequence[str], tenant: ColumnElement[UUID], instant: Instant
) -> FromClause:
    """Return a row for each dataset: since when it is known, as of an instant (None: now).

    What retention has taken away is known no more, whenever it was read.
    """
    from shared.store.datasets.kept_history import KEPT_HISTORY
    from shared.store.work.ledger import LEDGER

    asked = values(column("dataset", Text), name="firsts").data([(name,) for name in datasets])
    ledger, kept = LEDGER.alias(), KEPT_HISTORY.alias()
    ran = ledger.c
    whole = select(ran.finished_at, ran.window_from).where(
        _of(ledger, tenant, instant), ran.complete_at.is_not(None), ran.subject == asked.c.dataset
    )
    whole = whole.order_by(ran.finished_at, ran.run_id).limit(literal_column("1"))
    first = whole.correlate(asked).lateral()
    left = (kept.c.tenant_id == tenant) & (kept.c.dataset == asked.c.dataset)
    read, told = first.c.finished_at, func.least(first.c.window_from, first.c.finished_at)
    return (
        select(
            asked.c.dataset,
            *(
                case((read.is_not(None), func.greatest(since, kept.c.kept_since))).label(name)
                for name, since in (("known_since", read), ("told_since", told))
            ),
        )
        .select_from(asked.outerjoin(first, true()).outerjoin(kept, left))
        .subquery()
    )


def failures(datasets: Sequence[str], tenant: ColumnElement[UUID], instant: Instant) -> FromClause:
    """Return the runs of these datasets that had failed at an instant because of Microsoft Graph."""
    from shared.store.work.ledger import LEDGER

    ledger = LEDGER.alias()
    ran = ledger.c
    query = select(ran.subject.label("dataset"), ran.started_at, ran.finished_at, ran.cause).where(
        _of(ledger, tenant, instant),
        ran.subject.in_([literal(name, Text) for name in datasets]),
        ran.state == literal_column("'failed'"),
        ran.cause.in_([literal(cause, Text) for cause in _OF_GRAPH]),
    )
    return query.subquery()


def last_looks(
    components: Sequence[str], tenant: ColumnElement[UUID], instant: Instant
) -> FromClause:
    """Return a row for each component: what was seen of it last, up to an instant.

    None: up to the end of the tenant's last collection, so that answers change with its data only.
    """
    from shared.store.registers.component_looks import COMPONENT_LOOKS
    from shared.store.work.ledger import LEDGER

    asked = values(column("component", Text), name="parts").data([(name,) for name in components])
    until = instant
    if until is None:
        ended = LEDGER.alias()
        newest = select(func.max(ended.c.finished_at)).where(_of(ended, tenant, None))
        until = newest.scalar_subquery()
    looks = COMPONENT_LOOKS.alias()
    seen = looks.c
    last = select(seen.state, seen.cause, seen.looked_at)
    last = last.where(seen.component == asked.c.component, seen.looked_at <= until)
    found = last.order_by(seen.looked_at.desc()).limit(literal_column("1"))
    look = found.correlate(asked).lateral()
    return select(asked.c.component, *look.c).select_from(asked.outerjoin(look, true())).subquery()


def consent(tenant: ColumnElement[UUID], instant: Instant) -> FromClause:
    """Return a row for each permission that was granted when somebody last looked, up to an instant.

    Where none was there is one row without: somebody looked.
    """
    from shared.store.registers.consents import CONSENTS

    seen = CONSENTS.c
    none: ColumnElement[Any] = literal_column("ARRAY[NULL::text]")
    some = case((func.cardinality(seen.granted) > 0, seen.granted), else_=none)
    granted = func.unnest(some, type_=Text).label("permission")
    query = select(granted, seen.seen_at).where(seen.tenant_id == tenant)
    return (query if instant is None else query.where(seen.seen_at <= instant)).subquery()
