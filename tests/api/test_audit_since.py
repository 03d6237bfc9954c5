"""The audit log says from when on it answers, once older events lie in files; verification goes on over both."""

from datetime import UTC, datetime, timedelta
from typing import Any, Never
from uuid import UUID

import pytest

from shared.core import clock
from shared.core.audit import AuditEvent
from shared.core.settings import Settings
from shared.store.audit.events import append
from shared.usecases.archive_audit import archive_audit
from shared.usecases.doors import WorkDoors
from tests.api.conftest import TENANT, Api
from tests.api.doors import Doors

pytestmark = pytest.mark.stack

LOG = f"/v1/tenants/{TENANT}/audit"
LONG_AGO = datetime(2024, 3, 5, 7, 30, tzinfo=UTC)


def no_graph(_: UUID) -> Never:
    raise AssertionError("moving events asks Graph nothing")


@pytest.fixture
def doors(app_engine: Any, app_settings: Settings, azurite: str) -> Doors:
    return Doors(app_engine, app_settings, azurite)


def archive(api: Api) -> None:
    doors = WorkDoors(
        engine=api.doors.engine,
        graph=no_graph,
        slice_seconds=60,
        audit_heads=api.doors.audit_heads,
        archive=api.doors.archive,
        keyring=api.doors.keyring,
    )
    assert archive_audit(doors, clock.now()) == (True, None)


def tell(api: Api, at: datetime) -> None:
    append(
        api.doors.engine,
        AuditEvent(
            tenant_id=TENANT,
            at=at,
            act="tenant.pause",
            result="done",
            caller="key:1",
            authority="key operator",
        ),
    )


def test_the_log_says_from_when_on_it_answers(api: Api) -> None:
    recent = clock.now() - timedelta(days=1)
    for at in (LONG_AGO, LONG_AGO, recent, clock.now()):
        tell(api, at)
    whole = api.get(LOG)
    assert "Kanri-Answers-Since" not in whole.headers
    assert whole.json["rowCount"] == 4
    archive(api)
    for answer in (api.get(LOG), api.get(LOG, format="csv")):
        since = datetime.fromisoformat(answer.headers["Kanri-Answers-Since"])
        assert since == recent
    found = api.get(f"{LOG}/verification").json
    assert (found["intact"], found["archivedEvents"], found["unreadableFiles"]) == (True, 2, [])
    assert found["events"] == found["head"]["seq"]


def test_a_file_that_does_not_open_is_named(api: Api) -> None:
    for at in (LONG_AGO, clock.now()):
        tell(api, at)
    archive(api)
    api.doors.archive().put(f"events/{TENANT}/not-ours", b"x")
    found = api.get(f"{LOG}/verification").json
    assert (found["intact"], found["findings"]) == (False, [])
    assert found["unreadableFiles"] == [f"events/{TENANT}/not-ours"]
