"""The ground the benchmarks stand on: one tuned PostgreSQL, a database per run, the sandbox tenant."""

import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.postgres import Postgres
from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxProcess
from tests.perf import baseline_store

# Durable as in production (fsync and friends keep their defaults, on); no background work and no
# checkpoint inside a timed stretch: `Ground.checkpoint` runs one before each.
_SERVER = {
    "shared_buffers": "2GB" if os.sysconf("SC_PHYS_PAGES") * 4096 > 8e9 else "512MB",
    "max_wal_size": "16GB",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}

APP_ROLE = "kanri_app"
APP_PASSWORD = "perf"  # a server that lives for one run, on loopback


@dataclass(slots=True)
class Ground:
    """Makes fresh databases; templates are made once and copied."""

    server: Postgres
    scratch: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _templates: set[str] = field(default_factory=set)

    @property
    def admin_url(self) -> str:
        """The superuser's URL: for meters, checkpoints and counting."""
        return self.server.url("postgres")

    def baseline_database(self) -> Mapping[str, object]:
        """Return {"database", "admin"} of a fresh database with the flat baseline table."""
        if "baseline" not in self._templates:
            self.server.create_database("baseline")
            self._execute("baseline", baseline_store.create_sql())
            self._templates.add("baseline")
        return self._copy("baseline")

    def product_database(self) -> Mapping[str, object]:
        """Return {"database", "admin", "app_database"} of a fresh, migrated product database."""
        if "product" not in self._templates:
            from shared.store.schema.migrate import migrate

            self.server.create_database("product")
            migrate(self.server.url("product"), app_role=APP_ROLE, app_password=APP_PASSWORD)
            self._templates.add("product")
        return self._copy("product")

    def checkpoint(self) -> None:
        """Write everything out, so that WAL counts include full-page images as after a quiet night."""
        self._execute("postgres", "CHECKPOINT")

    def drop(self, prepared: Mapping[str, object]) -> None:
        """Drop what `baseline_database` or `product_database` made."""
        self._execute("postgres", f'DROP DATABASE "{prepared["name"]}" WITH (FORCE)')

    def _copy(self, template: str) -> Mapping[str, object]:
        name = f"{template}_{next(self._numbers)}"
        self.server.create_database(name, template=template)
        self.checkpoint()
        return {
            "name": name,
            "database": self.server.url(name),
            "admin": self.server.url(name),
            "app_database": self.server.url(name, APP_ROLE, APP_PASSWORD),
        }

    def _execute(self, database: str, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.server.url(database), autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def standing() -> Iterator[Ground]:
    """Start the server on a scratch folder; stop it and forget everything at the end."""
    with TemporaryDirectory(prefix="kanri-perf-") as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)
        server = Postgres(scratch / "postgres", options=_SERVER)
        server.start()
        try:
            yield Ground(server, scratch)
        finally:
            server.stop()


@contextmanager
def sandbox(ground: Ground, users: int) -> Iterator[Mapping[str, str]]:
    """Run a sandbox tenant of `users`; yields what a client needs to sign in and read."""
    process = SandboxProcess(ground.scratch / f"sandbox-{users}", users=users)
    process.start()
    try:
        ready = process.wait_ready()
        # What Graph would make a collection wait for is none of what is measured.
        SandboxAdmin(ready.admin_url, ready.ca_file, ready.admin_token).throttle(0)
        tenant = ready.tenants[0]
        yield {
            "tenant_id": tenant.tenant_id,
            "client_id": tenant.client_id,
            "client_secret": tenant.client_secret,
            "graph_endpoint": ready.graph_endpoint,
            "authority_host": ready.authority_host,
            "ca_file": ready.ca_file,
        }
    finally:
        process.stop()
