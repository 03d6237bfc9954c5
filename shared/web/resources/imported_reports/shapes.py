"""Imports of the PowerShell tool's files in JSON: the verdict on a file, and what was imported."""

from typing import Literal
from uuid import UUID

from shared.core.past.app_settings import AppSettings
from shared.core.past.reading import Column
from shared.core.registry import report
from shared.core.text import Lang, entry, text
from shared.core.wire import Instant
from shared.store.registers.imported_reports import ImportedReport
from shared.usecases.import_past import Table, Verdict
from shared.web.shapes import Answer

type State = Literal["understood", "settings", "refused", "imported", "unchanged"]


class Reason(Answer):
    """A code that is stable, and its sentence; `count` of how many lines or cells, `line` the first."""

    code: str
    message: str
    count: int | None = None
    line: int | None = None


class ColumnVerdict(Answer):
    """A header, and the `column` of the report that it is taken for; null where it is dropped, and `why`.
    Cells were `read`, said nothing (`blank`: empty, or a word like 不明), or were not understood (`unread`)."""

    header: str
    column: str | None
    why: Reason | None
    read: int
    blank: int
    unread: list[Reason]


class DroppedLine(Answer):
    line: int
    code: str


class TableVerdict(Answer):
    """What the file is taken for: the `report`, and the instant that it tells of. `droppedLines` are the first
    hundred; `dropped` says how many there are, and why."""

    report: str
    title: str
    described_at: Instant
    form: Literal["csv", "xlsx"]
    encoding: str | None
    separator: str | None
    rows: int
    dropped: list[Reason]
    dropped_lines: list[DroppedLine]
    columns: list[ColumnVerdict]
    warnings: list[Reason]


class TakenSetting(Answer):
    """A setting of the tool that is a `threshold` here, with its `value`."""

    path: str
    threshold: str
    value: int


class LeftSetting(Answer):
    """A setting of the tool that has no place here, and why; its value is not told."""

    path: str
    code: str
    message: str


class SettingsVerdict(Answer):
    """What of `appsettings.json` is taken over by sending `thresholds` to the tenant's settings (PATCH), and
    what is `left`."""

    taken: list[TakenSetting]
    left: list[LeftSetting]
    thresholds: dict[str, int]


class ImportVerdict(Answer):
    """What a file is, or why it is `refused`. `state`: `understood` of a dry run, with the `digest` that an
    import asks for; `settings` of the tool's `appsettings.json`, which is only told; `imported`; `unchanged`,
    if that file was imported before."""

    state: State
    name: str
    digest: str
    import_id: UUID | None
    refused: Reason | None
    table: TableVerdict | None
    settings: SettingsVerdict | None


class ImportedReportAnswer(Answer):
    """A file that was imported: it answers for `report` from the instant that it tells of (only the day is known
    if `dayOnly`) to the next file, or to the first collection. `columns` maps its headers to columns."""

    import_id: UUID
    report: str
    title: str
    described_at: Instant
    day_only: bool
    file_name: str
    digest: str
    bytes: int
    form: str
    encoding: str | None
    time_zone: str
    imported_at: Instant
    imported_by: str
    rows: int
    dropped: int
    columns: dict[str, str | None]


class ImportedReportList(Answer):
    imported_reports: list[ImportedReportAnswer]


def verdict_answer(verdict: Verdict, name: str, lang: Lang) -> ImportVerdict:
    """Return a verdict with its reasons in words."""
    refused = None
    if verdict.refused is not None:
        said = text(f"past_refused.{verdict.refused}", lang)
        said += f" ({verdict.detail})" if verdict.detail else ""
        refused = Reason(verdict.refused, said, line=verdict.line)
    state: State = "refused" if verdict.settings is None else "settings"
    if verdict.table is not None:
        state = "understood"
    if verdict.import_id is not None:
        state = "unchanged" if verdict.there else "imported"
    return ImportVerdict(
        state=state,
        name=name,
        digest=verdict.digest,
        import_id=verdict.import_id,
        refused=refused,
        table=None if verdict.table is None else _table(verdict.table, lang),
        settings=None if verdict.settings is None else _settings(verdict.settings, lang),
    )


def _table(table: Table, lang: Lang) -> TableVerdict:
    return TableVerdict(
        report=table.report,
        title=report(table.report).title.of(lang),
        described_at=table.described_at,
        form="xlsx" if table.form == "xlsx" else "csv",
        encoding=table.encoding,
        separator=table.separator,
        rows=table.rows,
        dropped=[
            Reason(why, text(f"past_line.{why}", lang), count=count)
            for why, count in table.dropped.items()
        ],
        dropped_lines=[DroppedLine(line, why) for line, why in table.told],
        columns=[_column(one, lang) for one in table.columns],
        warnings=[Reason(one, text(f"past_warning.{one}", lang)) for one in table.warnings],
    )


def _settings(found: AppSettings, lang: Lang) -> SettingsVerdict:
    return SettingsVerdict(
        taken=[TakenSetting(one.path, one.threshold, one.value) for one in found.taken],
        left=[
            LeftSetting(path, why, text(f"past_setting.{why}", lang)) for path, why in found.left
        ],
        thresholds={one.threshold: one.value for one in found.taken},
    )


def _column(one: Column, lang: Lang) -> ColumnVerdict:
    return ColumnVerdict(
        header=one.header,
        column=one.column,
        why=None if one.why is None else Reason(one.why, text(f"past_column.{one.why}", lang)),
        read=one.read,
        blank=one.blank,
        unread=[
            Reason(why, entry(f"past_cell.{why}").of(lang), count=count, line=one.first_unread)
            for why, count in one.unread.items()
        ],
    )


def imported_answer(one: ImportedReport, lang: Lang) -> ImportedReportAnswer:
    """Return an imported file."""
    return ImportedReportAnswer(
        title=report(one.report).title.of(lang),
        **{name: getattr(one, name) for name in ImportedReport.__struct_fields__},
    )
