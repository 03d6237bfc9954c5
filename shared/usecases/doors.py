"""The doors that work goes through, and how long one message may take."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Never
from uuid import UUID

from shared.core.collector import Collector
from shared.core.errors import StorageUnavailable
from shared.core.registry import collector
from shared.core.sealing import Keyring
from shared.graph.client import GraphClient
from shared.store.datasets.loading import Loader
from shared.store.work.runs import Runs

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.control.audit_heads import AuditHeads
    from shared.vault.archive import Archive


def _no_storage() -> Never:
    raise StorageUnavailable("storage_missing")


def _no_keys() -> Keyring:
    return Keyring({})


@dataclass(frozen=True, kw_only=True)
class WorkDoors:
    """The database, Graph, what is kept outside both, the keys that seal, and the catalogue. `slice_seconds` is how long one message may work. Audit events stay in the database for `audit_hot_days`.

    A run that Graph turns away is given up `give_up_after` its start if it has read nothing, and
    `keep_place_for` its start if it has; what waits for our own reading of its parents is not. No run
    has more than `most_parts` parts, or goes on `longest_run` after its start.
    """

    engine: "Engine"
    graph: Callable[[UUID], GraphClient]
    slice_seconds: float
    audit_heads: "Callable[[], AuditHeads]" = _no_storage
    archive: "Callable[[], Archive]" = _no_storage
    keyring: Callable[[], Keyring] = _no_keys
    audit_hot_days: int = 365
    collector: Callable[[str], Collector] = collector
    give_up_after: timedelta = timedelta(minutes=30)
    keep_place_for: timedelta = timedelta(hours=4)
    most_parts: int = 1000
    longest_run: timedelta = timedelta(days=1)

    @cached_property
    def runs(self) -> Runs:
        """The runs and their ledger."""
        return Runs(self.engine)

    @cached_property
    def _loaders(self) -> dict[str, Loader]:
        return {}

    def loader(self, dataset: str) -> Loader:
        """Return the loader of `dataset`; NotFound if the catalogue has none."""
        found = self._loaders.get(dataset)
        if found is None:
            found = self._loaders[dataset] = Loader(self.engine, self.collector(dataset))
        return found
