"""Stores the file of an imported dataset instead of the one before: all of it in one transaction, or nothing.

An import is a run like a collection's, in the same ledger: what its file lacks is closed, and coverage
tells of it at any instant.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import msgspec

from shared.core.access import Caller
from shared.core.act import tell
from shared.core.declarations import of
from shared.core.errors import BadRequest, Conflict, NotFound
from shared.core.import_file import ImportedFile, read_import
from shared.core.imported import IMPORTS
from shared.core.rows import Rows

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.store.registers.imports import FileImported
    from shared.store.work.run_records import Run
    from shared.store.work.runs import Runs

type Check = Callable[["FileImported | None"], None]

_BATCH = 5_000


def import_dataset(
    engine: "Engine",
    tenant_id: UUID,
    dataset: str,
    body: bytes,
    caller: Caller,
    now: datetime,
    check: Check,
) -> "FileImported":
    """Keep the lines of `body` as what the dataset is from now on; return what became of them.

    `check` is asked about the last import, when nobody else can import any more; what it raises changes
    nothing, as the BadRequest of a file that does not fit. Conflict while the tenant is paused.
    """
    from shared.store.registers.imports import Imports
    from shared.store.session.joining import joined
    from shared.store.work.runs import Runs

    file = read_import(of(IMPORTS).asked_for(dataset), body)
    runs, imports = Runs(engine), Imports(engine, tenant_id)
    with joined(engine):
        run = _opened(runs, tenant_id, dataset, now)
        check(imports.last().get(dataset))
        _load(engine, run, file, now)
        runs.finish(run, "ok", now=now)
        done = _done(run, file, body, caller, now)
        imports.note(done)
        told = {"rows": done.rows, "closed": done.closed, "sha256": done.sha256}
        tell(target=f"import:{dataset}", after=told)
    return done


def _opened(runs: "Runs", tenant_id: UUID, dataset: str, now: datetime) -> "Run":
    """Begin the run: whoever imports the same waits here until this one has ended."""
    from shared.core.messages import Claim

    claim = Claim(
        kind="collect", tenant_id=tenant_id, subject=dataset, run_id=uuid4(), trigger="import"
    )
    run = runs.open(claim, now)
    if run == "paused":
        raise Conflict("tenant_paused", parameter="tenant", value=str(tenant_id))
    if isinstance(run, str):  # it was removed meanwhile
        raise NotFound("tenant_unknown", parameter="tenant", value=str(tenant_id))
    return run


def _load(engine: "Engine", run: "Run", file: ImportedFile, now: datetime) -> None:
    from shared.core.registry import collector
    from shared.graph.decoding.pages import content_hash
    from shared.store.datasets.loading import Loader

    loader = Loader(engine, collector(run.dataset))
    for begin in range(0, len(file.ids), _BATCH):
        part = slice(begin, begin + _BATCH)
        raws = [msgspec.json.encode(cells) for cells in file.cells[part]]
        hashes = [content_hash(raw) for raw in raws]
        rows = Rows(ids=file.ids[part], hashes=hashes, values=file.values[part], raws=raws)
        loader.apply(run, rows, observed_at=now, checkpoint=None, track_seen=True)
    if run.counts.rejected:
        raise BadRequest("import_unstorable", parameter="body")
    loader.close_unseen(run, observed_at=now)


def _done(
    run: "Run", file: ImportedFile, body: bytes, caller: Caller, now: datetime
) -> "FileImported":
    from shared.store.registers.imports import FileImported

    counts = run.counts
    return FileImported(
        run_id=run.run_id,
        dataset=run.dataset,
        imported_at=now,
        imported_by=caller.name,
        sha256=hashlib.sha256(body).hexdigest(),
        bytes=len(body),
        rows=len(file.ids),
        inserted=counts.inserted,
        updated=counts.updated,
        unchanged=counts.unchanged,
        closed=counts.closed,
        others=file.others,
    )
