"""Where a run goes on (a delta link, a watermark, a page): saved in the transaction of its rows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
from msgspec.structs import asdict
from psycopg.types.json import Jsonb
from sqlalchemy import Engine

from shared.core import clock
from shared.core.errors import Superseded
from shared.store.datasets.merging import Merge
from shared.store.session.arrays import take_arrays
from shared.store.session.sessions import cursor, tenant_session
from shared.store.work.opening import LEASE
from shared.store.work.run_records import Counts, Run

# The version is the fence: a worker that was thought dead comes back with an older one. What is told is
# whether no version has ever ended: this is the first run, and it has ended none.
#
# A page does not wait for the disk: it and its checkpoint are on it together or not at all, and what a
# crash of the server takes, half a second's at most, is read from Graph again. Nothing told outside
# depends on it: whoever hands the run over or ends it waits, and the disk keeps the order.
#
# Trigrams wait in a list until there are 4 MB of them, and whoever adds the next sorts them in. A first
# load may let 16 MB come together: the same trigrams come again and again, and to sort in 50,000 names at
# once costs a third of what it costs in four goes. Autovacuum does it within a minute, or the first page
# after that load. https://www.postgresql.org/docs/current/gin.html#GIN-TIPS
_HOLD = """
    SELECT held.untouched, set_config('synchronous_commit', 'off', true),
        set_config('gin_pending_list_limit',
            CASE WHEN held.untouched THEN '16MB' ELSE current_setting('gin_pending_list_limit') END, true)
    FROM (
        SELECT updated + closed + closed_between = 0 AND finished_at IS NULL AND NOT EXISTS (
            SELECT FROM kanri.ledger
            WHERE tenant_id = %(tenant)s AND kind = 'collect' AND subject = %(dataset)s) AS untouched
        FROM kanri.work_state
        WHERE tenant_id = %(tenant)s AND kind = 'collect' AND subject = %(dataset)s
        AND run_id = %(run)s AND version = %(version)s FOR UPDATE
    ) held
"""
# Milliseconds since 1970, so that a version that a crash took does not come again with other rows: a
# caller may have kept its answer.
NEXT_DATA_VERSION = "greatest(data_version + 1, %(moment)s)"
# For a measure, `rows` counts the newest report date only, unless it is a series; others have none.
_ADVANCE = f"""
    UPDATE kanri.work_state SET
        version = version + 1,
        data_version = CASE WHEN %(changed)s THEN {NEXT_DATA_VERSION} ELSE data_version END,
        lease_until = %(lease)s, run_checkpoint = coalesce(%(checkpoint)s, run_checkpoint),
        read = read + %(read)s, inserted = inserted + %(inserted)s,
        updated = updated + %(updated)s, unchanged = unchanged + %(unchanged)s,
        closed = closed + %(closed)s, rejected = rejected + %(rejected)s,
        rows = CASE WHEN report_date < %(newest)s AND NOT %(series)s THEN %(inserted)s
            WHEN report_date > %(newest)s AND NOT %(series)s THEN rows
            ELSE rows + %(inserted)s - %(closed)s END,
        report_date = greatest(report_date, %(newest)s)
    WHERE tenant_id = %(tenant)s AND kind = 'collect' AND subject = %(dataset)s
    RETURNING rows
"""  # noqa: S608


def moment() -> int:
    """Return the parameter of `NEXT_DATA_VERSION`."""
    return int(clock.now().timestamp() * 1000)


@contextmanager
def held_run(engine: Engine, run: Run) -> Iterator[psycopg.Cursor[tuple[object, ...]]]:
    """Open the transaction and lock the run's state; nobody else can go on with it meanwhile.

    Raises Superseded when somebody else has gone on with it already.
    """
    with tenant_session(engine, run.tenant_id) as connection, cursor(connection) as held:
        line = held.execute(_HOLD, names_of(run)).fetchone()
        if line is None:
            raise Superseded("run_superseded", run=str(run.run_id))
        run.untouched = bool(line[0])
        take_arrays(held)
        yield held


def save_checkpoint(
    held: psycopg.Cursor[tuple[object, ...]],
    run: Run,
    counts: Counts,
    checkpoint: Mapping[str, object] | None,
    newest: str | None,
    merge: Merge | None = None,
) -> int:
    """Move the run's state on in the same transaction; return the dataset's number of rows.

    `checkpoint` None leaves the last one; `newest` is the latest report date among a measure's rows.
    """
    parameters: dict[str, object] = {
        **names_of(run),
        **asdict(counts),
        "changed": counts.changed or (merge is not None and merge.refreshed),
        "moment": moment(),
        "series": merge is not None and merge.series,
        "lease": clock.now() + LEASE,
        "checkpoint": None if checkpoint is None else Jsonb(dict(checkpoint)),
        "newest": newest,
    }
    row = held.execute(_ADVANCE, parameters).fetchone()
    return int(str(row[0])) if row else 0


def move_on(run: Run, counts: Counts, checkpoint: Mapping[str, object] | None) -> None:
    """Tell the worker's `run` what has been saved: called once the transaction is committed."""
    run.version += 1
    run.counts += counts
    if checkpoint is not None:
        run.checkpoint = dict(checkpoint) or None


def names_of(run: Run) -> dict[str, object]:
    """Return the parameters by which a statement knows the run."""
    return {
        "tenant": run.tenant_id,
        "dataset": run.dataset,
        "run": run.run_id,
        "version": run.version,
    }
