"""Every dataset against every fault: state and cause in the ledger, nothing closed, no false figure.

Here one dataset of each kind meets every fault, and each of the others one; all of them meet all with
`MATRIX=all uv run pytest tests/usecases/test_fault_matrix.py -n 0 -s`, which prints the table.
"""

import asyncio
import os
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxProcess, SandboxReady
from shared.core.collector import TOLD
from shared.core.messages import Claim
from shared.core.registry import collector, datasets
from shared.core.settings import Settings
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.store.session.engine import open_engine
from shared.store.session.sessions import tenant_session
from shared.store.work.run_records import LedgerRow
from shared.usecases.receive import work_on
from tests.fixtures.collecting import Bench
from tests.fixtures.graph import QUICK, OpenPurse
from tests.fixtures.in_order import MOVING, TICKING, parents_first
from tests.usecases.fault_cells import FAULTS, Cell, kind_of

pytestmark = [pytest.mark.stack, pytest.mark.slow]

USERS = 50
ALL = os.environ.get("MATRIX") == "all"

type Row = tuple[object, ...]


class Hasty(OpenPurse):
    """A purse that waits for nobody."""

    async def penalize(self, bucket: str, seconds: float) -> None:
        """Note the penalty."""
        self.penalties.append((bucket, seconds))


class Matrix(Bench):
    """A bench with one client, where nothing is waited for and every dataset begins from nothing known
    of where to go on."""

    runner: asyncio.Runner
    client: GraphClient
    admin: SandboxAdmin

    def work(self, message: Claim) -> Claim | None:
        """Do one message's work on the loop that stays."""
        sent = self.runner.run(work_on(message, self.doors(self.client)))
        own = [one.message for one in sent if one.message.run_id == message.run_id]
        return own[0] if own else None

    def read(self, dataset: str) -> LedgerRow | None:
        """Collect to the end; what Graph has to make first is made while the sandbox's time flies."""
        for _ in range(20 if collector(dataset).answer.job else 1):
            row = self.collect(dataset)
            if row is not None:
                return row
            self.admin.advance(120)
        return None

    def forget_place(self, dataset: str) -> None:
        """Let the next run ask for everything."""
        state = (
            "UPDATE kanri.work_state SET phase = 'idle', run_id = NULL, started_at = NULL,"
            " checkpoint = NULL, run_checkpoint = NULL, next_due = NULL WHERE subject = :dataset"
        )
        with tenant_session(self.engine, self.tenant_id) as connection:
            connection.execute(text(state), {"dataset": dataset})
            for table in ("parent_links", "seen_pages"):
                connection.execute(
                    text(f"DELETE FROM kanri.{table} WHERE dataset = :dataset"),
                    {"dataset": dataset},
                )

    def shown(self, dataset: str) -> dict[str, Row]:
        """Return what is current, or what happened, by id: the values of all columns."""
        spec = collector(dataset)
        names = ", ".join(f'"{column.name}"' for column in spec.columns)
        date = ", report_date::text" if spec.shape == "measure" else ""
        current = "" if spec.shape == "event" else " WHERE valid_to IS NULL"
        query = f"SELECT id || '' {date}, {names} FROM data.{dataset}{current}"
        with tenant_session(self.engine, self.tenant_id) as connection:
            rows = connection.execute(text(query)).all()
        keys = 2 if date else 1
        return {"/".join(map(str, row[:keys])): tuple(row[keys:]) for row in rows}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxReady]:
    """One small tenant, with teams in it."""
    process = SandboxProcess(tmp_path_factory.mktemp("matrix"), users=USERS, seed=2, tenants=1)
    process.start()
    try:
        yield process.wait_ready()
    finally:
        process.stop()


@pytest.fixture(scope="module")
def admin(sandbox: SandboxReady) -> SandboxAdmin:
    return SandboxAdmin(sandbox.admin_url, sandbox.ca_file, sandbox.admin_token)


@pytest.fixture(scope="module")
def matrix(
    sandbox: SandboxReady, admin: SandboxAdmin, fresh_database: Callable[[], Settings]
) -> Iterator[Matrix]:
    """Every dataset has been read well once."""
    admin.throttle(0)
    engine = open_engine(fresh_database())
    with asyncio.Runner() as runner:
        found = Matrix(engine, sandbox, Hasty())
        found.runner, found.admin = runner, admin
        found.client = GraphClient(found.settings, found.tenant_id, Governor(found.purse), QUICK)
        try:
            for dataset in parents_first():
                row = found.read(dataset)
                assert row is not None, dataset
                assert row.state == "ok", (dataset, row.state, row.cause_detail)
            found.give_up_after = found.keep_place_for = timedelta(0)
            yield found
            runner.run(found.client.aclose())
        finally:
            engine.dispose()


GOOD = Cell({}, (("ok", None),))
TALLY: dict[str, dict[str, str]] = {}


@pytest.fixture(scope="module", autouse=True)
def told() -> Iterator[None]:
    """Print the matrix at the end, for whoever asked for all of it."""
    began = time.process_time()
    yield
    cells = [mark for row in TALLY.values() for mark in row.values()]
    wrong, idle = cells.count("WRONG"), cells.count("-")
    for name in FAULTS:
        ends = Counter(row[name] for row in TALLY.values() if name in row).most_common()
        print(f"{name:36}", ", ".join(f"{mark} {count}" for mark, count in ends))  # noqa: T201
    for dataset, row in sorted(TALLY.items()):
        print(f"{dataset:36}", " ".join(f"{name}:{mark}" for name, mark in row.items()))  # noqa: T201
    cpu = time.process_time() - began
    print(f"{len(cells)} cells, {idle} idle, {wrong} wrong, {cpu:.0f} s of CPU")  # noqa: T201


def chosen(dataset: str) -> list[str]:
    """Return the faults that a dataset meets here: all for the first of its kind, else one."""
    kind, names = kind_of(collector(dataset)), list(FAULTS)
    first = next(name for name in datasets() if kind_of(collector(name)) == kind)
    if ALL or dataset == first:
        return names
    turn = zlib.crc32(dataset.encode()) % len(names)
    own = [*names[turn:], *names[:turn]]
    return next(([name] for name in own if FAULTS[name](collector(dataset))), [])


@pytest.mark.parametrize("dataset", datasets())
def test_no_fault_makes_a_dataset_say_what_is_not_so(
    matrix: Matrix, admin: SandboxAdmin, dataset: str
) -> None:
    spec, wrong = collector(dataset), []
    TALLY[dataset] = {}
    for name in chosen(dataset):
        cell = FAULTS[name](spec)
        if cell is None:
            continue
        found, ended = judged(matrix, admin, dataset, cell)
        TALLY[dataset][name] = "WRONG" if found else ended
        wrong += [f"{name}: {one}" for one in found]
        if found:
            print(f"{dataset} against {name}: {found}", flush=True)  # noqa: T201
    assert not wrong, "\n".join(wrong)


def judged(matrix: Matrix, admin: SandboxAdmin, dataset: str, cell: Cell) -> tuple[list[str], str]:
    """Run one cell and a good read after it; return what was wrong, and how it ended: - where the fault
    did not strike."""
    matrix.forget_place(dataset)
    before = matrix.shown(dataset)
    admin.faults(cell.rule)
    row = matrix.read(dataset)
    [armed] = admin.stats()["faults"]
    struck = int(armed["struck"])
    admin.clear_faults()
    after = matrix.shown(dataset)
    if row is None:
        return ["it was put off"], "-"
    wrong = []
    told = (row.state, None if row.state == "ok" else row.cause)
    expected = cell.outcomes if struck and before else (*cell.outcomes, ("ok", None))
    if told not in expected:
        wrong.append(f"{told} instead of {expected}: {row.cause_detail}")
    if told[0] != "ok" and not row.cause:
        wrong.append("no cause is named")
    moves = dataset in MOVING
    if row.counts.closed and not moves:
        wrong.append(f"{row.counts.closed} rows were closed")
    if row.rows != len(after) and collector(dataset).shape == "entity":
        wrong.append(f"{row.rows} rows are counted, {len(after)} are shown")
    wrong += differences(dataset, cell, before, after, moves=moves)
    if cell.value is not None and struck and before and not _shows(dataset, cell, after):
        wrong.append(f"{cell.value} is not shown")
    if before != after:
        matrix.forget_place(dataset)
        again = matrix.read(dataset)
        if again is None or again.state != "ok":
            wrong.append(f"the next read ended {again and (again.state, again.cause)}")
        elif not moves:
            good = matrix.shown(dataset)
            wrong += [
                f"after the next read: {one}" for one in differences(dataset, GOOD, before, good)
            ]
    return wrong, "/".join(filter(None, told)) if struck else "-"


def differences(
    dataset: str, cell: Cell, before: dict[str, Row], after: dict[str, Row], *, moves: bool = False
) -> list[str]:
    """Return which rows are lost or made up, and which values false."""
    spec = collector(dataset)
    # What tells which reading a row is of: each asks for a list of its own.
    volatile = getattr(spec.keep, "volatile", ()) if spec.answer.job else ()
    volatile = (TOLD, *volatile, *TICKING.get(dataset, ()))
    columns = [(column.name, column.source in volatile) for column in spec.columns]
    wrong = []
    if lost := before.keys() - after.keys():
        wrong.append(f"{len(lost)} rows are lost, {min(lost)} among them")
    if (made := after.keys() - before.keys()) and not moves:
        wrong.append(f"{len(made)} rows are made up, {min(made)} among them")
    for own in before.keys() & after.keys() if not moves else ():
        for (name, moving), old, new in zip(columns, before[own], after[own], strict=True):
            touched = cell.column is not None and name == cell.column.name
            if old != new and not moving and not (touched and new in (cell.value, None)):
                wrong.append(f"{own}: {name} is {new!r} instead of {old!r}")
    return wrong[:5]


def _shows(dataset: str, cell: Cell, after: dict[str, Row]) -> bool:
    assert cell.column is not None
    place = collector(dataset).columns.index(cell.column)
    return any(row[place] == cell.value for row in after.values())


def test_the_matrix_has_every_fault_and_each_dataset_meets_one() -> None:
    met = {
        name: [fault for fault in FAULTS.values() if fault(collector(name))] for name in datasets()
    }
    assert min(map(len, met.values())) >= 10
    assert all(any(fault(collector(name)) for name in datasets()) for fault in FAULTS.values())
    assert all(chosen(name) for name in datasets())
