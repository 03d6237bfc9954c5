"""A client that a generator makes of the OpenAPI document walks all resources of the running product.

Whoever writes a client writes none: the document is enough. The generator is openapi-python-client.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.settings import Settings
from shared.graph.client import GraphClient
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import receive
from tests.api.conftest import AUDIENCE, TENANT
from tests.api.described.generated import PACKAGE, Client, check_types, generate, model
from tests.api.doors import Doors
from tests.api.running_host import Host, running_host
from tests.fixtures.seed import collect

pytestmark = [pytest.mark.stack, pytest.mark.slow]


@pytest.fixture(scope="module")
def host_settings(settings_with_graph_of: Callable[[], Settings]) -> Settings:
    return settings_with_graph_of()


@pytest.fixture(scope="module")
def host(
    host_settings: Settings,
    host_storage: str,
    sandbox: SandboxReady,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Host]:
    """The product, where a key for every tenant and every purge wait for a second person."""
    folder = tmp_path_factory.mktemp("described_host")
    strict = {"KANRI_APPROVALS": "on", "KANRI_APPROVAL_FROM_OBJECTS": "1"}
    with running_host(host_settings, host_storage, sandbox, folder, TENANT, **strict) as host:
        people = [{"id": f"u{n}", "display_name": f"山田 {n}"} for n in range(5)]
        collect(host.engine, TENANT, "users", people)
        yield host


@pytest.fixture(scope="module")
def described(host: Host) -> dict[str, Any]:
    status, _, body = host.send("GET", "openapi.json")
    assert status == 200
    return dict(json.loads(body))


@pytest.fixture(scope="module")
def package(
    described: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """The folder of the generated package, which can be imported, and what its generator said."""
    folder = tmp_path_factory.mktemp("generated")
    document = folder / "openapi.json"
    document.write_text(json.dumps(described), encoding="utf-8")
    said = generate(document, folder)
    sys.path.insert(0, str(folder))
    yield folder, said
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def operations(described: dict[str, Any]) -> dict[str, str]:
    """The tag of each operation by its id."""
    found = [one for methods in described["paths"].values() for one in methods.values()]
    return {one["operationId"]: one["tags"][0] for one in found}


type Signed = Callable[[], Client]


@pytest.fixture(scope="module")
def signed_in(
    host: Host,
    package: tuple[Path, str],
    operations: dict[str, str],
    admin: SandboxAdmin,
    sandbox: SandboxReady,
) -> Iterator[Signed]:
    """A client of another owner each time."""
    made: list[Client] = []

    def client() -> Client:
        home = sandbox.tenants[0].tenant_id
        token = admin.token(AUDIENCE, home, user=str(uuid4()), roles=["Kanri.Owner"])
        made.append(Client(f"{host.url}/api", operations, token))
        return made[-1]

    yield client
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def work_off(host: Host, host_settings: Settings, host_storage: str) -> Callable[[], None]:
    """Do the work that the host has put on its queue, which none of its workers listens to."""
    from azure.storage.queue import QueueClient

    opened = Doors(host.engine, host_settings).fresh_graph

    async def done(body: bytes, number: str) -> None:
        """The work of one message; what it asked Graph through is closed with its event loop."""
        clients: list[GraphClient] = []

        def graph(tenant_id: UUID) -> GraphClient:
            clients.append(opened(tenant_id))
            return clients[-1]

        try:
            doors = WorkDoors(engine=host.engine, graph=graph, slice_seconds=60)
            await receive(body, number, doors, "collect")
        finally:
            for client in clients:
                await client.aclose()

    def work() -> None:
        with QueueClient.from_connection_string(host_storage, "collect") as queue:
            for message in queue.receive_messages(visibility_timeout=600):
                asyncio.run(done(message.content.encode(), message.id))
                queue.delete_message(message)

    return work


def test_the_generator_understands_the_whole_document(
    package: tuple[Path, str], operations: dict[str, str]
) -> None:
    folder, said = package
    assert "WARNING" not in said, said
    assert "Unable" not in said, said
    made = {file.stem for file in (folder / PACKAGE / "api").glob("*/*.py")} - {"__init__"}
    assert made == set(operations)
    names = {file.stem for file in (folder / PACKAGE / "models").glob("*.py")}
    assert [name for name in sorted(names) if "response_" in name] == [], "a problem is one class"
    assert check_types(folder) == ""


def test_every_reading_operation_answers_what_the_client_can_read(
    signed_in: Signed, described: dict[str, Any]
) -> None:
    """Routes that are added are read without a word here: what they name in their path is not there."""
    client = signed_in()
    known = {"tenant": TENANT, "key": "users", "role": "reader", "dataset": "license_prices"}
    for path, methods in described["paths"].items():
        if (operation := methods.get("get")) is None:
            continue
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        answer = client.answer(
            operation["operationId"], *(known.get(name, uuid4()) for name in names)
        )
        there = all(name in known for name in names)
        asks_others = bool({"502", "503"} & {str(int(answer.status_code))})
        assert answer.status_code < 500 or asks_others, answer.content
        assert answer.parsed is not None, (path, answer.content)
        if there and not asks_others and answer.status_code != 200:
            assert type(answer.parsed).__name__ == "Problem", answer.content


def test_lists_are_paged_by_cursor_to_their_end(
    signed_in: Signed, described: dict[str, Any]
) -> None:
    client, paged = signed_in(), 0
    known = {"tenant": TENANT, "key": "users"}
    for path, methods in described["paths"].items():
        operation = methods.get("get", {})
        taken = {one["name"] for one in operation.get("parameters", ())}
        if not {"top", "cursor"} <= taken:
            continue
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        if not all(name in known for name in names):
            continue
        place = [known[name] for name in names]
        page = client.call(operation["operationId"], *place, top=1)
        for _ in range(3):
            if not page.cursor:
                break
            page = client.call(operation["operationId"], *place, top=1, cursor=page.cursor)
            paged += 1
    assert paged >= 3


def test_a_role_is_made_changed_as_it_was_seen_and_deleted(signed_in: Signed) -> None:
    client = signed_in()
    new = model("NewRole").from_dict(
        {"role": "desk", "title": "Desk", "permissions": ["report:read"]}
    )
    key = str(uuid4())
    made = client.call("roles_create", body=new, idempotency_key=key)
    again = client.answer("roles_create", body=new, idempotency_key=key)
    assert (made.role, again.headers["Idempotency-Replayed"]) == ("desk", "true")
    tag = client.answer("roles_read_role", "desk").headers["ETag"]
    change = model("RoleChange")(title="Help desk")
    changed = client.call("roles_change", "desk", body=change, if_match=tag)
    assert changed.title == "Help desk"
    stale = client.answer("roles_change", "desk", body=change, if_match=tag)
    assert (stale.status_code, stale.parsed.code) == (412, "changed_meanwhile")
    tag = client.answer("roles_read_role", "desk").headers["ETag"]
    assert client.answer("roles_delete", "desk", if_match=tag).status_code == 204
    gone = client.answer("roles_read_role", "desk")
    assert (gone.status_code, gone.parsed.code) == (404, "role_unknown")


def test_settings_addresses_and_tags_of_a_tenant_are_changed(signed_in: Signed) -> None:
    client = signed_in()
    tag = client.answer("settings_read_settings", TENANT).headers["ETag"]
    change = model("SettingsChange").from_dict({"thresholds": {"staleDays": 45}})
    client.call("settings_change", TENANT, body=change, if_match=tag)
    tag = client.answer("addresses_read_addresses", TENANT).headers["ETag"]
    lists = model("AddressesChange").from_dict({"denied": ["203.0.113.0/24"]})
    changed = client.call("addresses_change_addresses", TENANT, body=lists, if_match=tag)
    assert changed.denied == ["203.0.113.0/24"]
    tagged = client.call("tenants_change", TENANT, body=model("TenantChange")(add_tags=["gold"]))
    assert tagged.tags == ["gold"]
    for act, state in (("tenants_pause", "paused"), ("tenants_resume", "active")):
        assert client.call(act, TENANT).state.value == state


def test_a_key_for_every_tenant_is_approved_by_somebody_else_rotated_and_revoked(
    signed_in: Signed,
) -> None:
    one, other = signed_in(), signed_in()
    ends = (clock.now() + timedelta(minutes=30)).isoformat()
    new = model("NewKey").from_dict(
        {"name": "Power BI", "permissions": ["tenant:read"], "expiresAt": ends}
    )
    made = one.call("keys_create", body=new)
    waits = made.approval.approval_id
    own = one.answer("approvals_approve", waits, body=model("Approve")(digest=made.approval.digest))
    assert (own.status_code, own.parsed.code) == (403, "approval_own")
    seen = other.call("approvals_read_approval", waits)
    approved = other.call("approvals_approve", waits, body=model("Approve")(digest=seen.digest))
    assert approved.state.value == "approved"
    rotated = one.call("keys_rotate_key", made.details.key_id, body=model("KeyRotation")())
    assert rotated.details.replaces == made.details.key_id
    for key_id in (made.details.key_id, rotated.details.key_id):
        assert one.answer("keys_revoke", key_id).status_code == 204
    for verb in ("approvals_reject", "approvals_withdraw"):
        asked = one.call("keys_create", body=new).approval.approval_id
        if verb == "approvals_reject":
            ended = other.call(verb, asked, body=model("Reject")(comment="What for?"))
        else:
            ended = one.call(verb, asked)
        assert ended.state.value == ("rejected" if verb == "approvals_reject" else "withdrawn")


def test_a_membership_is_given_looked_at_and_taken(
    signed_in: Signed, sandbox: SandboxReady
) -> None:
    client = signed_in()
    given = {
        "subjectKind": "user",
        "subjectId": str(uuid4()),
        "directory": sandbox.tenants[0].tenant_id,
        "role": "reader",
        "scope": "tenant",
        "tenantId": str(TENANT),
    }
    made = client.call("memberships_create", body=model("NewMembership").from_dict(given))
    assert client.call("memberships_read_membership", made.membership_id) == made
    assert client.answer("memberships_delete", made.membership_id).status_code == 204


def test_a_tenant_is_connected_collected_and_removed_with_its_data(
    signed_in: Signed, sandbox: SandboxReady, work_off: Callable[[], None]
) -> None:
    one, other = signed_in(), signed_in()
    tenant = UUID(sandbox.tenants[0].tenant_id)
    connected = one.call("tenants_connect", body=model("NewTenant")(tenant_id=tenant))
    assert connected.tenant.state.value == "active"
    assert one.call("tenants_read_consent", tenant).permissions
    started = one.call("collections_start", tenant, body=model("CollectNow")(datasets=["domains"]))
    assert one.call("jobs_read_job", started.job_id).state.value == "waiting"
    work_off()
    job = one.call("jobs_read_job", started.job_id)
    assert (job.state.value, job.progress.ended) == ("succeeded", 1)
    assert one.call("jobs_cancel", started.job_id).state.value == "succeeded"
    assert one.call("report_read_report", tenant, "users", top=1).report.value == "users"
    purge = one.call("tenants_remove", tenant, purge=True).approval
    seen = other.call("approvals_read_approval", purge.approval_id)
    body = model("Approve")(digest=seen.digest)
    approved = other.call("approvals_approve", purge.approval_id, body=body)
    work_off()
    assert one.call("jobs_read_job", approved.job_id).state.value == "succeeded"
    gone = one.answer("tenants_read_tenant", tenant)
    assert (gone.status_code, gone.parsed.code) == (404, "tenant_unknown")
