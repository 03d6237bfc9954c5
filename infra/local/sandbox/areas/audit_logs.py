"""Sign-ins and directory audits, newest first."""

from collections.abc import Iterator
from dataclasses import replace

from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.options import Options, bad_request, read_options
from infra.local.sandbox.odata.pages import Paging, list_reply
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.event_log import EventLog

_SIGN_IN = plain_type(
    "signIn",
    "id createdDateTime userDisplayName userPrincipalName userId appId appDisplayName ipAddress "
    "clientAppUsed correlationId conditionalAccessStatus isInteractive riskDetail "
    "riskLevelAggregated riskLevelDuringSignIn riskState riskEventTypes riskEventTypes_v2 "
    "resourceDisplayName resourceId status deviceDetail location appliedConditionalAccessPolicies",
)
_AUDIT = plain_type(
    "directoryAudit",
    "id category correlationId result resultReason activityDisplayName activityDateTime "
    "loggedByService operationType initiatedBy targetResources additionalDetails",
)
_ALLOWED = frozenset({"$top", "$filter", "$orderby", "$select"})
_PAGING = Paging(1_000, 1_000)


class _Window:
    """The events of a time window, newest (or with `ascending` oldest) first."""

    def __init__(self, log: EventLog, since: str, until: str, *, ascending: bool) -> None:
        self._log = log
        self._positions = list(log.window(since, until))
        if ascending:
            self._positions.reverse()

    def __len__(self) -> int:
        return len(self._positions)

    def rows(self, start: int, stop: int) -> Iterator[Entity]:
        """The events of a range of positions."""
        return (self._log.at(position) for position in self._positions[start:stop])


def _window(log: EventLog, options: Options) -> tuple[str, str]:
    """The bounds that `$filter` puts on the time, as ISO text; '' is open."""
    since = until = ""
    for name, operator, literal in options.filter.bounds if options.filter else ():
        if name == log.time_key:
            moment = literal if "T" in literal else f"{literal}T00:00:00Z"
            if operator in ("ge", "gt", "eq"):
                since = max(since, moment)
            if operator in ("le", "lt", "eq"):
                until = min(until, moment) if until else moment
    return since, until


def _events(call: Call, log: EventLog, kind: EntityType, fragment: str) -> Reply:
    options = read_options(call, kind, _ALLOWED)
    if any(name != log.time_key for name, _down in options.order):
        raise bad_request(f"$orderby is supported for {log.time_key} only.")
    if options.filter and options.filter.features & {"ne", "not", "endswith"}:
        raise bad_request("Invalid filter clause: the operator is not supported.")
    # Events that arrive while a client pages shift its pages: rows may come twice, none is lost.
    ascending = bool(options.order) and not options.order[0][1]
    since, until = _window(log, options)
    source = _Window(log, since, until, ascending=ascending)
    reply_options = replace(options, order=())
    return list_reply(call, source, kind, fragment, options=reply_options, paging=_PAGING)


def _sign_ins(call: Call) -> Reply:
    return _events(call, call.tenant.sign_ins.log, _SIGN_IN, "auditLogs/signIns")


def _audits(call: Call) -> Reply:
    return _events(call, call.tenant.audits.log, _AUDIT, "auditLogs/directoryAudits")


_READ = ("AuditLog.Read.All",)
ROUTES = (
    Route(r"/auditLogs/signIns", _sign_ins, _READ, budget="audit", licensed=True),
    Route(r"/auditLogs/directoryAudits", _audits, _READ, budget="audit"),
)
