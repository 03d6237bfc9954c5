"""Figures over time read what lies in their window and nothing else, however long the ledger is."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.question import read_question
from shared.core.report import Report
from shared.core.window import Window
from shared.store.answers.report_statements import page_sql
from shared.store.answers.sources import AS_OF, TENANT
from shared.store.figures.breaches import BREACHES
from shared.store.figures.known import known_of
from shared.store.figures.runs import runs_report
from shared.store.figures.security_events import EVENTS
from shared.store.figures.stretch import values_of
from shared.store.figures.trends import trends_report
from shared.store.session.sessions import tenant_snapshot
from tests.store.tenant_data import TenantData
from tests.store.test_growth import touched

pytestmark = pytest.mark.stack

NOW = clock.now().replace(minute=0, second=0, microsecond=0)
DAYS, OTHERS = 400, 5
# A run each hour and tenant; of the same tenant an audit event each.
_LEDGER = """
    INSERT INTO kanri.ledger (tenant_id, run_id, kind, subject, trigger, state, started_at, finished_at,
        parts, rows)
    SELECT %(tenant)s, gen_random_uuid(), 'collect', 'users', 'schedule',
        CASE WHEN n %% 7 = 0 THEN 'failed' ELSE 'ok' END,
        %(now)s - make_interval(hours => n) - interval '3 minutes', %(now)s - make_interval(hours => n), 1, 0
    FROM generate_series(1, %(hours)s) AS n
"""
_AUDIT = """
    INSERT INTO kanri.audit_events (tenant_id, seq, at, act, result, caller, authority, times)
    SELECT %(tenant)s, n, %(now)s - make_interval(hours => %(hours)s + 1 - n), 'report.read',
        'permission_missing', 'key:1', 'key tenant', 1
    FROM generate_series(1, %(hours)s) AS n
"""
WINDOW = Window(NOW - timedelta(days=2), NOW, "PT1H", "Asia/Tokyo")


@pytest.fixture
def long_ledger(owner_url: str, tenant: TenantData) -> UUID:
    """A tenant of six, each with 400 days of ledger and audit log; the id of the one."""
    with psycopg.connect(owner_url) as owner:
        owner.execute("SET session_replication_role = replica")
        for one in (tenant.tenant_id, *(UUID(int=n) for n in range(1, OTHERS + 1))):
            values = {"tenant": one, "now": NOW, "hours": DAYS * 24}
            owner.execute(_LEDGER, values)
            owner.execute(_AUDIT, values)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE kanri.ledger, kanri.audit_events")
    return tenant.tenant_id


def plan(engine: Engine, report: Report, tenant_id: UUID) -> dict[str, Any]:
    """The plan of the first page as it ran for the application's role."""
    question = read_question({"top": "100"}, report, "en", NOW)
    statement = page_sql(report, question.query(), "all", registry.collector, 101)
    values = {**values_of(WINDOW, [tenant_id]), TENANT: tenant_id, AS_OF: NOW}
    with (
        tenant_snapshot(engine, tenant_id, timeout="30s") as session,
        psycopg.RawCursor(session) as query,
    ):
        explained = f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.sql}".encode()
        query.execute(explained, statement.arguments(values))
        [[found]] = query.fetchall()
    told: Any = json.loads(found) if isinstance(found, str) else found
    top: dict[str, Any] = told[0]["Plan"]
    return top


@pytest.mark.parametrize(
    "report",
    [runs_report(("tenant",)), trends_report(("tenant", "subject")), BREACHES, EVENTS],
    ids=lambda report: report.key,
)
def test_only_what_lies_in_the_window_is_read(
    engine: Engine, long_ledger: UUID, report: Report
) -> None:
    hours = 4 * 24 if report.key == "trends" else 2 * 24
    # Each of a few nodes passes every row of the window on, of ledger and audit log.
    assert 0 < touched(plan(engine, report, long_ledger)) < 30 * hours


def test_how_far_back_anything_is_known_costs_no_reading_of_it(
    engine: Engine, long_ledger: UUID
) -> None:
    for source in ("ledger", "audit_events"):
        known = known_of(engine, source, WINDOW, [long_ledger])
        assert known.entries == 2 * 24
        assert known.since == NOW - timedelta(days=DAYS)
        assert known.newest == NOW - timedelta(hours=1)
    nobody = known_of(engine, "ledger", WINDOW, [UUID(int=999)])
    assert nobody == (None, None, 0)
