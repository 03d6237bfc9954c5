"""Usage reports of single days: a request a day, each day once, none left out."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock
from shared.core.collector import Dates
from shared.store.session.sessions import tenant_session
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

DATASET = "email_activity"
NOTHING_YET = {"kind": "no_rows", "path": "/reportsdownload/"}
PLACE = "SELECT checkpoint ->> 'last' FROM kanri.work_state WHERE subject = :dataset"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, sandbox_admin: SandboxAdmin) -> Iterator[Path]:
    """The product's clock, which the test may move; at first it is the sandbox's time."""
    sandbox_admin.throttle(0)  # requests are not what this is about
    clock.follow(tmp_path / "clock")
    ahead = sandbox_admin.advance(0) - clock.now()
    clock.move(tmp_path / "clock", max(ahead, timedelta(0)))
    yield tmp_path / "clock"
    clock.follow(None)
    sandbox_admin.clear_faults()
    sandbox_admin.throttle(1)


def days(bench: Bench) -> list[date]:
    """The days of which there are rows, in order."""
    return [day for (day,) in stored(bench, DATASET, "DISTINCT report_date")]


def test_each_day_is_asked_for_once(bench: Bench, sandbox_admin: SandboxAdmin, file: Path) -> None:
    collected(bench, DATASET)
    newest = clock.now().date() - 2 * DAY
    assert days(bench) == [newest - age * DAY for age in range(6, -1, -1)]
    known = stored(bench, DATASET, "report_date, id")
    assert collected(bench, DATASET).counts.read == 0, "no new day"
    clock.move(file, 3 * DAY)
    sandbox_admin.advance((3 * DAY).total_seconds())
    row = collected(bench, DATASET)
    assert days(bench)[-3:] == [newest + age * DAY for age in (1, 2, 3)]
    assert (row.counts.updated, row.counts.closed) == (0, 0)
    assert stored(bench, DATASET, "report_date, id", f"report_date <= '{newest}'") == known


def test_a_day_that_is_not_published_yet_is_asked_for_again(
    bench: Bench, sandbox_admin: SandboxAdmin, file: Path
) -> None:
    collected(bench, DATASET)
    known = days(bench)
    clock.move(file, DAY)  # Microsoft is late
    row = collected(bench, DATASET)
    assert (row.counts.read, days(bench)) == (0, known)
    sandbox_admin.advance(DAY.total_seconds())
    assert collected(bench, DATASET).counts.inserted > 0
    assert days(bench) == [*known, known[-1] + DAY]


def test_days_that_are_published_late_are_not_left_out(
    bench: Bench, sandbox_admin: SandboxAdmin, file: Path
) -> None:
    """Several of them: none is taken for one on which nothing happened while no later one is there."""
    collected(bench, DATASET)
    known = days(bench)
    clock.move(file, 2 * DAY)
    sandbox_admin.advance((2 * DAY).total_seconds())
    sandbox_admin.faults(NOTHING_YET)
    assert (collected(bench, DATASET).counts.read, days(bench)) == (0, known)
    sandbox_admin.clear_faults()
    collected(bench, DATASET)
    assert days(bench) == [*known, *(known[-1] + age * DAY for age in (1, 2))]


def test_a_day_on_which_nothing_happened_is_asked_for_no_longer_than_a_week(
    bench: Bench, sandbox_admin: SandboxAdmin, file: Path
) -> None:
    collected(bench, DATASET)
    last = days(bench)[-1]
    sandbox_admin.faults(NOTHING_YET)
    for before, ahead in ((0, 6), (6, 16)):
        sandbox_admin.advance(((ahead - before) * DAY).total_seconds())
        clock.move(file, (ahead - before) * DAY)
        collected(bench, DATASET)
        with tenant_session(bench.engine, bench.tenant_id) as connection:
            saved = connection.execute(text(PLACE), {"dataset": DATASET}).scalar_one()
        newest = last + ahead * DAY
        assert date.fromisoformat(saved) == max(last, newest - 7 * DAY)


def test_a_day_that_cannot_be_read_holds_up_those_after_it(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    newest = clock.now().date() - 2 * DAY
    sandbox_admin.faults({"kind": "missing_permission", "path": f"date={newest - 2 * DAY}"})
    row = bench.collect(DATASET)
    assert row is not None
    assert row.state != "ok"
    assert days(bench) == [newest - age * DAY for age in (6, 5, 4, 3)]
    sandbox_admin.clear_faults()
    row = collected(bench, DATASET)
    assert days(bench) == [newest - age * DAY for age in range(6, -1, -1)]


@pytest.mark.parametrize(
    ("last", "due"), [(None, 7), (2, 0), (1, 0), (3, 1), (9, 7), (300, 28)], ids=str
)
def test_a_report_asks_for_the_days_it_lacks(last: int | None, due: int) -> None:
    today = date(2026, 3, 1)
    found = Dates().due(None if last is None else today - last * DAY, today)
    assert found == [today - age * DAY for age in range(due + 1, 1, -1)]
