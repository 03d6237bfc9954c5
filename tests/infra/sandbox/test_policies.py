"""Conditional Access: what was added to an enumeration is held back unless it is asked for."""

import json

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

POLICIES = "/identity/conditionalAccess/policies"
NEWER = ("linux", "riskRemediation")


def test_newer_values_are_sent_only_to_who_can_take_them(sandbox: Sandbox) -> None:
    plain, _page = sandbox.read(POLICIES)
    asked, _page = sandbox.read(POLICIES, Prefer="include-unknown-enum-members")
    assert [row["id"] for row in plain] == [row["id"] for row in asked]
    assert all(word in json.dumps(asked) for word in NEWER)
    assert not any(word in json.dumps(plain) for word in NEWER)
    assert "unknownFutureValue" in json.dumps(plain)
    assert "unknownFutureValue" not in json.dumps(asked)
    (newest,) = [row for row in plain if "unknownFutureValue" in json.dumps(row)]
    one = sandbox.get(f"{POLICIES}/{newest['id']}").json()
    assert one["conditions"] == newest["conditions"]
