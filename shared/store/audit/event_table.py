"""The table of audit events. Whoever appends one does it by text (`events`), and need not load this.

One table, not one a month: that no number is given twice is the primary key's to promise, and over
partitions by month it could not. What is old leaves by ranges of a chain, never by months.
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, Uuid

from shared.store.schema.metadata import INSTANT, METADATA

AUDIT_EVENTS = Table(
    "audit_events",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False, server_default="0"),
    Column("at", INSTANT, nullable=False),
    Column("act", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("authority", Text, nullable=False),
    Column("address", Text),
    Column("target", Text),
    Column("request_id", Text),
    Column("times", BigInteger, nullable=False),
    Column("before", Text),
    Column("after", Text),
    # The database fills in what makes the chain, see chain.py.
    Column("previous", LargeBinary, nullable=False, server_default=""),
    Column("hash", LargeBinary, nullable=False, server_default=""),
    Index("audit_events_at", "tenant_id", "at", "seq"),
)
