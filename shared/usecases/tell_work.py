"""Tells the audit log of work that changes a tenant: that it begins, and how it ended.

The beginning is stored before anything is done, so that work which cannot be told does not happen; the
end in the transaction that writes the ledger.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.core import clock
from shared.core.audit import DONE, AuditEvent, json_text
from shared.core.work import AnyWork, Ended
from shared.store.audit.events import append, append_if_written
from shared.store.session.sessions import closing_with
from shared.store.work.run_records import Run

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BEGUN = "begun"


def tell_beginning(engine: "Engine", work: AnyWork, run: Run) -> None:
    """Store that the run's first part begins; nothing for work that changes no tenant."""
    if work.changes is not None and run.part == 0:
        append(engine, _event(work, work.changes, run, BEGUN, {}))


@contextmanager
def telling_end(work: AnyWork, run: Run, ended: Ended) -> Iterator[None]:
    """Have how the run ended stored with its ledger row, which is written in the block."""
    if work.changes is None:
        yield
        return
    result = DONE if ended.state == "ok" else ended.cause or ended.state
    event = _event(work, work.changes, run, result, {"state": ended.state, "parts": run.part + 1})

    def store(connection: "Connection") -> None:
        append_if_written(connection, event)

    with closing_with(store):
        yield


def _event(work: AnyWork, act: str, run: Run, result: str, after: dict[str, object]) -> AuditEvent:
    return AuditEvent(
        tenant_id=run.tenant_id,
        at=clock.now(),
        act=act,
        result=result,
        caller=f"work:{work.kind}",
        authority=f"work {run.trigger}",
        target=run.subject,
        request_id=str(run.run_id),
        after=json_text(after),
    )
