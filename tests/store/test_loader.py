"""Loading entities: what becomes a version, what does not, and who may write."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.core.errors import Superseded
from shared.core.rows import Rejected
from shared.store.session.sessions import tenant_session
from shared.store.work.run_records import Counts, Run
from tests.store.catalogue import PEOPLE_REPORT
from tests.store.tenant_data import TenantData, minute, page

pytestmark = pytest.mark.stack

ANN, BOB, CEM = (
    {"id": key, "name": name} for key, name in (("a", "Ann"), ("b", "Bob"), ("c", "Cem"))
)


def names(tenant: TenantData, at: float | None = None) -> list[object]:
    as_of = None if at is None else minute(at)
    return [row[0] for row in tenant.ask(PEOPLE_REPORT, "name", as_of=as_of).rows]


def versions(tenant: TenantData, key: str) -> list[tuple[object, ...]]:
    query = text(
        "SELECT name, valid_from, valid_to FROM data.people WHERE id = :id ORDER BY valid_from"
    )
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        return [tuple(row) for row in connection.execute(query, {"id": key})]


def test_every_version_is_found_at_its_time(tenant: TenantData) -> None:
    tenant.load("people", page("people", [ANN, BOB]), minute(0))
    tenant.load("people", page("people", [{**ANN, "name": "Anna"}]), minute(10))
    tenant.load("people", page("people", [], removed=["b"]), minute(20))
    tenant.load("people", page("people", [BOB]), minute(30))
    assert names(tenant, -1) == []
    assert names(tenant, 0) == ["Ann", "Bob"]
    assert names(tenant, 9.99) == ["Ann", "Bob"]
    assert names(tenant, 10) == ["Anna", "Bob"]
    assert names(tenant, 20) == ["Anna"]
    assert names(tenant, 30) == names(tenant) == ["Anna", "Bob"]
    assert versions(tenant, "b") == [("Bob", minute(0), minute(20)), ("Bob", minute(30), None)]


def test_counts_say_what_became_of_each_row(tenant: TenantData) -> None:
    first = page("people", [ANN, BOB])
    first.rejected.append(Rejected("z", "not an object"))
    assert tenant.load("people", first).counts == Counts(read=3, inserted=2, rejected=1)
    second = page("people", [{**ANN, "name": "Anna"}, BOB, CEM], removed=["nobody"])
    assert tenant.load("people", second, minute(1)).counts == Counts(
        read=3, inserted=1, updated=1, unchanged=1
    )
    third = page("people", [], removed=["a", "c"])
    assert tenant.load("people", third, minute(2)).counts == Counts(closed=2)
    status = tenant.runs.status(tenant.tenant_id, minute(3))
    assert [(item.dataset, item.rows, item.state) for item in status] == [("people", 1, "ok")]


def test_unchanged_and_reordered_objects_write_no_version(tenant: TenantData) -> None:
    tenant.load("people", page("people", [{"id": "a", "name": "Ann", "age": 5}]))
    tenant.load("people", page("people", [{"id": "a", "name": "Ann", "age": 5}]), minute(1))
    same = page("people", [{"age": 5, "mail": None, "id": "a", "name": "Ann"}])
    assert tenant.load("people", same, minute(2)).counts == Counts(read=1, unchanged=1)
    assert len(versions(tenant, "a")) == 1
    # The new hash was kept: the same bytes are not compared again.
    assert tenant.load("people", same, minute(3)).counts == Counts(read=1, unchanged=1)


def test_the_last_occurrence_in_a_page_wins(tenant: TenantData) -> None:
    anna = {**ANN, "name": "Anna"}
    counts = tenant.load("people", page("people", [ANN, BOB, anna])).counts
    assert counts == Counts(read=3, inserted=2, unchanged=1)
    assert names(tenant) == ["Anna", "Bob"]


def test_removal_and_row_of_one_id_in_a_page_follow_their_order(tenant: TenantData) -> None:
    tenant.load("people", page("people", [ANN, BOB]))
    newer = {**ANN, "name": "Anna"}, {**BOB, "name": "Bobby"}
    # Ann: removed, then back as Anna. Bob: changed, then removed.
    rows = page("people", newer, removed=["a", "b"], removed_after=[0, 2])
    assert tenant.load("people", rows, minute(1)).counts.closed == 1
    assert names(tenant) == ["Anna"]


def test_versions_stay_in_order_when_the_clock_goes_back(tenant: TenantData) -> None:
    tenant.load("people", page("people", [ANN]), minute(10))
    tenant.load("people", page("people", [{**ANN, "name": "Anna"}]), minute(5))
    tenant.load("people", page("people", [], removed=["a"]), minute(4))
    tenant.load("people", page("people", [ANN]), minute(3))
    spans = [(start, end) for _, start, end in versions(tenant, "a")]
    assert [name for name, _, _ in versions(tenant, "a")] == ["Ann", "Anna", "Ann"]
    tick = timedelta(microseconds=1)
    ten = minute(10)
    assert spans == [(ten, ten + tick), (ten + tick, ten + 2 * tick), (ten + 2 * tick, None)]


def test_a_complete_read_closes_what_it_did_not_contain(tenant: TenantData) -> None:
    tenant.load("people", page("people", [ANN, BOB, CEM]))
    loader, run = tenant.loader("people"), tenant.open("people", minute(1))
    for rows in (page("people", [ANN]), page("people", [CEM])):
        loader.apply(run, rows, observed_at=minute(1), checkpoint={}, track_seen=True)
    assert names(tenant) == ["Ann", "Bob", "Cem"]
    assert loader.close_unseen(run, observed_at=minute(1)) == 1
    tenant.runs.finish(run, "ok", now=minute(1))
    assert names(tenant) == ["Ann", "Cem"]


def test_a_restarted_read_forgets_what_it_had_seen(tenant: TenantData) -> None:
    tenant.load("people", page("people", [ANN, BOB]))
    loader, run = tenant.loader("people"), tenant.open("people", minute(1))
    loader.apply(
        run, page("people", [BOB]), observed_at=minute(1), checkpoint={"x": 1}, track_seen=True
    )
    loader.restart(run)
    assert run.checkpoint is None
    loader.apply(run, page("people", [ANN]), observed_at=minute(2), checkpoint={}, track_seen=True)
    assert loader.close_unseen(run, observed_at=minute(2)) == 1
    assert names(tenant) == ["Ann"]


def test_children_are_closed_for_complete_parents_only(tenant: TenantData) -> None:
    loader = tenant.loader("members")

    def member(team: str, person: str) -> dict[str, str]:
        return {"id": f"{team}/{person}", "memberId": person}

    tenant.load("crews", page("crews", [{"id": "t1"}, {"id": "t2"}]))
    both = [member("t1", "a"), member("t1", "b"), member("t2", "a")]
    tenant.load("members", page("members", both, parents=["t1", "t1", "t2"]))
    run = tenant.open("members", minute(1))
    again = page("members", [member("t1", "b")], parents=["t1"])
    counts = loader.apply(
        run, again, observed_at=minute(1), checkpoint=None, complete_parents=["t1"]
    )
    assert counts == Counts(read=1, unchanged=1, closed=1)
    assert loader.current_ids(tenant.tenant_id, None, 10) == ["t1/b", "t2/a"]
    tenant.load("crews", page("crews", [], removed=["t2"]), minute(2))
    assert loader.close_orphans(run, "crews", observed_at=minute(2)) == 1
    assert loader.current_ids(tenant.tenant_id, None, 10) == ["t1/b"]


def test_current_ids_come_in_pages(tenant: TenantData) -> None:
    tenant.load("people", page("people", [ANN, BOB, CEM]))
    loader = tenant.loader("people")
    assert loader.current_ids(tenant.tenant_id, None, 2) == ["a", "b"]
    assert loader.current_ids(tenant.tenant_id, "b", 2) == ["c"]


def test_a_worker_that_was_overtaken_writes_nothing(tenant: TenantData) -> None:
    message = tenant.message("people")
    slow = tenant.runs.open(message, minute(0))
    fast = tenant.runs.open(message, minute(1))
    assert isinstance(slow, Run)
    assert isinstance(fast, Run)
    loader = tenant.loader("people")
    loader.apply(fast, page("people", [ANN]), observed_at=minute(1), checkpoint={"next": 1})
    with pytest.raises(Superseded):
        loader.apply(slow, page("people", [BOB]), observed_at=minute(1), checkpoint={"next": 9})
    with pytest.raises(Superseded):
        loader.close_unseen(slow, observed_at=minute(1))
    with pytest.raises(Superseded):
        tenant.runs.finish(slow, "ok", now=minute(1))
    assert names(tenant) == ["Ann"]


def test_a_refused_batch_leaves_the_state_before_it(tenant: TenantData) -> None:
    claim = tenant.message("people")
    run = tenant.runs.open(claim, minute(0))
    assert isinstance(run, Run)
    loader = tenant.loader("people")
    loader.apply(run, page("people", [ANN]), observed_at=minute(0), checkpoint={"next": 1})
    broken = page("people", [{**ANN, "name": "Anna"}, {**BOB, "born_at": None}])
    del broken.raws[1]
    with pytest.raises(IndexError):
        loader.apply(run, broken, observed_at=minute(1), checkpoint={"next": 2})
    assert names(tenant) == ["Ann"]
    again = tenant.runs.open(claim, minute(2))
    assert isinstance(again, Run)
    assert (again.checkpoint, again.counts.read) == ({"next": 1}, 1)


@pytest.mark.parametrize(
    "bad",
    [
        b'{"id": "b", half an object',
        b'{"id": "b", "far": 1e200000}',
        b'{"id": "b", "name": "cut \\ud83d"}',
        b'{"id": "b", "deep": ' + b"[" * 500_000 + b"]" * 500_000 + b"}",
    ],
    ids=["half", "number", "surrogate", "deep"],
)
def test_a_row_that_the_database_cannot_hold_is_rejected_alone(
    tenant: TenantData, bad: bytes
) -> None:
    rows = page("people", [ANN, BOB, CEM, {"id": "d", "name": "Dan"}], removed=["x\x00"])
    rows.raws[1] = bad
    counts = tenant.load("people", rows).counts
    assert counts == Counts(read=4, inserted=3, rejected=1)
    assert names(tenant) == ["Ann", "Cem", "Dan"]


def test_what_graph_says_is_removed_is_closed_although_a_row_beside_it_could_not_be_held(
    tenant: TenantData,
) -> None:
    tenant.load("people", page("people", [ANN, BOB]))
    rows = page("people", [CEM], removed=["a"])
    rows.raws[0] = b'{"id": 1e200000}'
    counts = tenant.load("people", rows, minute(1)).counts
    assert counts == Counts(read=1, closed=1, rejected=1)
    assert names(tenant) == ["Bob"]


def test_an_object_that_came_back_in_a_row_that_could_not_be_held_is_not_closed(
    tenant: TenantData,
) -> None:
    tenant.load("people", page("people", [ANN, BOB]))
    anew = [{**ANN, "name": "Anna"}, {**BOB, "name": "Bert"}, CEM]
    # Of Ann the row stands before the removal, of Bob after it: it is Bob who is there still.
    rows = page("people", anew, removed=["b", "a"], removed_after=[0, 1])
    for place in (0, 1):
        rows.raws[place] = b'{"id": 1e200000}'
    counts = tenant.load("people", rows, minute(1)).counts
    assert counts == Counts(read=3, inserted=1, closed=1, rejected=2)
    assert names(tenant) == ["Bob", "Cem"]


def test_no_parent_is_complete_of_which_a_row_could_not_be_held(tenant: TenantData) -> None:
    tenant.load("crews", page("crews", [{"id": "t1"}]))
    members = [{"id": f"t1/{own}", "memberId": own} for own in ("a", "b", "c")]
    tenant.load("members", page("members", members, parents=["t1"] * 3))
    rows = page("members", members[:2], parents=["t1"] * 2)
    rows.raws[1] = b'{"id": 1e200000}'
    rows.hashes[1] = b"another hash"
    run = tenant.open("members", minute(1))
    counts = tenant.loader("members").apply(
        run, rows, observed_at=minute(1), checkpoint=None, complete_parents=["t1"]
    )
    assert (counts.rejected, counts.closed) == (1, 0)


def test_text_with_nul_is_stored(tenant: TenantData) -> None:
    tenant.load("people", page("people", [{"id": "a", "name": "A\x00nn", "mail": r"x\u0000y"}]))
    assert tenant.ask(PEOPLE_REPORT, "name", "mail").rows == [("A\ufffdnn", r"x\u0000y")]
