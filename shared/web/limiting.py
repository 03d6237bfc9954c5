"""One request against the limits: what it spends, whether it may go, what its answer says of them.

What it spends follows from its route (`Route.doing`) and from whom it is counted for: the caller, the
address that our own proxies tell, and the tenant in the path, if the caller sees it: nobody spends
what is a stranger's. Who fails to sign in is counted by his address; where it was a
key of ours that has ended or is not taken from there, by that key. An address is shut out with all
who are there, a key only for those who fail with it.
"""

import logging
from functools import cached_property
from ipaddress import IPv6Address, ip_network
from math import ceil
from typing import TYPE_CHECKING

from shared.core.addresses import AddressLists
from shared.core.errors import Forbidden, KanriError, TooManyRequests, Unauthenticated
from shared.core.logs import log
from shared.core.telemetry import Metric
from shared.web.credentials import address_of, credential_digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from shared.core.access import Caller
    from shared.core.addresses import Address
    from shared.core.rate_limit import Counted
    from shared.usecases.limit_requests import Standing
    from shared.web.doors import Doors
    from shared.web.http import Request
    from shared.web.route import Route
    from shared.web.witness import Witness

REFUSED = Metric(
    name="kanri.limits.refused",
    kind="counter",
    unit="{request}",
    description="Requests that were refused for having spent a quota; policy is its name.",
    dimensions=("policy",),
)
SHUT_OUT = Metric(
    name="kanri.sign_ins.blocked",
    kind="counter",
    unit="{block}",
    description="Times somebody was shut out for failing to sign in: an address or an API key.",
    dimensions=("counted",),
)

# An attempt that says nothing of who makes it: nothing was sent, or what was good a while ago.
_INNOCENT = ("credentials_missing", "token_expired")

# A household or a server has at least so much of IPv6, and changes addresses within it at will.
# https://www.rfc-editor.org/rfc/rfc6177
_IPV6_SUBSCRIBER = 64


class Limiting:
    """Sees one request through. `headers` are what its answer says of the limits, empty where none holds."""

    def __init__(
        self, route: "Route", request: "Request", doors: "Doors", witness: "Witness"
    ) -> None:
        self._doors, self._witness = doors, witness
        self._doing = route.doing(request)
        self._request = request
        self.headers: dict[str, str] = {}

    def turn_away(self) -> None:
        """Raise TooManyRequests for whoever is known to have to wait; asks nobody, and takes no thread."""
        if self._doing is None:
            return
        if (address := self._address) is not None:
            self._refuse_blocked(address)
        for place in self._places(address).values():
            if (spent := self._doors.limits().spent(place)) is not None:
                self.headers = _headers([spent])
                raise _refusal(spent)

    def admit(self) -> None:
        """Raise Forbidden for an address that the deployment does not let in."""
        settings = self._doors.settings()
        lists = AddressLists(settings.allowed_ranges, settings.denied_ranges)
        if self._doing is not None and not self.lets_in(lists):
            raise Forbidden("address_not_allowed")

    def lets_in(self, lists: AddressLists) -> bool:
        """Tell whether the lists let the request in."""
        return lists.admit(self._address)

    def shut_out(self, caller: "Caller") -> "Caller":
        """Return the caller without those tenants that let him in nowhere from where he comes."""
        if not (tenants := caller.named_tenants):
            return caller
        from shared.store.registers.reach import reached_tenants

        found = reached_tenants(self._doors.engine, tenants)
        return caller.shut_out(
            frozenset(one.tenant_id for one in found if not self.lets_in(one.lists))
        )

    def spend(self, caller: "Caller", tenant_id: "UUID | None") -> None:
        """Spend what the request costs; TooManyRequests if any of it is spent already.

        `tenant_id` is the tenant asked about, None for one that is not the caller's to spend.
        """
        subjects: dict[Counted, str] = {}
        if caller.kind != "anonymous":
            subjects["caller"] = caller.name
        if (address := self._address) is not None:
            subjects["address"] = _subscriber(address)
        if tenant_id is not None:
            subjects["tenant"] = str(tenant_id)
        if self._doing is None or not subjects:
            return
        limits = self._doors.limits()
        standings = limits.spend(limits.spent_by(self._doing, subjects))
        self.headers = _headers(standings)
        if address is not None:
            self._refuse_blocked(address)
        places = self._places(address)
        over = [one for one in standings if one.over]
        for one in over:
            if (place := places.get(one.counted)) is not None:
                limits.remember_spent(place, one)
        if over:
            raise _refusal(max(over, key=lambda one: one.ends_in))

    def _places(self, address: "Address | None") -> "Mapping[Counted, str]":
        """By what he is known before anybody is asked who he is: his credential, and his address."""
        found: dict[Counted, str] = {}
        if (digest := credential_digest(self._request)) is not None:
            found["caller"] = f"{self._doing}:{digest}"
        if address is not None:
            found["address"] = f"{self._doing}:{_subscriber(address)}"
        return found

    def failed(self, error: Unauthenticated) -> KanriError:
        """Count a failed sign-in; return what to refuse it with, TooManyRequests for one too many."""
        subjects = self._failing(error)
        if self._doing is None or not subjects:
            return error
        limits = self._doors.limits()
        blocks = limits.fail(limits.spent_by("failing", subjects))
        for one, block in blocks:
            if block.begins:
                SHUT_OUT.emit(1, counted=one.counted)
                log("sign_ins_blocked", level=logging.WARNING, counted=one.counted)
                self._witness.tell_block(one.counted, one.subject, round(block.seconds))
        if not blocks:
            return error
        wait = max(block.seconds for _, block in blocks)
        return TooManyRequests("sign_ins_blocked", retry_after=wait)

    def _failing(self, error: Unauthenticated) -> "Mapping[Counted, str]":
        if error.code in _INNOCENT:
            return {}
        if error.key_id is not None:  # Whoever has a key of ours guesses nothing.
            return {"key": str(error.key_id)}
        address = self._address
        return {} if address is None else {"address": _subscriber(address)}

    def _refuse_blocked(self, address: "Address") -> None:
        wait = self._doors.limits().blocked(f"address:{_subscriber(address)}")
        if wait > 0:
            raise TooManyRequests("sign_ins_blocked", retry_after=wait)

    @cached_property
    def _address(self) -> "Address | None":
        return address_of(self._request, self._doors.settings())


def _subscriber(address: "Address") -> str:
    """Return who has the address, as far as addresses tell: itself, of IPv6 its network."""
    if isinstance(address, IPv6Address):
        return str(ip_network((address.packed, _IPV6_SUBSCRIBER), strict=False))
    return str(address)


def _refusal(spent: "Standing") -> TooManyRequests:
    REFUSED.emit(1, policy=spent.policy)
    return TooManyRequests(
        "rate_limited",
        retry_after=spent.ends_in,
        policy=spent.policy,
        quota=spent.quota,
        seconds=spent.seconds,
    )


def _headers(standings: "Sequence[Standing]") -> dict[str, str]:
    """Say every quota, and how the one stands of which least is left.

    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    """
    if not standings:
        return {}
    least = min(standings, key=lambda one: (not one.over, one.rest / one.quota))
    return {
        "RateLimit-Policy": ", ".join(
            f'"{one.policy}";q={one.quota};w={one.seconds}' for one in standings
        ),
        "RateLimit": f'"{least.policy}";r={least.rest};t={ceil(least.ends_in)}',
    }
