"""Where a request comes from, as the proxies in front of us tell it, and ranges of such addresses."""

from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from msgspec import Struct

type Address = IPv4Address | IPv6Address


def client_address(forwarded_for: str, proxies: int) -> Address | None:
    """Return who spoke to the outermost of our own proxies; None if that cannot be told.

    Each proxy puts the address that it was spoken to from at the end of `X-Forwarded-For`, and what
    stands before the last `proxies` was written by who knows whom. An address may have a port.
    https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/X-Forwarded-For
    """
    hops = [hop.strip() for hop in forwarded_for.split(",")]
    if proxies < 1 or len(hops) < proxies:
        return None
    return _address(hops[-proxies])


def _address(text: str) -> Address | None:
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])  # without a zone
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def canonical_range(text: str) -> str:
    """Return a CIDR range as it is kept; ValueError for what is none, or has bits beyond its mask.

    Nor has it a zone (`fe80::%eth0`): that means something to its own host alone.
    """
    found = ip_network(text)
    if "%" in text:
        raise ValueError(f"{text!r} has a zone")
    return str(found)


def lies_in(address: Address | None, ranges: Collection[str]) -> bool:
    """Tell whether the address is in one of the ranges; one that is not known is in none."""
    return address is not None and any(address in _network(one) for one in ranges)


# Each request asks for the same few; reading one takes longer than comparing a hundred.
@lru_cache(4096)
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text)


def covers(wider: Collection[str], narrower: str) -> bool:
    """Tell whether one of the ranges has all of `narrower` in it."""
    inner = ip_network(narrower)
    for text in wider:
        outer = ip_network(text)
        if outer.version == inner.version and inner.subnet_of(outer):  # type: ignore[arg-type]
            return True
    return False


class AddressLists(Struct, frozen=True):
    """Where callers may come from: `allowed` alone if it names any, and never from `denied`."""

    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()

    def admit(self, address: Address | None) -> bool:
        """Tell whether a caller may come from `address`; one that is not known is on no list."""
        if lies_in(address, self.denied):
            return False
        return not self.allowed or lies_in(address, self.allowed)
