"""Loads batches of one dataset: rows, closings, checkpoint and counts in one transaction, or nothing.

What was deleted in Entra ends here in two ways: marked as removed on a page (`Loader.apply`), or lacking
in a complete read (`Loader.close_unseen`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, cast
from uuid import UUID

from psycopg import errors
from sqlalchemy import Engine

from shared.core.collector import Collector
from shared.core.rows import Rows
from shared.store.datasets.batches import Batch, settle
from shared.store.datasets.checkpoints import held_run, move_on, names_of, save_checkpoint
from shared.store.datasets.descendants import Descent
from shared.store.datasets.merge_statements import merge_statements
from shared.store.datasets.merging import Merge
from shared.store.datasets.parents import Links, forget_links, save_links
from shared.store.datasets.row_arrays import Prepared, row_arrays
from shared.store.datasets.sifting import UNSTORABLE, unstorable
from shared.store.schema.dataset_tables import SCHEMA
from shared.store.schema.partitions import PartitionKeeper
from shared.store.schema.predicates import by_key
from shared.store.session.arrays import text_array
from shared.store.session.sessions import cursor, tenant_session
from shared.store.work.run_records import Counts, Run

# The reports' planner must know a tenant that has grown to so many rows; loading does without.
_NEEDS_STATISTICS = 100

_SEE = """
    INSERT INTO kanri.seen_pages (tenant_id, dataset, run_id, version, hashes)
    SELECT %(tenant)b, %(dataset)b, %(run)b, %(version)b, array_agg(hashtextextended(id, 0))
    FROM unnest(%(ids)b::text[]) AS id
"""

_FORGET = """
    DELETE FROM kanri.seen_pages WHERE tenant_id = %(tenant)s AND dataset = %(dataset)s
"""


class _Page(NamedTuple):
    """What `Loader.apply` is given beside the rows."""

    observed_at: datetime
    checkpoint: Mapping[str, object] | None
    track_seen: bool
    complete_parents: Sequence[str]
    links: Links | None


class Loader:
    """Loads one dataset. Every writing method is one transaction, fenced by `run.version`.

    It raises Superseded, having written nothing, when another worker went on with the run, and
    StoreUnavailable when the database is away (the same message can open the run again). On success
    `run` carries the new version, checkpoint and counts.
    """

    def __init__(self, engine: Engine, collector: Collector) -> None:
        self._engine = engine
        self._collector = collector
        self._sql = merge_statements(collector)
        self._partitions = PartitionKeeper(engine)

    def prepare(self, run: Run, rows: Rows) -> None:
        """Write a batch out beforehand, in the thread of whoever calls, if all of it is likely to be new:
        `apply` then does little but wait for the server."""
        if run.untouched and rows.ids:
            batch, _ = self._settled(rows)
            arrays = row_arrays(self._collector, rows, batch.positions)
            rows.prepared = Prepared(batch.positions, batch.removed, arrays)

    def apply(
        self,
        run: Run,
        rows: Rows,
        *,
        observed_at: datetime,
        checkpoint: Mapping[str, object] | None,
        track_seen: bool = False,
        complete_parents: Sequence[str] = (),
        links: Links | None = None,
    ) -> Counts:
        """Store a batch and the checkpoint after it; return what became of the rows.

        `observed_at` is when Graph was asked. `track_seen` notes the ids for `close_unseen`. Rows
        of `complete_parents` that the batch does not contain are closed. `links` are where to go on
        below single parents. `checkpoint` None leaves the last one.

        A row that PostgreSQL cannot hold is rejected. What the batch merely lacks is not closed then,
        and no link is saved; what Graph marked as removed is, unless it came back in such a row.
        """
        page = _Page(observed_at, checkpoint, track_seen, complete_parents, links)
        try:
            return self._store(run, rows, page)
        except UNSTORABLE:
            with held_run(self._engine, run) as held:
                merge = Merge(held, self._collector, run, observed_at)
                bad = unstorable(held, merge, rows, self._event_times)
            if not bad:
                raise
            run.careful = True
        # What was rejected is there in Graph, and is to be asked for again.
        page = page._replace(complete_parents=(), links=None)
        return self._apply(run, rows.without(bad), page)

    def _store(self, run: Run, rows: Rows, page: _Page) -> Counts:
        """Apply a page: in a first load without a look at each object, but if one was stored already.

        A unique index tells, and what was done is undone. An event may have come before with another
        time, which no index tells.
        """
        if not run.careful and self._collector.shape != "event":
            try:
                return self._apply(run, rows, page, all_new=True)
            except errors.UniqueViolation:
                run.careful = True
        return self._apply(run, rows, page)

    def _apply(self, run: Run, rows: Rows, page: _Page, *, all_new: bool = False) -> Counts:
        batch, times = self._settled(rows)
        self._partitions.ensure(self._collector.dataset, times)
        observed_at, checkpoint, track_seen, complete_parents, links = page
        with held_run(self._engine, run) as held:
            # Not before it is held: the page before may have ended a version.
            all_new = all_new and run.untouched
            merge = Merge(held, self._collector, run, observed_at, all_new=all_new)
            descent = Descent(held, run.tenant_id, observed_at)
            # A parent may have gone while it was read below: then nothing below it is current.
            if self._collector.parent is not None:
                batch = descent.living(self._collector.parent, batch)
            stored = merge.store(batch, batch.pick(times) if times else ())
            lacking = merge.close_parents(complete_parents, batch)
            closed = merge.close(batch.removed) + lacking
            # What a complete answer lacked is known by number only, what was removed by id.
            if lacking:
                descent.close_below(self._collector.dataset)
            elif batch.removed:
                descent.close_below(self._collector.dataset, batch.removed)
            if links is not None and links.by_parent:
                save_links(held, names_of(run), links)
            counts = stored + Counts(closed=closed)
            if track_seen and batch.positions:
                held.execute(_SEE, {**names_of(run), "ids": text_array(batch.subjects)})
            newest = max((str(day) for day in rows.dates), default=None)
            rows_now = save_checkpoint(held, run, counts, checkpoint, newest, merge)
        move_on(run, counts, checkpoint)
        if rows_now >= _NEEDS_STATISTICS > rows_now - counts.inserted:
            self._refresh_statistics(run)
        return counts

    def close_unseen(
        self,
        run: Run,
        *,
        observed_at: datetime,
        parent: str | None = None,
        report_date: date | None = None,
    ) -> int:
        """After a complete read, close the rows that no tracked page of the run contained.

        With `parent`, after a complete read below it: its rows only (fan-out). With `report_date`,
        which a measure needs, the rows of that date only.
        """
        if report_date is not None:
            return self._close(
                run, self._sql.close_unseen, observed_at, str(report_date), date=report_date
            )
        if parent is None:
            return self._close(run, self._sql.close_unseen, observed_at)
        return self._close(run, self._sql.close_unseen_of_parent, observed_at, parent=parent)

    def close_orphans(self, run: Run, parent_dataset: str, *, observed_at: datetime) -> int:
        """Close fan-out rows whose parent object is no longer current, or none any more."""
        parent = f'{SCHEMA}."{parent_dataset}"'
        with held_run(self._engine, run) as held:
            forget_links(held, run.tenant_id, run.dataset, self._sql.parent.format(parent=parent))
        return self._close(run, self._sql.close_orphans.format(parent=parent), observed_at)

    def restart(self, run: Run) -> None:
        """Forget the run's tracked pages and checkpoint: Graph wants everything read again."""
        with held_run(self._engine, run) as held:
            held.execute(_FORGET, names_of(run))
            save_checkpoint(held, run, Counts(), {}, None)
        move_on(run, Counts(), {})

    def current_ids(self, tenant_id: UUID, after: str | None, limit: int) -> list[str]:
        """Return up to `limit` ids of current objects above `after`, in id order."""
        statement = f"""
            SELECT t.id FROM {SCHEMA}."{self._collector.dataset}" t
            WHERE t.tenant_id = %s AND t.valid_until = 'infinity'
                AND {by_key(self._collector)} AND t.id > %s
            ORDER BY t.id LIMIT %s"""  # noqa: S608
        with tenant_session(self._engine, tenant_id) as connection, cursor(connection) as query:
            query.execute(statement.encode(), [tenant_id, after or "", limit], prepare=False)
            return [str(row[0]) for row in query.fetchall()]

    def _refresh_statistics(self, run: Run) -> None:
        """Let the planner know of a tenant whose first rows these were."""
        with tenant_session(self._engine, run.tenant_id) as connection, cursor(connection) as query:
            query.execute("SELECT kanri.refresh_statistics(%s)", [run.dataset])

    def _settled(self, rows: Rows) -> tuple[Batch, list[datetime]]:
        """Return the batch, and when its events happened."""
        times, ready = self._event_times(rows), rows.prepared
        if isinstance(ready, Prepared):
            return Batch(rows, ready.positions, ready.removed), times
        return settle(rows, times), times

    def _event_times(self, rows: Rows) -> list[datetime]:
        if self._collector.shape != "event":
            return []
        names = [column.name for column in self._collector.columns]
        place = names.index(cast("str", self._collector.event_time))
        return [cast("datetime", values[place]) for values in rows.values]

    def _close(
        self,
        run: Run,
        statement: str,
        observed_at: datetime,
        day: str | None = None,
        **given: object,
    ) -> int:
        with held_run(self._engine, run) as held:
            held.execute(
                statement.encode(), {**names_of(run), "at": observed_at, **given}, prepare=False
            )
            counts = Counts(closed=held.rowcount)
            if counts.closed:
                Descent(held, run.tenant_id, observed_at).close_below(self._collector.dataset)
            save_checkpoint(held, run, counts, None, day)
        move_on(run, counts, None)
        return counts.closed
