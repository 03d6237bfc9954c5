"""Which credential counts: who sends a token never waits among those who send keys."""

import pytest

from shared.web.credentials import credential_kind
from shared.web.http import Request

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJ0aWQiOiJ4In0.c2ln"  # pragma: allowlist secret


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"x-api-key": "kanri_test_x"}, "keys"),
        ({"x-api-key": "  kanri_test_x"}, "keys"),
        ({"authorization": "Bearer kanri_test_x"}, "keys"),
        ({"authorization": "bearer   kanri_test_x"}, "keys"),
        ({"x-api-key": "kanri_test_x", "authorization": f"Bearer {TOKEN}"}, "keys"),
        ({"authorization": f"Bearer {TOKEN}"}, "tokens"),
        ({"x-api-key": TOKEN}, "tokens"),
        ({"x-api-key": TOKEN, "authorization": "Bearer kanri_test_x"}, "tokens"),
        ({"x-api-key": TOKEN, "authorization": "kanri_"}, "tokens"),
        ({"authorization": f"Bearer {TOKEN} kanri_"}, "tokens"),
        ({"authorization": "Bearer eyJkanri_.eyJ0aWQiOiJ4In0.c2ln"}, "tokens"),
        ({"authorization": "Basic kanri_test_x"}, "tokens"),
        ({}, "tokens"),
    ],
)
def test_the_queue_is_that_of_the_credential_that_counts(
    headers: dict[str, str], kind: str
) -> None:
    asked = Request("GET", "https://kanri.example/api/v1/tenants", {}, headers, {})
    assert credential_kind(asked) == kind
