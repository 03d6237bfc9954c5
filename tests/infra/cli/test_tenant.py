"""`kanri demo --tenant FILE`: an existing tenant, read from a laptop; existing servers with it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.local.postgres import Postgres
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core.registry import collector, datasets, report_keys
from tests.infra.cli.kanri import kanri

pytestmark = [pytest.mark.stack, pytest.mark.slow]


def tenant_file(folder: Path, sandbox: SandboxReady, **credential: str) -> Path:
    """The file of an administrator, for the sandbox in the place of a real tenant."""
    tenant = sandbox.tenants[1]
    login = {
        "tenantId": tenant.tenant_id,
        "clientId": tenant.client_id,
        "graphEndpoint": sandbox.graph_endpoint,
        "authorityHost": sandbox.authority_host,
        "caFile": sandbox.ca_file,
        **credential,
    }
    file = folder / "tenant.json"
    file.write_text(json.dumps(login))
    return file


def demo(file: Path, *words: str) -> dict[str, Any]:
    """Run the demo on the tenant: all must be `ok` but what costs many requests, which is off."""
    work = file.parent / "work"
    result = kanri("demo", "--tenant", str(file), "--json", "--work-dir", str(work), *words)
    assert result.returncode == 0, result.stdout + result.stderr
    summary: dict[str, Any] = json.loads(result.stdout)
    assert {d["dataset"]: d["state"] for d in summary["datasets"]} == {
        name: "off" if collector(name).switches else "ok" for name in datasets()
    }
    assert {r["report"]: r["status"] for r in summary["reports"]} == dict.fromkeys(
        report_keys(), 200
    )
    assert not (work / "sandbox").exists(), "no sandbox beside a tenant"
    assert not (work / "lock").exists()
    return summary


def test_a_tenant_is_read_with_its_secret(
    tmp_path: Path, sandbox: SandboxReady, sandbox_admin: SandboxAdmin
) -> None:
    secret = sandbox.tenants[1].client_secret
    summary = demo(tenant_file(tmp_path, sandbox, clientSecret=secret))
    rows = {d["dataset"]: d["rows"] for d in summary["datasets"]}
    journal = sandbox_admin.journal("users", tenant=sandbox.tenants[1].tenant_id)
    assert rows["users"] == len(journal["objects"])


def test_a_tenant_is_read_with_a_certificate_into_existing_servers(
    tmp_path: Path,
    sandbox: SandboxReady,
    sandbox_admin: SandboxAdmin,
    certificate: tuple[bytes, str],
    postgres_server: Postgres,
    empty_database: str,
    fresh_storage: Callable[[], str],
) -> None:
    both, public = certificate
    (tmp_path / "kanri.pem").write_bytes(both)
    tenant = sandbox.tenants[1]
    sandbox_admin.app(tenant=tenant.tenant_id, appId=tenant.client_id, certificate=public)
    file = tenant_file(tmp_path, sandbox, certificateFile="kanri.pem")
    demo(file, "--database", empty_database, "--storage", fresh_storage())
    assert postgres_server.running, "other people's servers stay"
    work = tmp_path / "work"
    assert not (work / "postgres").exists()
    assert not (work / "azurite").exists()
