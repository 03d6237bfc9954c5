"""What licences cost: what is bought, has nobody, is held by accounts not in use; by department and account."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from shared.core import clock
from tests.catalog.reports.answers import TENANT, asked, days_ago, rows
from tests.catalog.reports.test_yearly import E3, E5, priced
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

LONG_AGO = date(2000, 1, 1)
AMOUNTS = ("monthly_cost", "idle_cost", "reassignable_cost", "reducible_cost")


def bought(engine: Engine, **units: tuple[str, int, int]) -> None:
    """SKUs by id: part number, enabled and consumed units."""
    ids = {"e3": E3, "e5": E5.upper(), "free": "f", "room": "r"}
    lines = [
        {
            "id": name,
            "sku_id": ids[name],
            "sku_part_number": part,
            "enabled_units": enabled,
            "warning_units": 0,
            "consumed_units": used,
            "applies_to": "Company" if name == "room" else "User",
        }
        for name, (part, enabled, used) in units.items()
    ]
    collect(engine, TENANT, "subscribed_skus", lines)


def people(engine: Engine, *lines: tuple[str, str | None, bool, float | None, str]) -> None:
    """Accounts: id, department, whether enabled, days since their last sign-in (None: nobody knows), SKUs."""
    users: list[dict[str, Any]] = []
    seen: list[dict[str, Any]] = []
    for own, department, enabled, days, held in lines:
        users.append(
            {
                "id": own,
                "display_name": f"Name {own}",
                "user_principal_name": f"{own}@contoso.example",
                "department": department,
                "account_enabled": enabled,
                "created_at": days_ago(400),
                "assigned_licenses": [{"skuId": sku} for sku in held.split()],
            }
        )
        if days is not None:
            seen.append({"id": own, "last_successful_sign_in_at": days_ago(days)})
    collect(engine, TENANT, "users", users)
    collect(engine, TENANT, "sign_in_activity", seen)


def amounts(engine: Engine, key: str, review_days: int = 90) -> list[object]:
    row = asked(engine, "costs", reviewDays=review_days)[key]
    return [row[name] for name in AMOUNTS]


def tenant(engine: Engine) -> None:
    bought(engine, e3=("SPE_E3", 10, 4), e5=("SPE_E5", 2, 2), free=("FLOW_FREE", 1000, 5))
    people(
        engine,
        ("a", "Sales", True, 1, E3),
        ("b", "Sales", True, 91, f"{E3} {E5} f"),
        ("c", None, False, 1, E3),
        ("d", "", True, 5, f"{E3} {E5}"),
    )


def test_a_licence_costs_what_is_bought_and_saves_what_nobody_uses(engine: Engine) -> None:
    tenant(engine)
    priced(engine, (E3, 10.1, "JPY", LONG_AGO), (E5, 0.07, "JPY", LONG_AGO))
    found = rows(engine, "costs")
    assert [found["licence/e3"][name] for name in ("units", "seats", "unassigned", "reassignable")] == [10, 4, 6, 2]  # fmt: skip
    assert amounts(engine, "licence/e3") == [101.0, 60.6, 20.2, 80.8]
    assert amounts(engine, "licence/e5") == [0.14, 0.0, 0.07, 0.07]
    assert "licence/free" not in found
    assert amounts(engine, "licence/e3", 100) == [101.0, 60.6, 10.1, 70.7]


def test_departments_and_accounts_cost_their_seats(engine: Engine) -> None:
    tenant(engine)
    priced(engine, (E3, 10.1, "JPY", LONG_AGO), (E5, 0.07, "JPY", LONG_AGO))
    found = rows(engine, "costs")
    kinds = sorted(str(row["kind"]) for row in found.values())
    assert kinds == ["account"] * 2 + ["department"] * 2 + ["licence"] * 2
    sales, none = found["department/Sales"], found["department/"]
    assert (sales["name"], sales["seats"], sales["monthly_cost"]) == ("Sales", 3, 20.27)
    assert (sales["reassignable"], sales["reassignable_cost"]) == (2, 10.17)
    assert (none["name"], none["seats"], none["monthly_cost"]) == (None, 3, 20.27)
    unused = found["account/b"]
    assert (unused["user_principal_name"], unused["unused_days"]) == ("b@contoso.example", 91)
    assert (unused["monthly_cost"], unused["currency"]) == (10.17, "JPY")
    assert found["account/c"]["monthly_cost"] == 10.1


def test_without_prices_or_with_two_currencies_no_sum_is_told(engine: Engine) -> None:
    tenant(engine)
    for row in rows(engine, "costs").values():
        assert [row[name] for name in (*AMOUNTS, "currency")] == [None] * 5
        assert row["unpriced"] == (row["units"] or row["seats"])
    priced(engine, (E3, 10.1, "JPY", LONG_AGO), (E5, 0.07, "USD", LONG_AGO))
    found = rows(engine, "costs")
    assert (found["department/Sales"]["monthly_cost"], found["department/Sales"]["unpriced"]) == (
        None,
        0,
    )
    assert (found["account/c"]["monthly_cost"], found["account/c"]["currency"]) == (10.1, "JPY")
    assert amounts(engine, "licence/e5") == [0.14, 0.0, 0.07, 0.07]


def test_where_nobody_knows_of_use_none_is_said_to_be_idle(engine: Engine) -> None:
    bought(engine, e3=("SPE_E3", 3, 2), room=("MEETING_ROOM", 5, 0))
    priced(engine, (E3, 10, "JPY", LONG_AGO), ("r", 7, "JPY", LONG_AGO))
    assert rows(engine, "costs")["licence/e3"]["reassignable"] is None, "no account was read"
    people(engine, ("a", "Sales", True, None, E3), ("b", "Sales", True, None, E3))
    row = rows(engine, "costs")["licence/e3"]
    assert (row["reassignable"], row["unknown_use"], row["reducible_cost"]) == (None, 2, None)
    people(engine, ("a", "Sales", True, None, E3), ("b", "Sales", False, None, E3))
    row = rows(engine, "costs")["licence/e3"]
    assert (row["reassignable"], row["unknown_use"], row["reducible_cost"]) == (1, 1, 20.0)
    room = rows(engine, "costs")["licence/room"]
    assert (room["unassigned"], room["idle_cost"], room["monthly_cost"]) == (None, None, 35.0)


def test_the_past_costs_what_was_known_then(engine: Engine) -> None:
    tenant(engine)
    priced(engine, (E3, 10, "JPY", LONG_AGO))
    then = clock.now()
    bought(engine, e3=("SPE_E3", 5, 4))
    priced(engine, (E3, 1, "JPY", LONG_AGO))
    assert rows(engine, "costs")["licence/e3"]["monthly_cost"] == 5.0
    assert asked(engine, "costs", as_of=then)["licence/e3"]["monthly_cost"] == 100.0
