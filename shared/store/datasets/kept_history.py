"""What is left of the past of each dataset, written in the transaction that takes something away."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Table,
    Text,
    Uuid,
    bindparam,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from shared.core.retention import History, history_of
from shared.store.schema.metadata import INSTANT, METADATA

# What the last run took away stands here until its audit event is written, once.
KEPT_HISTORY = Table(
    "kept_history",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("kept_since", INSTANT),
    Column("thinned", JSONB, nullable=False, server_default=text("'[]'")),
    Column("run_id", Uuid, nullable=False),
    Column("rows_thinned", BigInteger, nullable=False, server_default=text("0")),
    Column("rows_dropped", BigInteger, nullable=False, server_default=text("0")),
    Column("told", Boolean, nullable=False, server_default=text("false")),
)

_OWN = KEPT_HISTORY.c.tenant_id == bindparam("tenant")


def histories_of(connection: Connection, tenant_id: UUID) -> dict[str, History]:
    """Return what is left of each dataset that anything was taken from."""
    query = select(KEPT_HISTORY).where(_OWN)
    rows = connection.execute(query, {"tenant": tenant_id})
    return {row.dataset: history_of(row.kept_since, row.thinned) for row in rows}


def begin(connection: Connection, tenant_id: UUID, datasets: Collection[str], run_id: UUID) -> None:
    """Set the counts of `datasets` to nothing, unless the run has begun before."""
    rows = [{"tenant_id": tenant_id, "dataset": name, "run_id": run_id} for name in datasets]
    new = insert(KEPT_HISTORY).values(rows)
    fresh = {"run_id": run_id, "rows_thinned": 0, "rows_dropped": 0, "told": False}
    begun = new.on_conflict_do_update(
        index_elements=[KEPT_HISTORY.c.tenant_id, KEPT_HISTORY.c.dataset],
        set_=fresh,
        where=KEPT_HISTORY.c.run_id != run_id,
    )
    connection.execute(begun)


def note(
    connection: Connection, tenant_id: UUID, dataset: str, left: History, taken: tuple[int, int]
) -> None:
    """Write what is left of a dataset, and count what was `taken`: versions thinned, rows dropped."""
    change = update(KEPT_HISTORY).filter_by(tenant_id=tenant_id, dataset=dataset)
    thinned = [{"until": one.until.isoformat(), "to": one.to} for one in left.thinned]
    values = {
        "kept_since": left.since,
        "thinned": thinned,
        "rows_thinned": KEPT_HISTORY.c.rows_thinned + taken[0],
        "rows_dropped": KEPT_HISTORY.c.rows_dropped + taken[1],
    }
    connection.execute(change.values(values))


def untold(connection: Connection, tenant_id: UUID, run_id: UUID) -> dict[str, tuple[int, int]]:
    """Return what the run took from each dataset, once: whoever asks tells it in this transaction."""
    own = update(KEPT_HISTORY).filter_by(tenant_id=tenant_id, run_id=run_id)
    taken = own.where(KEPT_HISTORY.c.told.is_(False)).values(told=True)
    rows = connection.execute(
        taken.returning(
            KEPT_HISTORY.c.dataset, KEPT_HISTORY.c.rows_thinned, KEPT_HISTORY.c.rows_dropped
        )
    )
    return {row.dataset: (row.rows_thinned, row.rows_dropped) for row in rows}
