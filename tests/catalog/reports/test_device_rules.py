"""Devices of two lists become one: who says what, which of them are stale, and what nobody judges."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock
from tests.catalog.reports.answers import TENANT, days_ago, rows
from tests.catalog.reports.simulated import SEEDS, Stored, Told, simulated, told
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

ENDLESS = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_device_of_both_lists_is_one_row_and_the_others_are_kept(engine: Engine) -> None:
    soon = days_ago(-2)
    collect(engine, TENANT, "users", [{"id": "ann", "display_name": "Ann", "department": "IT"}])
    devices: list[Object] = [
        {
            "id": "d1",
            "device_id": "h1",
            "display_name": "LAPTOP-1",
            "account_enabled": True,
            "operating_system_version": "10.0.1",
            "is_compliant": True,
            "is_managed": True,
            "last_sign_in_at": days_ago(20),
        },
        {"id": "d2", "device_id": "h2", "account_enabled": False, "last_sign_in_at": days_ago(200)},
        {"id": "d3", "device_id": "h3", "is_compliant": False, "is_managed": False},
    ]
    collect(engine, TENANT, "devices", devices)
    managed: list[Object] = [
        {
            "id": "m1",
            "azure_ad_device_id": "h1",
            "user_id": "ann",
            "os_version": "10.0.2",
            "compliance_state": "inGracePeriod",
            "compliance_grace_period_expires_at": soon,
            "last_sync_at": days_ago(1.5),
        },
        {
            "id": "m4",
            "azure_ad_device_id": "h4",
            "device_name": "TABLET-4",
            "user_principal_name": "ben@contoso.example",
            "compliance_state": "noncompliant",
            "compliance_grace_period_expires_at": ENDLESS,
            "last_sync_at": days_ago(120),
        },
    ]
    collect(engine, TENANT, "managed_devices", managed)
    found = rows(engine, "devices")
    shown = ("found_in", "compliance", "unseen_days", "activity_status", "status", "is_managed")
    assert {own: tuple(row[name] for name in shown) for own, row in found.items()} == {
        "d1": ("both", "inGracePeriod", 1, "normal", "enabled", True),
        "d2": ("entra", None, 200, "stale", "disabled", False),
        "d3": ("entra", "noncompliant", None, None, None, False),
        "m4": ("intune", "noncompliant", 120, "review", None, True),
    }
    one = found["d1"]
    assert (one["user_name"], one["department"], one["os_version"]) == ("Ann", "IT", "10.0.2")
    assert (one["is_compliant_in_entra"], one["grace_period_ends_at"]) == (True, soon)
    other = found["m4"]
    assert (other["device_name"], other["grace_period_ends_at"]) == ("TABLET-4", None)
    assert (other["user_name"], other["user_principal_name"]) == (None, "ben@contoso.example")


def test_without_intune_the_report_says_what_entra_knows(engine: Engine) -> None:
    device: Object = {"id": "d", "device_id": "h", "is_compliant": True, "is_managed": True}
    collect(engine, TENANT, "devices", [device])
    collect(engine, TENANT, "managed_devices", [], state="not_licensed")
    row = rows(engine, "devices")["d"]
    assert (row["compliance"], row["is_managed"], row["is_encrypted"]) == ("compliant", True, None)


@pytest.mark.parametrize("first", ["devices", "managed_devices"])
def test_while_one_list_was_never_read_nobody_says_that_a_device_is_not_in_it(
    engine: Engine, first: str
) -> None:
    lists: dict[str, Object] = {
        "devices": {"id": "d", "device_id": "h"},
        "managed_devices": {"id": "m", "azure_ad_device_id": "x"},
    }
    alone = {"devices": {"d": (None, None)}, "managed_devices": {"m": (None, True)}}
    both = {"d": ("entra", False), "m": ("intune", True)}
    for dataset in sorted(lists, key=lambda name: name != first):
        collect(engine, TENANT, dataset, [lists[dataset]])
        found = rows(engine, "devices")
        told = {own: (row["found_in"], row["is_managed"]) for own, row in found.items()}
        assert told == (alone[first] if dataset == first else both)


def counted(devices: list[Told], managed: list[Told]) -> Counter[tuple[str | None, bool]]:
    """How many devices there are by compliance and whether they have been silent for 180 days."""
    now, of_intune = clock.now(), {row["azureADDeviceId"]: row for row in managed}
    found: Counter[tuple[str | None, bool]] = Counter()
    for device in devices:
        twin = of_intune.pop(device["deviceId"], None)
        told_by_entra = device.get("isCompliant")
        state = {True: "compliant", False: "noncompliant", None: None}[told_by_entra]
        moments = [device.get("approximateLastSignInDateTime")]
        if twin is not None:
            state = twin["complianceState"]
            moments.append(twin["lastSyncDateTime"])
        found[state, _silent(moments, now)] += 1
    for twin in of_intune.values():
        found[twin["complianceState"], _silent([twin["lastSyncDateTime"]], now)] += 1
    return found


def _silent(moments: list[str | None], now: datetime) -> bool:
    known = [datetime.fromisoformat(moment) for moment in moments if moment]
    return bool(known) and now - max(known) >= timedelta(days=181)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_figures_are_those_of_the_two_lists(app_engine: Engine, seed: int) -> None:
    tenant, store = simulated(seed), Stored(app_engine)
    devices, managed = told(tenant, "devices"), told(tenant, "managed_devices")
    store.keep("devices", devices)
    store.keep("managed_devices", managed)
    found = rows(app_engine, "devices", tenant=store.tenant_id)
    stated = Counter(
        (row["compliance"], row["activity_status"] == "stale") for row in found.values()
    )
    assert stated == counted(devices, managed)
    entra = {row["deviceId"] for row in devices}
    intune = {row["azureADDeviceId"] for row in managed}
    sets = {"both": entra & intune, "entra": entra - intune, "intune": intune - entra}
    assert {name for name, ids in sets.items() if ids} == {
        row["found_in"] for row in found.values()
    }
    assert any(silent for _state, silent in stated)
