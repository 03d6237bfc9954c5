"""Imports a file of the PowerShell tool: first what would become of it, then, if it is still that file, its rows.

All of it is kept in one transaction, or nothing. The same file twice changes nothing; an import is undone
as a whole.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import batched
from typing import TYPE_CHECKING, Literal
from uuid import UUID, uuid5

from msgspec import Struct

from shared.core.access import Caller
from shared.core.act import tell
from shared.core.errors import BadRequest, Conflict
from shared.core.names import plain_name
from shared.core.past.app_settings import AppSettings, is_settings, read_settings
from shared.core.past.reading import Asked, Column, Reading, digest_of
from shared.core.past.refused import Refused
from shared.core.text import entry

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.store.registers.imported_reports import ImportedReport, Surroundings

_BATCH = 1_000

type Warned = Literal["day_only", "foreign", "own_history", "no_domains"]


class Table(Struct, frozen=True, kw_only=True):
    """What a file is taken for, and what became of its columns and lines: `told` are the first of those
    that were `dropped`, with why."""

    report: str
    described_at: datetime
    form: str
    encoding: str | None
    separator: str | None
    rows: int
    dropped: Mapping[str, int]
    told: tuple[tuple[int, str], ...]
    columns: tuple[Column, ...]
    warnings: tuple[Warned, ...]


class Verdict(Struct, frozen=True, kw_only=True):
    """What a file is: a `table` that can be imported, `settings`, or why it is `refused`, at which line.

    `import_id` is that of the import, which was `there` before or is not; None of a dry run.
    """

    digest: str
    table: Table | None = None
    settings: AppSettings | None = None
    refused: str | None = None
    line: int | None = None
    detail: str = ""
    import_id: UUID | None = None
    there: bool = False


def look_at_past(
    engine: "Engine", tenant_id: UUID, body: bytes, asked: Asked, now: datetime
) -> Verdict:
    """Return what would become of a file; nothing is kept."""
    digest = digest_of(body, asked)
    tell(after={"dryRun": True, "digest": digest})
    try:
        if is_settings(body):
            return Verdict(digest=digest, settings=read_settings(body))
        reading, around = _opened(engine, tenant_id, body, asked, now)
        for _ in reading.lines():
            pass
        table = _table(reading, around)
    except Refused as error:
        return Verdict(digest=digest, refused=error.why, line=error.line, detail=error.detail)
    return Verdict(digest=digest, table=table)


def import_past(
    engine: "Engine",
    tenant_id: UUID,
    body: bytes,
    asked: Asked,
    digest: str,
    caller: Caller,
    now: datetime,
) -> Verdict:
    """Keep the rows of a file whose dry run gave `digest`; Conflict if it is another file by now.

    BadRequest for one that is refused.
    """
    from shared.store.registers.imported_reports import ImportedReports
    from shared.store.session.joining import joined

    if digest_of(body, asked) != digest:
        raise Conflict("import_changed", parameter="digest", value=digest)
    imports, import_id = ImportedReports(engine, tenant_id), uuid5(tenant_id, digest)
    try:
        reading, around = _opened(engine, tenant_id, body, asked, now)
        with joined(engine):
            begun = _imported(import_id, reading, body, asked, digest, caller, now)
            fresh = imports.begin(begun)
            for batch in batched(reading.lines(), _BATCH, strict=False):
                if fresh:
                    imports.add(import_id, batch)
            if fresh:
                imports.end(import_id, reading.rows, reading.dropped.total())
                told = {"report": begun.report, "rows": reading.rows, "digest": digest}
                tell(target=f"imported_report:{import_id}", after=told)
        table = _table(reading, around)
    except Refused as error:
        reason = entry(f"past_refused.{error.why}")
        raise BadRequest("import_refused", parameter="body", reason=reason) from None
    return Verdict(digest=digest, table=table, import_id=import_id, there=not fresh)


def _opened(
    engine: "Engine", tenant_id: UUID, body: bytes, asked: Asked, now: datetime
) -> "tuple[Reading, Surroundings]":
    from shared.store.registers.imported_reports import ImportedReports

    if is_settings(body):
        raise Refused("only_told")
    reading = Reading(body, asked)
    around = ImportedReports(engine, tenant_id).surroundings(reading.vocabulary.report, now)
    if reading.described_at is None:
        raise Refused("instant")
    if reading.described_at > now:
        raise Refused("future")
    if around.kept_since is not None and reading.described_at < around.kept_since:
        raise Refused("too_old", detail=f"{around.kept_since:%Y-%m-%d}")
    return reading, around


def _table(reading: Reading, around: "Surroundings") -> Table:
    assert reading.described_at is not None  # noqa: S101  (it was opened)
    if not reading.rows and not reading.dropped:
        raise Refused("empty")
    return Table(
        report=reading.vocabulary.report,
        described_at=reading.described_at,
        form=reading.sheet.form,
        encoding=reading.sheet.encoding,
        separator=reading.sheet.separator,
        rows=reading.rows,
        dropped=dict(reading.dropped),
        told=tuple(reading.told),
        columns=tuple(reading.columns),
        warnings=tuple(_warnings(reading, around)),
    )


def _warnings(reading: Reading, around: "Surroundings") -> Iterable[Warned]:
    assert reading.described_at is not None  # noqa: S101  (it was opened)
    if reading.day_only:
        yield "day_only"
    first = around.first_collected_at
    if first is not None and reading.described_at >= first:
        yield "own_history"
    if reading.domains and not around.domains:
        yield "no_domains"
    elif reading.domains and not around.domains & reading.domains.keys():
        yield "foreign"


def _imported(
    import_id: UUID,
    reading: Reading,
    body: bytes,
    asked: Asked,
    digest: str,
    caller: Caller,
    now: datetime,
) -> "ImportedReport":
    from shared.store.registers.imported_reports import ImportedReport

    assert reading.described_at is not None  # noqa: S101  (it was opened)
    return ImportedReport(
        import_id=import_id,
        report=reading.vocabulary.report,
        described_at=reading.described_at,
        day_only=reading.day_only,
        file_name=plain_name(asked.name) or "-",
        digest=digest,
        bytes=len(body),
        form=reading.sheet.form,
        encoding=reading.sheet.encoding,
        time_zone=asked.zone.key,
        imported_at=now,
        imported_by=caller.name,
        rows=0,
        dropped=0,
        columns={one.header: one.column for one in reading.columns},
    )
