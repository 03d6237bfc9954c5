"""What a run costs the disk: next to nothing when nothing changed, what changed otherwise."""

from collections.abc import Iterator

import psycopg
import pytest

from infra.local.postgres import Postgres
from tests.store.tenant_data import TenantData, minute, page

pytestmark = [pytest.mark.stack, pytest.mark.slow]

PEOPLE, PAGE = 50_000, 1000


@pytest.fixture
def no_autovacuum(postgres_server: Postgres) -> Iterator[None]:
    """The server's own cleaning writes WAL too, whenever it comes by."""
    with psycopg.connect(postgres_server.url("postgres"), autocommit=True) as superuser:
        superuser.execute("ALTER SYSTEM SET autovacuum = off")
        superuser.execute("SELECT pg_reload_conf()")
        yield
        superuser.execute("ALTER SYSTEM RESET autovacuum")
        superuser.execute("SELECT pg_reload_conf()")


def wal(owner: psycopg.Connection) -> int:
    row = owner.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchone()
    return int(row[0]) if row else 0


def load_everything(tenant: TenantData, at: float) -> None:
    run = tenant.open("people", minute(at))
    loader = tenant.loader("people")
    for first in range(0, PEOPLE, PAGE):
        people = [
            {"id": f"{n:08}", "name": f"Person {n}", "mail": f"person{n}@contoso.com"}
            for n in range(first, first + PAGE)
        ]
        loader.apply(
            run,
            page("people", people),
            observed_at=minute(at),
            checkpoint={
                "nextLink": f"https://graph.microsoft.com/v1.0/users?$skiptoken={first:0500}"
            },
            track_seen=True,
        )
    assert loader.close_unseen(run, observed_at=minute(at)) == 0
    tenant.runs.finish(run, "ok", now=minute(at))
    assert run.counts.read == PEOPLE


@pytest.mark.usefixtures("no_autovacuum")
def test_a_quiet_full_read_of_50000_rows_writes_less_than_1_mb(
    tenant: TenantData, owner_url: str
) -> None:
    load_everything(tenant, 0)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE data.people")
        owner.execute("CHECKPOINT")
        before = wal(owner)
        load_everything(tenant, 1)
        written = wal(owner) - before
        query = "SELECT count(*), count(*) FILTER (WHERE valid_to IS NULL) FROM data.people"
        assert owner.execute(query).fetchone() == (PEOPLE, PEOPLE)
    assert written < 1_000_000, f"{written:,} bytes of WAL"
