"""The addresses that collectors ask at."""

from copy import replace

import pytest

from shared.core.collector import Below, Get
from shared.core.registry import collector
from shared.core.rows import Parent
from shared.graph.requests import child_path


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("a@contoso.com", "a%40contoso.com"),
        ("o'brien@contoso.com", "o%27%27brien%40contoso.com"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
    ],
)
def test_what_the_parent_tells_stands_in_the_path_as_odata_wants_it(
    address: str, written: str
) -> None:
    """As the details of a message's trace, of which each recipient has his own."""
    spec = replace(
        collector("user_drives"),
        ask=Get("traces/{message_id}/details(recipient='{recipient}')", selects=False),
        extent=Below("message_traces"),
    )
    parent = Parent("m'1/a", {"message_id": "m'1", "recipient": address})
    path = child_path("https://graph.example", spec, parent)
    assert path == f"/traces/m%271/details(recipient='{written}')"
