"""What workers count of their requests: kept once, by all together, out of everybody's way."""

import subprocess
import sys
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import Engine

from infra.local.repository import ROOT
from shared.core import clock
from shared.core.errors import StoreUnavailable
from shared.core.role_permissions import PERMISSIONS
from shared.core.sample import Batch
from shared.core.settings import Settings
from shared.store.registers.api_keys import ApiKeys
from shared.store.registers.request_samples import RequestSamples
from shared.usecases.read_samples import Sampled, read_samples
from shared.usecases.sample_requests import KEPT_WITHIN, Samples
from tests.fixtures.children import child_process
from tests.fixtures.seen import seen
from tests.store.test_round_trips import round_trips

pytestmark = pytest.mark.stack


def whole(engine: Engine) -> Sampled:
    now = clock.now()
    return read_samples(engine, now - timedelta(hours=1), now + timedelta(hours=1))


def test_counting_asks_the_database_nothing_and_keeping_it_once(app_engine: Engine) -> None:
    samples = Samples(RequestSamples(app_engine).keep, every=None)
    with round_trips(app_engine) as count:
        for _ in range(500):
            samples.add(seen(clock.now()))
        assert count() == 0
    for trips in (1, 0):  # the second time nothing was counted since
        with round_trips(app_engine) as count:
            samples.flush()
            assert count() == trips
    assert whole(app_engine).sample.requests == 500


def test_a_worker_keeps_what_it_counted_by_itself() -> None:
    kept: list[Batch] = []
    done = Event()

    def keep(batch: Batch) -> None:
        kept.append(batch)
        done.set()

    samples = Samples(keep, every=0.01)
    for _ in range(2):
        samples.add(seen(clock.now()))
        assert done.wait(timeout=120)
        done.clear()
    assert [batch.number for batch in kept] == [1, 2]
    assert [batch.sample.requests for batch in kept] == [1, 1]


def test_what_may_have_been_kept_is_kept_again_and_counts_once(app_engine: Engine) -> None:
    rows = RequestSamples(app_engine)
    ways = iter(["asked in vain", "done, and the answer lost", "done", "done"])

    def keep(batch: Batch) -> None:
        way = next(ways)
        if way != "asked in vain":
            rows.keep(batch)
        if way != "done":
            raise StoreUnavailable("store_slow")

    samples = Samples(keep, every=None)
    samples.add(seen(clock.now()))
    samples.flush()
    samples.add(seen(clock.now()))
    for _ in range(3):
        samples.flush()
    assert whole(app_engine).sample.requests == 2


def test_what_cannot_be_kept_in_time_is_told_as_lost(
    app_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, away = RequestSamples(app_engine), True

    def keep(batch: Batch) -> None:
        if away:
            raise StoreUnavailable("store_unavailable", reason="test")
        rows.keep(batch)

    samples = Samples(keep, every=None)
    samples.add(seen(clock.now() - KEPT_WITHIN))
    samples.flush()
    monkeypatch.setattr("shared.usecases.sample_requests.KEPT_WITHIN", timedelta())
    samples.flush()
    away = False
    samples.add(seen(clock.now()))
    samples.flush()
    found = whole(app_engine).sample
    assert (found.requests, found.lost) == (1, 1)


# A worker process without a host: says that it is there, waits for a line, answers `argv[2]` requests.
_WORKER = """
import os, sys
os.environ |= {"KANRI_DATABASE_URL": sys.argv[1], "KANRI_LOG_LEVEL": "WARNING"}
from shared import wiring
from shared.web.front import respond
from shared.web.http import Request
from shared.web.resources.tenants.routes import LIST

doors = wiring.web_doors()
request = Request("GET", "https://x/api/v1/tenants", {}, {"x-api-key": sys.argv[3]}, {})
print("here", flush=True)
sys.stdin.readline()
for _ in range(int(sys.argv[2])):
    assert respond(LIST, request, doors).status == 200
doors.samples().flush()
print("kept", flush=True)
"""


def test_two_processes_on_one_database_add_up(app_settings: Settings, app_engine: Engine) -> None:
    key, _ = ApiKeys(app_engine).create(
        "worker",
        environment="test",
        permissions=sorted(PERMISSIONS),
        tenant_ids=None,
        expires_at=None,
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    command = [sys.executable, "-c", _WORKER, app_settings.database_url]
    with (
        child_process([*command, "30", key], **pipes) as one,
        child_process([*command, "12", key], **pipes) as other,
    ):
        for child in (one, other):
            assert child.stdout is not None
            assert child.stdout.readline() == "here\n"
        for child in (one, other):
            said, _ = child.communicate("go\n", timeout=120)
            assert said == "kept\n"
    found = whole(app_engine)
    assert found.workers == 2
    route = found.sample.routes["http_tenants", False]
    assert dict(route.statuses) == {200: 42}
    assert {stage: one.count for stage, one in route.stages.items()} == dict.fromkeys(
        ("waiting", "checks", "authentication", "database", "whole"), 42
    )
