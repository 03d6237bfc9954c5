"""Keeps what is read below an object no longer current than the object: no member outlives its group.

Both may be read at once. Every write to a dataset holds its line in `work_state`: who closes
parents takes the line of what is below as well, so one of the two writes sees the other's. The run
that is under way below, or the next one, tells of what was closed.
"""
# ruff: noqa: S608

from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

import psycopg

from shared.core.collector import COLLECTORS
from shared.core.registry import collector, datasets, of
from shared.store.datasets.batches import Batch
from shared.store.datasets.checkpoints import NEXT_DATA_VERSION, moment
from shared.store.datasets.parents import forget_links
from shared.store.schema.dataset_tables import SCHEMA
from shared.store.schema.predicates import BY_KEY, BY_VALUE, by_key

_LOCK = """
    SELECT FROM kanri.work_state
    WHERE tenant_id = %(tenant)s AND kind = 'collect' AND subject = %(below)s FOR UPDATE
"""
_COUNT = f"""
    UPDATE kanri.work_state SET rows = rows - %(closed)s, data_version = {NEXT_DATA_VERSION},
        closed = closed + CASE WHEN started_at IS NULL THEN 0 ELSE %(closed)s END,
        closed_between = closed_between + CASE WHEN started_at IS NULL THEN %(closed)s ELSE 0 END
    WHERE tenant_id = %(tenant)s AND kind = 'collect' AND subject = %(below)s
"""


@cache
def datasets_below(dataset: str) -> tuple[str, ...]:
    """Return the datasets that are read below each object of `dataset` and end with it."""
    below = (collector(name) for name in datasets())
    return tuple(each.dataset for each in below if each.parent == dataset and each.keep.closes)


@dataclass(frozen=True, slots=True)
class Descent:
    """One tenant within the transaction of a loader, at the time of its observation."""

    held: psycopg.Cursor[tuple[object, ...]]
    tenant_id: UUID
    at: datetime

    def close_below(self, dataset: str, ids: Sequence[str] | None = None) -> None:
        """Close what is below objects of `dataset` (those with `ids`) that are current no more."""
        for below in datasets_below(dataset):
            names: dict[str, object] = {"tenant": self.tenant_id, "below": below}
            self.held.execute(_LOCK, names)
            those = BY_KEY if ids is None else f"{BY_VALUE} AND t.parent_id = ANY(%(ids)b)"
            statement = f"""
                UPDATE {SCHEMA}."{below}" t
                SET valid_to = greatest(%(at)b, t.valid_from + interval '1 microsecond')
                WHERE t.tenant_id = %(tenant)b AND t.valid_until = 'infinity' AND {those}
                    AND NOT EXISTS ({_parent(dataset)} AND p.id = t.parent_id OFFSET 0)"""
            given = {"tenant": self.tenant_id, "at": self.at, "ids": list(ids or ())}
            self.held.execute(statement.encode(), given, prepare=False)
            closed = self.held.rowcount
            parent = f"{_parent(dataset)} AND p.id = t.parent_id OFFSET 0"
            forget_links(self.held, self.tenant_id, below, parent)
            if closed:
                self.held.execute(_COUNT, {**names, "closed": closed, "moment": moment()})
                self.close_below(below)

    def living(self, dataset: str, batch: Batch) -> Batch:
        """Return the batch without what is below objects of `dataset` that are current no more."""
        parents = batch.rows.parents
        if not parents:
            return batch
        statement = f"""
            SELECT i.id FROM unnest(%(ids)b) AS i (id)
            WHERE NOT EXISTS ({_parent(dataset)} AND p.id = i.id OFFSET 0)"""
        given = {"tenant": self.tenant_id, "ids": sorted({str(parent) for parent in parents})}
        self.held.execute(statement.encode(), given, prepare=False)
        gone = {row[0] for row in self.held.fetchall()}
        if not gone:
            return batch
        return replace(batch, positions=[n for n in batch.positions if parents[n] not in gone])


def _parent(dataset: str) -> str:
    """Return the start of a probe for a current object. OFFSET after it keeps it a probe per row."""
    return f"""
        SELECT FROM {SCHEMA}."{dataset}" p WHERE p.tenant_id = %(tenant)b
        AND p.valid_until = 'infinity' AND {by_key(of(COLLECTORS).get(dataset), "p")}"""
