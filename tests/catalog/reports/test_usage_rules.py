"""Rules of licences, mailboxes, drives and Teams, each on a handful of objects in real PostgreSQL."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock
from tests.catalog.reports.answers import TENANT, rows
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

GIB = 1024**3


def test_licences_have_names_rates_and_expiry(engine: Engine) -> None:
    def sku(name: str, part: str, used: int, bought: int) -> Object:
        return {
            "id": name,
            "sku_id": f"sku-{name}",
            "sku_part_number": part,
            "consumed_units": used,
            "enabled_units": bought,
        }

    end = datetime(2027, 4, 1, tzinfo=UTC)
    skus = [
        sku("a", "SPE_E3", 96, 100),
        sku("b", "UNHEARD_OF", 30, 100),
        sku("c", "SPE_E5", 12, 10),
        sku("d", "FLOW_FREE", 0, 0),
    ]
    collect(engine, TENANT, "subscribed_skus", skus)
    deals: list[Object] = [
        {"id": "1", "sku_id": "sku-a", "next_lifecycle_at": end + timedelta(days=9)},
        {"id": "2", "sku_id": "sku-a", "next_lifecycle_at": end},
    ]
    collect(engine, TENANT, "subscriptions", deals)
    found = rows(engine, "license")
    assert [found["a"][name] for name in ("license_name", "usage_rate", "status")] == [
        "Microsoft 365 E3",
        96.0,
        "full",
    ]
    assert found["a"]["expires_at"] == end
    assert found["a"]["review_recommended"] is False
    assert [found["b"][name] for name in ("license_name", "available_quantity", "status")] == [
        "UNHEARD_OF",
        70,
        "low",
    ]
    assert found["b"]["review_recommended"] is True
    assert [found["c"][name] for name in ("available_quantity", "over_assigned_quantity")] == [0, 2]
    assert found["d"]["usage_rate"] is None


def test_mailboxes_warn_at_80_and_95_percent_and_leave_deleted_ones_out(engine: Engine) -> None:
    def box(name: str, used: int, *, deleted: bool = False) -> Object:
        return {
            "id": name,
            "is_deleted": deleted,
            "storage_used_bytes": used * GIB,
            "prohibit_send_receive_quota_bytes": 100 * GIB,
            "deleted_item_count": 10_001,
        }

    day = clock.now().date() - timedelta(days=2)
    boxes = [box("a", 79), box("b", 80), box("c", 95), box("gone", 1, deleted=True)]
    collect(engine, TENANT, "mailbox_usage", boxes, report_date=day)
    found = rows(engine, "mailbox")
    states = {name: row["status"] for name, row in found.items()}
    assert states == {"a": "normal", "b": "warning", "c": "full"}
    assert found["a"]["storage_used_mb"] == 79 * 1024
    assert found["a"]["purge_recommended"] is True
    assert found["a"]["report_date"] == day


def test_drives_want_attention_at_75_and_90_percent_and_know_their_owner(engine: Engine) -> None:
    def drive(name: str, used: int) -> Object:
        return {
            "id": name,
            "owner_principal_name": f"{name}@x.example",
            "storage_used_bytes": used * GIB,
            "storage_allocated_bytes": 100 * GIB,
        }

    day = clock.now().date() - timedelta(days=2)
    drives = [drive("a", 74), drive("b", 75), drive("c", 90)]
    collect(engine, TENANT, "onedrive_usage", drives, report_date=day)
    owner = {
        "id": "u",
        "user_principal_name": "b@x.example",
        "department": "営業部",
        "assigned_licenses": [{"skuId": "1"}, {"skuId": "2"}],
    }
    collect(engine, TENANT, "users", [owner])
    sku = {"id": "t_1", "sku_id": "1", "sku_part_number": "SPE_E3"}
    collect(engine, TENANT, "subscribed_skus", [sku])
    found = rows(engine, "storage")
    states = {name: row["status"] for name, row in found.items()}
    assert states == {"a": "normal", "b": "attention", "c": "full"}
    assert found["b"]["department"] == "営業部"
    assert found["b"]["licenses"] == "SPE_E3, 2"
    assert found["b"]["storage_left_gb"] == 25.0
    assert found["a"]["department"] is None


def test_teams_use_is_levelled_by_the_number_of_actions(engine: Engine) -> None:
    day = date(2026, 11, 1)

    def person(name: str, chats: int, last: date | None) -> Object:
        return {
            "id": name,
            "user_id": name,
            "last_activity_date": last,
            "team_chat_message_count": 0,
            "private_chat_message_count": chats,
            "call_count": 0,
            "meeting_count": 0,
        }

    people = [
        person("high", 100, day),
        person("medium", 20, day),
        person("low", 1, day - timedelta(days=31)),
        person("none", 0, None),
    ]
    collect(engine, TENANT, "teams_user_activity", people, report_date=day)
    collect(engine, TENANT, "users", [{"id": "high", "display_name": "高橋"}])
    found = rows(engine, "teams")
    assert {name: row["usage_level"] for name, row in found.items()} == {
        "high": "high",
        "medium": "medium",
        "low": "low",
        "none": "none",
    }
    assert found["high"]["user_name"] == "高橋"
    states = [found[name]["status"] for name in ("high", "low", "none")]
    assert states == ["active", "inactive", "inactive"]


def test_a_drive_knows_its_owner_in_any_letter_case(engine: Engine) -> None:
    drive = {
        "id": "d",
        "owner_principal_name": "hanako.sato@contoso.example",
        "storage_used_bytes": GIB,
        "storage_allocated_bytes": GIB,
    }
    collect(engine, TENANT, "onedrive_usage", [drive], report_date=clock.now().date())
    owner = {
        "id": "u",
        "user_principal_name": "Hanako.Sato@Contoso.example",
        "department": "営業部",
        "assigned_licenses": [{"skuId": "1"}],
    }
    collect(engine, TENANT, "users", [owner])
    found = rows(engine, "storage")
    assert found["d"]["department"] == "営業部"
    assert found["d"]["licenses"] == "1"
