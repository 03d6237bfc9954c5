"""Sessions that are parts of one transaction: each bound as if it stood alone, all of it or nothing."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from shared.core.errors import NotFound
from shared.store.registers.roles import Roles
from shared.store.registers.tenant_settings import TenantSettings
from shared.store.registers.tenants import Tenants
from shared.store.session.joining import joined
from shared.store.session.sessions import closing_with, operator_session, tenant_session
from tests.store.tenant_data import TenantData

pytestmark = pytest.mark.stack

BOUND = text(
    "SELECT current_setting('kanri.tenant_id', true), current_setting('kanri.scope', true)"
)
NUMBER = text("SELECT pg_current_xact_id()")


def test_all_parts_are_one_transaction_that_is_told_of_once(tenant: TenantData) -> None:
    closed: list[object] = []

    def write(connection: object) -> None:
        closed.append(connection)

    with closing_with(write), joined(tenant.engine):
        numbers = set()
        for _ in range(2):
            with operator_session(tenant.engine) as connection:
                numbers.add(connection.execute(NUMBER).scalar())
            with tenant_session(tenant.engine, tenant.tenant_id) as connection:
                numbers.add(connection.execute(NUMBER).scalar())
        assert (len(numbers), closed) == (1, [])
    assert len(closed) == 1


def test_no_part_sees_by_what_another_is_bound_to(tenant: TenantData) -> None:
    own, other = str(tenant.tenant_id), uuid4()
    with joined(tenant.engine):
        with operator_session(tenant.engine) as connection:
            assert tuple(connection.execute(BOUND).one()) == ("", "operator")
            with tenant_session(tenant.engine, tenant.tenant_id) as within:
                assert tuple(within.execute(BOUND).one()) == (own, "")
            with pytest.raises(NotFound), tenant_session(tenant.engine, other):
                raise NotFound("tenant_unknown", parameter="tenant", value=other)
            assert tuple(connection.execute(BOUND).one()) == ("", "operator")
        with tenant_session(tenant.engine, other) as connection:
            seen = connection.execute(text("SELECT FROM kanri.tenants")).all()
            assert seen == []


def test_what_fails_leaves_nothing_of_any_part(tenant: TenantData) -> None:
    def fail() -> None:
        with joined(tenant.engine):
            TenantSettings(tenant.engine).change(tenant.tenant_id, {"staleDays": 30})
            Tenants(tenant.engine).set_state(tenant.tenant_id, "paused")
            raise NotFound("role_unknown", parameter="role", value="x")

    with pytest.raises(NotFound):
        fail()
    assert TenantSettings(tenant.engine).of(tenant.tenant_id).thresholds == {}
    assert Tenants(tenant.engine).get(tenant.tenant_id).state == "active"


def test_a_part_that_fails_and_is_caught_leaves_the_others(tenant: TenantData) -> None:
    def fail() -> None:
        with operator_session(tenant.engine) as connection:
            connection.execute(text("DELETE FROM kanri.tenant_settings"))
            raise NotFound("role_unknown", parameter="role", value="x")

    with joined(tenant.engine):
        TenantSettings(tenant.engine).change(tenant.tenant_id, {"staleDays": 30})
        with pytest.raises(NotFound):
            fail()
        Roles(tenant.engine).create("desk", "Desk", ["report:read"], "key:1")
    assert TenantSettings(tenant.engine).of(tenant.tenant_id).thresholds == {"staleDays": 30}
    assert [one.role for one in Roles(tenant.engine).all()] == ["desk"]


def test_a_session_goes_back_as_it_came(tenant: TenantData) -> None:
    with joined(tenant.engine):
        assert Tenants(tenant.engine).get(tenant.tenant_id).state == "active"
    with tenant.engine.connect() as connection:
        left = tuple(connection.execute(BOUND).one())
    assert left in (("", ""), (None, None))
