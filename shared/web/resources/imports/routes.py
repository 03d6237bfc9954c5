"""Imported datasets: which there are, what was imported last, and another file instead."""

from typing import TYPE_CHECKING

from shared.core.declarations import of
from shared.core.imported import IMPORTS
from shared.core.text import Text
from shared.store.registers.imports import Imports
from shared.web.entity_tags import strong_tag_of
from shared.web.http import Response, json_response
from shared.web.resources import imports
from shared.web.resources.imports.shapes import ImportAnswer, ImportList, import_answer
from shared.web.route import Call, Route
from shared.web.text_body import TextBody

if TYPE_CHECKING:
    from shared.store.registers.imports import FileImported

_CSV = TextBody(
    "text/csv",
    most=8_000_000,
    example=(
        "sku_id,monthly_unit_price,currency,valid_from\r\n"
        "6fd2c87f-b296-42f0-b197-1e91e994b900,3380,JPY,2026-04-01\r\n"
    ),
)


def list_imports(call: Call) -> Response:
    """Return every dataset that can be imported, with its last import."""
    last = Imports(call.doors.engine, call.tenant_id).last()
    every = [import_answer(one, last.get(name), call.lang) for name, one in of(IMPORTS).items()]
    return json_response(ImportList(imports=every))


def read_import(call: Call) -> Response:
    """Return one imported dataset with its last import; the tag is what another file is sent with."""
    spec = of(IMPORTS).asked_for(call.request.route["dataset"])
    last = Imports(call.doors.engine, call.tenant_id).last().get(spec.dataset)
    return json_response(import_answer(spec, last, call.lang), ETag=_tag(last))


def replace(call: Call[bytes]) -> Response:
    """Import a file: a CSV (RFC 4180, UTF-8) with a header, which is the whole list from now on.

    All of it is imported or nothing; a file that does not fit is refused with the line and the column
    at fault. How the list was before stays in its history.
    """
    from shared.usecases.import_dataset import import_dataset

    def check(last: "FileImported | None") -> None:
        call.require_current(_tag(last))

    dataset = call.request.route["dataset"]
    done = import_dataset(
        call.doors.engine, call.tenant_id, dataset, call.body, call.caller, call.now, check
    )
    answer = import_answer(of(IMPORTS)[dataset], done, call.lang)
    return json_response(answer, ETag=_tag(done))


def _tag(last: "FileImported | None") -> str:
    return strong_tag_of(None if last is None else last.run_id)


ALL = Route(
    imports.ALL,
    permission="collection:read",
    summary=Text("What can be imported, and what was?", "インポートの一覧"),
    handle=list_imports,
    tenant="connected",
    answer=ImportList,
)
READ = Route(
    imports.READ,
    permission="collection:read",
    summary=Text("Read the last import of a dataset", "最後のインポートの取得"),
    handle=read_import,
    tenant="connected",
    answer=ImportAnswer,
    headers=("ETag",),
    refuses={404: ("import_unknown",)},
)
REPLACE = Route(
    imports.REPLACE,
    permission="collection:import",
    summary=Text("Import a file instead of the last", "ファイルのインポート"),
    handle=replace,
    tenant="connected",
    changes="import.replace",
    guarded=True,
    text=_CSV,
    answer=ImportAnswer,
    headers=("ETag",),
    refuses={
        400: (
            "import_cell",
            "import_header_missing",
            "import_header_twice",
            "import_line_twice",
            "import_not_csv",
            "import_not_utf8",
            "import_too_long",
            "import_unstorable",
            "import_width",
        ),
        404: ("import_unknown",),
        409: ("tenant_paused",),
    },
)
