"""Whole lists that Graph makes on demand: what the newest lacks is gone, unless it was made in part.

What is read are searches of the audit log, into the table of a dataset that is a list.
"""

from collections.abc import Iterator
from copy import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.collector import Column, Get, Job, Single
from shared.core.collector.part import instant
from shared.graph.requests import fingerprint
from shared.store.session.sessions import tenant_session
from shared.store.work.run_records import LedgerRow
from shared.store.work.work_state import WORK_STATE
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import stored

DATASET = "domains"
_POSTS, _POLLS = "auditLog/queries$", "auditLog/queries/[^/]+$"


@pytest.fixture(autouse=True)
def whole(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """A search of some hours, the same each time; it is done when it is first asked for."""
    sandbox_admin.throttle(0)
    sandbox_admin.tenant(auditQuerySeconds=0)
    began = clock.now()
    hours = instant(began - timedelta(hours=8)), instant(began)
    bench.changed[DATASET] = replace(
        bench.collector(DATASET),
        ask=Get("security/auditLog/queries/{job}/records", service="general", top=40),
        answer=Job(
            create="security/auditLog/queries",
            body=(
                ("displayName", "kanri"),
                ("filterStartDateTime", hours[0]),
                ("filterEndDateTime", hours[1]),
            ),
            poll="security/auditLog/queries/{job}",
            exceeded="isRecordCountLimitExceeded",
        ),
        columns=(Column("authentication_type", "operation"),),
    )
    yield
    sandbox_admin.clear_faults()
    sandbox_admin.tenant(auditQuerySeconds=2)
    sandbox_admin.throttle(1)


def ask(bench: Bench, **job: Any) -> None:
    """Change the job from now on."""
    spec = bench.collector(DATASET)
    bench.changed[DATASET] = replace(spec, answer=replace(Job.of(spec), **job))


def narrowed(bench: Bench, *more: tuple[str, object]) -> None:
    """Search for less from now on."""
    ask(bench, body=(*Job.of(bench.collector(DATASET)).body, *more))


def to_the_end(bench: Bench, state: str = "ok", cause: str | None = None) -> LedgerRow:
    for _ in range(20):
        row = bench.collect(DATASET)
        if row is not None:
            assert (row.state, row.cause) == (state, cause), row.cause_detail
            return row
    raise AssertionError("the run has not ended")


def posted(bench: Bench) -> str:
    """The id of the job that is waited for."""
    query = select(WORK_STATE.c.run_checkpoint).filter_by(subject=DATASET)
    with tenant_session(bench.engine, bench.tenant_id) as connection:
        return str(connection.execute(query).scalar_one()["job"]["id"])


def count(bench: Bench) -> int:
    return len(stored(bench, DATASET, "id", "valid_to IS NULL"))


@pytest.mark.stack
def test_it_is_posted_waited_for_and_read_to_the_end(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.tenant(auditQuerySeconds=3_600)
    assert bench.collect(DATASET) is None, "posted, and put off"
    assert bench.collect(DATASET) is None, "under way"
    sandbox_admin.advance(3_601)
    first = to_the_end(bench)
    assert first.rows == first.counts.inserted == count(bench) > 80, "several pages"
    sandbox_admin.tenant(auditQuerySeconds=0)
    again = to_the_end(bench)
    assert (again.counts.updated, again.counts.closed) == (0, 0)
    assert again.counts.unchanged >= first.rows


@pytest.mark.stack
def test_what_the_newest_list_lacks_is_closed(bench: Bench) -> None:
    first = to_the_end(bench)
    narrowed(bench, ("operationFilters", ("FileAccessed",)))
    row = to_the_end(bench)
    left = {name for (name,) in stored(bench, DATASET, "authentication_type", "valid_to IS NULL")}
    assert left == {"FileAccessed"}
    assert row.counts.closed == first.rows - row.rows > 0


@pytest.mark.stack
@pytest.mark.parametrize("why", ["status", "exceeded"])
def test_a_list_that_was_made_in_part_closes_nothing(
    bench: Bench, sandbox_admin: SandboxAdmin, why: str
) -> None:
    first = to_the_end(bench)
    bench.slice_seconds = 0  # and goes on knowing it
    if why == "exceeded":
        narrowed(bench, ("recordCountLimit", 50))
    else:
        narrowed(bench, ("operationFilters", ("FileAccessed",)))
        ask(bench, partly=("partiallySuccessful",))
        told = {"kind": "body", "path": _POLLS, "value": '{"status":"partiallySuccessful"}'}
        sandbox_admin.faults(told)
    row = to_the_end(bench, "partial", "job_partly")
    assert 0 < row.counts.read < first.rows
    assert (row.counts.closed, count(bench)) == (0, first.rows)


@pytest.mark.stack
def test_a_worker_that_dies_after_posting_leaves_a_job_that_is_gone_on_with(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.faults({"kind": "query_never_ends", "path": _POSTS, "after": 1})
    [message] = bench.messages(DATASET)
    bench.work(message)
    bench.work(message)  # the same message again: another delivery, the same place
    [row] = bench.runs.ledger(bench.tenant_id, DATASET, limit=1)
    assert (row.run_id, row.state) == (message.run_id, "ok")


@pytest.mark.stack
def test_jobs_that_fail_are_posted_anew_and_then_given_up(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.faults({"kind": "query_fails", "path": _POSTS, "count": 2})
    first = to_the_end(bench)
    sandbox_admin.faults({"kind": "query_fails", "path": _POSTS})
    to_the_end(bench, "failed", "job_failed")
    assert count(bench) == first.rows


@pytest.mark.stack
def test_rows_that_go_while_they_are_read_are_made_anew(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    first = to_the_end(bench)
    bench.slice_seconds = 0
    gone = {"kind": "not_found", "path": "records.*skiptoken", "count": 1}
    sandbox_admin.faults(gone)
    again = to_the_end(bench)
    assert (again.counts.unchanged, again.counts.closed) == (again.counts.read, 0)
    assert (again.rows, count(bench)) == (first.rows, first.rows)
    sandbox_admin.faults(gone | {"count": None})
    to_the_end(bench, "partial", "job_failed")
    assert count(bench) == first.rows


@pytest.mark.stack
def test_a_job_is_deleted_once_its_rows_are_stored(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    ask(bench, deletes=True)
    to_the_end(bench)  # here there is no such thing: 404 is as good
    watched = {"kind": "missing_permission", "path": _POLLS, "method": "DELETE"}
    sandbox_admin.faults(watched)
    to_the_end(bench)
    assert sandbox_admin.stats()["faults"][0]["struck"] == 1, (
        "tried, and the run is no worse for it"
    )
    sandbox_admin.faults(watched, {"kind": "query_fails", "path": _POSTS})
    to_the_end(bench, "failed", "job_failed")
    assert sandbox_admin.stats()["faults"][0]["struck"] == 0


@pytest.mark.stack
def test_what_a_job_has_made_is_found_by_its_id_alone_and_taken_apart(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    """As a snapshot of the tenant's configuration is read: one object, of which each resource is a row."""
    spec = bench.collector(DATASET)
    bench.changed[DATASET] = replace(
        spec,
        ask=Get("security/auditLog/queries/{result}/records", service="general", selects=False),
        key=("resources/resourceType", "resources/displayName"),
        columns=(Column("authentication_type", "resources/resourceType"),),
    )
    ask(bench, result="resourceLocation", rows=Single(each="resources"))
    assert bench.collect(DATASET) is None, "posted"
    own = posted(bench)
    made = f"https://elsewhere.example/beta/things('{own}')?x=1"
    resources = [{"resourceType": "policy", "displayName": name} for name in ("Global", "Strict")]
    polled = {
        "kind": "body",
        "path": _POLLS,
        "value": msgspec.json.encode({"status": "succeeded", "resourceLocation": made}).decode(),
    }
    read = {
        "kind": "body",
        "path": f"queries/{own}/records",
        "value": msgspec.json.encode({"id": own, "resources": resources}).decode(),
    }
    sandbox_admin.faults(polled, read)
    assert to_the_end(bench).rows == 2
    assert stored(bench, DATASET, "id") == [("policy/Global",), ("policy/Strict",)]
    sandbox_admin.faults(polled, read | {"value": " "})
    assert to_the_end(bench, "failed", "graph_malformed").counts.closed == 0


def test_the_question_of_a_job_is_what_is_posted_and_what_is_read(bench: Bench) -> None:
    one = fingerprint(bench.collector(DATASET))
    ask(bench, within=timedelta(hours=1), deletes=True)
    assert fingerprint(bench.collector(DATASET)) == one
    ask(bench, rows=Single(each="resources"))
    assert fingerprint(bench.collector(DATASET)) != one
