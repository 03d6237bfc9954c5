"""Limits as workers keep them together: two processes on one database, one without a database."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from copy import replace

import pytest
from sqlalchemy import Engine

from infra.local.repository import ROOT
from shared.core.rate_limit import RateLimit
from shared.core.settings import Settings
from shared.store.session.engine import open_engine
from shared.usecases.limit_requests import Limits, Spending
from tests.fixtures.children import child_process
from tests.store.test_round_trips import round_trips

pytestmark = pytest.mark.stack

# No window ends while a test runs.
_SECONDS = 1_000_000_000
_QUOTA = 2000


def limit(**quotas: int) -> RateLimit:
    return RateLimit(counts=("reading",), seconds=_SECONDS, quotas=quotas, name="x")  # type: ignore[arg-type]


def goes(limits: Limits, *spending: Spending) -> bool:
    return not any(one.over for one in limits.spend(spending))


# A worker process: says that it is there, waits for a line, sends `argv[2]` requests from four
# threads, and says how many went.
_WORKER = f"""
import sys
from concurrent.futures import ThreadPoolExecutor
from shared.core.rate_limit import RateLimit
from shared.core.settings import Settings
from shared.store.session.engine import open_engine
from shared.usecases.limit_requests import Limits, Spending

limit = RateLimit(counts=("reading",), seconds={_SECONDS}, quotas={{"caller": {_QUOTA}}}, name="x")
limits = Limits(open_engine(Settings(database_url=sys.argv[1])), [limit])
one = Spending(limit, "caller", "ann")

def send(count):
    return sum(not limits.spend([one])[0].over for _ in range(count))

print("here", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(4) as threads:
    print(sum(threads.map(send, [int(sys.argv[2]) // 4] * 4)), flush=True)
"""


def test_two_processes_let_no_more_through_than_the_quota_and_nearly_all_of_it(
    app_settings: Settings,
) -> None:
    """One asks for ten times the other's, and both together for twice the quota."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    command = [sys.executable, "-c", _WORKER, app_settings.database_url]
    with (
        child_process([*command, str(2 * _QUOTA)], **pipes) as eager,
        child_process([*command, str(_QUOTA // 5)], **pipes) as slow,
    ):
        for child in (eager, slow):
            assert child.stdout is not None
            assert child.stdout.readline() == "here\n"
        for child in (eager, slow):
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        gone = [int(child.communicate(timeout=120)[0]) for child in (eager, slow)]
    assert 0.95 * _QUOTA <= sum(gone) <= 1.01 * _QUOTA, gone
    assert min(gone) > 0


def test_a_request_within_its_limit_seldom_asks_the_database(app_engine: Engine) -> None:
    ours = limit(caller=6000, tenant=12_000)
    limits = Limits(app_engine, [ours])
    spending = limits.spent_by("reading", {"caller": "ann", "tenant": "contoso"})
    assert len(spending) == 2
    with round_trips(app_engine) as count:
        assert all(goes(limits, *spending) for _ in range(1000))
        assert count() <= 20


def test_who_is_over_is_refused_without_asking(app_engine: Engine) -> None:
    limits, one = Limits(app_engine, []), Spending(limit(caller=3), "caller", "ann")
    assert [goes(limits, one) for _ in range(4)] == [True] * 3 + [False]
    with round_trips(app_engine) as count:
        assert not any(goes(limits, one) for _ in range(50))
        assert count() == 0


def test_who_is_over_in_one_spends_nothing_of_another(app_engine: Engine) -> None:
    ours = limit(caller=2, tenant=5)
    limits = Limits(app_engine, [ours])
    ann, ben, cat = (
        limits.spent_by("reading", {"caller": who, "tenant": "contoso"}) for who in "abc"
    )
    assert [goes(limits, *ann) for _ in range(6)] == [True] * 2 + [False] * 4
    assert [goes(limits, *ben) for _ in range(3)] == [True, True, False]
    assert [goes(limits, *cat) for _ in range(3)] == [True, False, False]
    standings = {one.policy: one for one in limits.spend(cat)}
    assert (standings["x-tenant"].over, standings["x-tenant"].rest) == (True, 0)
    assert not standings["x"].over


def test_without_a_database_a_worker_lets_its_fair_part_through() -> None:
    nowhere = open_engine(Settings(database_url="postgresql://kanri_app@127.0.0.1:1/kanri"))
    ours = RateLimit(counts=("reading",), seconds=60, quotas={"caller": 120}, name="x")
    moment = 1000.0
    limits = Limits(nowhere, [ours], now=lambda: moment)
    one = Spending(ours, "caller", "ann")
    for _ in range(3):
        assert [goes(limits, one) for _ in range(12)] == [True] * 10 + [False] * 2
        moment += 5.0
    failing = RateLimit(counts=("failing",), seconds=60, quotas={"address": 1}, blocks=60, name="y")
    assert limits.fail([Spending(failing, "address", "203.0.113.7")]) == []
    nowhere.dispose()


def test_a_worker_goes_back_to_the_database_when_it_answers_again(app_settings: Settings) -> None:
    engine = open_engine(replace(app_settings, pool_size=1))
    engine.pool._timeout = 0.1  # type: ignore[attr-defined]
    ours = limit(caller=50)
    moment = 1000.0
    limits = Limits(engine, [ours], now=lambda: moment)
    one = Spending(ours, "caller", "ann")
    with engine.connect():
        assert [goes(limits, one) for _ in range(3)] == [True, False, False]
    assert not goes(limits, one)
    moment += 5.0
    assert sum(goes(limits, one) for _ in range(100)) == 50
    engine.dispose()


def test_threads_of_one_worker_share_its_leases(app_engine: Engine) -> None:
    limits, one = Limits(app_engine, []), Spending(limit(caller=500), "caller", "ann")
    with ThreadPoolExecutor(8) as threads:
        went = list(threads.map(lambda _: goes(limits, one), range(1500)))
    assert sum(went) == 500
