"""Where a request comes from: what proxies of ours say, and nothing that came in with it."""

import pytest

from shared.core.addresses import canonical_range, client_address, covers, lies_in


@pytest.mark.parametrize(
    ("header", "proxies", "expected"),
    [
        ("203.0.113.7", 1, "203.0.113.7"),
        ("10.0.0.1, 203.0.113.7:52100", 1, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 198.51.100.2:443", 2, "203.0.113.7"),
        ("[2001:db8::7]:443", 1, "2001:db8::7"),
        ("2001:db8::7", 1, "2001:db8::7"),
        ("::ffff:203.0.113.7", 1, "203.0.113.7"),
        ("fe80::7%eth0", 1, "fe80::7"),
        ("[fe80::7%25]:443", 1, "fe80::7"),
        ("203.0.113.7", 2, None),
        ("203.0.113.7", 0, None),
        ("", 1, None),
        ("unknown", 1, None),
        ("1.2.3.4, ' OR 1=1", 1, None),
        ("203.0.113.7, ", 1, None),
    ],
)
def test_what_our_own_proxies_say_is_believed(
    header: str, proxies: int, expected: str | None
) -> None:
    found = client_address(header, proxies)
    assert (None if found is None else str(found)) == expected


def test_an_address_lies_in_a_range_of_its_own_family() -> None:
    ranges = ["203.0.113.0/24", "2001:db8::/32"]
    assert lies_in(client_address("203.0.113.7", 1), ranges)
    assert lies_in(client_address("2001:db8::1", 1), ranges)
    assert not lies_in(client_address("198.51.100.1", 1), ranges)
    assert not lies_in(None, ["0.0.0.0/0", "::/0"])


def test_ranges_are_kept_in_one_spelling_and_compared() -> None:
    assert canonical_range("203.0.113.7") == "203.0.113.7/32"
    for wrong in ("203.0.113.7/24", "x", "203.0.113.0/33", "", "fe80::%eth0/64"):
        with pytest.raises(ValueError, match=r"not|has"):
            canonical_range(wrong)
    assert covers(["203.0.113.0/24"], "203.0.113.128/25")
    assert not covers(["203.0.113.0/24"], "203.0.0.0/16")
    assert not covers(["203.0.113.0/24", "::/0"], "198.51.100.0/24")
    assert covers(["::/0"], "2001:db8::/32")
