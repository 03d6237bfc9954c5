"""Importing the PowerShell tool's files: a dry run, the import, what was imported, undoing it."""

from zoneinfo import ZoneInfo

from shared.core.asked import choice, instant
from shared.core.names import shown
from shared.core.past.reading import Asked
from shared.core.question import time_zone
from shared.core.registry import report_keys
from shared.core.text import Text
from shared.store.registers.imported_reports import ImportedReports
from shared.web.http import Response, json_response
from shared.web.resources import imported_reports
from shared.web.resources.imported_reports.shapes import (
    ImportedReportAnswer,
    ImportedReportList,
    ImportVerdict,
    imported_answer,
    verdict_answer,
)
from shared.web.route import TEXT, Call, Parameter, Route, guid_in_path
from shared.web.text_body import TextBody

_FILE = TextBody(
    "application/octet-stream",
    most=32_000_000,
    example='"DisplayName","UserPrincipalName"\r\n"Adele Vance","adele@contoso.example"\r\n',
)
_KEYS = report_keys()
_PARAMETERS = (
    Parameter(
        "name",
        Text(
            "The file's name, with its folder or not: it tells the instant, and which report.",
            "ファイル名 (フォルダーを含めてもよい)。時点とレポートの判別に使用します。",
        ),
        TEXT,
        example="ユーザー一覧_20250719_060000.csv",
    ),
    Parameter(
        "report",
        Text(
            "The report that the file is of, where its headers leave that open.",
            "見出しからレポートを判別できない場合に指定します。",
        ),
        {"type": "string", "enum": [*_KEYS]},
    ),
    Parameter(
        "describedAt",
        Text(
            "The instant that the file tells of, ISO 8601 with an offset, where its name does not say it.",
            "ファイル名に日時がない場合の時点。オフセット付き ISO 8601。",
        ),
        {"type": "string", "format": "date-time"},
        codes=("instant_expected",),
    ),
    Parameter(
        "timeZone",
        Text(
            "The IANA time zone of its local times; Asia/Tokyo if absent.",
            "ファイル内の日時のタイム ゾーン (IANA)。省略時は Asia/Tokyo。",
        ),
        TEXT,
        example="Asia/Tokyo",
        codes=("time_zone_unknown",),
    ),
    Parameter(
        "digest",
        Text(
            "What the dry run gave; without it this is a dry run, and nothing is kept.",
            "ドライランの結果に含まれる値。省略時はドライランで、何も保存しません。",
        ),
        TEXT,
        codes=(),
    ),
)


def import_file(call: Call[bytes]) -> Response:
    """Import a CSV or XLSX file that the PowerShell tool made; without `digest`, tell what would become of it.

    Which report it is follows from its headers, in any vocabulary of the tool and both languages, the instant from its
    name. Encodings are UTF-8 and UTF-16 with or without a byte order mark, and CP932; separators `,` `;` and tab.
    Of its `appsettings.json` is told which thresholds can be taken over, and what has no place.
    What is imported never mixes with what was collected: it answers for instants (`asOf`) before the first
    collection, and says so. All of a file is kept or nothing; the same file again changes nothing.
    """
    from shared.usecases.import_past import import_past, look_at_past

    query, engine = call.request.query, call.doors.engine
    key = choice(query, "report", _KEYS, "") or None
    name = shown(query.get("name", ""))[-500:]
    asked = Asked(
        name=name,
        zone=ZoneInfo(time_zone(query)),
        report=key,
        described_at=instant(query, "describedAt"),
    )
    if (digest := query.get("digest")) is None:
        verdict = look_at_past(engine, call.tenant_id, call.body, asked, call.now)
    else:
        verdict = import_past(
            engine, call.tenant_id, call.body, asked, digest, call.caller, call.now
        )
    return json_response(verdict_answer(verdict, name, call.lang))


def list_imported(call: Call) -> Response:
    """Return the files that were imported, the newest instant first."""
    found = ImportedReports(call.doors.engine, call.tenant_id).all()
    every = [imported_answer(one, call.lang) for one in found]
    return json_response(ImportedReportList(imported_reports=every))


def read_imported(call: Call) -> Response:
    """Return one imported file."""
    found = ImportedReports(call.doors.engine, call.tenant_id).get(guid_in_path(call.request, "id"))
    return json_response(imported_answer(found, call.lang))


def undo(call: Call) -> Response:
    """Take an imported file away with all its rows: nothing of it is left but who did so, in the audit log."""
    ImportedReports(call.doors.engine, call.tenant_id).remove(guid_in_path(call.request, "id"))
    return Response(204)


IMPORT = Route(
    imported_reports.IMPORT,
    permission="collection:import",
    summary=Text("Import a file of the PowerShell tool", "PowerShell ツールのファイルのインポート"),
    handle=import_file,
    tenant="connected",
    changes="import.past",
    parameters=_PARAMETERS,
    text=_FILE,
    answer=ImportVerdict,
    refuses={400: ("import_refused",), 409: ("import_changed",)},
)
ALL = Route(
    imported_reports.ALL,
    permission="collection:read",
    summary=Text("List the imported files of the past", "インポート済みレポートの一覧"),
    handle=list_imported,
    tenant="connected",
    answer=ImportedReportList,
)
READ = Route(
    imported_reports.READ,
    permission="collection:read",
    summary=Text("Read what is known of an imported file", "インポート済みレポートの取得"),
    handle=read_imported,
    tenant="connected",
    answer=ImportedReportAnswer,
    refuses={404: ("imported_report_unknown",)},
)
UNDO = Route(
    imported_reports.UNDO,
    permission="collection:import",
    summary=Text("Undo an import", "インポートの取り消し"),
    handle=undo,
    tenant="connected",
    changes="import.undo",
    status=204,
    refuses={404: ("imported_report_unknown",), 409: ("tenant_on_hold",)},
)
