"""Search keeps its index below the row-level security policy."""

import psycopg
import pytest
from sqlalchemy import text

from shared.core.query import Both, Match, Order, ReportQuery
from shared.store.answers.report_statements import page_sql, question_values
from shared.store.answers.sources import TENANT
from shared.store.session.sessions import tenant_session, tenant_snapshot
from tests.store.catalogue import COLLECTORS, PEOPLE_REPORT
from tests.store.tenant_data import TenantData, page

pytestmark = pytest.mark.stack

COUNT = 5000


@pytest.fixture
def crowd(tenant: TenantData) -> TenantData:
    """Enough rows for an index to pay, with statistics."""
    people = [
        {"id": f"{n:05}", "name": f"Person {n:05} 株式会社山田", "mail": f"p{n:05}@contoso.com"}
        for n in range(COUNT)
    ]
    tenant.load("people", page("people", people))
    return tenant


def plan(tenant: TenantData, where: Match, owner_url: str) -> str:
    """The plan of the report's statement, as the application role runs it."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE data.people")
    question = ReportQuery(as_of=None, columns=("id",), order=(Order("id"),), where=where)
    statement = page_sql(PEOPLE_REPORT, question, "all", COLLECTORS.__getitem__, 100)
    values = question_values(question) | {TENANT: tenant.tenant_id, "as_of": None}
    with (
        tenant_snapshot(tenant.engine, tenant.tenant_id, timeout="20s") as session,
        psycopg.RawCursor(session) as query,
    ):
        query.execute(f"EXPLAIN {statement.sql}".encode(), statement.arguments(values))
        return "\n".join(str(row[0]) for row in query.fetchall())


def test_a_prefix_is_an_index_range(crowd: TenantData, owner_url: str) -> None:
    found = plan(crowd, Match("mail", "startswith", "p0012"), owner_url)
    assert "people_mail" in found
    assert "Seq Scan" not in found
    rows = crowd.ask(PEOPLE_REPORT, where=Match("mail", "startswith", "p0012")).rows
    assert len(rows) == 10


def test_a_substring_goes_through_the_trigram_index(crowd: TenantData, owner_url: str) -> None:
    where = Match("name", "contains", "ON 00123 株式")
    found = plan(crowd, where, owner_url)
    # The search runs once, ahead of the rows, and its ids are looked up by the key's index.
    assert "ProjectSet" in found
    assert "people_current" in found
    assert "Seq Scan" not in found
    assert crowd.ask(PEOPLE_REPORT, where=where).rows == [("00123",)]
    assert scans_of("people_name_trigrams", crowd) >= 1


def scans_of(index: str, tenant: TenantData) -> int:
    """How often an index was scanned, the session's own scans included."""
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
    query = text("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = :name")
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        return int(connection.execute(query, {"name": index}).scalar_one())


@pytest.mark.parametrize("needle", ["%", "_", "\\", "5000%", "0012_", "' OR 1=1 --", "\\%"])
def test_wildcards_stand_for_themselves(crowd: TenantData, needle: str) -> None:
    assert crowd.ask(PEOPLE_REPORT, where=Match("name", "contains", needle)).rows == []


def test_several_searches_narrow_together(crowd: TenantData) -> None:
    both = Both(Match("name", "contains", "0012"), Match("name", "contains", "山田"))
    assert len(crowd.ask(PEOPLE_REPORT, where=both).rows) == 1 + 10  # 00012 and 0012x


def test_the_past_is_searched_as_well(crowd: TenantData) -> None:
    from tests.store.tenant_data import minute

    crowd.load("people", page("people", [{"id": "00001", "name": "Renamed"}]), minute(10))
    where = Match("name", "contains", "person 00001")
    assert crowd.ask(PEOPLE_REPORT, where=where).rows == []
    assert crowd.ask(PEOPLE_REPORT, where=where, as_of=minute(5)).rows == [("00001",)]
