"""Every report of the catalogue keeps its promises: texts, columns, SQL, types."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from infra.local.postgres import Postgres
from shared.core import clock, registry
from shared.core.collector import Collector
from shared.core.masking import masking_of
from shared.core.query import Order, ReportQuery
from shared.core.report import Report, ReportColumn
from shared.core.role_permissions import PERMISSIONS
from shared.core.settings import Settings
from shared.store.answers.report_statements import page_sql, parameter_values, tells_time
from shared.store.answers.sources import AS_OF, ReportSources
from shared.store.session.statements import compiled

KEYS = registry.report_keys()
PG_TYPES = {
    "text": {"text", "character varying"},
    "bool": {"boolean"},
    "int": {"bigint", "integer"},
    "float": {"double precision"},
    "timestamp": {"timestamp with time zone"},
    "date": {"date"},
    "json": {"jsonb"},
}


def reports() -> list[Report]:
    return [registry.report(key) for key in KEYS]


def columns() -> list[tuple[Report, ReportColumn]]:
    return [(report, column) for report in reports() for column in report.columns]


def test_the_nine_reports_are_there() -> None:
    assert set(KEYS) >= {
        "users",
        "mfa",
        "license",
        "signin",
        "conditional",
        "permission",
        "mailbox",
        "storage",
        "teams",
    }


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.key)
def test_texts_are_there_in_both_languages(report: Report) -> None:
    words = [report.title, report.description, *report.lacks.values()]
    for column in report.columns:
        words += column.labels.values()
        words += [column.unavailable] if column.unavailable else []
        assert column.en.strip()
        assert column.ja.strip()
    assert all(word.en.strip() and word.ja.strip() for word in words)


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.key)
def test_what_it_takes_to_read_it_is_a_permission_that_there_is(report: Report) -> None:
    assert report.permission in PERMISSIONS


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.key)
def test_columns_keys_and_order_are_consistent(report: Report) -> None:
    ids = [column.id for column in report.columns]
    assert len(set(ids)) == len(ids)
    assert set(report.row_key) <= set(ids)
    assert set(report.lacks) <= set(report.needs)
    assert {name.removeprefix("-") for name in report.order} <= set(ids)


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.key)
def test_the_query_reads_the_datasets_it_names_and_no_other(report: Report) -> None:
    asked: set[str] = set()

    def collector_of(dataset: str) -> Collector:
        asked.add(dataset)
        return registry.collector(dataset)

    query = report.query(ReportSources(collector_of, current=True))
    assert asked == set(report.needs)
    produced = [column.name for column in query.selected_columns]
    assert produced == [column.id for column in report.columns]


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.key)
def test_a_masked_row_is_still_told_from_every_other(report: Report) -> None:
    kinds = {column.id: masking_of(column) for column in report.columns}
    assert "withheld" not in {kinds[name] for name in report.row_key}


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.key)
def test_a_total_is_of_numbers_or_truths_and_a_share_of_columns(report: Report) -> None:
    kinds = {column.id: column.type for column in report.columns}
    for column in report.columns:
        if column.total is not None:
            of = column.total.of or (column.id,)
            wanted = {"bool"} if column.total.function == "count" else {"int", "float"}
            assert {kinds[name] for name in of} <= wanted, column.id


@pytest.fixture(scope="module")
def view_columns(postgres_server: Postgres, migrated_template: str) -> dict[str, dict[str, str]]:
    """Name and type of each column of each reporting view, as PostgreSQL planned them."""
    query = """
        SELECT relname, attname, format_type(atttypid, NULL) FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = CAST('reporting' AS regnamespace) AND attnum > 0 ORDER BY attnum
    """
    views: dict[str, dict[str, str]] = {}
    with psycopg.connect(postgres_server.url(migrated_template)) as connection:
        for view, column, kind in connection.execute(query):
            views.setdefault(view, {})[column] = kind
    return views


@pytest.mark.stack
@pytest.mark.parametrize("report", reports(), ids=lambda report: report.key)
def test_the_sql_prepares_with_the_declared_types(
    view_columns: dict[str, dict[str, str]], report: Report
) -> None:
    found = view_columns[report.key]
    assert list(found) == [column.id for column in report.columns]
    wrong = {c.id: found[c.id] for c in report.columns if found[c.id] not in PG_TYPES[c.type]}
    assert not wrong


@pytest.mark.stack
@pytest.mark.parametrize("key", ["users", "mfa", "mailbox", "signin", "storage", "teams"])
def test_a_page_of_a_big_report_is_read_by_an_index(app_settings: Settings, key: str) -> None:
    """With sorting and whole scans made dear, the plan has none left: an index serves the order."""
    report = registry.report(key)
    terms = [Order(name.removeprefix("-"), name.startswith("-")) for name in report.order]
    terms += [Order(name, terms[-1].descending) for name in report.row_key]
    columns = tuple(column.id for column in report.columns)
    question = ReportQuery(as_of=None, columns=columns, order=tuple(terms))
    statement = page_sql(report, question, "all", registry.collector, 101)
    values: dict[str, object] = {"tenant_id": UUID(int=1), "as_of": clock.now()}
    values |= parameter_values(report, question)
    with psycopg.connect(app_settings.database_url) as connection:
        connection.execute(
            "SET enable_sort = off; SET enable_seqscan = off; SET enable_bitmapscan = off"
        )
        connection.execute("SELECT set_config('kanri.tenant_id', %s, false)", [str(UUID(int=1))])
        explain = f"EXPLAIN (FORMAT JSON) {statement.sql}".encode()
        query = psycopg.RawCursor(connection).execute(explain, statement.arguments(values))
        found = query.fetchone()
    assert found is not None
    kinds = set(_node_types(found[0][0]["Plan"]))
    assert not kinds & {"Sort", "Incremental Sort", "Seq Scan", "Hash Join"}, kinds


def _node_types(plan: dict[str, Any]) -> Iterator[str]:
    """The kinds of the nodes that every row of the page comes through; not of those per row."""
    yield plan["Node Type"]
    for part in plan.get("Plans", []):
        if part.get("Parent Relationship") not in ("SubPlan", "InitPlan"):
            yield from _node_types(part)


@pytest.mark.parametrize("key", KEYS)
def test_a_report_tells_time_if_its_statement_has_the_instant(key: str) -> None:
    query = registry.report(key).query
    statement = compiled(query(ReportSources(registry.collector, current=True)))
    assert tells_time(query, registry.collector) == (AS_OF in statement.names)
