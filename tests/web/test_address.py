"""Whose address a request has: what our own proxies say, never what the caller says."""

import pytest

from shared.web.address import address_of
from shared.web.http import Request


@pytest.mark.parametrize(
    ("header", "proxies", "address"),
    [
        ("203.0.113.7:51234", 1, "203.0.113.7"),
        ("203.0.113.7", 1, "203.0.113.7"),
        ("10.0.0.1, 203.0.113.7:51234", 1, "203.0.113.7"),
        ("10.0.0.1, 203.0.113.7, 198.51.100.1:443", 2, "203.0.113.7"),
        ("[2001:DB8::7]:443", 1, "2001:db8::7"),
        ("2001:db8::7", 1, "2001:db8::7"),
        ("203.0.113.7", 0, None),
        ("203.0.113.7", 2, None),
        ("", 1, None),
        ("unknown", 1, None),
        ("1.2.3.4, ' OR 1=1", 1, None),
    ],
)
def test_the_address_is_the_one_that_our_outermost_proxy_saw(
    header: str, proxies: int, address: str | None
) -> None:
    request = Request("GET", "https://x/", {}, {"x-forwarded-for": header}, {})
    assert address_of(request, proxies) == address
    assert address_of(Request("GET", "https://x/", {}, {}, {}), proxies) is None
