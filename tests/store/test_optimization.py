"""Each check finds what ails a database: planted in a real one, seen by the application's role."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Engine, text

from shared.core import clock
from shared.core.database_check import CHECKS, Finding
from shared.core.registry import of
from shared.core.settings import Settings
from shared.store.optimization.checks.connections import judged
from shared.store.optimization.looking import look
from shared.store.optimization.records import CheckSeen, Look
from shared.store.optimization.runs import EarlierLook
from shared.store.session.engine import open_engine
from tests.fixtures.ailing import WIDE, owning, plant
from tests.store.conftest import ROLE

pytestmark = pytest.mark.stack

PLANTED = "data.planted"
DAY = timedelta(days=1)


def seen(
    engine: Engine, check: str, *earlier: EarlierLook, ahead: timedelta = 0 * DAY
) -> CheckSeen:
    """What one check sees, `ahead` of now."""
    [found] = look(engine, clock.now() + ahead, earlier, [check]).checks
    return found


def about(seen: CheckSeen, name: str) -> Finding | None:
    """The finding about an object."""
    return next((one for one in seen.findings if one.object == name), None)


def kept(found: Look, ago: timedelta, commits: int | None = None) -> EarlierLook:
    """A look as if it had been so long ago."""
    measures = {one.check: one.measures for one in found.checks}
    return EarlierLook(found.at - ago, found.commits if commits is None else commits, measures)


def test_a_fresh_database_ails_nothing_and_everything_is_known(engine: Engine) -> None:
    found = look(engine, clock.now(), [])
    assert {one.check: one.unknown for one in found.checks} == dict.fromkeys(of(CHECKS))
    bad = [f for one in found.checks for f in one.findings if f.severity != "notice"]
    assert [f for f in bad if not f.object.startswith(("statement", "pid"))] == []
    assert found.since is None, "nobody has reset the counters, so nobody knows when they began"


def test_dead_rows_and_old_statistics_are_seen(engine: Engine, owner_url: str) -> None:
    with owning(owner_url) as owner:
        plant(owner, ROLE, 5000)
        owner.execute("DELETE FROM data.planted WHERE id <= 3000")
    dead = about(seen(engine, "dead_tuples"), PLANTED)
    assert dead is not None
    assert (dead.severity, dead.figure, dead.remedy) == ("warning", 0.6, "vacuum")
    assert (dead.facts["dead"], dead.facts["cleared"]) == (3000, "-")
    stale = about(seen(engine, "stale_statistics"), PLANTED)
    assert stale is not None
    assert (stale.remedy, stale.facts["changed"], stale.facts["rows"]) == ("analyze", 8000, 2000)
    with owning(owner_url) as owner:
        owner.execute("VACUUM ANALYZE data.planted")
    assert about(seen(engine, "dead_tuples"), PLANTED) is None
    assert about(seen(engine, "stale_statistics"), PLANTED) is None


def test_a_partitioned_table_needs_somebody_to_analyse_the_whole(
    engine: Engine, owner_url: str
) -> None:
    with owning(owner_url) as owner:
        owner.execute("""
            INSERT INTO data.visits (tenant_id, id, collected_at, content_hash, raw, happened_at)
            SELECT gen_random_uuid(), n::text, now(), '', '{}', now() FROM generate_series(1, 2000) n
        """)
    whole = about(seen(engine, "stale_statistics"), "data.visits")
    assert whole is not None
    assert (whole.facts["rows"], whole.facts["analysed"]) == (2000, "-")
    with owning(owner_url) as owner:
        owner.execute("ANALYZE data.visits")
    assert about(seen(engine, "stale_statistics"), "data.visits") is None


def test_an_index_that_nothing_goes_by_is_seen_and_a_key_never(
    engine: Engine, owner_url: str
) -> None:
    with owning(owner_url) as owner:
        plant(owner, ROLE, 60_000)
        owner.execute("CREATE INDEX planted_number ON data.planted (number)")
        owner.execute("CREATE UNIQUE INDEX planted_once ON data.planted (number, id)")
    unused = seen(engine, "unused_indexes")
    index = about(unused, "data.planted_number")
    assert index is not None
    assert index.figure > 1 << 20
    assert (index.severity, index.facts["days"]) == ("notice", 0), "nobody knows since when"
    assert {one.object for one in unused.findings} == {"data.planted_number"}
    watched = kept(look(engine, clock.now(), [], ()), 40 * DAY)
    index = about(seen(engine, "unused_indexes", watched), "data.planted_number")
    assert index is not None
    assert (index.severity, index.facts["days"]) == ("warning", 40)
    lost = kept(look(engine, clock.now(), [], ()), 40 * DAY, commits=1 << 60)
    index = about(seen(engine, "unused_indexes", lost), "data.planted_number")
    assert index is not None
    assert index.facts["days"] == 0, "counters that have gone back began anew"
    with owning(owner_url) as owner:
        owner.execute("DROP INDEX data.planted_once")
        owner.execute("SET enable_seqscan = off")
        owner.execute("SELECT id FROM data.planted WHERE number = 7")
    assert about(seen(engine, "unused_indexes"), "data.planted_number") is None


def test_reset_counters_say_since_when_they_count(engine: Engine, owner_url: str) -> None:
    before = clock.now() - timedelta(minutes=5)
    with owning(owner_url) as owner:
        owner.execute("SELECT pg_stat_reset()")
    found = look(engine, clock.now(), [kept(look(engine, clock.now(), [], ()), 40 * DAY)])
    assert found.since is not None
    assert found.since > before


def test_a_big_table_that_is_read_from_end_to_end_is_seen(engine: Engine, owner_url: str) -> None:
    with owning(owner_url) as owner:
        plant(owner, ROLE, 20_000)
        for _ in range(25):
            owner.execute("SELECT count(filling) FROM data.planted WHERE filling = 'y'")
    scans = about(seen(engine, "missing_indexes"), PLANTED)
    assert scans is not None
    assert (scans.figure, scans.facts["rows"]) == (1, 20_000)
    assert int(scans.facts["rowsEach"]) > 15_000


def test_a_foreign_key_without_an_index_is_seen(engine: Engine, owner_url: str) -> None:
    with owning(owner_url) as owner:
        plant(owner, ROLE, 1)
        owner.execute("CREATE TABLE data.twigs (a int, of int REFERENCES data.planted, b int)")
        owner.execute("CREATE INDEX twigs_late ON data.twigs (a, of)")
    key = about(seen(engine, "unindexed_foreign_keys"), "data.twigs")
    assert key is not None
    assert key.facts["key"] == "twigs_of_fkey"
    with owning(owner_url) as owner:
        owner.execute("CREATE INDEX twigs_first ON data.twigs (of, a)")
    assert about(seen(engine, "unindexed_foreign_keys"), "data.twigs") is None


def test_empty_room_is_seen_and_unknown_without_the_extension(
    engine: Engine, owner_url: str
) -> None:
    with owning(owner_url) as owner:
        plant(owner, ROLE, 20_000, WIDE)
        owner.execute("DELETE FROM data.planted WHERE id % 10 <> 0")
        owner.execute("VACUUM data.planted")
    room = about(seen(engine, "bloat"), PLANTED)
    assert room is not None
    assert room.severity == "warning"
    assert float(room.facts["percent"]) > 80
    with owning(owner_url) as owner:
        owner.execute("REVOKE EXECUTE ON FUNCTION kanri.table_room(oid) FROM store_app")
    assert seen(engine, "bloat").unknown == "denied"
    with owning(owner_url) as owner:
        owner.execute("DROP EXTENSION pgstattuple")
    assert seen(engine, "bloat").unknown == "not_installed"


def test_what_somebody_locks_is_unknown_and_the_rest_is_seen(
    engine: Engine, owner_url: str
) -> None:
    with owning(owner_url) as owner:
        plant(owner, ROLE, 10_000, WIDE)
    with psycopg.connect(owner_url) as owner:
        owner.execute("LOCK TABLE data.planted IN ACCESS EXCLUSIVE MODE")
        found = {one.check: one.unknown for one in look(engine, clock.now(), []).checks}
    unknown = {check for check, cause in found.items() if cause == "too_slow"}
    assert {"bloat", "growth"} <= unknown
    assert found["dead_tuples"] is None


def test_a_slow_statement_is_seen_without_its_values(engine: Engine) -> None:
    with engine.connect() as connection:
        for _ in range(3):
            connection.execute(text("SELECT pg_sleep(0.3) AS planted, 'Alice Liddell' AS whose"))
    [slow] = [
        one
        for one in seen(engine, "slow_statements").findings
        if "planted" in str(one.facts["statement"])
    ]
    assert slow.figure >= 300
    assert slow.facts["calls"] == 3
    assert "Alice" not in str(slow)
    assert "0.3" not in str(slow.facts["statement"])


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ("DROP EXTENSION pg_stat_statements", "not_installed"),
        ("ALTER DATABASE {} SET pg_stat_statements.track = 'none'", "switched_off"),
    ],
)
def test_statements_that_nobody_tracks_are_unknown(
    engine: Engine, owner_url: str, database: str, change: str, cause: str
) -> None:
    with owning(owner_url) as owner:
        owner.execute(change.format(database).encode())
    engine.dispose()
    statements = seen(engine, "slow_statements")
    assert (statements.unknown, statements.findings, statements.figures) == (cause, (), {})


@pytest.fixture
def idle(engine: Engine) -> Iterator[str]:
    """A session that holds a transaction open; what its finding is called."""
    second = open_engine(Settings(database_url=engine.url.render_as_string(hide_password=False)))
    with second.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        yield f"pid {pid}"
    second.dispose()


def test_a_session_that_is_idle_in_a_transaction_is_seen(engine: Engine, idle: str) -> None:
    assert about(seen(engine, "idle_in_transaction"), idle) is None
    found = about(seen(engine, "idle_in_transaction", ahead=timedelta(minutes=2)), idle)
    assert found is not None
    assert (found.severity, found.facts["application"]) == ("warning", "kanri")
    assert 100 <= found.figure <= 500
    found = about(seen(engine, "idle_in_transaction", ahead=timedelta(minutes=11)), idle)
    assert found is not None
    assert found.severity == "critical"


def test_a_transaction_that_has_been_open_for_long_is_seen(engine: Engine, idle: str) -> None:
    assert about(seen(engine, "long_transactions"), idle) is None
    found = about(seen(engine, "long_transactions", ahead=timedelta(minutes=20)), idle)
    assert found is not None
    assert found.severity == "warning"


def test_connections_are_counted_by_whose_they_are_and_running_out_is_seen(
    engine: Engine, owner_url: str
) -> None:
    with ExitStack() as open_ones:
        for _ in range(5):
            open_ones.enter_context(psycopg.connect(owner_url, application_name="flood"))
        figures = seen(engine, "connections").figures
    assert "flood 5" in str(figures["byApplication"])
    assert int(figures["hidden"]) >= 5, "what other roles do is not told"
    assert 6 <= int(figures["used"]) < int(figures["most"]) == 97
    told = [[one.severity for one in judged(used, 97, "kanri")] for used in (50, 80, 95)]
    assert told == [[], ["warning"], ["critical"]]


def test_a_table_that_doubles_in_a_week_is_seen(engine: Engine, owner_url: str) -> None:
    with owning(owner_url) as owner:
        plant(owner, ROLE, 10, WIDE)
    before = look(engine, clock.now(), [], ["growth"])
    with owning(owner_url) as owner:
        owner.execute(
            f"INSERT INTO data.planted SELECT n, n, {WIDE} FROM generate_series(11, 20000) n".encode()
        )
    assert not seen(engine, "growth", kept(before, timedelta(hours=3))).findings
    sizes = seen(engine, "growth", kept(before, 2 * DAY), kept(before, 7 * DAY))
    grown = about(sizes, PLANTED)
    assert grown is not None
    assert grown.facts["days"] == 7
    assert grown.figure > 16 << 20
    assert sizes.figures["overDays"] == 7


def test_a_deadlock_and_temporary_files_are_counted_since_the_last_look(
    engine: Engine, owner_url: str
) -> None:
    before = kept(look(engine, clock.now(), [], ["server_counters"]), timedelta(hours=1))
    with owning(owner_url) as owner:
        plant(owner, ROLE, 2)
        owner.execute("SET work_mem = '64kB'")
        owner.execute("""
            SELECT count(*) FROM (
                SELECT lpad(n::text, 120) FROM generate_series(1, 120000) n ORDER BY 1) AS sorted
        """)
    meet(owner_url)
    counted = seen(engine, "server_counters", before)
    deadlock, files = about(counted, "deadlocks"), about(counted, "temp_bytes")
    assert deadlock is not None
    assert deadlock.figure == 1
    assert files is not None
    assert files.figure > 11 << 20
    again = kept(look(engine, clock.now(), [], ["server_counters"]), timedelta(hours=1))
    assert about(seen(engine, "server_counters", again), "deadlocks") is None


def meet(url: str) -> None:
    """Two transactions that wait for each other."""
    change = "UPDATE data.planted SET number = 0 WHERE id = %s"
    with owning(url) as one, owning(url) as other:
        for each, row in ((one, 1), (other, 2)):
            each.execute("SET deadlock_timeout = '10ms'")
            each.execute("BEGIN")
            each.execute(change, [row])
        ends: list[str] = []

        def go(on: psycopg.Connection, row: int) -> None:
            try:
                on.execute(change, [row])
            except psycopg.errors.DeadlockDetected:
                ends.append("deadlock")
            on.execute("ROLLBACK")

        threads = [threading.Thread(target=go, args=pair) for pair in ((one, 2), (other, 1))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert ends == ["deadlock"]


def test_months_without_a_partition_are_seen(engine: Engine, owner_url: str) -> None:
    assert not seen(engine, "partitions").findings
    missing = about(seen(engine, "partitions", ahead=100 * DAY), "data.visits")
    assert missing is not None
    assert (missing.severity, missing.figure) == ("critical", 3)
    with owning(owner_url) as owner:
        owner.execute("""
            INSERT INTO data.visits (tenant_id, id, collected_at, content_hash, raw, happened_at)
            VALUES (gen_random_uuid(), 'x', now(), '', '{}', '1999-01-01')
        """)
    outside = about(seen(engine, "partitions"), "data.visits")
    assert outside is not None
    assert (outside.severity, outside.figure) == ("notice", 1)


def test_ages_of_transactions_are_told(engine: Engine) -> None:
    ages = seen(engine, "wraparound")
    assert not ages.findings
    assert 0 < int(ages.figures["transactions"]) < int(ages.figures["stopsAt"])
