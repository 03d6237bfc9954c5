"""Reads a chain of audit events where it is: the old ones in sealed files, the others in the database."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.audit import ChainedEvent
from shared.core.audit_file import chain_prefix, first_of, opened_file
from shared.core.errors import SealBroken
from shared.core.sealing import Keyring

if TYPE_CHECKING:
    from shared.store.audit.chains import AuditChains
    from shared.vault.archive import Archive


class WholeChain:
    """The events of one chain, the oldest first, across the border between files and database.

    `archived` counts those out of files, `unreadable` names the files that do not open; both are
    complete when the events have been gone through.
    """

    def __init__(self, archive: "Archive", keyring: Keyring, tenant_id: UUID) -> None:
        self._archive, self._keyring, self._tenant_id = archive, keyring, tenant_id
        self.archived = 0
        self.unreadable: list[str] = []

    def events(self, chains: "AuditChains") -> Iterator[ChainedEvent]:
        """Yield the events. What is in both counts as the database has it."""
        oldest, last = chains.oldest(self._tenant_id), 0
        for event in self._of_files(last, None if oldest is None else oldest[0]):
            last = event.seq
            yield event
        with chains.events(self._tenant_id, after=last) as kept:
            first = next(kept, None)
            if first is None:
                return
            # What left the database since `oldest` was asked is in files by now.
            yield from self._of_files(last, first.seq)
            yield first
            yield from kept

    def _of_files(self, after: int, before: int | None) -> Iterator[ChainedEvent]:
        """Yield the events after number `after` and before `before`, as far as files have them."""
        last = after
        if before is not None and before <= after + 1:
            return
        for name in self._archive.names(chain_prefix(self._tenant_id)):
            for event in self._opened(name, last, before):
                last = event.seq
                self.archived += 1
                yield event

    def _opened(self, name: str, after: int, before: int | None) -> Iterator[ChainedEvent]:
        try:
            first = first_of(name)
        except ValueError:
            self._note(name)
            return
        if before is not None and first >= before:
            return
        try:
            content = self._archive.get(name)
            events = opened_file(content or b"", self._tenant_id, name, self._keyring)
        except SealBroken:
            self._note(name)
            return
        for event in events:
            if event.seq > after and (before is None or event.seq < before):
                yield event

    def _note(self, name: str) -> None:
        if name not in self.unreadable:
            self.unreadable.append(name)
