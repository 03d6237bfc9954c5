"""The embedded PostgreSQL: data that stays, recovery, passwords, and no way in without one."""

import stat
from pathlib import Path

import psycopg
import pytest

from infra.local.child import ChildFailed
from infra.local.errors import BadStart
from infra.local.postgres import Postgres, embedded_postgres


def _count(server: Postgres) -> int:
    with psycopg.connect(server.url("kanri")) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def _insert(server: Postgres) -> None:
    with psycopg.connect(server.url("kanri")) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (i int)")
        connection.execute("INSERT INTO kept VALUES (1)")


def test_data_stays_over_a_stop_and_over_a_kill(tmp_path: Path) -> None:
    # Longer than a Unix socket path may be, and with a blank.
    server = Postgres(tmp_path / ("long " + "x" * 120))
    try:
        server.start()
        server.create_database("kanri")
        _insert(server)
        server.stop()

        server.start()
        server.create_database("kanri")
        assert _count(server) == 1
        _insert(server)
        server.kill()

        server.start()
        assert _count(server) == 2
    finally:
        server.stop()
    assert not server.running


def test_data_of_another_version_is_refused_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(BadStart, match=r"made by PostgreSQL 9\.6.*--reset"):
        Postgres(tmp_path).start()


def test_a_half_made_data_directory_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "data.new").mkdir()
    (tmp_path / "data.new" / "PG_VERSION").write_text("18\n")
    with embedded_postgres(tmp_path) as server:
        assert server.running
    assert not (tmp_path / "data.new").exists()


def test_a_server_left_behind_on_the_data_is_stopped_first(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path) as left_behind:
        server = Postgres(tmp_path, log_file=tmp_path / "second.log")
        server.start()
        assert not left_behind.running
        server.stop()


def test_fsync_is_on_and_sockets_are_off(tmp_path: Path) -> None:
    with (
        embedded_postgres(tmp_path) as server,
        psycopg.connect(server.url("postgres")) as connection,
    ):
        for name, value in (
            ("fsync", "on"),
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", ""),
            ("password_encryption", "scram-sha-256"),
            ("TimeZone", "UTC"),
            ("server_encoding", "UTF8"),
        ):
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            assert row == (value,)


@pytest.mark.stack
def test_a_wrong_password_is_refused(postgres_server: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres_server.url("postgres", password="guess"))


@pytest.mark.stack
def test_the_password_is_private(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path):
        assert stat.S_IMODE((tmp_path / "password").stat().st_mode) == 0o600


def test_a_wrong_option_is_told_with_the_servers_own_words(tmp_path: Path) -> None:
    server = Postgres(tmp_path, options={"no_such_setting": "1"})
    with pytest.raises(ChildFailed, match="no_such_setting"):
        server.start()
