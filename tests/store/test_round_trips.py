"""How often a request waits for the server: each trip costs what the network costs."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine

from shared.core.query import Order, ReportQuery
from shared.store.answers.reports import Reports
from shared.store.registers.api_keys import ApiKeys
from shared.store.registers.found_keys import find_key
from shared.store.session.joining import joined
from shared.store.session.sessions import operator_session, tenant_session
from tests.store.catalogue import COLLECTORS, PEOPLE_REPORT
from tests.store.tenant_data import T0, TenantData, page

pytestmark = pytest.mark.stack


@contextmanager
def round_trips(engine: Engine) -> Iterator[Callable[[], int]]:
    """Yield what counts the server's answers on the session that the pool gives out next."""
    with engine.connect() as connection:
        session = connection.connection.driver_connection
    assert isinstance(session, psycopg.Connection)
    with tempfile.TemporaryFile("w+") as log:
        session.pgconn.trace(log.fileno())

        def count() -> int:
            session.pgconn.untrace()
            log.seek(0)
            return sum("ReadyForQuery" in line for line in log)

        yield count


def test_a_key_is_looked_up_in_one_and_a_tenant_with_it(engine: Engine) -> None:
    keys = ApiKeys(engine)
    plain, key = keys.create(
        "k", environment="test", permissions=["report:read"], tenant_ids=None, expires_at=None
    )
    with round_trips(engine) as count:
        assert keys.authenticate(plain) == key
        assert count() == 1
    with round_trips(engine) as count:
        found = find_key(engine, plain, uuid4())
        assert count() == 1
    assert found is not None
    assert (found.key.key_id, found.tenant) == (key.key_id, None)


def test_a_page_with_its_coverage_is_read_in_two(tenant: TenantData) -> None:
    """The snapshot is opened for its tenant with the coverage, and ends with the rows."""
    tenant.load("people", page("people", [{"id": "a", "name": "Ann"}]))
    reports = Reports(tenant.engine, COLLECTORS.__getitem__)
    question = ReportQuery(as_of=None, now=T0, columns=("id",), order=(Order("id"),))
    with round_trips(tenant.engine) as count:
        with reports.snapshot(tenant.tenant_id) as snapshot:
            assert snapshot.standing(PEOPLE_REPORT.needs, None).coverage[0].state == "ok"
            assert snapshot.page(PEOPLE_REPORT, question, last=True).rows == [("a",)]
        assert count() == 2


def test_nothing_is_asked_of_a_snapshot_after_its_last_rows(tenant: TenantData) -> None:
    """It would see no tenant any more, and take that for an answer."""
    tenant.load("people", page("people", [{"id": "a", "name": "Ann"}]))
    question = ReportQuery(as_of=None, now=T0, columns=("id",), order=(Order("id"),))
    with Reports(tenant.engine, COLLECTORS.__getitem__).snapshot(tenant.tenant_id) as snapshot:
        snapshot.page(PEOPLE_REPORT, question, last=True)
        with pytest.raises(RuntimeError, match="ended"):
            snapshot.page(PEOPLE_REPORT, question)


def test_a_part_of_a_transaction_costs_two_and_what_it_asks(tenant: TenantData) -> None:
    """Alone a session is begun, bound and ended; a part is marked and bound in one, and ended."""

    def ask() -> None:
        for session in (
            operator_session(tenant.engine),
            tenant_session(tenant.engine, tenant.tenant_id),
        ):
            with session as connection:
                connection.exec_driver_sql("SELECT 1")

    with round_trips(tenant.engine) as count:
        ask()
        assert count() == 2 * (3 + 1)
    with round_trips(tenant.engine) as count:
        with joined(tenant.engine):
            ask()
        assert count() == 1 + 2 * (2 + 1) + 1


def test_sessions_keep_what_they_have_prepared(tenant: TenantData) -> None:
    """The end of a request must not make the next one plan its statements again."""
    tenant.load("people", page("people", [{"id": "a", "name": "Ann"}]))
    for _ in range(10):
        assert tenant.ask(PEOPLE_REPORT).rows == [("a",)]
        assert ApiKeys(tenant.engine).authenticate("kanri_test_unknown") is None
    with tenant.engine.connect() as connection:
        prepared = connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements")
        assert any("FROM data.people" in text for text in prepared.scalars())


def test_a_session_goes_back_as_it_came(tenant: TenantData) -> None:
    """No tenant, no scope, no time-out and no transaction is left behind."""
    tenant.ask(PEOPLE_REPORT)
    ApiKeys(tenant.engine).authenticate("kanri_test_unknown")
    with tenant.engine.connect() as connection:
        left = connection.exec_driver_sql(
            "SELECT current_setting('kanri.tenant_id', true), current_setting('kanri.scope', true),"
            " current_setting('statement_timeout'), current_setting('transaction_read_only')"
        ).one()
        assert tuple(left) == ("", "", "1min", "off")
