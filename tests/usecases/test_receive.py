"""Messages: what cannot be done is kept with its cause, and nothing loops."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from copy import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from psycopg.errors import ProgrammingError

from shared.core import clock
from shared.core.collector import Column
from shared.core.errors import StoreUnavailable
from shared.core.messages import Claim, parse_claim
from shared.core.registry import collector, datasets
from shared.core.settings import Settings
from shared.core.work import DEPLOYMENT, After
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.store.session.engine import open_engine
from shared.store.work.dead_letters import DeadLetters
from shared.store.work.runs import Runs
from shared.usecases.dispatch import dispatch
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import bury, receive
from tests.fixtures.collecting import Bench
from tests.fixtures.graph import QUICK, sandbox_settings

pytestmark = pytest.mark.stack


def deliver[T](
    bench: Bench,
    body: bytes,
    use_case: Callable[[bytes, str | None, WorkDoors, str], Awaitable[T]],
) -> T:
    """Hand a message body to a use case as the queue function does."""

    async def once() -> T:
        settings = sandbox_settings(bench.sandbox)
        client = GraphClient(settings, bench.tenant_id, Governor(bench.purse), QUICK)
        try:
            return await use_case(body, "m-1", bench.doors(client), "collect")
        finally:
            await client.aclose()

    return asyncio.run(once())


def message(bench: Bench, **changes: object) -> bytes:
    values = {"kind": "collect", "version": 1, "tenant_id": str(bench.tenant_id)}
    return json.dumps(values | {"subject": "domains", "run_id": str(uuid4())} | changes).encode()


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"version": 0}, "message_malformed"),
        ({"kind": "restore"}, "message_malformed"),
        ({"tenant_id": "contoso"}, "message_malformed"),
        ({"surplus": 1}, "message_malformed"),
        ({"part": -1}, "message_malformed"),
        ({"subject": "no_such_dataset"}, "dataset_unknown"),
        ({"tenant_id": str(uuid4())}, "tenant_unknown"),
    ],
)
def test_a_message_nobody_can_do_is_consumed_and_kept(
    bench: Bench, changes: dict[str, object], cause: str
) -> None:
    assert deliver(bench, message(bench, **changes), receive) == []
    letters = DeadLetters(bench.engine)
    [letter] = letters.all(10)
    assert (letter.queue, letter.cause) == ("collect", cause)
    assert letter.detail
    assert bench.runs.ledger(bench.tenant_id) == []


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"\xff\x00\xfe", b"{" * 5000])
def test_garbage_is_kept_readable(bench: Bench, body: bytes) -> None:
    assert deliver(bench, body, receive) == []
    [letter] = DeadLetters(bench.engine).all(10)
    assert letter.cause == "message_malformed"
    assert len(letter.body) <= 2000


def test_what_the_host_gave_up_on_is_kept_and_frees_the_dataset(bench: Bench) -> None:
    [wanted] = bench.messages("domains")
    deliver(bench, wanted.model_dump_json().encode(), bury)
    [letter] = DeadLetters(bench.engine).all(10)
    assert (letter.cause, parse_claim(letter.body)) == ("message_poisoned", wanted)
    [row] = bench.runs.ledger(bench.tenant_id, "domains")
    assert (row.run_id, row.state, row.cause) == (wanted.run_id, "failed", "message_poisoned")
    [line] = bench.runs.status(bench.tenant_id, clock.now())
    assert line.next_due is not None
    assert line.next_due <= clock.now() + timedelta(minutes=30), "domains are due daily"
    row_after = bench.collect("domains")
    assert row_after is not None
    assert row_after.state == "ok"


def test_a_poisoned_message_of_garbage_is_kept_too(bench: Bench) -> None:
    deliver(bench, b"garbage", bury)
    assert DeadLetters(bench.engine).count() == 1


def test_a_poisoned_message_of_a_dataset_that_is_gone_is_kept_too(bench: Bench) -> None:
    deliver(bench, message(bench, subject="of_an_older_version"), bury)
    assert DeadLetters(bench.engine).count() == 1
    assert bench.runs.status(bench.tenant_id, clock.now()) == []


def test_what_is_given_up_is_logged_with_the_ids_of_message_and_run(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "kanri")
    [wanted] = bench.messages("domains")
    deliver(bench, wanted.model_dump_json().encode(), bury)
    deliver(bench, message(bench, tenant_id="contoso"), receive)
    lines = [json.loads(r.message) for r in caplog.records if r.message.startswith("{")]
    said = {line["event"]: line for line in lines}
    assert said["message_poisoned"]["run"] == str(wanted.run_id)
    assert said["message_poisoned"]["message"] == "m-1"
    assert said["message_rejected"]["field"] == "tenant_id"
    assert said["message_rejected"]["message"] == "m-1"


def test_a_paused_tenant_is_left_alone(bench: Bench) -> None:
    from shared.store.registers.tenants import Tenants

    body = message(bench)
    Tenants(bench.engine).set_state(bench.tenant_id, "paused")
    assert deliver(bench, body, receive) == []
    assert DeadLetters(bench.engine).count() == 0
    assert bench.runs.ledger(bench.tenant_id) == []


def test_without_a_database_the_message_comes_back(bench: Bench) -> None:
    away = Settings(database_url="postgresql://kanri_app@127.0.0.1:1/none")
    engine = open_engine(away)
    bench.runs = Runs(engine)
    with pytest.raises(StoreUnavailable):
        deliver(bench, message(bench), receive)
    engine.dispose()


def test_what_breaks_a_run_is_logged_with_its_ids(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    [wanted] = bench.messages("domains")
    bench.changed["domains"] = replace(
        collector("domains"), columns=(Column("nowhere", "isDefault", "bool"),)
    )
    with pytest.raises(ProgrammingError):
        deliver(bench, wanted.model_dump_json().encode(), receive)
    [line] = [record.message for record in caplog.records if "run_broken" in record.message]
    said = json.loads(line)
    assert said["run"] == str(wanted.run_id)
    assert (said["tenant"], said["dataset"]) == (str(bench.tenant_id), "domains")


def claimed(bench: Bench, now: datetime, traceparent: str | None = None) -> list[Claim]:
    """What the timer would put on the queue `collect` for the tenant.

    The deployment's own work is due by the time of day, whenever the test runs.
    """
    sent = dispatch(bench.runs, now, traceparent)
    assert {one.queue for one in sent} <= {"collect"}
    messages = [one.message for one in sent]
    assert {message.tenant_id for message in messages} <= {bench.tenant_id, DEPLOYMENT}
    return [message for message in messages if message.tenant_id == bench.tenant_id]


def test_the_schedule_sends_each_due_dataset_once(bench: Bench) -> None:
    now = clock.now()
    due = claimed(bench, now, "00-trace-01")
    below = {name for name in datasets() if isinstance(collector(name).cadence, After)}
    assert below == {name for name in datasets() if collector(name).parent is not None}
    assert {"members", "drive_items", "message_trace_details"} <= below, "begins with its parents"
    assert sorted({m.subject for m in due} | below) == list(datasets())
    assert len(due) == len(datasets()) - len(below)
    assert {m.tenant_id for m in due} == {bench.tenant_id}
    assert {m.traceparent for m in due} == {"00-trace-01"}
    assert all(isinstance(m, Claim) and m.part == 0 for m in due)
    assert claimed(bench, now + timedelta(minutes=1)) == []
    again = claimed(bench, now + timedelta(minutes=16))
    assert {m.run_id for m in again} == {m.run_id for m in due}, "lost messages are sent again"
