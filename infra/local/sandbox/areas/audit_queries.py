"""Searches of the unified audit log: post one, ask until it has ended, read its records.

Protocol: "Create auditLogQuery" and "List auditLogRecords"; that DELETE answers 404: an issue of
the PowerShell SDK. How long a search takes is not documented (people tell of minutes to hours):
here it is the tenant's `auditQuerySeconds`, so that nobody need wait.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import bad_request, read_options, refuse_options
from infra.local.sandbox.odata.pages import (
    MAX_EMPTY_PAGES,
    Listed,
    Paging,
    context,
    link,
    list_reply,
    page_body,
    page_size,
    project,
    seal,
    unseal,
)
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.audit_records import KEPT_DAYS, AuditRecords
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.throttling import Limit

SERVICE = "audit"
MOST_RECORDS = 50_000
_PATH = "security/auditLog/queries"
# what a search may ask of a record, by the property that it looks at
_LOOKS_AT = {
    "recordTypeFilters": "auditLogRecordType",
    "operationFilters": "operation",
    "userPrincipalNameFilters": "userPrincipalName",
    "ipAddressFilters": "clientIp",
    "objectIdFilters": "objectId",
    "serviceFilters": "service",
    "administrativeUnitIdFilters": "administrativeUnits",
}
_SENT = frozenset(
    {"@odata.type", "displayName", "filterStartDateTime", "filterEndDateTime", "keywordFilter",
     "recordCountLimit", *_LOOKS_AT}
)  # fmt: skip
_QUERY = plain_type("security.auditLogQuery", f"id status {' '.join(sorted(_SENT))}")
_RECORD = plain_type(
    "security.auditLogRecord",
    "id createdDateTime auditLogRecordType operation organizationId userType userId service objectId "
    "userPrincipalName clientIp administrativeUnits auditData",
    collections="administrativeUnits",
)
_PAGING = Paging(150, 1_000)
_ENDS = {"query_fails": "failed", "query_is_cancelled": "cancelled", "query_never_ends": "running"}


@dataclass(slots=True)
class _Query:
    """One search: what was asked, when (epoch seconds), and how it ends."""

    key: str
    asked: dict[str, Any]
    posted: float
    seconds: float
    end: str
    found: list[Entity] | None = None

    def status(self, now: float) -> str:
        """Where the search stands at an instant."""
        passed = now - self.posted
        if passed >= self.seconds:
            return self.end
        return "notStarted" if passed < self.seconds / 4 else "running"


class _Searches:
    """The searches of a tenant and what they find."""

    def __init__(self, tenant: Tenant) -> None:
        self.log = AuditRecords(tenant.seed, tenant.people, tenant.anchor, tenant.tenant_id)
        self.queries: dict[str, _Query] = {}
        self._order = Dice(tenant.seed, "order of audit records")

    def records(self, query: _Query) -> list[Entity]:
        """The records of a search, in no order; those that had arrived when it was posted."""
        if query.found is None:
            low, high = (
                _moment(query.asked[name]) for name in ("filterStartDateTime", "filterEndDateTime")
            )
            numbers = self.log.pace.between(
                max(low, query.posted - KEPT_DAYS * DAY), min(high, query.posted)
            )
            arrived = (number for number in numbers if self.log.arrived(number, query.posted))
            rows = self.log.by_hand.instead(map(self.log.make, arrived))
            rows += [
                row
                for row in self.log.by_hand.added()
                if low <= _moment(row["createdDateTime"]) <= high
            ]
            query.found = [row for row in rows if _wanted(row, query.asked)]
            query.found.sort(key=lambda row: self._order.roll(int(row["id"][:8], 16))[:4])
        return query.found

    def shown(self, query: _Query, now: float) -> Entity:
        """A search as Graph tells of it; how much it found once it has succeeded."""
        status = query.status(now)
        limit = int(query.asked.get("recordCountLimit") or MOST_RECORDS)
        number = len(self.records(query)) if status == "succeeded" else None
        asked = {name: query.asked.get(name) or [] for name in _LOOKS_AT}
        return {
            "id": query.key,
            "displayName": query.asked.get("displayName"),
            "filterStartDateTime": query.asked["filterStartDateTime"],
            "filterEndDateTime": query.asked["filterEndDateTime"],
            "keywordFilter": query.asked.get("keywordFilter"),
            **asked,
            "status": status,
            "recordCountLimit": limit,
            "approximateReturnedRecordCount": None if number is None else min(number, limit),
            "isRecordCountLimitExceeded": None if number is None else number > limit,
        }


def _moment(text: str) -> float:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _wanted(row: Entity, asked: dict[str, Any]) -> bool:
    """Whether a record passes every filter; objects are looked for by the beginning of their name."""
    for name, looked_at in _LOOKS_AT.items():
        values, held = [str(value).casefold() for value in asked.get(name) or ()], row[looked_at]
        told = [str(part).casefold() for part in (held if isinstance(held, list) else [held])]
        starts = str.startswith if looked_at == "objectId" else str.__eq__
        if values and not any(starts(one, value) for one in told for value in values):
            return False
    word = asked.get("keywordFilter")
    return not word or str(word).casefold() in str(row).casefold()


def _queries(call: Call) -> Reply:
    searches = call.tenant.part(_Searches)
    if call.request.method == "POST":
        return _post(call, searches)
    options = read_options(call, _QUERY, frozenset({"$top", "$select"}))
    rows = [searches.shown(query, call.now.timestamp()) for query in searches.queries.values()]
    return list_reply(call, Listed(rows), _QUERY, _PATH, options=options)


def _post(call: Call, searches: _Searches) -> Reply:
    asked = call.request.json()
    if not isinstance(asked, dict):
        raise bad_request("The body must be an auditLogQuery.")
    for name in asked:
        if name not in _SENT:
            raise bad_request(f"The property '{name}' does not exist on type 'auditLogQuery'.")
    try:
        low, high = _moment(asked["filterStartDateTime"]), _moment(asked["filterEndDateTime"])
    except (KeyError, TypeError, ValueError) as error:
        raise bad_request("filterStartDateTime and filterEndDateTime must be instants.") from error
    if low >= high:
        raise bad_request("filterStartDateTime must lie before filterEndDateTime.")
    asked |= {
        "filterStartDateTime": epoch_stamp(int(low)),
        "filterEndDateTime": epoch_stamp(int(high)),
    }
    end = next((end for fault, end in _ENDS.items() if fault in call.faults), "succeeded")
    seconds = float(call.tenant.facts["auditQuerySeconds"])
    query = _Query(str(uuid4()), asked, call.now.timestamp(), seconds, end)
    searches.queries[query.key] = query
    found = {
        "@odata.context": context(call, f"{_PATH}/$entity"),
        **searches.shown(query, query.posted),
    }
    return json_reply(found, 201)


def _find(call: Call) -> _Query:
    query = call.tenant.part(_Searches).queries.get(call.args["id"].lower())
    if query is None:
        raise ApiError(404, "NotFound", "The requested query was not found.")
    return query


def _one(call: Call) -> Reply:
    if call.request.method == "DELETE":
        raise ApiError(404, "UnknownError", "")
    refuse_options(call.query, frozenset({"$select", "$expand"}))
    found = call.tenant.part(_Searches).shown(_find(call), call.now.timestamp())
    return json_reply({"@odata.context": context(call, f"{_PATH}/$entity"), **found})


def _records(call: Call) -> Reply:
    """A page of records; every page but the first begins with the last record of the one before."""
    options = read_options(call, _RECORD, frozenset({"$top", "$select"}))
    query, searches = _find(call), call.tenant.part(_Searches)
    if query.status(call.now.timestamp()) != "succeeded":
        raise bad_request("The query has not succeeded.")
    limit = int(query.asked.get("recordCountLimit") or MOST_RECORDS)
    rows = [] if SERVICE in call.tenant.not_bought else searches.records(query)[:limit]
    token = call.query.get("$skiptoken")
    position, nonce = unseal(call, token) if token else (0, 0)
    size, start = page_size(call, options, _PAGING), max(0, position - 1)
    stop = max(start + size, position + 1)
    if "empty_page" in call.faults and nonce < MAX_EMPTY_PAGES:
        start, stop, nonce = position, position, nonce + 1
    fragment = f"{_PATH}('{query.key}')/records"
    head: dict[str, Any] = {"@odata.context": context(call, fragment, options.select)}
    if stop < len(rows):
        kept = ("$top", "$select")
        head["@odata.nextLink"] = link(call, "$skiptoken", seal(call, stop, nonce), kept)
    part = rows[start:stop]
    if call.tenant.facts["auditDetails"]:
        part = [searches.log.detailed(row) for row in part]
    shown = project(part, _RECORD, options.select)
    return Reply(body=page_body(head, shown), headers={"content-type": "application/json"})


def _log_of(tenant: Tenant) -> AuditRecords:
    return tenant.part(_Searches).log


LOGS = {"audit_records": _log_of}
# With `auditDetails` auditData carries what the log's own records say; the metadata declares none of it.
FACTS = {"auditQuerySeconds": 2.0, "auditDetails": False}
CONDITIONS = tuple(_ENDS)
LIMITS = {"general": (Limit(130_000, 10.0),)}
PERMISSIONS = {"AuditLogsQuery.Read.All": "5e1e9171-754d-478c-812c-f1755a9a4c2d"}
_route = partial(Route, permissions=tuple(PERMISSIONS), budget="general")
ROUTES = (
    _route(f"/{_PATH}", _queries, methods=("GET", "POST")),
    _route(f"/{_PATH}/(?P<id>[^/]+)", _one, methods=("GET", "DELETE")),
    _route(f"/{_PATH}/(?P<id>[^/]+)/records", _records),
)
