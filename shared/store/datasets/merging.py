"""Merges one batch within the transaction that the loader holds."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import psycopg

from shared.core.collector import Collector
from shared.store.datasets.batches import Batch, picked, storable
from shared.store.datasets.collation import sort_key
from shared.store.datasets.merge_statements import merge_statements
from shared.store.session.arrays import bytes_array, text_array
from shared.store.session.copying import copy_rows, encoded_json
from shared.store.work.run_records import Counts, Run


class Merge:
    """One batch of one dataset on its way into the table."""

    def __init__(
        self,
        cursor: psycopg.Cursor[tuple[object, ...]],
        collector: Collector,
        run: Run,
        observed_at: datetime,
    ) -> None:
        self._cursor = cursor
        self._event = collector.shape == "event"
        self._volatile = bool(collector.keep.volatile)
        self.series = collector.shape == "measure" and not collector.keep.closes
        self.refreshed = False  # whether something volatile has changed in place
        version = collector.keep.event_version
        self._version = next(
            (n for n, column in enumerate(collector.columns) if column.name == version), None
        )
        self._names = [n for n, column in enumerate(collector.columns) if column.collated]
        self._json = [n for n, column in enumerate(collector.columns) if column.type == "json"]
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
        differing = self._filter(batch, times)
        inserted = sum(1 for known in differing.values() if not known)
        updated = 0
        if differing:
            self._stage(batch, list(differing))
            known = [position for position, is_known in differing.items() if is_known]
            if known:
                updated = self._end_versions(batch, known)
            # To look for the version before costs a fifteenth of a row; in a first load there is none.
            first = self._untouched and not updated
            self._plan_now(self._sql.insert_first if first else self._sql.insert, self._fixed)
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

    def _stage(self, batch: Batch, positions: Sequence[int]) -> None:
        self._cursor.execute(self._sql.stage.encode())
        rows = self._staged_rows(batch, positions)
        copy_rows(self._cursor, self._sql.copy, self._sql.types, rows)

    def _staged_rows(self, batch: Batch, positions: Sequence[int]) -> Iterable[tuple[object, ...]]:
        """Return the rows as they are staged, made column by column: C does the work of each row."""
        rows = batch.rows
        values, raws = storable(picked(rows.values, positions), picked(rows.raws, positions))
        columns: list[Sequence[Any]] = list(zip(*values, strict=True))
        places = [_places(columns[n]) for n in self._names]
        for n in self._json:
            columns[n] = encoded_json(columns[n])
        keys: list[list[Any]] = [rows.ids, rows.dates, rows.parents, rows.hashes]
        own = (picked(key, positions) for key in keys if key)
        return zip(*own, *columns, *places, encoded_json(raws), strict=True)

    def _end_versions(self, batch: Batch, known: Sequence[int]) -> int:
        """End the versions that get a successor; return how many do.

        Objects that differ in the order of their properties only, in null against absent, or in
        what is volatile, are settled in place and get none.
        """
        rows = batch.rows
        dates = rows.dates or [None] * len(rows.ids)
        ids = [rows.ids[position] for position in known]
        self._plan_now(self._sql.settle_same, {**self._fixed, "ids": ids})
        same = {tuple(row) if rows.dates else (row[0], None) for row in self._cursor.fetchall()}
        self.refreshed = self.refreshed or (self._volatile and bool(same))
        ending: dict[object, list[str]] = {}
        for position in known:
            if (rows.ids[position], dates[position]) not in same:
                ending.setdefault(dates[position], []).append(rows.ids[position])
        for day, group in ending.items():
            self._run(self._sql.close, ids=group, date=day)
            if self._event:  # what replaces them begins when the last of them ended
                ends = [cast("datetime", row[0]) for row in self._cursor.fetchall()]
                self._fixed["at"] = max([self._at, *ends])
        return sum(map(len, ending.values()))


def _places(names: Sequence[Any]) -> list[str | None]:
    """Return the sort key of each name."""
    return [None if name is None else sort_key(name) for name in names]
