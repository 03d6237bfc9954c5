"""The heads of the audit chains as they were last seen, outside PostgreSQL: a cut tail shows by them."""

from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.audit_proof import Head
from shared.identity.storage import naming_failures

if TYPE_CHECKING:
    from azure.data.tables import TableClient, TableEntity, TableServiceClient

HEADS_TABLE = "auditheads"
_ROW = "head"


class AuditHeads:
    """One head a chain; it only ever goes forward. Every method may raise StorageUnavailable."""

    def __init__(self, tables: "TableServiceClient", table: str = HEADS_TABLE) -> None:
        self._tables, self._name = tables, table

    def keep(self, head: Head) -> Head | None:
        """Keep `head` unless a later one is kept already; return the one that was kept before.

        Two who keep one at once are told apart by what they have seen: the later one looks again.
        """
        while True:
            entity = self._entity(head.tenant_id)
            before = None if entity is None else _head(head.tenant_id, entity)
            if before is not None and head.seq <= before.seq:
                return before
            if self._write(head, entity):
                return before

    def of(self, tenant_id: UUID) -> Head | None:
        """Return the head that is kept of a chain; None if none ever was."""
        entity = self._entity(tenant_id)
        return None if entity is None else _head(tenant_id, entity)

    def _write(self, head: Head, seen: "TableEntity | None") -> bool:
        """Write `head` in the place of what was `seen`; tell whether that was still there."""
        from azure.core import MatchConditions
        from azure.core.exceptions import ResourceExistsError, ResourceModifiedError
        from azure.data.tables import UpdateMode

        entity = {
            "PartitionKey": str(head.tenant_id),
            "RowKey": _ROW,
            "seq": str(head.seq),
            "hash": head.hash.hex(),
        }
        with naming_failures():
            try:
                if seen is None:
                    self._table().create_entity(entity)
                else:
                    self._table().update_entity(
                        entity,
                        UpdateMode.REPLACE,
                        etag=seen.metadata["etag"],
                        match_condition=MatchConditions.IfNotModified,
                    )
            except (ResourceExistsError, ResourceModifiedError):
                return False
        return True

    def _entity(self, tenant_id: UUID) -> "TableEntity | None":
        from azure.core.exceptions import ResourceNotFoundError

        with naming_failures():
            try:
                return self._table().get_entity(str(tenant_id), _ROW)
            except ResourceNotFoundError:
                return None

    def _table(self) -> "TableClient":
        """In Azure the deployment has made the table; elsewhere the first use does."""
        return self._tables.create_table_if_not_exists(self._name)


def _head(tenant_id: UUID, entity: "TableEntity") -> Head:
    return Head(tenant_id, int(entity["seq"]), bytes.fromhex(entity["hash"]))
