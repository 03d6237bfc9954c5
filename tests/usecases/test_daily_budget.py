"""What is too much for one day is read over several: each run goes on where the budget ended the last."""

from collections.abc import Iterator
from copy import replace
from datetime import timedelta
from pathlib import Path

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.collector import Below
from shared.store.work.run_records import LedgerRow
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

MEMBERS = "members"
BATCH = 20  # parents, of two units each


@pytest.fixture
def day_after(tmp_path: Path) -> Iterator[Path]:
    """A clock that the test may move."""
    file = tmp_path / "ahead"
    clock.follow(file)
    yield file
    clock.follow(None)


@pytest.fixture(autouse=True)
def groups(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """Groups have been read; a day's budget is enough for one batch."""
    sandbox_admin.throttle(0)
    sandbox_admin.clear_faults()
    spec = bench.collector(MEMBERS)
    bench.changed[MEMBERS] = replace(spec, extent=replace(Below.of(spec), daily=BATCH))
    collected(bench, "groups")
    yield
    sandbox_admin.throttle(1)


def read(bench: Bench) -> LedgerRow:
    row = bench.collect(MEMBERS)
    assert row is not None
    return row


def below(bench: Bench) -> list[str]:
    """The groups of which a member is current."""
    found = stored(bench, MEMBERS, "DISTINCT parent_id", "valid_to IS NULL")
    return [parent for (parent,) in found]


def test_each_day_goes_on_where_the_last_one_stopped(bench: Bench, day_after: Path) -> None:
    every = [own for (own,) in stored(bench, "groups", "id", "valid_to IS NULL")]
    assert len(every) > 2 * BATCH
    days = -(-len(every) // BATCH)
    for day in range(1, days + 1):
        row = read(bench)
        asked = every[: day * BATCH]
        assert set(below(bench)) <= set(asked)
        assert max(below(bench)) > max(every[: (day - 1) * BATCH], default="")
        if day < days:
            assert (row.state, row.cause) == ("partial", "budget_spent")
        clock.move(day_after, timedelta(days=1))
    assert (row.state, row.cause) == ("ok", None)
    complete = stored(bench, MEMBERS, "id", "valid_to IS NULL")
    bench.changed.clear()
    row = collected(bench, MEMBERS)
    assert (row.counts.inserted, row.counts.closed) == (0, 0), "nothing was left out"
    assert stored(bench, MEMBERS, "id", "valid_to IS NULL") == complete


def test_a_day_has_one_budget_however_often_it_is_asked(bench: Bench) -> None:
    first = read(bench)
    assert first.counts.read > 0
    known = below(bench)
    again = read(bench)
    assert (again.state, again.cause, again.counts.read) == ("partial", "budget_spent", 0)
    assert below(bench) == known


def test_nothing_is_closed_before_a_round_is_complete(
    bench: Bench, sandbox_admin: SandboxAdmin, day_after: Path
) -> None:
    daily = bench.changed.pop(MEMBERS)
    collected(bench, MEMBERS)
    complete = stored(bench, MEMBERS, "id", "valid_to IS NULL")
    bench.changed[MEMBERS] = daily
    clock.move(day_after, timedelta(days=1))
    row = read(bench)
    assert (row.state, row.counts.closed) == ("partial", 0)
    assert stored(bench, MEMBERS, "id", "valid_to IS NULL") == complete
