"""Ways to lay out the versions of objects: tables, indexes, and how a statement says when.

Each has the tables `people` (in the order of a name) and `activity` (looked up by id).
"""

from collections.abc import Callable
from dataclasses import dataclass

_COLUMNS = (
    'tenant_id uuid NOT NULL, id text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,'
    " valid_from timestamptz NOT NULL, valid_to timestamptz, raw text NOT NULL"
)
_UNTIL = (
    ", valid_until timestamptz GENERATED ALWAYS AS"
    " (CASE WHEN valid_to IS NULL THEN 'infinity' ELSE valid_to END) STORED"
)
TABLES = ("people", "activity")
VERSIONS = 20


@dataclass(frozen=True, slots=True)
class Design:
    """`ddl` makes one table; `now` and `then` say of the alias {t} that a row counts, now or at %(at)s."""

    ddl: Callable[[str], str]
    now: str
    then: str


def _halves(table: str) -> str:
    return f"""
        CREATE TABLE {table} ({_COLUMNS});
        CREATE UNIQUE INDEX ON {table} (tenant_id, id) WHERE valid_to IS NULL;
        CREATE UNIQUE INDEX ON {table} (tenant_id, id, valid_to) WHERE valid_to IS NOT NULL;
        CREATE INDEX ON {table} (tenant_id, name, id) WHERE valid_to IS NULL;"""


def _partitioned(table: str, by: str) -> str:
    return f"""
        CREATE TABLE {table} ({_COLUMNS}) PARTITION BY {by} (valid_to);
        CREATE INDEX ON {table} (tenant_id, id, valid_to, valid_from);
        CREATE INDEX ON {table} (tenant_id, name, id, valid_to, valid_from);"""


def _apart(table: str) -> str:
    return f"""{_partitioned(table, "LIST")}
        CREATE TABLE {table}_current PARTITION OF {table} FOR VALUES IN (NULL);
        CREATE TABLE {table}_past PARTITION OF {table} DEFAULT;"""


def _by_time(table: str) -> str:
    """One partition a day; what has not ended is in the default one."""
    days = "".join(
        f"""
        EXECUTE format('CREATE TABLE {table}_{number} PARTITION OF {table} FOR VALUES FROM (%L) TO (%L)',
            date_trunc('day', now()) - interval '{number + 1} days',
            date_trunc('day', now()) - interval '{number} days');"""
        for number in range(VERSIONS)
    )
    return f"""{_partitioned(table, "RANGE")}
        CREATE TABLE {table}_current PARTITION OF {table} DEFAULT;
        DO $$ BEGIN {days} END $$;"""


def _included(table: str) -> str:
    return f"""
        CREATE TABLE {table} ({_COLUMNS}{_UNTIL});
        CREATE UNIQUE INDEX ON {table} (tenant_id, id) WHERE valid_until = 'infinity';
        CREATE INDEX ON {table} (tenant_id, id) INCLUDE (valid_until, valid_from);
        CREATE INDEX ON {table} (tenant_id, name, id) INCLUDE (valid_until, valid_from);"""


def _in_order(table: str) -> str:
    return f"""
        CREATE TABLE {table} ({_COLUMNS}{_UNTIL});
        CREATE UNIQUE INDEX ON {table} (tenant_id, id) WHERE valid_until = 'infinity';
        CREATE INDEX ON {table} (tenant_id, id, valid_until, valid_from);
        CREATE INDEX ON {table} (tenant_id, name, id, valid_until, valid_from);"""


def _both(table: str) -> str:
    return f"""{_in_order(table)}
        CREATE INDEX ON {table} (tenant_id, name, id) WHERE valid_until = 'infinity';"""


_OPEN = "({t}.valid_to IS NULL OR {t}.valid_to > %(at)s)"
_BY_NULL = ("{t}.valid_to IS NULL", "{t}.valid_from <= %(at)s AND " + _OPEN)
_BY_END = ("{t}.valid_until = 'infinity'", "{t}.valid_from <= %(at)s AND {t}.valid_until > %(at)s")

DESIGNS = {
    "indexes of halves": Design(_halves, *_BY_NULL),
    "current and past apart": Design(_apart, *_BY_NULL),
    "partitions by end": Design(_by_time, *_BY_NULL),
    "one order, span included": Design(_included, *_BY_END),
    "one order, span in the key": Design(_in_order, *_BY_END),
    "the same, beside current ones": Design(_both, *_BY_END),
}
