"""Units and dates of licences by their state: what still gives licences, what no longer does."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock
from tests.catalog.reports.answers import TENANT, rows
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

NEXT = datetime(2027, 10, 1, tzinfo=UTC)
SOONER = datetime(2026, 12, 5, tzinfo=UTC)
PAST = datetime(2025, 2, 1, tzinfo=UTC)


def sku(part: str = "SPE_E3", /, used: int | None = 0, **units: object) -> Object:
    return {
        "id": part,
        "sku_id": f"sku-{part}",
        "sku_part_number": part,
        "consumed_units": used,
        **units,
    }


def subscription(number: int, status: str | None, ends: datetime, **more: object) -> Object:
    row = {"id": str(number), "sku_id": "sku-SPE_E3", "status": status, "next_lifecycle_at": ends}
    return {**row, **more}


@pytest.mark.parametrize(
    ("used", "units", "purchased", "available", "over"),
    [
        (900, {"enabled_units": 0, "warning_units": 1100}, 1100, 200, 0),
        (10, {"enabled_units": 8, "warning_units": 4, "suspended_units": 50}, 12, 2, 0),
        (10, {"enabled_units": 0, "suspended_units": 50, "warning_units": 0}, 0, 0, 10),
        (10, {"enabled_units": 0, "locked_out_units": 50, "warning_units": 0}, 0, 0, 10),
        (10, {"enabled_units": 25}, 25, 15, 0),
        (10, {}, None, None, None),
        (None, {"enabled_units": 25, "warning_units": 1}, 26, None, None),
    ],
)
def test_units_in_grace_still_give_licences_and_suspended_ones_do_not(
    engine: Engine,
    used: int | None,
    units: dict[str, int],
    purchased: int | None,
    available: int | None,
    over: int | None,
) -> None:
    collect(engine, TENANT, "subscribed_skus", [sku(used=used, **units)])
    row = rows(engine, "license")["SPE_E3"]
    assert row["purchased_quantity"] == purchased
    assert row["available_quantity"] == available
    assert row["over_assigned_quantity"] == over
    for state in ("enabled", "warning", "suspended", "locked_out"):
        assert row[f"{state}_quantity"] == units.get(f"{state}_units")


def test_a_licence_wholly_in_its_grace_period_has_a_rate(engine: Engine) -> None:
    collect(
        engine,
        TENANT,
        "subscribed_skus",
        [sku(used=900, enabled_units=0, warning_units=1100, capability_status="Warning")],
    )
    row = rows(engine, "license")["SPE_E3"]
    assert (row["usage_rate"], row["status"], row["capability_status"]) == (
        81.82,
        "high",
        "Warning",
    )


@pytest.mark.parametrize(
    ("subscriptions", "expires_at"),
    [
        ([("Enabled", NEXT), ("Suspended", SOONER), ("Deleted", PAST)], NEXT),
        ([("Enabled", NEXT), ("LockedOut", SOONER)], NEXT),
        ([("Enabled", NEXT), ("Warning", SOONER)], SOONER),
        ([("Enabled", NEXT), ("Enabled", PAST)], NEXT),
        ([("Enabled", PAST)], PAST),
        ([("Suspended", SOONER), ("Deleted", PAST)], None),
        ([("SomethingNew", SOONER), ("Enabled", NEXT)], SOONER),
        ([(None, SOONER)], SOONER),
    ],
)
def test_the_renewal_date_is_the_next_one_of_what_gives_licences(
    engine: Engine, subscriptions: list[tuple[str | None, datetime]], expires_at: datetime | None
) -> None:
    collect(engine, TENANT, "subscribed_skus", [sku(used=1, enabled_units=1)])
    bought = [subscription(n, *facts) for n, facts in enumerate(subscriptions)]
    collect(engine, TENANT, "subscriptions", bought, at=clock.now() - timedelta(minutes=1))
    row = rows(engine, "license")["SPE_E3"]
    assert row["expires_at"] == expires_at
    # Every state is named, the unknown ones by Microsoft's own word.
    named = {name for name in str(row["subscription_states"] or "").split(", ") if name}
    assert named == {status for status, _ in subscriptions if status is not None}


@pytest.mark.parametrize(
    "part",
    [
        "FLOW_FREE",
        "POWER_BI_STANDARD",
        "POWERAPPS_VIRAL",
        "CCIBOTS_PRIVPREV_VIRAL",
        "RIGHTSMANAGEMENT_ADHOC",
        "TEAMS_EXPLORATORY",
        "Power_Pages_vTrial_for_Makers",
        "DYN365_ENTERPRISE_SALES_TRIAL",
        "WINDOWS_STORE",
    ],
)
def test_what_costs_nothing_needs_no_review(engine: Engine, part: str) -> None:
    collect(engine, TENANT, "subscribed_skus", [sku(part, 3, enabled_units=10_000)])
    row = rows(engine, "license")[part]
    assert (row["is_free"], row["review_recommended"]) == (True, False)


@pytest.mark.parametrize("part", ["SPE_E3", "FREEDOM_SUITE", "TRIALOGUE", "UNHEARD_OF"])
def test_a_name_that_only_resembles_a_free_one_is_reviewed(engine: Engine, part: str) -> None:
    collect(engine, TENANT, "subscribed_skus", [sku(part, 3, enabled_units=14)])
    row = rows(engine, "license")[part]
    assert (row["is_free"], row["review_recommended"]) == (False, True)


def test_a_trial_needs_no_review_and_a_bought_one_beside_it_does(engine: Engine) -> None:
    collect(engine, TENANT, "subscribed_skus", [sku(used=0, enabled_units=25)])
    trial = subscription(1, "Enabled", NEXT, is_trial=True)
    collect(engine, TENANT, "subscriptions", [trial])
    row = rows(engine, "license")["SPE_E3"]
    assert (row["is_trial"], row["review_recommended"]) == (True, False)
    # A trial that is over says nothing about what is held now.
    over = subscription(2, "Deleted", PAST, is_trial=True)
    paid = subscription(3, "Enabled", NEXT, is_trial=False)
    collect(engine, TENANT, "subscriptions", [paid, over])
    row = rows(engine, "license")["SPE_E3"]
    assert (row["is_trial"], row["review_recommended"]) == (False, True)


def test_what_belongs_to_the_company_is_not_assigned_and_needs_no_review(engine: Engine) -> None:
    whole = sku("SHAREPOINTSTORAGE", 0, enabled_units=500, applies_to="Company")
    collect(engine, TENANT, "subscribed_skus", [whole])
    assert rows(engine, "license")["SHAREPOINTSTORAGE"]["review_recommended"] is False
