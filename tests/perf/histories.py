"""Gives every stored object a history: so many versions, a day each, written by SQL.

Datasets are collected first, through the product's own door. Their rows then become the newest of
`versions` generations with the same content, whose spans begin and end at an instant of the day that
differs from object to object. Of a measure every second generation is another report date, and the
one after it a correction; only what was read of its newest date is taken.
"""

from collections.abc import Mapping
from typing import Any

from tests.perf.fill import settle
from tests.perf.measure import Figures
from tests.perf.multiply import without_indexes

type Job = Mapping[str, Any]

_TABLES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'data'::regnamespace AND relkind = 'r'
"""
_COLUMNS = """
    SELECT attname FROM pg_attribute WHERE attrelid = CAST(%s AS regclass) AND attnum > 0
    AND NOT attisdropped AND attgenerated = ''
"""
# Coverage and first collection are those of a tenant that has been collected all the while.
_LEDGER = """
    UPDATE kanri.ledger SET started_at = started_at - %(days)s * interval '1 day',
        finished_at = finished_at - %(days)s * interval '1 day',
        complete_at = complete_at - %(days)s * interval '1 day';
    UPDATE kanri.work_state SET first_collected_at = first_collected_at - %(days)s * interval '1 day'
"""
_SIZE = """
    SELECT sum(greatest(0, reltuples)), sum(pg_total_relation_size(oid)) FROM pg_class
    WHERE relnamespace = 'data'::regnamespace AND relkind = 'r'
"""


def grow(job: Job) -> Figures:
    """Give the objects of all datasets of versions `job["versions"]` of them; return rows and bytes."""
    import psycopg

    versions = int(job["versions"])
    with psycopg.connect(job["database"], autocommit=True) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        for (table,) in connection.execute(_TABLES).fetchall():
            columns = [row[0] for row in connection.execute(_COLUMNS, [f'data."{table}"'])]
            newest = f'(SELECT max(report_date) FROM data."{table}")'
            which = f"report_date = {newest}" if "report_date" in columns else "valid_to IS NULL"
            # In no order of ids, as time brings them.
            order = "ORDER BY hashtextextended(id, 77)"
            connection.execute(
                f'CREATE TEMP TABLE seed AS SELECT * FROM data."{table}" WHERE {which} {order}'
            )
            indexes = without_indexes(connection, table)
            connection.execute(f'TRUNCATE data."{table}"')
            for number in range(versions):
                connection.execute(_generation(table, columns, number, versions))
            for index in indexes:
                connection.execute(index.encode())
            connection.execute("DROP TABLE seed")
        psycopg.ClientCursor(connection).execute(_LEDGER, {"days": versions + 2})
        settle(job["database"])
        rows, size = connection.execute(_SIZE).fetchone() or (0, 0)
    return {"versions": versions, "rows": float(rows), "gb": float(size) / 1e9}


def _generation(table: str, columns: list[str], number: int, versions: int) -> str:
    """Write what inserts one generation."""
    began, ended = _edge(number - versions), _edge(number + 1 - versions)
    values = {"valid_from": began, "valid_to": ended if number + 1 < versions else "NULL"}
    if "report_date" in columns:
        corrected, back = number % 2 == 1, (versions - 1 - number) // 2 * 2
        values["report_date"] = f"(now() - interval '{back + 3} days')::date"
        values["valid_to"] = "NULL" if corrected else ended
    names = ", ".join(f'"{name}"' for name in columns)
    chosen = ", ".join(values.get(name, f'"{name}"') for name in columns)
    return f'INSERT INTO data."{table}" ({names}) SELECT {chosen} FROM seed'


def _edge(day: int) -> str:
    """An instant of a day from today: days before it are negative."""
    seconds = f"hashtextextended(id, {day + 1_000_000}) & 65535"
    return f"(date_trunc('day', now()) + make_interval(days => {day}, secs => {seconds}))"
