"""Sign-ins and directory audits, newest first."""

from collections.abc import Iterator
from copy import replace
from datetime import datetime, timedelta
from functools import partial
from math import inf

from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.evolvable import evolved
from infra.local.sandbox.odata.options import Options, bad_request, read_options
from infra.local.sandbox.odata.pages import Paging, list_reply
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route, entra_premium
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.event_log import KEPT_DAYS, EventLog
from infra.local.sandbox.throttling import Limit

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
# Added to the results of an applied policy after unknownFutureValue.
_NEWER = frozenset(
    {"reportOnlySuccess", "reportOnlyFailure", "reportOnlyNotApplied", "reportOnlyInterrupted"}
)


class _Window:
    """The events of a time window, newest (or with `ascending` oldest) first."""

    def __init__(self, log: EventLog, low: float, high: float, *, ascending: bool) -> None:
        self._log = log
        self._positions = list(log.window(low, high))
        if ascending:
            self._positions.reverse()

    def __len__(self) -> int:
        return len(self._positions)

    def rows(self, start: int, stop: int) -> Iterator[Entity]:
        """The events of a range of positions."""
        return (self._log.at(position) for position in self._positions[start:stop])


def _window(log: EventLog, options: Options, now: datetime) -> tuple[float, float]:
    """The bounds that retention and `$filter` put on the time, in epoch seconds."""
    low, high = (now - timedelta(days=KEPT_DAYS)).timestamp(), inf
    wanted = options.filter
    if wanted is None or wanted.features & {"or", "not"}:
        return low, high
    for name, operator, literal in wanted.bounds:
        if name == log.time_key:
            text = literal if "T" in literal else f"{literal}T00:00:00Z"
            moment = datetime.fromisoformat(text).timestamp()
            if operator in ("ge", "eq"):
                low = max(low, moment)
            if operator in ("le", "eq"):
                high = min(high, moment)
    return low, high


def _events(
    call: Call, log: EventLog, kind: EntityType, fragment: str, newer: frozenset[str] = frozenset()
) -> Reply:
    options = read_options(call, kind, _ALLOWED)
    if any(name != log.time_key for name, _down in options.order):
        raise bad_request(f"$orderby is supported for {log.time_key} only.")
    if options.filter and options.filter.features & {"ne", "not", "endswith", "gt", "lt"}:
        raise bad_request("Invalid filter clause: the operator is not supported.")
    # Events that arrive while a client pages shift its pages: rows may come twice, none is lost.
    ascending = bool(options.order) and not options.order[0][1]
    low, high = _window(log, options, call.now)
    source = _Window(log, low, high, ascending=ascending)
    reply_options = replace(options, order=())
    shape = partial(evolved, call, newer=newer)
    return list_reply(
        call, source, kind, fragment, options=reply_options, paging=_PAGING, shape=shape
    )


def _sign_ins(call: Call) -> Reply:
    return _events(call, call.tenant.sign_ins.log, _SIGN_IN, "auditLogs/signIns", _NEWER)


def _audits(call: Call) -> Reply:
    return _events(call, call.tenant.audits.log, _AUDIT, "auditLogs/directoryAudits")


LIMITS = {"audit": (Limit(5, 10.0),)}
_READ = ("AuditLog.Read.All",)
ROUTES = (
    Route(r"/auditLogs/signIns", _sign_ins, _READ, budget="audit", licence=entra_premium),
    Route(r"/auditLogs/directoryAudits", _audits, _READ, budget="audit"),
)
