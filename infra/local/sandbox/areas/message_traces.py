"""Message traces: one row a recipient, between two bounds.

Rules and figures: "List message traces". Without both bounds the answer is silently that of the
last 48 hours; pages may be short, only a missing link ends a list.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from infra.local.sandbox.messages import JSON, ApiError, Reply
from infra.local.sandbox.odata.evolvable import evolved
from infra.local.sandbox.odata.options import Options, bad_request, read_options
from infra.local.sandbox.odata.pages import (
    MAX_EMPTY_PAGES,
    SCAN_LIMIT,
    Paging,
    context,
    link,
    page_body,
    page_size,
    seal,
    unseal,
)
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.mail import KEPT_DAYS, Mail
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.throttling import Limit

SERVICE = "exchange"
BUDGET = "exchange_trace"
PRINCIPAL = "8bd644d1-64a1-4d4b-ae52-2e0cbf64e373"
LONGEST = timedelta(days=10)
_UNBOUNDED = timedelta(hours=48)
_PATH = "admin/exchange/tracing/messageTraces"
_NEWER = frozenset({"recalled"})
_FILTERED = frozenset(
    {
        "messageId",
        "receivedDateTime",
        "recipientAddress",
        "senderAddress",
        "subject",
        "fromIP",
        "toIP",
    }
)
_TRACE = plain_type("exchangeMessageTrace", " ".join(_FILTERED))


@dataclass(slots=True)
class _Place:
    """Where a list stands: the content of its tokens. `number` and `position` are the next row's."""

    low: float
    high: float
    number: int
    position: int = 0
    nonce: int = 0

    def seal(self, call: Call) -> str:
        return seal(call, self.low, self.high, self.number, self.position, self.nonce)


def mail_of(tenant: Tenant) -> Mail:
    """The mail of a tenant; ask for it by `tenant.part`."""
    return Mail(tenant.seed, tenant.people, tenant.anchor)


def _bounds(options: Options, now: datetime) -> tuple[float, float]:
    """The window of a request in epoch seconds; raises ApiError 400 for one that is not served."""
    found: dict[str, float] = {}
    for name, operator, literal in options.filter.bounds if options.filter else ():
        if name == "receivedDateTime":
            text = literal if "T" in literal else f"{literal}T00:00:00Z"
            found[operator] = datetime.fromisoformat(text).astimezone(UTC).timestamp()
    if not found.keys() >= {"ge", "le"}:
        return (now - _UNBOUNDED).timestamp(), now.timestamp()
    low, high = found["ge"], found["le"]
    if high - low > LONGEST.total_seconds():
        raise bad_request("The time range of a message trace must not exceed 10 days.")
    if low < (now - timedelta(days=KEPT_DAYS, seconds=60)).timestamp():
        raise bad_request("Message traces are available for the last 90 days only.")
    return low, high


def _first(mail: Mail, options: Options, now: datetime) -> _Place:
    low, high = _bounds(options, now)
    numbers = mail.pace.between(low, min(high, now.timestamp()))
    return _Place(low, high, numbers.stop - 1)


def _list(call: Call) -> Reply:
    options = read_options(call, _TRACE, frozenset({"$filter", "$top"}))
    if options.filter and options.filter.features - {
        "ge",
        "le",
        "eq",
        "startswith",
        "endswith",
        "contains",
    }:
        raise bad_request("Invalid filter clause: the operator is not supported.")
    size = page_size(call, options, Paging(1_000, 5_000))
    mail, token = call.tenant.part(mail_of), call.query.get("$skiptoken")
    place = _Place(*unseal(call, token)) if token else _first(mail, options, call.now)
    rows: list[Entity] = [] if token else _by_hand(mail, place, options)
    if "empty_page" in call.faults and place.nonce < MAX_EMPTY_PAGES:
        place.nonce += 1
        rows = []
    else:
        _fill(rows, mail, place, options, size, call.now.timestamp())
    head: dict[str, Any] = {"@odata.context": context(call, _PATH)}
    if place.number >= mail.pace.between(place.low, place.high).start:
        head["@odata.nextLink"] = link(call, "$skiptoken", place.seal(call), ("$filter", "$top"))
    shown = map(partial(evolved, call, newer=_NEWER), rows)
    return Reply(body=page_body(head, list(shown)), headers={"content-type": JSON})


def _by_hand(mail: Mail, place: _Place, options: Options) -> list[Entity]:
    """What an administrator told, and no message of ours stands for."""
    return [
        row
        for row in mail.by_hand.added()
        if place.low <= datetime.fromisoformat(row["receivedDateTime"]).timestamp() <= place.high
        and (options.predicate is None or options.predicate(row))
    ]


def _fill(
    rows: list[Entity], mail: Mail, place: _Place, options: Options, size: int, now: float
) -> None:
    """Put the rows of a page behind `rows` and move `place` on; a page ends with a day too."""
    last, looked = mail.pace.between(place.low, place.high).start, 0
    day = int(mail.pace.at(place.number) // DAY)
    while place.number >= last and looked < SCAN_LIMIT and len(rows) < size:
        if rows and int(mail.pace.at(place.number) // DAY) != day:
            return
        found = mail.by_hand.instead(mail.traces(place.number, now))
        for row in found[place.position :]:
            if len(rows) == size:
                return
            place.position += 1
            if options.predicate is None or options.predicate(row):
                rows.append(row)
        place.number, place.position, looked = place.number - 1, 0, looked + 1


def licence(call: Call) -> None:
    """Raise ApiError 403 in a tenant without the service principal of message tracing."""
    if SERVICE in call.tenant.not_bought:
        raise ApiError(
            403, "Forbidden", f"The service principal {PRINCIPAL} has no access to the tenant."
        )


LOGS = {"message_traces": mail_of}
LIMITS = {BUDGET: (Limit(100, 300.0),)}
# The page names the permission; its id is the sandbox's own.
PERMISSIONS = {"ExchangeMessageTrace.Read.All": "7d0c4b6e-1f0b-4a55-9a3e-5f2f6f3f8a01"}
READ = tuple(PERMISSIONS)
ROUTES = (Route(f"/{_PATH}", _list, READ, BUDGET, licence=licence),)
