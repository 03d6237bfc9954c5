"""Every collector: declaration consistent, permissions real, request served, rows decoded."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect

from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.collector import Collector, Since
from shared.core.registry import collector, datasets
from shared.core.rows import Parent, Rows
from shared.graph.batch import read_children
from shared.graph.budgets import services
from shared.graph.client import GraphClient
from shared.graph.consent import granted_permissions
from shared.graph.jobs import create_job, state_of_job
from shared.graph.paging import read_page
from shared.graph.requests import first_url, job_rows_url, window_url
from shared.graph.usage_reports import read_usage
from shared.store.schema.dataset_tables import SCHEMA
from tests.graph.test_client import Open, use

EVERY = pytest.mark.parametrize("spec", [collector(name) for name in datasets()], ids=datasets())


@EVERY
def test_the_declaration_is_consistent(spec: Collector) -> None:
    names = [column.name for column in spec.columns]
    assert len(names) == len(set(names))
    assert not {"id", "raw", "tenant_id", "valid_from", "valid_to"} & set(names)
    assert spec.title.en
    assert spec.title.ja
    assert spec.docs.startswith("https://learn.microsoft.com/en-us/graph/")
    assert spec.service in services()
    assert spec.every >= timedelta(minutes=15)
    assert spec.permissions
    for permission in spec.permissions:
        assert permission.purpose.en != permission.purpose.ja
    assert (spec.shape == "event") == (spec.event_time is not None)
    assert (spec.shape == "measure") == (spec.extent.reading == "usage")
    assert set(spec.keep.volatile) <= {column.source for column in spec.columns} | set(
        ("Report Refresh Date", "Report Period") if spec.shape == "measure" else ()
    )
    if spec.parent is not None:
        assert spec.parent in datasets()
        assert "{" in spec.ask.path
        assert set(spec.of_parent) <= {column.name for column in collector(spec.parent).columns}
    if spec.event_time is not None:
        [event] = [column for column in spec.columns if column.name == spec.event_time]
        assert (event.source, event.type) == (Since.of(spec).source, "timestamp")


@EVERY
def test_the_select_is_what_the_columns_need(spec: Collector) -> None:
    if not spec.select:
        assert not spec.answer.selectable or not spec.ask.selects
        return
    sources = {column.source.split("/")[0] for column in spec.columns}
    needed = {source for source in sources if not source.startswith(("@", "{"))}
    marked = {spec.extent.removed} - {"@removed"}
    assert set(spec.select) == needed | set(spec.key) | marked
    assert len(set(spec.select)) == len(spec.select)


@EVERY
def test_names_and_addresses_are_marked_personal(spec: Collector) -> None:
    told = ("user_principal_name", "given_name", "surname", "ip_address", "owner_")
    for column in spec.columns:
        if column.name.startswith(told) or (column.name == "mail" and spec.dataset == "users"):
            assert column.personal, column.name


@pytest.mark.stack
@EVERY
def test_the_table_has_every_column(spec: Collector, app_engine: Engine) -> None:
    columns = {column["name"] for column in inspect(app_engine).get_columns(spec.dataset, SCHEMA)}
    assert columns >= {column.name for column in spec.columns} | {"tenant_id", "id", "raw"}


async def _listing(client: GraphClient, spec: Collector) -> Rows:
    return (await read_page(client, spec, first_url(client.endpoint, spec))).rows


async def _since(client: GraphClient, spec: Collector) -> Rows:
    url = window_url(client.endpoint, spec, clock.now() - timedelta(days=7))
    return (await read_page(client, spec, url)).rows


async def _usage(client: GraphClient, spec: Collector) -> Rows:
    return next((await read_usage(client, spec)).batches)


async def _children(client: GraphClient, spec: Collector) -> Rows:
    assert spec.parent is not None
    above = collector(spec.parent)
    parents = await _SAMPLES[above.extent.reading](client, above)
    names = [column.name for column in above.columns]
    columns = [dict(zip(names, values, strict=True)) for values in parents.values]
    chosen = [
        Parent(own, {name: str(told[name]) for name in spec.of_parent})
        for own, told in zip(parents.ids, columns, strict=True)
        if told.get("shared_scope", "all")
    ]
    rows = Rows()
    for answer in await read_children(client, spec, chosen[:20]):
        if answer.page is not None:
            rows.extend(answer.page.rows)
    return rows


async def _slices(client: GraphClient, spec: Collector) -> Rows:
    now = clock.now()
    if spec.answer.job is None:
        url = window_url(client.endpoint, spec, now - timedelta(hours=12), now)
        return (await read_page(client, spec, url)).rows
    own = await create_job(client, spec, now - timedelta(days=1), now)
    while (state := await state_of_job(client, spec, own)) is not None and not state.done:
        assert state.under_way
        await asyncio.sleep(0.3)
    return (await read_page(client, spec, job_rows_url(client.endpoint, spec, own))).rows


_SAMPLES: Mapping[str, Callable[[GraphClient, Collector], Awaitable[Rows]]] = {
    "listing": _listing,
    "since": _since,
    "slices": _slices,
    "usage": _usage,
    "children": _children,
}


async def _sample(client: GraphClient, spec: Collector) -> tuple[int, int, list[bytes]]:
    """Read one page; return rows, rejected and the raw objects."""
    rows = await _SAMPLES[spec.extent.reading](client, spec)
    return len(rows.ids), len(rows.rejected), rows.raws


@pytest.mark.stack
@EVERY
def test_the_sandbox_serves_it_and_every_row_decodes(spec: Collector, open_graph: Open) -> None:
    async def sample(client: GraphClient) -> tuple[int, int, list[bytes]]:
        return await _sample(client, spec)

    rows, rejected, raws = use(open_graph, sample)
    assert rows > 0
    assert rejected == 0
    first = json.loads(raws[0])
    if spec.select:
        kept = {name for name in first if not name.startswith("@")}
        assert kept <= set(spec.select)


@pytest.mark.stack
def test_every_permission_is_one_that_the_sandbox_app_holds(
    open_graph: Open, sandbox: SandboxReady
) -> None:
    granted = use(open_graph, granted_permissions)
    declared = {p.name for name in datasets() for p in collector(name).permissions}
    assert declared <= granted


CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "tools" / "graph_contract"
ITEMS = {
    "users": "user",
    "groups": "group",
    "members": "directoryObject",
    "domains": "domain",
    "organization": "organization",
    "role_assignments": "unifiedRoleAssignment",
    "role_definitions": "unifiedRoleDefinition",
    "sign_in_activity": "user",
    "subscribed_skus": "subscribedSku",
    "subscriptions": "companySubscription",
    "conditional_access_policies": "conditionalAccessPolicy",
    "named_locations": "namedLocation",
    "user_registration_details": "userRegistrationDetails",
    "service_health": "serviceHealth",
    "sign_ins": "signIn",
    "directory_audits": "directoryAudit",
    "authorization_policy": "authorizationPolicy",
    "managed_devices": "managedDevice",
    "security_alerts": "security.alert",
    "message_traces": "exchangeMessageTrace",
    "audit_records": "security.auditLogRecord",
    "user_drives": "drive",
    "drive_items": "driveItem",
    "drive_item_permissions": "permission",
}


@pytest.mark.skipif(not CONTRACT.exists(), reason="the metadata is not part of this repository")
@EVERY
def test_what_the_metadata_knows_no_null_of_is_declared_so(spec: Collector) -> None:
    if spec.dataset not in ITEMS:
        return
    with gzip.open(CONTRACT / "contract.json.gz") as file:
        types = json.load(file)["v1.0"]["types"]

    def properties(name: str) -> dict[str, str]:
        found: dict[str, str] = {}
        kind: str | None = name
        while kind is not None:
            found = {**types[kind].get("p", {}), **found}
            kind = types[kind].get("b")
        return found

    kinds = properties(ITEMS[spec.dataset])
    sure = {column.source for column in spec.columns if kinds.get(column.source, "").endswith("!")}
    declared = {column.source for column in spec.columns if column.never_null}
    assert sure <= declared
