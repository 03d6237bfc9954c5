"""Where callers may ask about a tenant from: ranges of addresses that it allows and denies."""

from shared.core.access import require_everywhere
from shared.core.addresses import AddressLists
from shared.core.errors import BadRequest, Forbidden
from shared.core.text import Text
from shared.store.registers.tenant_addresses import TenantAddresses
from shared.web.credentials import address_of
from shared.web.entity_tags import strong_tag_of
from shared.web.http import Response, json_response
from shared.web.ranges import read_ranges
from shared.web.resources import addresses
from shared.web.resources.addresses.shapes import AddressesAnswer, AddressesChange
from shared.web.route import Call, Route


def read_addresses(call: Call) -> Response:
    """Return the lists of the tenant; empty ones let in whoever the deployment lets in."""
    return _response(TenantAddresses(call.doors.engine).of(call.tenant_id))


def change_addresses(call: Call[AddressesChange]) -> Response:
    """Set the lists of the tenant; they count with the next request, on every instance.

    Lists that would shut out who sets them are refused, unless he has the permission on every
    tenant: these two routes let him in from anywhere.
    """
    allowed, denied = (
        None if ranges is None else read_ranges(ranges, name)
        for name, ranges in (("allowed", call.body.allowed), ("denied", call.body.denied))
    )

    def check(before: AddressLists, after: AddressLists) -> None:
        call.require_current(_tag(before))
        address = address_of(call.request, call.doors.settings())
        if after.admit(address):
            return
        try:
            require_everywhere(call.caller, "tenant:write")
        except Forbidden:
            at_fault = "denied" if call.body.allowed is None else "allowed"
            raise BadRequest("ranges_shut_out", parameter=at_fault) from None

    own = TenantAddresses(call.doors.engine)
    return _response(own.change(call.tenant_id, allowed, denied, check))


def _response(lists: AddressLists) -> Response:
    answer = AddressesAnswer(allowed=[*lists.allowed], denied=[*lists.denied])
    return json_response(answer, ETag=_tag(lists))


def _tag(lists: AddressLists) -> str:
    return strong_tag_of(lists.allowed, lists.denied)


READ = Route(
    addresses.READ,
    permission="tenant:read",
    summary=Text("Read where callers may come from", "許可されたアクセス元の取得"),
    handle=read_addresses,
    tenant="connected",
    from_anywhere=True,
    answer=AddressesAnswer,
    headers=("ETag",),
)
CHANGE = Route(
    addresses.CHANGE,
    permission="tenant:write",
    summary=Text("Set where callers may come from", "アクセス元の制限の設定"),
    handle=change_addresses,
    tenant="connected",
    changes="addresses.restrict",
    guarded=True,
    from_anywhere=True,
    body=AddressesChange,
    answer=AddressesAnswer,
    headers=("ETag",),
    refuses={400: ("range_malformed", "ranges_shut_out")},
)
