"""Connecting the same tenant at the same time as somebody else does the same, or the opposite."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy.event import listen, remove

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import registry
from shared.core.errors import NotFound
from shared.core.settings import Settings
from shared.store.registers.tenants import Tenants
from tests.api.conftest import Answer, Api, purge
from tests.api.doors import Doors
from tests.fixtures.gate import Gate
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack


@pytest.fixture
def app_settings(settings_with_graph: Settings) -> Settings:
    return settings_with_graph


@pytest.fixture
def newcomer(sandbox: SandboxReady, sandbox_admin: SandboxAdmin) -> Iterator[UUID]:
    """A tenant that is not connected yet, and is slow to tell its name."""
    sandbox_admin.faults({"kind": "slow", "path": "/organization", "seconds": 2.0})
    yield UUID(sandbox.tenants[0].tenant_id)
    sandbox_admin.clear_faults()


def wait_until_known(doors: Doors, tenant: UUID) -> None:
    for _ in range(3000):
        try:
            Tenants(doors.engine).get(tenant)
        except NotFound:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("never added")


@pytest.mark.parametrize("state", ["paused", "removed"])
def test_what_is_done_to_a_tenant_from_when_it_is_known_stays(
    api: Api, doors: Doors, newcomer: UUID, state: str
) -> None:
    """Whoever sees it may act on it, whether or not its connecting has been answered."""
    with ThreadPoolExecutor(1) as other:
        connecting = other.submit(api.post, "/v1/tenants", {"tenantId": str(newcomer)})
        wait_until_known(doors, newcomer)
        path = f"/v1/tenants/{newcomer}"
        answer = api.post(f"{path}/pause") if state == "paused" else api.delete(path)
        assert answer.status in (200, 204)
        assert connecting.result(60).status == 200
    assert Tenants(doors.engine).get(newcomer).state == state


def test_connecting_twice_at_once_is_connecting_once(
    api: Api, doors: Doors, newcomer: UUID, gate: Gate
) -> None:
    """All of them are about to add it before any has: none has seen it in the list."""
    gate.stand_before("INSERT ON kanri.tenants")
    before = {tenant.tenant_id for tenant in Tenants(doors.engine).all()}

    def connect(name: str | None) -> Answer:
        body = {"tenantId": str(newcomer)} | ({} if name is None else {"displayName": name})
        return api.post("/v1/tenants", body)

    with ThreadPoolExecutor(3) as callers, gate.closed():
        connecting = [callers.submit(connect, name) for name in ("Contoso", None, "Fabrikam")]
        gate.wait_for(len(connecting))
    answers = [one.result() for one in connecting]
    assert [answer.status for answer in answers] == [200] * len(answers)
    told = [answer.json["tenant"] for answer in answers]
    assert {tenant["tenantId"] for tenant in told} == {str(newcomer)}
    assert {tenant["state"] for tenant in told} == {"active"}
    assert {tenant["addedAt"] for tenant in told} == {told[0]["addedAt"]}, "added by one of them"
    now = Tenants(doors.engine).all()
    assert {tenant.tenant_id for tenant in now} - before == {newcomer}
    assert len(now) == len(before) + 1
    assert Tenants(doors.engine).get(newcomer).display_name in {one["displayName"] for one in told}


def test_who_is_added_by_another_at_the_last_moment_is_not_added_twice(
    api: Api, doors: Doors, newcomer: UUID
) -> None:
    """The other is done just before ours is written: a look beforehand would not have seen it."""
    before, others = len(Tenants(doors.engine).all()), list[str]()

    def other(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not others and statement.startswith("INSERT INTO kanri.tenants"):
            others.append(statement)
            Tenants(doors.engine).add(newcomer, "Fabrikam")

    listen(doors.engine, "before_cursor_execute", other)
    try:
        body = {"tenantId": str(newcomer), "displayName": "Contoso"}
        answer = api.post("/v1/tenants", body)
    finally:
        remove(doors.engine, "before_cursor_execute", other)
    assert (len(others), answer.status) == (1, 200)
    assert answer.json["tenant"]["displayName"] == "Contoso"
    assert len(Tenants(doors.engine).all()) == before + 1


def test_connecting_and_purging_at_once_end_in_one_or_the_other(
    api: Api, doors: Doors, newcomer: UUID, sandbox_admin: SandboxAdmin, gate: Gate
) -> None:
    """While a dataset is emptied, who connects waits; then the purge stops, unless it was done."""
    sandbox_admin.clear_faults()
    Tenants(doors.engine).add(newcomer, "Contoso")
    collect(doors.engine, newcomer, "users", [{"id": "u"}])
    first = min(registry.datasets())
    gate.stand_before(f"DELETE ON data.{first}")
    path = f"/v1/tenants/{newcomer}"
    with ThreadPoolExecutor(2) as callers:
        with gate.closed():
            purging = callers.submit(purge, api, newcomer)
            gate.wait_for(1)
            body = {"tenantId": str(newcomer), "displayName": "x"}
            connecting = callers.submit(api.post, "/v1/tenants", body)
            gate.wait_for_blocked()
            assert not connecting.done()
        assert connecting.result().status == 200
        job = api.get(f"/v1/jobs/{purging.result().json['job']['jobId']}").json
    assert Tenants(doors.engine).get(newcomer).state == "active"
    left = api.get(f"{path}/reports/users").json["rowCount"]
    assert (job["state"], left) in (("failed", 1), ("succeeded", 0))
