"""Call records: a list between bounds, one record, its sessions and who took part.

Options, pages (60 records, 60 sessions, 130 participants) and limits: the pages of the methods and
"Microsoft Graph service-specific throttling limits". Of the list the limit of first pages is
simulated, not that of later ones.
"""

from datetime import UTC, datetime
from typing import Any

from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.evolvable import evolved
from infra.local.sandbox.odata.options import Options, read_options
from infra.local.sandbox.odata.pages import Listed, Paging, context, link, list_reply, project, seal
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.calls import Calls, Record
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.throttling import Limit

SERVICE = "teams"
_PATH = "communications/callRecords"
_NEWER = frozenset({"azureCommunicationServices"})
_RECORD = plain_type(
    "callRecords.callRecord",
    "id version type modalities lastModifiedDateTime startDateTime endDateTime organizer participants "
    "joinWebUrl organizer_v2",
    collections="modalities participants",
    expandable="sessions participants_v2 organizer_v2",
)
_SESSION = plain_type(
    "callRecords.session",
    "id modalities startDateTime endDateTime isTest failureInfo caller callee",
    collections="modalities",
    expandable="segments",
)
_PARTICIPANT = plain_type("callRecords.participant", "id identity administrativeUnitInfos")
_RECORDS_A_PAGE, _SESSIONS_A_PAGE, _PARTICIPANTS_A_PAGE = 60, 60, 130


def calls_of(tenant: Tenant) -> Calls:
    """The calls of a tenant; ask for it by `tenant.part`."""
    return Calls(tenant.seed, tenant.people, tenant.anchor, tenant.tenant_id)


def _paged(size: int) -> Paging:
    return Paging(size, size, by_preference=True)


def _list(call: Call) -> Reply:
    options = read_options(call, _RECORD, frozenset({"$filter", "$select"}))
    now = call.now.timestamp()
    rows = call.tenant.part(calls_of).between(*_bounds(options, now), now)
    if SERVICE in call.tenant.not_bought:
        rows = []
    return list_reply(
        call, Listed(rows), _RECORD, _PATH, options=options, paging=_paged(_RECORDS_A_PAGE)
    )


def _bounds(options: Options, now: float) -> tuple[float, float]:
    """Between which instants a call must have begun, at the widest (epoch seconds)."""
    low, high = 0.0, now
    asked = options.filter
    if asked is None or asked.features & {"or", "not"}:
        return low, high
    for name, operator, literal in asked.bounds:
        if name == "startDateTime":
            moment = datetime.fromisoformat(literal if "T" in literal else f"{literal}T00:00:00Z")
            at = moment.astimezone(UTC).timestamp()
            low = max(low, at) if operator in ("ge", "gt", "eq") else low
            high = min(high, at) if operator in ("le", "lt", "eq") else high
    return low, high


def _found(call: Call) -> tuple[Entity, Record]:
    found = call.tenant.part(calls_of).find(call.args["id"].lower(), call.now.timestamp())
    if found is None or SERVICE in call.tenant.not_bought:
        raise ApiError(404, "NotFound", "The call record was not found.")
    return found


def _one(call: Call) -> Reply:
    options = read_options(call, _RECORD, frozenset({"$select", "$expand"}))
    record, drawn = _found(call)
    answer = project([record], _RECORD, options.select)[0]
    calls = call.tenant.part(calls_of)
    if "participants_v2" in options.expand:
        whole = calls.participants(drawn)
        _put(call, answer, "participants_v2", whole, _PARTICIPANTS_A_PAGE)
    if "sessions" in options.expand:
        segments = "segments" in call.query["$expand"]
        whole = evolved(call, calls.sessions(record, drawn, segments=segments), _NEWER)
        _put(call, answer, "sessions", whole, _SESSIONS_A_PAGE)
    return json_reply({"@odata.context": context(call, f"{_PATH}/$entity"), **answer})


def _put(call: Call, answer: Entity, name: str, whole: list[Any], size: int) -> None:
    """Put the first page of a list into an object, and a link to the next one beside it."""
    answer[name] = whole[:size]
    if len(whole) > size:
        token = link(call, "$skiptoken", seal(call, size, 0))
        answer[f"{name}@odata.nextLink"] = token.replace("?", f"/{name}?")


def _sessions(call: Call) -> Reply:
    options = read_options(call, _SESSION, frozenset({"$select", "$expand"}))
    record, drawn = _found(call)
    segments = "segments" in options.expand
    rows = call.tenant.part(calls_of).sessions(record, drawn, segments=segments)
    return _below(call, rows, _SESSION, "sessions", options, _SESSIONS_A_PAGE)


def _participants(call: Call) -> Reply:
    options = read_options(call, _PARTICIPANT, frozenset({"$select", "$expand"}))
    _record, drawn = _found(call)
    rows = call.tenant.part(calls_of).participants(drawn)
    return _below(call, rows, _PARTICIPANT, "participants_v2", options, _PARTICIPANTS_A_PAGE)


def _below(
    call: Call, rows: list[Entity], kind: EntityType, name: str, options: Options, size: int
) -> Reply:
    fragment = f"{_PATH}('{call.args['id']}')/{name}"
    return list_reply(
        call, Listed(rows), kind, fragment, options=options, paging=_paged(size),
        shape=lambda row: evolved(call, row, _NEWER),
    )  # fmt: skip


def _first_pages(query: dict[str, str]) -> int:
    return 0 if "$skiptoken" in query else 1


LOGS = {"call_records": calls_of}
LIMITS = {
    "call_record_lists": (Limit(15, 20.0),),
    "call_records": (Limit(1_500, 20.0), Limit(10, 20.0, by_path=True)),
}
PERMISSIONS = {"CallRecords.Read.All": "45bbb07e-7321-4fd7-a8f6-3ff27e6a81c8"}
_READ = tuple(PERMISSIONS)
_ONE = f"/{_PATH}/(?P<id>[^/]+)"
ROUTES = (
    Route(f"/{_PATH}", _list, _READ, "call_record_lists", _first_pages),
    Route(_ONE, _one, _READ, "call_records"),
    Route(f"{_ONE}/sessions", _sessions, _READ, "call_records"),
    Route(f"{_ONE}/participants_v2", _participants, _READ, "call_records"),
)
