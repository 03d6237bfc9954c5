"""Reading below events, as the details of a message are below its trace."""

from collections.abc import Iterator
from copy import replace
from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core.collector import Below, Since
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

EVENTS, BELOW = "sign_ins", "user_drives"
_SUCCESS = {"errorCode": 0, "failureReason": "Other.", "additionalDetails": None}
_FAILURE = {"errorCode": 50126, "failureReason": "Invalid.", "additionalDetails": None}


@pytest.fixture(autouse=True)
def below_sign_ins(bench: Bench, sandbox_admin: SandboxAdmin) -> Iterator[None]:
    """The drive of whoever signed in, below each sign-in of the last hours that succeeded."""
    sandbox_admin.throttle(0)
    events, drives = bench.collector(EVENTS), bench.collector(BELOW)
    recent = replace(Since.of(events), initial=timedelta(hours=6), look_backs=())
    bench.changed[EVENTS] = replace(events, extent=recent)
    bench.changed[BELOW] = replace(
        drives,
        ask=replace(drives.ask, path="users/{user_id}/drive"),
        extent=Below(EVENTS, where="error_code = 0", changed=True),
    )
    yield
    sandbox_admin.throttle(1)


def parents(bench: Bench) -> set[str]:
    return {own for (own,) in stored(bench, BELOW, "DISTINCT parent_id", "valid_to IS NULL")}


def test_what_is_below_an_event_comes_and_goes_with_it(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, EVENTS)
    collected(bench, BELOW)
    succeeded = stored(bench, EVENTS, "id, user_id", "error_code = 0 AND valid_to IS NULL")
    first = parents(bench)
    assert set() < first <= {own for own, _ in succeeded}
    somebody = next(user for own, user in succeeded if own in first)

    told = {"userId": somebody, "status": _SUCCESS}
    event = sandbox_admin.event(EVENTS, told, age=60)["id"]
    collected(bench, EVENTS)
    collected(bench, BELOW)
    assert parents(bench) >= first | {event}

    sandbox_admin.event(EVENTS, {**told, "id": event, "status": _FAILURE}, age=60)
    assert collected(bench, EVENTS).counts.updated == 1
    assert collected(bench, BELOW).counts.closed == 1
    assert event not in parents(bench) >= first
