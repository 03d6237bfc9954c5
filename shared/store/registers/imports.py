"""Where imported rows came from: each file that was imported, when and by whom, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import BigInteger, Column, Engine, Index, Table, Text, Uuid, insert, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import tenant_session

_COUNTS = ("rows", "inserted", "updated", "unchanged", "closed")

IMPORTED_FILES = Table(
    "imported_files",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("run_id", Uuid, primary_key=True),
    Column("dataset", Text, nullable=False),
    Column("imported_at", INSTANT, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in _COUNTS),
    Column("others", ARRAY(Text), nullable=False),
    Index("imported_files_newest", "tenant_id", "dataset", "imported_at"),
)


class FileImported(Struct, frozen=True, kw_only=True):
    """One import, that of the run `run_id` in the ledger. `imported_by` is the caller's stable name.

    `rows` are those of the file: inserted, updated and unchanged; `closed` are those that it lacked.
    `others` are its headers that the dataset has no column for: their cells are kept, and not read.
    """

    run_id: UUID
    dataset: str
    imported_at: datetime
    imported_by: str
    sha256: str
    bytes: int
    rows: int
    inserted: int
    updated: int
    unchanged: int
    closed: int
    others: Sequence[str]


class Imports:
    """The imports of one tenant."""

    def __init__(self, engine: Engine, tenant_id: UUID) -> None:
        self._engine, self._tenant_id = engine, tenant_id

    def note(self, one: FileImported) -> None:
        """Keep an import, in the transaction that stores its rows."""
        with tenant_session(self._engine, self._tenant_id) as connection:
            values = {"tenant_id": self._tenant_id, **asdict(one)}
            connection.execute(insert(IMPORTED_FILES), values)

    def last(self) -> dict[str, FileImported]:
        """Return the last import of each dataset of which there was any."""
        file = IMPORTED_FILES.c
        newest = (
            select(*(column for column in file if column.name != "tenant_id"))
            .where(file.tenant_id == self._tenant_id)
            .ext(distinct_on(file.dataset))
            .order_by(file.dataset, file.imported_at.desc(), file.run_id)
        )
        with tenant_session(self._engine, self._tenant_id) as connection:
            rows = connection.execute(newest).mappings()
            return {row["dataset"]: FileImported(**row) for row in rows}
