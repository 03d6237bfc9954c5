"""The heads of the audit chains as they were last seen, outside PostgreSQL: a cut tail shows by them."""

from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.audit_proof import Head
from shared.identity.storage import naming_failures

if TYPE_CHECKING:
    from azure.data.tables import TableClient, TableServiceClient

HEADS_TABLE = "auditheads"
_ROW = "head"


class AuditHeads:
    """One head a chain; it only ever goes forward. Every method may raise StorageUnavailable."""

    def __init__(self, tables: "TableServiceClient", table: str = HEADS_TABLE) -> None:
        self._tables, self._name = tables, table

    def keep(self, head: Head) -> Head | None:
        """Keep `head` unless a later one is kept already; return the one that was kept before."""
        before = self.of(head.tenant_id)
        if before is None or head.seq > before.seq:
            entity = {
                "PartitionKey": str(head.tenant_id),
                "RowKey": _ROW,
                "seq": str(head.seq),
                "hash": head.hash.hex(),
            }
            with naming_failures():
                self._table().upsert_entity(entity)
        return before

    def of(self, tenant_id: UUID) -> Head | None:
        """Return the head that is kept of a chain; None if none ever was."""
        from azure.core.exceptions import ResourceNotFoundError

        with naming_failures():
            try:
                entity = self._table().get_entity(str(tenant_id), _ROW)
            except ResourceNotFoundError:
                return None
        return Head(tenant_id, int(entity["seq"]), bytes.fromhex(entity["hash"]))

    def _table(self) -> "TableClient":
        """In Azure the deployment has made the table; elsewhere the first use does."""
        return self._tables.create_table_if_not_exists(self._name)
