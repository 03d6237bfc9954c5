"""Start and stop: deterministic, stable over restarts, quick."""

import hashlib
import socket
from pathlib import Path

import pytest

from tests.sandbox.conftest import Sandbox, started

pytestmark = pytest.mark.stack

PATHS = (
    "/users?$top=999&$select=id,displayName,mail,createdDateTime,assignedLicenses,otherMails",
    "/groups?$top=999",
    "/auditLogs/signIns",
    "/auditLogs/directoryAudits",
    "/identity/conditionalAccess/policies",
    "/reports/authenticationMethods/userRegistrationDetails",
)


def _fingerprint(sandbox: Sandbox) -> str:
    digest = hashlib.sha256()
    for path in PATHS:
        digest.update(str(sandbox.read(path)[0]).encode())
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
