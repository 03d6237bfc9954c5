"""The fixed tables of schema `kanri`: each is declared beside its repository, and belongs to METADATA.

What is said here of a table follows from it: one with a column `tenant_id` holds rows of tenants, is
kept apart by row-level security and emptied of a tenant that is purged; any other is the operator's,
and one declared with `info=EVERYBODY_READS` is written by the operator and read for every tenant.
`schema.fixed_tables` makes and extends them.
"""

from sqlalchemy import DDL, MetaData, Table, event
from sqlalchemy.dialects.postgresql import TIMESTAMP

SCHEMA = "kanri"

METADATA = MetaData(schema=SCHEMA)

INSTANT = TIMESTAMP(timezone=True)

EVERYBODY_READS = {"everybody_reads": True}


def of_a_tenant(table: Table) -> bool:
    """Tell whether each row belongs to one tenant (or to the deployment: `core.work.DEPLOYMENT`)."""
    return "tenant_id" in table.columns


def when_made(table: Table, change: str) -> None:
    """Have `ALTER TABLE table change` follow its making: what no declaration of SQLAlchemy says."""
    statement = DDL(f"ALTER TABLE %(fullname)s {change}")  # type: ignore[no-untyped-call]
    event.listen(table, "after_create", statement)
