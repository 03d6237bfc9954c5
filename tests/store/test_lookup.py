"""Looking up ids uses the key's index, also for a tenant that the table's statistics do not know."""

import psycopg
import pytest

from shared.store.datasets.merge_statements import merge_statements
from shared.store.session.sessions import cursor, tenant_session
from tests.store.catalogue import PEOPLE, VISITS
from tests.store.tenant_data import T0, TenantData, page

pytestmark = pytest.mark.stack


@pytest.fixture
def newcomer(tenant: TenantData, owner_url: str) -> TenantData:
    """A tenant without rows, beside one whose rows fill the statistics."""
    people = [{"id": f"{n:05}", "name": f"P {n}", "mail": f"p{n}@x"} for n in range(3000)]
    tenant.load("people", page("people", people))
    visits = [{"id": f"{n:05}", "happenedAt": T0, "personId": f"{n % 50}"} for n in range(3000)]
    tenant.load("visits", page("visits", visits))
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE")
    return TenantData(tenant.engine, "Newcomer")


def plan(tenant: TenantData, statement: str, **values: object) -> str:
    with tenant_session(tenant.engine, tenant.tenant_id) as connection, cursor(connection) as query:
        parameters = {"tenant": tenant.tenant_id, "at": T0, **values}
        query.execute(f"EXPLAIN {statement}".encode(), parameters)
        return "\n".join(str(row[0]) for row in query.fetchall())


def test_entities_are_looked_up_by_their_key(newcomer: TenantData) -> None:
    ids = [f"{n:05}" for n in range(500)]
    found = plan(newcomer, merge_statements(PEOPLE).filter, ids=ids, hashes=[b""] * 500)
    assert "people_current" in found
    assert "(id = i.id)" in found


def test_events_are_looked_up_by_their_key(newcomer: TenantData) -> None:
    ids = [f"{n:05}" for n in range(500)]
    found = plan(
        newcomer, merge_statements(VISITS).filter, ids=ids, times=[T0] * 500, hashes=[b""] * 500
    )
    assert "person_id" not in found
    assert "tenant_id_id_happened_at" in found
    assert "(id = i.id)" in found


def test_the_first_page_of_a_tenant_refreshes_the_statistics(
    newcomer: TenantData, owner_url: str
) -> None:
    """Later statements of the same run then know how much the newcomer has."""
    people = [{"id": f"{n:05}", "name": f"P {n}", "mail": f"p{n}@x"} for n in range(1000)]
    newcomer.load("people", page("people", people))
    with psycopg.connect(owner_url) as owner:
        query = """
            SELECT most_common_vals::text FROM pg_stats
            WHERE schemaname = 'data' AND tablename = 'people' AND attname = 'tenant_id'
        """
        row = owner.execute(query).fetchone()
    assert row is not None
    assert str(newcomer.tenant_id) in row[0]
    assert "people_current" in plan(
        newcomer, merge_statements(PEOPLE).close, ids=["00001", "00002"], date=None
    )
