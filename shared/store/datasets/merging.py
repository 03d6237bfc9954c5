"""Merges one batch within the transaction that the loader holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import psycopg

from shared.core.collector import Collector
from shared.store.datasets.batches import Batch
from shared.store.datasets.merge_statements import merge_statements
from shared.store.datasets.row_arrays import Prepared, row_arrays
from shared.store.session.arrays import Array, bytes_array, text_array
from shared.store.work.run_records import Counts, Run


class Merge:
    """One batch of one dataset on its way into the table."""

    def __init__(
        self,
        cursor: psycopg.Cursor[tuple[object, ...]],
        collector: Collector,
        run: Run,
        observed_at: datetime,
        *,
        all_new: bool = False,
    ) -> None:
        """With `all_new` nothing is looked up: UniqueViolation if an object is stored already."""
        self._all_new = all_new
        self._cursor = cursor
        self._event = collector.shape == "event"
        self._volatile = bool(collector.keep.volatile)
        self.series = collector.shape == "measure" and not collector.keep.closes
        self.refreshed = False  # whether something volatile has changed in place
        version = collector.keep.event_version
        self._version = next(
            (n for n, column in enumerate(collector.columns) if column.name == version), None
        )
        self._collector = collector
        self._sql = merge_statements(collector)
        self._untouched = run.untouched
        self._at = observed_at
        self._fixed: dict[str, object] = {"tenant": run.tenant_id, "at": observed_at}

    def store(self, batch: Batch, times: Sequence[datetime] = ()) -> Counts:
        """Write what is new or differs; `times` are the event times of the batch's events."""
        rows = batch.rows
        read, rejected = len(rows.ids) + len(rows.rejected), len(rows.rejected)
        if not batch.positions:
            return Counts(read=read, unchanged=len(rows.ids), rejected=rejected)
        if self._all_new:
            self._insert(batch, batch.positions, self._sql.insert_first)
            inserted = len(batch.positions)
            unchanged = len(rows.ids) - inserted
            return Counts(read=read, inserted=inserted, unchanged=unchanged, rejected=rejected)
        differing = self._filter(batch, times)
        known = [position for position, is_known in differing.items() if is_known]
        same = self._settle_same(batch, known) if known else set()
        inserted, updated = len(differing) - len(known), len(known) - len(same)
        if updated:
            self._end_versions(batch, [position for position in known if position not in same])
        written = [position for position in differing if position not in same]
        if written:
            # To look for the version before costs a fifteenth of a row; in a first load there is none.
            first = self._untouched and not updated
            self._insert(batch, written, self._sql.insert_first if first else self._sql.insert)
        unchanged = len(rows.ids) - inserted - updated
        return Counts(
            read=read, inserted=inserted, updated=updated, unchanged=unchanged, rejected=rejected
        )

    def close(self, ids: Sequence[str]) -> int:
        """End the current versions of objects that Graph marked as removed (`graph.decoding.pages`).

        What a complete read lacked ends in `loading.close_unseen`.
        """
        return self._run(self._sql.close, ids=list(ids)) if ids else 0

    def close_parents(self, parents: Sequence[str], batch: Batch) -> int:
        """End the current rows of `parents` that the batch does not contain."""
        if not parents:
            return 0
        return self._run(self._sql.close_parents, parents=list(parents), ids=batch.ids)

    def _run(self, statement: str, **parameters: object) -> int:
        self._plan_now(statement, {**self._fixed, **parameters})
        return self._cursor.rowcount

    def _plan_now(self, statement: str, parameters: Mapping[str, object]) -> None:
        """Run a statement that is planned for the table as it is now.

        A plan that is kept may be one for the table as it was some pages ago: empty.
        """
        self._cursor.execute(statement.encode(), parameters, prepare=False, binary=True)

    def _filter(self, batch: Batch, times: Sequence[datetime]) -> dict[int, bool]:
        """Map the position of each row that must be written to whether a version is current."""
        ids, hashes = text_array(batch.ids), bytes_array(batch.pick(batch.rows.hashes))
        parameters: dict[str, object] = {**self._fixed, "ids": ids, "hashes": hashes}
        if self._event:
            parameters["times"] = list(times)
        if self._version is not None:
            told = batch.pick(batch.rows.values)
            parameters["versions"] = [values[self._version] for values in told]
        if batch.rows.dates:
            parameters["dates"] = batch.pick(batch.rows.dates)
        self._plan_now(self._sql.filter, parameters)
        found = cast("list[tuple[int, bool]]", self._cursor.fetchall())
        return {batch.positions[ordinal - 1]: known for ordinal, known in found}

    def _insert(self, batch: Batch, positions: Sequence[int], statement: str) -> None:
        self._plan_now(statement, {**self._fixed, **self._arrays(batch, positions)})

    def _arrays(self, batch: Batch, positions: Sequence[int]) -> Mapping[str, Array]:
        ready = batch.rows.prepared
        if isinstance(ready, Prepared) and len(positions) == len(ready.positions):
            return ready.arrays
        return row_arrays(self._collector, batch.rows, positions)

    def _settle_same(self, batch: Batch, known: Sequence[int]) -> set[int]:
        """Settle in place what differs in the order of its properties only, in null against absent, or
        in what is volatile; return its positions. It gets no new version."""
        rows = batch.rows
        ids, dates = rows.ids, rows.dates or [None] * len(rows.ids)
        arrays = self._arrays(batch, known)
        parameters = {**self._fixed, **arrays, "ids": [ids[position] for position in known]}
        self._plan_now(self._sql.settle_same, parameters)
        same = {tuple(row) if rows.dates else (row[0], None) for row in self._cursor.fetchall()}
        self.refreshed = self.refreshed or (self._volatile and bool(same))
        return {position for position in known if (ids[position], dates[position]) in same}

    def _end_versions(self, batch: Batch, ended: Sequence[int]) -> None:
        """End the versions that get a successor."""
        rows = batch.rows
        dates = rows.dates or [None] * len(rows.ids)
        ending: dict[object, list[str]] = {}
        for position in ended:
            ending.setdefault(dates[position], []).append(rows.ids[position])
        for day, group in ending.items():
            self._run(self._sql.close, ids=group, date=day)
            if self._event:  # what replaces them begins when the last of them ended
                ends = [cast("datetime", row[0]) for row in self._cursor.fetchall()]
                self._fixed["at"] = max([self._at, *ends])
