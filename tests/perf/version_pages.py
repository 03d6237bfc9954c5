"""The measured process of `versions`: one design, loaded, then read now and at instants of the past."""

import time
from collections.abc import Mapping
from typing import Any

from tests.perf.fill import settle
from tests.perf.measure import Figures, Meter
from tests.perf.repeat import percentile
from tests.perf.version_designs import DESIGNS, TABLES, VERSIONS

type Job = Mapping[str, Any]

_TENANT = "00000000-0000-0000-0000-000000000001"
_PAGE = """
    SELECT p.name, p.id, a.raw FROM people p
    LEFT JOIN activity a ON a.tenant_id = p.tenant_id AND a.id = p.id AND {activity}
    WHERE p.tenant_id = %(tenant)s AND {people} ORDER BY p.name, p.id LIMIT 101
"""
# A generation ends a day after it began, at an instant that differs from object to object.
_GENERATION = """
    INSERT INTO {table} (tenant_id, id, name, valid_from, valid_to, raw)
    SELECT %(tenant)s, md5(n::text), 'Name ' || md5((n / 3)::text),
        date_trunc('day', now()) + make_interval(days => %(day)s - 1, secs => (n * 7919) %% 65536),
        CASE WHEN %(day)s < 0
            THEN date_trunc('day', now()) + make_interval(days => %(day)s, secs => (n * 7919) %% 65536)
        END,
        repeat(md5(n::text), 12)
    FROM generate_series(1, %(objects)s) n ORDER BY hashtextextended(n::text, 7)
"""
_SIZES = """
    SELECT sum(pg_table_size(oid)), sum(pg_indexes_size(oid)) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname ~ %s
"""


def design(job: Job) -> Figures:
    """Load the objects with their versions, then return costs of loading, bytes, and p50 in ms of pages.

    AssertionError if a page is not full.
    """
    import psycopg

    wanted, objects = DESIGNS[job["design"]], int(job["rows"])
    with psycopg.connect(job["database"], autocommit=True) as connection:
        for table in TABLES:
            connection.execute(wanted.ddl(table).encode())
        first, rest = _loaded(connection, job, objects)
        settle(job["database"])
        sizes = connection.execute(_SIZES, [f"^({'|'.join(TABLES)})"]).fetchone()
        assert sizes is not None
        figures: Figures = {"first us": first, "later us": rest}
        figures |= {"table MB": float(sizes[0]) / 1e6, "index MB": float(sizes[1]) / 1e6}
        return figures | _pages(connection, job, int(job["requests"]))


def _loaded(connection: Any, job: Job, objects: int) -> tuple[float, float]:
    """Microseconds of the server per row: of a first load (current rows only), and of the past ones."""
    costs = []
    for days in ([0], range(1 - VERSIONS, 0)):
        with Meter(job["admin"]) as meter:
            for day in days:
                for table in TABLES:
                    given = {"tenant": _TENANT, "day": day, "objects": objects}
                    connection.execute(_GENERATION.format(table=table).encode(), given)
        costs.append(meter.server_cpu / objects / len(TABLES) / len(days) * 1e6)
    return costs[0], costs[1]


def _pages(connection: Any, job: Job, requests: int) -> Figures:
    wanted = DESIGNS[job["design"]]
    ages = {"now": None, "a minute ago": 0, "middle": VERSIONS // 2, "start": VERSIONS - 2}
    connection.execute("SET jit = off")
    spans: dict[str, list[float]] = {name: [] for name in ages}
    begun_all = time.perf_counter()
    for _ in range(requests):
        if time.perf_counter() - begun_all > 30:
            break
        for name, days in ages.items():
            valid = wanted.now if days is None else wanted.then
            page = _PAGE.format(people=valid.format(t="p"), activity=valid.format(t="a"))
            at = f"{days} days" if days else "1 minute"
            base = "date_trunc('day', now()) - interval '1 hour'" if days else "now()"
            row = connection.execute(f"SELECT {base} - interval '{at}'".encode()).fetchone()
            given = {"tenant": _TENANT, "at": row[0]}
            begun = time.perf_counter()
            rows = connection.execute(page.encode(), given).fetchall()
            spans[name].append((time.perf_counter() - begun) * 1000)
            assert len(rows) == 101, (name, len(rows))
    found = {name: percentile(sorted(each), 0.5) for name, each in spans.items()}
    return {**found, "worst x": max(found.values()) / found["now"]}
