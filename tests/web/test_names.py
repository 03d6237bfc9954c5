"""Names cannot hide or turn round what people read, whichever way they go out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.errors import BadRequest
from shared.core.names import plain_name
from shared.web.http import Request, json_response
from shared.web.json_body import read_body
from shared.web.resources.keys.shapes import NewKey
from shared.web.resources.tenants.shapes import NewTenant

HIDING = "\x00\x1b\x7f\x85\x9f\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069"


def test_a_name_from_entra_loses_what_hides() -> None:
    for sign in HIDING:
        assert plain_name(f"Con{sign}toso ") == "Contoso"
    assert plain_name(HIDING) is None
    assert plain_name("x" * 300) == "x" * 200
    assert plain_name("コントソ 👩\u200d👧") == "コントソ 👩\u200d👧"


@pytest.mark.parametrize("sign", HIDING)
def test_a_body_with_such_a_name_is_refused(sign: str) -> None:
    tenant = {"tenantId": "11111111-1111-1111-1111-111111111111", "displayName": f"a{sign}b"}
    key = {"name": f"a{sign}b", "permissions": ["report:read"], "expiresAt": "2030-01-01T00:00:00Z"}
    for body, kind, field in ((tenant, NewTenant, "displayName"), (key, NewKey, "name")):
        headers = {"content-type": "application/json"}
        request = Request("POST", "/api/x", {}, headers, {}, json.dumps(body).encode())
        with pytest.raises(BadRequest) as caught:
            read_body(request, kind)
        assert (caught.value.code, caught.value.parameter) == ("body_invalid", field)


@given(st.text())
def test_json_tells_the_same_and_shows_what_hides(name: str) -> None:
    body = json_response({"name": name}).body
    assert isinstance(body, bytes)
    assert json.loads(body) == {"name": name}
    assert not set(body.decode()) & set(HIDING)


def test_json_escapes_each_sign_that_hides() -> None:
    body = json_response({"name": HIDING}).body
    assert isinstance(body, bytes)
    assert body.isascii()
    assert json.loads(body) == {"name": HIDING}
