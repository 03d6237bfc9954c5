"""Takes away what a policy keeps no longer, some rows at a time; counts the same rows beforehand.

One condition says which rows go, and both the count and the deletion ask by it.
"""
# ruff: noqa: S608  (names come from the catalogue and are quoted; values are parameters)

from copy import replace
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from shared.core.collector import Collector
from shared.core.retention import Borders, History, Turn
from shared.store.datasets import kept_history
from shared.store.registers.legal_holds import hold_tenant, holds_in_force, is_held
from shared.store.schema.dataset_tables import SCHEMA
from shared.store.schema.predicates import BY_VALUE, OF_ANY_TIME, by_key
from shared.store.session.sessions import tenant_session

# Rows of one transaction: some seconds at worst, and nobody waits for their locks.
BATCH = 5000

_STEP_SECONDS = 60

_LAST_MOMENT = "(t.valid_until - interval '1 microsecond')"
_TURNS: dict[Turn, str] = {
    "day": f"date_trunc('day', {_LAST_MOMENT}, 'UTC')",
    "week": f"greatest(date_trunc('week', {_LAST_MOMENT}, 'UTC'),"
    f" date_trunc('month', {_LAST_MOMENT}, 'UTC'))",
    "month": f"date_trunc('month', {_LAST_MOMENT}, 'UTC')",
}

# What a row takes up with its indexes, on average; null before the first statistics.
_ROW_BYTES = text("""
    SELECT sum(pg_total_relation_size(relid)) / nullif(sum(greatest(reltuples, 0)), 0)
    FROM pg_partition_tree(CAST(:name AS regclass)) JOIN pg_class ON oid = relid WHERE isleaf
""")


@dataclass(frozen=True, slots=True)
class Going:
    """Rows that go: of those that were too old, and of those that no turn needs."""

    thinned: int = 0
    dropped: int = 0

    @property
    def rows(self) -> int:
        """All of them."""
        return self.thinned + self.dropped


class Thinning:
    """One dataset of one tenant, on one day; `borders` say what goes."""

    def __init__(self, collector: Collector, tenant_id: UUID, borders: Borders) -> None:
        self._collector, self._tenant_id = collector, tenant_id
        self._borders = borders
        self._table = f'{SCHEMA}."{collector.dataset}"'
        self._sql = _Writer(collector, borders)

    def count(self, connection: Connection) -> Going:
        """Return how many rows would go now; in the session of the tenant."""
        row = connection.execute(text(self._sql.count), self._values(connection)).one()
        return Going(row.thinned, row.dropped)

    def row_bytes(self, connection: Connection) -> float | None:
        """Return what a row takes up on average; None if the database does not know yet."""
        found = connection.execute(_ROW_BYTES, {"name": self._table}).scalar_one()
        return None if found is None else float(found)

    def step(self, engine: Engine, after: str, batch: int = BATCH) -> tuple[Going, str | None]:
        """Delete the next rows; return how many went, and from which id on to go on: None at the end.

        One transaction, and what is left is written with it. A dataset that is held loses nothing.
        """
        with tenant_session(engine, self._tenant_id) as connection:
            connection.execute(text(f"SET LOCAL statement_timeout = '{_STEP_SECONDS}s'"))
            state = hold_tenant(connection, self._tenant_id)
            held = is_held(self._collector.dataset, holds_in_force(connection, self._tenant_id))
            # What is kept of a removed tenant stays as it is until it is purged.
            if held or state == "removed":
                return Going(), None
            return self._delete(connection, after, batch)

    def left(self, connection: Connection) -> History:
        """Return what is left when they are gone: of a measure all since its oldest day was known."""
        if self._sql.known is None:
            return self._borders.after
        known = connection.execute(text(self._sql.known), self._values(connection)).scalar()
        since = max(filter(None, (known, self._borders.after.since)), default=None)
        return replace(self._borders.after, since=since)

    def _delete(self, connection: Connection, after: str, batch: int) -> tuple[Going, str | None]:
        values = {**self._values(connection), "after": after, "limit": batch}
        if self._sql.cut is not None:
            values["cut"] = connection.execute(text(self._sql.cut), values).scalar()
        left = self.left(connection)
        rows = connection.execute(text(self._sql.delete), values).all()
        if not rows:
            return Going(), None
        dropped = sum(bool(row.dropped) for row in rows)
        going = Going(len(rows) - dropped, dropped)
        name = self._collector.dataset
        kept_history.note(connection, self._tenant_id, name, left, (going.thinned, dropped))
        done = len(rows) < batch if self._sql.cut is None else values["cut"] is None
        return going, None if done else max(str(row.id) for row in rows)

    def _values(self, connection: Connection) -> dict[str, Any]:
        values: dict[str, Any] = {
            "tenant": self._tenant_id,
            "keep": self._borders.keep,
            "thin": self._borders.thin,
        }
        if self._sql.newest is not None:
            values["newest"] = connection.execute(text(self._sql.newest), values).scalar()
        return values


class _Writer:
    """The statements of one dataset."""

    def __init__(self, collector: Collector, borders: Borders) -> None:
        table = f'{SCHEMA}."{collector.dataset}"'
        self.cut: str | None = None
        self.known: str | None = None
        self.newest: str | None = None
        own = "t.tenant_id = :tenant"
        if collector.shape == "event":
            time = f't."{collector.event_time}"'
            phrase = BY_VALUE.replace("valid_from", "collected_at")
            self.gone = f"{own} AND {phrase} AND {time} < CAST(:keep AS timestamptz)"
            # A stretch of time: rows of partitions have no places that could be named.
            self.cut = f"""SELECT {time} FROM {table} t WHERE {self.gone}
                ORDER BY {time} OFFSET :limit LIMIT 1"""
            some = f"coalesce({time} <= CAST(:cut AS timestamptz), true)"
            self.delete = f"""DELETE FROM {table} t WHERE {self.gone} AND {some}
                RETURNING t.id, true AS dropped"""
            dropped = "true"
        else:
            dropped = self._of_versions(table, own, collector, borders)
        self.count = f"""SELECT count(*) FILTER (WHERE NOT {dropped}) AS thinned,
            count(*) FILTER (WHERE {dropped}) AS dropped FROM {table} t WHERE {self.gone}"""

    def _of_versions(self, table: str, own: str, collector: Collector, borders: Borders) -> str:
        own = f"{own} AND {by_key(collector)} AND {OF_ANY_TIME}"
        order, place = "t.id", "t.id >= :after"
        if collector.shape == "measure":
            # The newest day stays, however old: it is what is known.
            self.newest = f"SELECT max(t.report_date) FROM {table} t WHERE t.tenant_id = :tenant"
            dropped = """(t.report_date < (CAST(:keep AS timestamptz) AT TIME ZONE 'UTC')::date
                AND t.report_date < CAST(:newest AS date))"""
            self.gone, order, place = f"{own} AND {dropped}", "t.report_date", "true"
            self.known = f"""SELECT min(t.valid_from) FROM {table} t WHERE {own}
                AND t.report_date = (SELECT min(o.report_date) FROM {table} o
                    WHERE o.tenant_id = :tenant AND o.report_date >= least(CAST(:newest AS date),
                        (CAST(:keep AS timestamptz) AT TIME ZONE 'UTC')::date))"""
        else:
            dropped = "coalesce(t.valid_until <= CAST(:keep AS timestamptz), false)"
            needless = "false"
            if borders.to is not None:
                needless = f"""(t.valid_until <= CAST(:thin AS timestamptz)
                    AND {_TURNS[borders.to]} < t.valid_from)"""
            self.gone = f"{own} AND ({dropped} OR {needless})"
        self.delete = f"""
            WITH gone AS (
                SELECT t.ctid AS place FROM {table} t WHERE {self.gone} AND {place}
                ORDER BY {order} LIMIT :limit)
            DELETE FROM {table} t USING gone WHERE t.ctid = gone.place
            RETURNING t.id, {dropped} AS dropped"""
        return dropped
