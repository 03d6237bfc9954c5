"""A token goes to our server only: wrong name, wrong root and an expired certificate are refused."""

import ssl
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import certifi
import psycopg
import pytest
from sqlalchemy import text

from infra.deploy.migrate import database_url
from shared.core.settings import Settings
from shared.store.session.engine import open_engine
from shared.store.session.server_trust import verified, with_roots
from tests.fixtures.debian_postgres import Authority, DebianPostgres
from tests.infra.declarations import bicep

WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def root() -> Authority:
    """The root that we trust."""
    return Authority.new("Kanri test root")


def connect(port: int, root_file: Path | None, mode: str = "verify-full") -> bool:
    """Connect as the product does; whether the session is encrypted."""
    roots = "" if root_file is None else f"&sslrootcert={root_file}"
    url = f"postgresql://kanri:token@localhost:{port}/postgres?sslmode={mode}{roots}"
    engine = open_engine(Settings(database_url=url))
    try:
        with engine.connect() as connection:
            asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            return bool(connection.execute(text(asked)).scalar_one())
    finally:
        engine.dispose()


@pytest.mark.stack
def test_the_right_server_is_accepted(
    debian_postgres: DebianPostgres, root: Authority, tmp_path: Path
) -> None:
    file = tmp_path / "root.pem"
    file.write_bytes(root.pem)
    with debian_postgres.running(*root.server("localhost", WEEK)) as port:
        assert connect(port, file)


@pytest.mark.stack
@pytest.mark.parametrize(
    ("host", "lasts", "why"),
    [
        ("elsewhere.example", WEEK, 'does not match host name "localhost"'),
        ("localhost", timedelta(days=-1), "certificate verify failed"),
    ],
)
def test_a_wrong_name_and_an_expired_certificate_are_refused(
    debian_postgres: DebianPostgres,
    root: Authority,
    tmp_path: Path,
    host: str,
    lasts: timedelta,
    why: str,
) -> None:
    file = tmp_path / "root.pem"
    file.write_bytes(root.pem)
    with debian_postgres.running(*root.server(host, lasts)) as port:
        with pytest.raises(Exception, match=why):
            connect(port, file)
        # What `require` accepted: anybody.
        assert connect(port, None, "require")


@pytest.mark.stack
def test_another_root_is_refused(
    debian_postgres: DebianPostgres, root: Authority, tmp_path: Path
) -> None:
    """Somebody else's root of the same name, and ours where only the public ones are known."""
    file = tmp_path / "root.pem"
    file.write_bytes(Authority.new("Kanri test root").pem)
    with debian_postgres.running(*root.server("localhost", WEEK)) as port:
        with pytest.raises(Exception, match="signature failure"):
            connect(port, file)
        with pytest.raises(Exception, match="certificate verify failed"):
            connect(port, None)


def test_the_roots_of_azure_are_known() -> None:
    """https://learn.microsoft.com/azure/postgresql/security/security-tls"""
    known = ssl.create_default_context(cafile=certifi.where()).get_ca_certs()
    names = str([ca["subject"] for ca in known])
    for root in ("DigiCert Global Root G2", "Microsoft RSA Root Certificate Authority 2017"):
        assert f"'{root}'" in names


def options(url: str) -> dict[str, str]:
    """The options of a libpq URL."""
    return dict(parse_qsl(urlsplit(url).query))


def test_a_weaker_mode_is_raised_where_a_token_is_the_password() -> None:
    expected = {"sslmode": "verify-full", "sslrootcert": certifi.where()}
    for weak in ("", "?sslmode=require", "?sslmode=disable", "?sslmode=verify-ca"):
        assert options(verified(f"postgresql://app@host/kanri{weak}")) == expected
    own = "postgresql://app@host/kanri?sslmode=require&sslrootcert=/etc/own.pem"
    assert options(verified(own)) == {"sslmode": "verify-full", "sslrootcert": "/etc/own.pem"}
    settings = Settings(database_url="postgresql://a@host/k?sslmode=require", database_auth="entra")
    engine = open_engine(settings)
    assert dict(engine.url.query) == expected


def test_what_does_not_verify_needs_no_roots() -> None:
    for url in ("postgresql://app@127.0.0.1/kanri", "postgresql://app@host/kanri?sslmode=require"):
        assert with_roots(url) == url


def test_roots_of_the_environment_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", "/etc/own.pem")
    assert options(verified("postgresql://app@host/kanri")) == {"sslmode": "verify-full"}


def test_production_asks_for_it() -> None:
    assert "?sslmode=verify-full'" in bicep("modules/functionapp.bicep")
    assert "sslmode=require" not in bicep("modules/functionapp.bicep")
    # libpq reads the options as we meant them.
    known = psycopg.conninfo.conninfo_to_dict(database_url("host", "kanri", "ops@x", "a/b"))
    assert known["sslmode"] == "verify-full"
    assert Path(str(known["sslrootcert"])).is_file()
