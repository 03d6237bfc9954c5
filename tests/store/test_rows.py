"""All rows of an answer as a stream: the same as its pages, in constant memory, filtered and ordered."""

import tracemalloc
from collections.abc import Iterator

import pytest

from shared.core.query import CsvStyle, Match, Order, ReportQuery
from tests.store.catalogue import PEOPLE_REPORT
from tests.store.tenant_data import TenantData, minute, page

pytestmark = pytest.mark.stack

COLUMNS = ("id", "name", "tags")
WIDE = "x" * 2_000


def people(tenant: TenantData, count: int) -> None:
    rows = [{"id": f"{n:05}", "name": f"{WIDE}{n % 7}", "tags": [n]} for n in range(count)]
    tenant.load("people", page("people", rows))


def test_the_stream_is_what_the_pages_are(tenant: TenantData) -> None:
    people(tenant, 1_201)
    tenant.load("people", page("people", [{"id": "00000", "name": "new"}]), at=minute(5))
    order = (Order("name", descending=True), Order("id"))
    for as_of in (None, minute(1)):
        where = Match("id", "startswith", "00")
        query = ReportQuery(
            as_of=as_of, columns=COLUMNS, order=order, where=where, top=1, after=("a", "b")
        )
        with tenant.reports.snapshot(tenant.tenant_id) as snapshot:
            batches = list(snapshot.rows(PEOPLE_REPORT, query))
            assert snapshot.count(PEOPLE_REPORT, query) == 1_000  # the session goes on
        rows = [row for batch in batches for row in batch]
        assert len(batches) > 1
        assert (
            rows == tenant.ask(PEOPLE_REPORT, *COLUMNS, order=order, where=where, as_of=as_of).rows
        )


def test_memory_does_not_grow_with_the_rows(tenant: TenantData) -> None:
    people(tenant, 6_000)
    query = ReportQuery(as_of=None, columns=COLUMNS, order=(Order("id"),))
    with tenant.reports.snapshot(tenant.tenant_id) as snapshot:
        next(snapshot.rows(PEOPLE_REPORT, query))  # what is imported and prepared once
    with tenant.reports.snapshot(tenant.tenant_id) as snapshot:
        tracemalloc.start()
        count = sum(len(batch) for batch in snapshot.rows(PEOPLE_REPORT, query))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert count == 6_000
    assert peak < 6_000 * len(WIDE) / 2


def test_a_stream_that_nobody_finishes_gives_its_session_back(tenant: TenantData) -> None:
    people(tenant, 1_100)
    query = ReportQuery(as_of=None, columns=COLUMNS, order=(Order("id"),))
    for _ in range(10):  # more often than the pool has sessions
        with tenant.reports.snapshot(tenant.tenant_id) as snapshot:
            assert next(snapshot.rows(PEOPLE_REPORT, query))[0][0] == "00000"
    assert len(tenant.ask(PEOPLE_REPORT, top=3).rows) == 3


def test_a_file_that_breaks_off_gives_its_session_back(tenant: TenantData) -> None:
    """Whoever reads still holds the stream when the error leaves the snapshot."""
    people(tenant, 1_100)
    query = ReportQuery(as_of=None, columns=COLUMNS, order=(Order("id"),))
    style = CsvStyle(headers=COLUMNS, labels={})

    def break_off(held: list[Iterator[object]]) -> None:
        with tenant.reports.snapshot(tenant.tenant_id) as snapshot:
            held += [snapshot.csv_lines(PEOPLE_REPORT, query, style)]
            next(held[0])
            raise ValueError("too large")

    for _ in range(10):  # more often than the pool has sessions
        held: list[Iterator[object]] = []
        with pytest.raises(ValueError, match="too large"):
            break_off(held)
        assert not list(held[0]), "it has been closed"
    assert len(tenant.ask(PEOPLE_REPORT, top=3).rows) == 3
