"""Imports in JSON: what may be sent, and what was sent last."""

from typing import Literal
from uuid import UUID

from shared.core.imported import Import
from shared.core.report import ValueType
from shared.core.text import Lang
from shared.core.wire import Instant
from shared.store.registers.imports import FileImported
from shared.web.shapes import Answer, shaped


class ImportColumn(Answer):
    """A column of the file, by its `header` (letter case does not count, a space may stand for `_`), and
    the column `id` that it becomes. What is not `required` may be blank, or left out."""

    header: str
    id: str
    type: ValueType
    required: bool
    names_line: bool
    personal: bool


class LastImport(Answer):
    """The file that was imported last. `rows` are its lines: inserted, updated or unchanged; `closed` were
    there before and are gone. `others` are headers that mean nothing here: their cells are kept unread.
    `importedBy` is the caller as the audit log names him."""

    run_id: UUID
    imported_at: Instant
    imported_by: str
    sha256: str
    bytes: int
    rows: int
    inserted: int
    updated: int
    unchanged: int
    closed: int
    others: list[str]


class ImportAnswer(Answer):
    """An imported dataset; `last` is null before the first import. `docs` says where the file comes from,
    `example` is a small one."""

    dataset: str
    title: str
    docs: str
    state: Literal["imported", "not_imported"]
    last: LastImport | None
    columns: list[ImportColumn]
    example: str


class ImportList(Answer):
    imports: list[ImportAnswer]


def import_answer(spec: Import, last: FileImported | None, lang: Lang) -> ImportAnswer:
    """Return what an import declares, and the last file."""
    return ImportAnswer(
        dataset=spec.dataset,
        title=spec.title.of(lang),
        docs=spec.docs,
        state="not_imported" if last is None else "imported",
        last=None if last is None else shaped(last, LastImport),
        columns=[
            ImportColumn(
                header=column.source,
                id=column.name,
                type=column.type,
                required=column.source not in spec.optional,
                names_line=column.source in spec.key,
                personal=column.personal,
            )
            for column in spec.columns
        ],
        example=spec.example,
    )
