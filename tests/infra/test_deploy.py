"""Preparing the database as its owner, and trying a deployment from outside."""

import http.server
import threading
from collections.abc import Iterator

import psycopg
import pytest

from infra.deploy.migrate import database_url, prepare
from infra.deploy.smoke import problems, status_of
from infra.local.postgres import Postgres
from shared.store.migrate import migrate

# What Azure's extension does, on a server that is not Azure's: the role signs in by itself.
_STAND_IN = """
CREATE FUNCTION pgaadauth_create_principal(role text, admin boolean, mfa boolean) RETURNS text
LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE ROLE %I LOGIN', role); RETURN role; END $$
"""


@pytest.mark.stack
def test_a_fresh_server_gets_database_role_and_schema_and_a_second_time_nothing(
    postgres_server: Postgres,
) -> None:
    role, database = "id-kanri-dev", "kanri_deployed"
    with psycopg.connect(postgres_server.url("postgres"), autocommit=True) as connection:
        connection.execute(_STAND_IN)
    for _ in range(2):
        prepare(postgres_server.url("postgres"), database, role)
        migrate(postgres_server.url(database), app_role=role, app_password=None)
    with psycopg.connect(postgres_server.url(database)) as connection:
        granted = connection.execute(
            "SELECT has_table_privilege(%s, 'kanri.tenants', 'INSERT')", [role]
        ).fetchone()
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) = current_user FROM pg_database WHERE datname = %s",
            [database],
        ).fetchone()
    assert (granted, owner) == ((True,), (True,))


def test_names_and_tokens_are_quoted_in_the_url() -> None:
    url = database_url("host", "kanri", "ops@contoso.com", "a/b:c")
    assert url == "postgresql://ops%40contoso.com:a%2Fb%3Ac@host/kanri?sslmode=require"


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
        thread.join()


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
