"""Reports of the past that were imported: files of the PowerShell tool, and their rows as it wrote them.

They never touch what was collected: a file has rows of its own, by the columns of its report, and is kept
or taken away as a whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    Row,
    Table,
    Text,
    Uuid,
    delete,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from shared.core.act import tell
from shared.core.errors import Conflict, NotFound
from shared.core.registry import collector, report
from shared.store.registers.legal_holds import hold_tenant, holds_in_force, is_held
from shared.store.registers.tenant_retention import in_force, own_policies
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import cursor, tenant_session

IMPORTED_REPORTS = Table(
    "imported_reports",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("import_id", Uuid, primary_key=True),
    Column("report", Text, nullable=False),
    Column("described_at", INSTANT, nullable=False),
    Column("day_only", Boolean, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("form", Text, nullable=False),
    Column("encoding", Text),
    Column("time_zone", Text, nullable=False),
    Column("imported_at", INSTANT, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    Column("columns", JSONB, nullable=False),
    Index("imported_reports_as_of", "tenant_id", "report", "described_at"),
)
# `values` maps a column id of the report to what its cell said; nothing known is left out.
IMPORTED_ROWS = Table(
    "imported_report_rows",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("import_id", Uuid, primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("values", JSONB, nullable=False),
)

type Values = Mapping[str, object]


class ImportedReport(msgspec.Struct, frozen=True, kw_only=True):
    """One file: which report of which instant it is, of which only the day may be known (`day_only`), and
    where it is from. `columns` maps each header to the column that it was taken for, or null."""

    import_id: UUID
    report: str
    described_at: datetime
    day_only: bool
    file_name: str
    digest: str
    bytes: int
    form: str
    encoding: str | None
    time_zone: str
    imported_at: datetime
    imported_by: str
    rows: int
    dropped: int
    columns: Mapping[str, str | None]


class Surroundings(msgspec.Struct, frozen=True):
    """What a file is judged by: the tenant's domains, none if they were never read; when own history of its
    report begins, if it does; and what is older than `kept_since` is not kept, None if all is."""

    domains: frozenset[str]
    first_collected_at: datetime | None
    kept_since: datetime | None


class ImportedReports:
    """The imported reports of one tenant."""

    def __init__(self, engine: Engine, tenant_id: UUID) -> None:
        self._engine, self._tenant_id = engine, tenant_id

    def all(self) -> list[ImportedReport]:
        """Return them, the newest instant first."""
        own = IMPORTED_REPORTS.c
        query = select(IMPORTED_REPORTS).filter_by(tenant_id=self._tenant_id)
        query = query.order_by(own.described_at.desc(), own.report, own.import_id)
        with tenant_session(self._engine, self._tenant_id) as connection:
            return [_imported(row) for row in connection.execute(query)]

    def get(self, import_id: UUID) -> ImportedReport:
        """Return one; NotFound if there is none."""
        with tenant_session(self._engine, self._tenant_id) as connection:
            if (found := self._found(connection, import_id)) is None:
                raise NotFound("imported_report_unknown", parameter="id", value=str(import_id))
            return found

    def surroundings(self, key: str, now: datetime) -> Surroundings:
        """Return what a file of the report `key` is judged by."""
        with tenant_session(self._engine, self._tenant_id) as connection:
            names = text(
                "SELECT id FROM data.domains WHERE tenant_id = :tenant AND valid_to IS NULL"
            )
            domains = connection.execute(names, {"tenant": self._tenant_id}).scalars()
            first = text("""SELECT min(first_collected_at) FROM kanri.work_state WHERE
                tenant_id = :tenant AND kind = 'collect' AND subject = ANY(:needs)""")
            given = {"tenant": self._tenant_id, "needs": list(report(key).needs)}
            days = _days_kept(connection, self._tenant_id, key)
            return Surroundings(
                frozenset(name.casefold() for name in domains),
                connection.execute(first, given).scalar(),
                None if days is None else now - timedelta(days=days),
            )

    def begin(self, one: ImportedReport) -> bool:
        """Keep what is known of a file, in the transaction of its rows; False if it is there already."""
        values = {"tenant_id": self._tenant_id, **msgspec.structs.asdict(one)}
        fresh = insert(IMPORTED_REPORTS).values(values).on_conflict_do_nothing()
        with tenant_session(self._engine, self._tenant_id) as connection:
            hold_tenant(connection, self._tenant_id)
            return (
                connection.execute(fresh.returning(IMPORTED_REPORTS.c.import_id)).first()
                is not None
            )

    def add(self, import_id: UUID, lines: Sequence[tuple[int, Values]]) -> None:
        """Keep some lines of a file."""
        told = [msgspec.json.encode(values).decode() for _, values in lines]
        # Row-level security lets nobody COPY: one statement of two arrays instead.
        statement = b"""INSERT INTO kanri.imported_report_rows (tenant_id, import_id, line, "values")
            SELECT %s, %s, line, told::jsonb FROM unnest(%s::int4[], %s::text[]) AS t (line, told)"""
        with (
            tenant_session(self._engine, self._tenant_id) as connection,
            cursor(connection) as rows,
        ):
            given = [self._tenant_id, import_id, [line for line, _ in lines], told]
            rows.execute(statement, given)

    def end(self, import_id: UUID, rows: int, dropped: int) -> None:
        """Note how many lines were kept, and how many were not."""
        change = IMPORTED_REPORTS.update().filter_by(tenant_id=self._tenant_id, import_id=import_id)
        with tenant_session(self._engine, self._tenant_id) as connection:
            connection.execute(change.values(rows=rows, dropped=dropped))

    def remove(self, import_id: UUID) -> ImportedReport:
        """Take a file away with all its rows; NotFound if there is none, Conflict while it is held."""
        with tenant_session(self._engine, self._tenant_id) as connection:
            hold_tenant(connection, self._tenant_id)
            if (found := self._found(connection, import_id)) is None:
                raise NotFound("imported_report_unknown", parameter="id", value=str(import_id))
            holds = holds_in_force(connection, self._tenant_id)
            if any(is_held(name, holds) for name in report(found.report).needs):
                named = ", ".join(str(one.hold_id) for one in holds)
                raise Conflict(
                    "tenant_on_hold", parameter="tenant", value=str(self._tenant_id), holds=named
                )
            self._take(connection, [import_id])
            tell(target=f"imported_report:{import_id}", before=_summary(found))
        return found

    def retain(self, now: datetime) -> int:
        """Take away the files whose instant is kept no longer; return how many. What is held stays."""
        with tenant_session(self._engine, self._tenant_id) as connection:
            hold_tenant(connection, self._tenant_id)
            holds, old = holds_in_force(connection, self._tenant_id), list[UUID]()
            query = select(IMPORTED_REPORTS).filter_by(tenant_id=self._tenant_id)
            for one in map(_imported, connection.execute(query)):
                days = _days_kept(connection, self._tenant_id, one.report)
                held = any(is_held(name, holds) for name in report(one.report).needs)
                if days is not None and one.described_at < now - timedelta(days=days) and not held:
                    old.append(one.import_id)
            self._take(connection, old)
        return len(old)

    def _take(self, connection: Connection, ids: Iterable[UUID]) -> None:
        for table in (IMPORTED_ROWS, IMPORTED_REPORTS):
            own = table.c.tenant_id == self._tenant_id, table.c.import_id.in_(list(ids))
            connection.execute(delete(table).where(*own))

    def _found(self, connection: Connection, import_id: UUID) -> ImportedReport | None:
        query = select(IMPORTED_REPORTS).filter_by(tenant_id=self._tenant_id, import_id=import_id)
        row = connection.execute(query).first()
        return None if row is None else _imported(row)


def _days_kept(connection: Connection, tenant_id: UUID, key: str) -> int | None:
    """For how long the past of all that a report reads is kept; None if for ever."""
    own = own_policies(connection, tenant_id)
    days = (in_force(collector(name), own).keep_days for name in report(key).needs)
    return min((one for one in days if one is not None), default=None)


def _imported(row: Row[tuple[object, ...]]) -> ImportedReport:
    fields = ImportedReport.__struct_fields__
    return ImportedReport(**{name: row._mapping[name] for name in fields})


def _summary(one: ImportedReport) -> dict[str, object]:
    return {"report": one.report, "describedAt": one.described_at.isoformat(), "rows": one.rows}
