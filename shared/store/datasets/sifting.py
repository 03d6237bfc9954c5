"""Finds the rows of a refused batch that PostgreSQL cannot hold, so that the others can be stored."""

from collections.abc import Callable
from datetime import datetime

import psycopg
from psycopg import errors

from shared.core.rows import Rejected, Rows
from shared.store.datasets.batches import settle
from shared.store.datasets.merging import Merge

# What is wrong with a row, as opposed to the server: a value that no type takes (class 22), or one
# beyond a limit of PostgreSQL, like the size of an index entry or the depth of JSON (class 54).
# https://www.postgresql.org/docs/current/errcodes-appendix.html
UNSTORABLE = (psycopg.DataError, errors.ProgramLimitExceeded, errors.StatementTooComplex)


def unstorable(
    cursor: psycopg.Cursor[tuple[object, ...]],
    merge: Merge,
    rows: Rows,
    times: Callable[[Rows], list[datetime]],
) -> dict[int, Rejected]:
    """Return the bad rows by position: halves are tried until single rows fail, and undone again."""

    def refusal(positions: range) -> psycopg.Error | None:
        part = rows.rows_at(positions)
        happened = times(part)
        batch = settle(part, happened)
        cursor.execute("SAVEPOINT trial")
        try:
            merge.store(batch, batch.pick(happened) if happened else ())
        except UNSTORABLE as error:
            return error
        finally:
            cursor.execute("ROLLBACK TO SAVEPOINT trial")
        return None

    bad: dict[int, Rejected] = {}
    parts = [range(len(rows.ids))]
    while parts:
        part = parts.pop()
        error = refusal(part) if part else None
        if error is None:
            continue
        if len(part) == 1:
            # Its message quotes the value; a cause may hold no personal data.
            cause = f"PostgreSQL cannot hold it ({type(error).__name__})"
            bad[part.start] = Rejected(_shown(rows.ids[part.start]), cause)
            continue
        middle = part.start + len(part) // 2
        parts += [range(middle, part.stop), range(part.start, middle)]
    return bad


def _shown(own: str) -> str | None:
    """An id that the ledger can hold."""
    return own if "\x00" not in own and len(own) < 200 else None
