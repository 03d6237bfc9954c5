"""Start and stop: deterministic, stable over restarts, quick."""

import hashlib
import socket
from pathlib import Path

import pytest

from tests.infra.sandbox.conftest import Sandbox, started

pytestmark = pytest.mark.stack

PATHS = (
    "/users?$top=999&$select=id,displayName,mail,createdDateTime,assignedLicenses,otherMails",
    "/groups?$top=999",
    "/auditLogs/signIns",
    "/auditLogs/directoryAudits",
    "/identity/conditionalAccess/policies",
    "/identity/conditionalAccess/namedLocations",
    "/reports/authenticationMethods/userRegistrationDetails",
    "/roleManagement/directory/roleAssignments?$expand=principal",
    "/groups/delta?$select=displayName,members",
    "/users?$select=id,signInActivity&$top=500",
    "/subscribedSkus",
    "/directory/subscriptions",
    "/admin/serviceAnnouncement/issues",
)


def _fingerprint(sandbox: Sandbox) -> str:
    digest = hashlib.sha256()
    for path in PATHS:
        digest.update(str(sandbox.read(path)[0]).encode())
    for event in sandbox.admin.life(40, seed=1):
        digest.update(f"{event['kind']} {event['id']}".encode())
    return digest.hexdigest()


def _print_of(data: Path, *options: str) -> tuple[str, Sandbox]:
    with started(data, "--users", "60", "--throttle-scale", "0", *options) as ready:
        sandbox = Sandbox(ready)
        sandbox.http.headers["Connection"] = "close"
        found = _fingerprint(sandbox)
        sandbox.http.close()
        return found, sandbox


def test_the_seed_decides_everything(tmp_path: Path) -> None:
    start = ("--start-time", "2026-08-01T00:00:00Z")
    first, _one = _print_of(tmp_path / "a", "--seed", "4", *start)
    second, _two = _print_of(tmp_path / "b", "--seed", "4", *start)
    other, _three = _print_of(tmp_path / "c", "--seed", "5", *start)
    assert first == second != other


def test_a_restart_finds_the_same_tenant_port_and_certificates(tmp_path: Path) -> None:
    first, one = _print_of(tmp_path)
    certificate = (tmp_path / "ca.pem").read_bytes()
    second, two = _print_of(tmp_path)
    assert first == second
    assert one.ready["port"] == two.ready["port"]
    assert one.tenant == two.tenant
    assert (tmp_path / "ca.pem").read_bytes() == certificate
    with socket.create_server(("127.0.0.1", one.ready["port"])):  # taken: it finds another one
        _again, three = _print_of(tmp_path)
    assert three.ready["port"] != one.ready["port"]


def test_a_restart_forgets_the_life_and_the_tokens_that_stem_from_it(tmp_path: Path) -> None:
    options = ("--users", "60", "--throttle-scale", "0")
    links = []
    with started(tmp_path, *options) as ready:
        sandbox = Sandbox(ready)
        for steps in (0, 20):
            sandbox.admin.life(steps)
            links.append(sandbox.read("/users/delta?$select=displayName")[1]["@odata.deltaLink"])
        sandbox.http.close()
    with started(tmp_path, *options) as ready:
        sandbox = Sandbox(ready)
        sandbox.admin.life(60)  # as many changes as before, but others
        assert [sandbox.get(link).status_code for link in links] == [200, 410]
        sandbox.http.close()
