"""Strange answers to collectors that read more than lists: one object, alerts, devices, a series."""

from collections.abc import Iterator

import msgspec
import pytest

from infra.local.sandbox.client import SandboxAdmin
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, stored

pytestmark = pytest.mark.stack

# Read whole in every test: a small tenant will do.
SANDBOX_USERS = 60

POLICY = "authorization_policy"
SERIES = "active_user_counts"
_OTHER = {"id": "somethingElse", "allowedToUseSSPR": True}


@pytest.fixture(autouse=True)
def unthrottled(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    sandbox_admin.throttle(0)
    yield
    sandbox_admin.throttle(1)


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "null",
        "[]",
        "{}",
        "{},{}",
        '"authorizationPolicy"',
        '{"value":[]}',
        '{"error":{"code":"UnknownError","message":""}}',
        msgspec.json.encode([_OTHER]).decode(),
        msgspec.json.encode(_OTHER).decode() + "," + msgspec.json.encode(_OTHER).decode(),
        msgspec.json.encode(_OTHER).decode() + '],"@odata.nextLink":"https://example.org","x":[{}',
    ],
)
def test_what_is_not_one_object_is_never_taken_for_one(
    bench: Bench, sandbox_admin: SandboxAdmin, body: str
) -> None:
    collected(bench, POLICY)
    before = bench.current(POLICY)
    sandbox_admin.faults({"kind": "body", "path": "/authorizationPolicy", "value": body})
    for _ in range(2):
        row = bench.collect(POLICY)
        assert row is not None
        assert row.state in ("failed", "partial"), row
        assert row.cause_detail
        assert bench.current(POLICY) == before
    sandbox_admin.clear_faults()
    assert collected(bench, POLICY).counts.unchanged == 1


@pytest.mark.parametrize(
    ("dataset", "path"),
    [
        (POLICY, "/authorizationPolicy"),
        ("managed_devices", "/managedDevices"),
        ("security_alerts", "/alerts_v2"),
        (SERIES, "/reports/getOffice365ActiveUserCounts"),
    ],
)
def test_trouble_on_the_way_loses_nothing(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str, path: str
) -> None:
    sandbox_admin.faults(
        {"kind": "throttle", "path": path, "count": 1},
        {"kind": "unavailable", "path": path, "count": 1, "retry_after": 0},
        {"kind": "cut", "path": path, "count": 1},
        {"kind": "reset", "path": path, "count": 1},
        {"kind": "duplicate_rows", "path": path},
    )
    row = collected(bench, dataset)
    assert row.rows == row.counts.inserted
    sandbox_admin.clear_faults()
    again = collected(bench, dataset)
    assert (again.counts.inserted, again.counts.closed) == (0, 0)
    assert again.rows == row.rows


def test_a_volatile_property_that_is_not_told_stays(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, "managed_devices")
    before = dict(stored(bench, "managed_devices", "id, last_sync_at"))
    key = min(before)
    sandbox_admin.patch("managed_devices", key, {"lastSyncDateTime": None})
    collected(bench, "managed_devices")
    after = dict(stored(bench, "managed_devices", "id, last_sync_at", "valid_to IS NULL"))
    assert after[key] == before[key]


def test_a_volatile_property_of_a_wrong_type_rejects_its_device_alone(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    first = collected(bench, "managed_devices")
    before = dict(stored(bench, "managed_devices", "id, last_sync_at"))
    sandbox_admin.faults(
        {"kind": "wrong_type", "path": "/managedDevices", "property": "lastSyncDateTime",
         "value": "yesterday", "count": 1}
    )  # fmt: skip
    sandbox_admin.advance(86_400)  # the dates of a usage report must not lie ahead
    row = collected(bench, "managed_devices", "partial", "rows_rejected")
    assert (row.counts.rejected, row.counts.closed, row.rows) == (1, 0, first.rows)
    after = dict(stored(bench, "managed_devices", "id, last_sync_at", "valid_to IS NULL"))
    assert sum(after[key] != before[key] for key in after) > 0.5 * len(after)


@pytest.mark.parametrize("kind", ["malformed_json", "garbage", "wrong_type"])
def test_alerts_that_cannot_be_read_are_asked_for_again(
    bench: Bench, sandbox_admin: SandboxAdmin, kind: str
) -> None:
    collected(bench, "security_alerts")
    told = sandbox_admin.event("security_alerts", {"title": "missed"}, age=60)
    sandbox_admin.faults({"kind": kind, "path": "/alerts_v2", "property": "id"})
    row = bench.collect("security_alerts")
    assert row is not None
    assert row.state in ("failed", "partial")
    sandbox_admin.clear_faults()
    sandbox_admin.advance(5 * 3_600)  # longer ago than the overlap
    collected(bench, "security_alerts")
    assert told["id"] in bench.current("security_alerts")


HEADER = (
    "Report Refresh Date,Office 365,Exchange,OneDrive,SharePoint,Skype For Business,Yammer,Teams,"
    "Report Date,Report Period"
)


def _days(bench: Bench) -> dict[str, int]:
    return dict(stored(bench, SERIES, "id, exchange", "valid_to IS NULL"))


def test_a_series_with_strange_columns_is_read_by_their_names(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, SERIES)
    days = _days(bench)
    sandbox_admin.faults({"kind": "strange_headers", "path": "reportsdownload"})
    collected(bench, SERIES)
    assert _days(bench) == days


def test_a_series_with_strange_lines_keeps_the_others(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    first, days = collected(bench, SERIES), _days(bench)
    newest = max(days)
    lines = (
        f"{newest},9,8,7,6,5,4,3,{newest},7",
        f"{newest},9,many,7,6,5,4,3,2020-01-01,7",
        f"{newest},9,8,7,6,5,4,3,,7",
        f"{newest},9,8,7,6,5,4,3,today,7",
    )
    body = "\r\n".join((HEADER, *lines)) + "\r\n"
    sandbox_admin.faults({"kind": "body", "path": "reportsdownload", "value": body})
    row = collected(bench, SERIES, "partial", "rows_rejected")
    assert row.counts.rejected == 3
    assert _days(bench) == {**days, newest: 8}
    sandbox_admin.faults({"kind": "body", "path": "reportsdownload", "value": f"{HEADER}\r\n"})
    assert collected(bench, SERIES, "partial", "report_empty").rows == first.rows
    sandbox_admin.clear_faults()
    assert collected(bench, SERIES).counts.updated == 1
    assert _days(bench) == days


@pytest.mark.parametrize(
    ("dataset", "permission"),
    [
        (POLICY, "Policy.Read.All"),
        ("managed_devices", "DeviceManagementManagedDevices.Read.All"),
        ("security_alerts", "SecurityAlert.Read.All"),
    ],
)
def test_a_missing_permission_is_said_and_no_data_lost(
    bench: Bench, sandbox_admin: SandboxAdmin, dataset: str, permission: str
) -> None:
    first = collected(bench, dataset)
    own = bench.sandbox.tenants[0].client_id
    held = sandbox_admin.app(appId=own)["permissions"]
    sandbox_admin.app(appId=own, permissions=[name for name in held if name != permission])
    try:
        row = collected(bench, dataset, "not_permitted", "graph_not_permitted")
    finally:
        sandbox_admin.app(appId=own, permissions=held)
    assert row.rows == first.rows


def test_a_tenant_without_defender_has_no_licence(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    sandbox_admin.tenant(notBought=["defender"])
    try:
        collected(bench, "security_alerts", "not_licensed", "graph_not_licensed")
    finally:
        sandbox_admin.tenant(notBought=[])
