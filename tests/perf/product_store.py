"""Puts made-up pages into the product's store through its own door, as a collection would."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from shared.core.clock import now
from shared.core.registry import collector
from shared.core.settings import read_settings
from shared.graph.decoding.pages import decoder_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.core.rows import Rows


def open_store(job: Mapping[str, Any]) -> "Engine":
    """Return the engine that a worker would have: the application role, under row-level security."""
    from shared.store.session.engine import open_engine

    return open_engine(read_settings({"KANRI_DATABASE_URL": job["app_database"]}))


def decoded(dataset: str, pages: Iterable[bytes]) -> "list[Rows]":
    """Decode pages of a dataset."""
    decode = decoder_of(collector(dataset)).page
    return [decode(body).rows for body in pages]


class Loading:
    """One run of one dataset: `store` applies a page, `finish` ends the run as complete."""

    def __init__(self, engine: "Engine", tenant_id: UUID, dataset: str) -> None:
        """Add the tenant if need be and open a run; AssertionError if the store refuses."""
        from shared.store.datasets.loading import Loader
        from shared.store.registers.tenants import Tenants
        from shared.store.work.run_records import Run
        from shared.store.work.runs import Runs

        Tenants(engine).add(tenant_id, "Contoso")
        self._runs = Runs(engine)
        claim = self._runs.request(tenant_id, [dataset], now())[0]
        run = self._runs.open(claim, now())
        assert isinstance(run, Run), run
        self._run, self._loader = run, Loader(engine, collector(dataset))

    def store(self, rows: "Rows") -> None:
        """Store one page, in one transaction with its checkpoint."""
        self._loader.apply(
            self._run, rows, observed_at=now(), checkpoint={"at": "page"}, track_seen=True
        )

    def close(self, at: datetime, parent: str | None = None) -> None:
        """Close what the read, below `parent` if one is named, did not contain."""
        self._loader.close_unseen(self._run, observed_at=at, parent=parent)

    def finish(self) -> None:
        """Write the ledger row."""
        self._runs.finish(self._run, "ok", now=now())
