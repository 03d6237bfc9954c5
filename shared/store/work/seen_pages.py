"""What the pages of a full read contained: 64-bit hashes of the ids, one row per page."""

from sqlalchemy import BigInteger, Column, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from shared.store.schema.metadata import METADATA, when_made

SEEN_PAGES = Table(
    "seen_pages",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("run_id", Uuid, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("hashes", ARRAY(BigInteger), nullable=False),
)
# Hashes do not compress. Nor may their number be guessed from statistics: see _UNSEEN in
# merge_statements.
when_made(SEEN_PAGES, "ALTER COLUMN hashes SET STORAGE EXTERNAL")
when_made(SEEN_PAGES, "ALTER COLUMN hashes SET STATISTICS 0")
