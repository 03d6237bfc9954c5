"""Consent, permission by permission."""

import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core.registry import collector, datasets
from shared.graph.client import GraphClient
from shared.graph.consent import granted_permissions
from shared.usecases.check_consent import Consent, check_consent
from tests.fixtures.collecting import Bench
from tests.graph.test_client import Open, use

pytestmark = pytest.mark.stack


def test_what_is_missing_is_named_with_its_purpose_and_its_datasets(
    open_graph: Open, sandbox: SandboxReady, sandbox_admin: SandboxAdmin
) -> None:
    app = sandbox.tenants[0].client_id
    granted = use(open_graph, granted_permissions)
    sandbox_admin.app(appId=app, permissions=sorted(granted - {"Policy.Read.All"}))
    try:
        lines = use(open_graph, check_consent)
    finally:
        sandbox_admin.app(appId=app, permissions=sorted(granted))
    assert [line.permission for line in lines] == sorted(
        {p.name for name in datasets() for p in collector(name).permissions}
    )
    [missing] = [line for line in lines if not line.granted]
    assert missing.permission == "Policy.Read.All"
    read_by = {"authorization_policy", "conditional_access_policies", "named_locations"}
    assert read_by <= set(missing.datasets)
    assert "Conditional Access" in missing.purpose.en
    assert missing.purpose.ja


def test_a_permission_that_allows_more_stands_in(
    open_graph: Open, sandbox: SandboxReady, sandbox_admin: SandboxAdmin, bench: Bench
) -> None:
    app = sandbox.tenants[0].client_id
    granted = use(open_graph, granted_permissions)
    # Of what Directory.Read.All allows more, the eligibilities of roles are no part.
    more = {"Directory.Read.All", "RoleManagement.Read.Directory", "ReportSettings.Read.All"}
    wanted = [p for name in datasets() for p in collector(name).permissions]
    covered = {p.name for p in wanted if more.intersection(p.covered_by)}
    wide = sorted(granted - covered | more)
    sandbox_admin.app(appId=app, permissions=wide)
    try:
        lines = use(open_graph, check_consent)
        row = bench.collect("users")
    finally:
        sandbox_admin.app(appId=app, permissions=sorted(granted))
    by = {line.permission: line.granted_by for line in lines}
    assert all(line.granted for line in lines)
    assert by["User.Read.All"] == by["Organization.Read.All"] == "Directory.Read.All"
    assert by["RoleEligibilitySchedule.Read.Directory"] == "RoleManagement.Read.Directory"
    assert by["AuditLog.Read.All"] == "AuditLog.Read.All"
    assert row is not None
    assert row.state == "ok", "Graph is of the same opinion"


def test_only_the_wanted_datasets_count(open_graph: Open) -> None:
    async def ask(client: GraphClient) -> list[Consent]:
        return await check_consent(client, ["domains"])

    assert [(line.permission, line.granted) for line in use(open_graph, ask)] == [
        ("Domain.Read.All", True)
    ]
