"""What licences cost: imported prices in the licence and the monthly report."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock
from tests.catalog.reports.answers import asked, rows
from tests.catalog.reports.test_yearly import E3, E5, priced, skus

pytestmark = pytest.mark.stack

LONG_AGO = date(2000, 1, 1)


def money(engine: Engine) -> tuple[object, ...]:
    row = rows(engine, "monthly")["m365"]
    return row["cost"], row["cost_amount"], row["cost_currency"], row["unpriced_licences"]


def test_a_licence_costs_what_its_price_in_force_says(engine: Engine) -> None:
    today = clock.now().date()
    skus(engine, clock.now(), e3=3, e5=2, free=5)
    tomorrow, yesterday = today + timedelta(days=1), today - timedelta(days=1)
    priced(
        engine,
        (E3, 10.25, "JPY", LONG_AGO),
        (E3, 20.5, "JPY", yesterday),
        (E3, 99, "JPY", tomorrow),
        (E5, 0, "USD", today),
    )
    found = rows(engine, "license")
    names = ("monthly_unit_price", "currency", "monthly_cost")
    assert [[found[sku][name] for name in names] for sku in ("e3", "e5", "free")] == [
        [20.5, "JPY", 61.5],
        [0.0, "USD", 0.0],
        [None, None, None],
    ]


def test_a_month_costs_the_sum_of_all_licences_in_use(engine: Engine) -> None:
    assert money(engine) == (None, None, None, None)
    skus(engine, clock.now(), e3=3, e5=2, free=5)
    assert money(engine) == (None, None, None, 2)
    priced(engine, (E3, 10.25, "JPY", LONG_AGO))
    assert money(engine) == (None, None, None, 1), "a part of them is no sum"
    priced(engine, (E3, 10.25, "JPY", LONG_AGO), (E5, 100, "JPY", LONG_AGO))
    assert money(engine) == (230.75, 230.75, "JPY", 0)
    priced(engine, (E3, 10.25, "USD", LONG_AGO), (E5, 100, "USD", LONG_AGO))
    assert money(engine) == (None, 230.75, "USD", 0), "dollars are no yen"
    priced(engine, (E3, 10.25, "JPY", LONG_AGO), (E5, 100, "USD", LONG_AGO))
    assert money(engine) == (None, None, None, 0), "two currencies make no sum"
    skus(engine, clock.now(), e3=3, e5=None)
    assert money(engine)[3] == 1, "of unknown units nobody knows what they cost"


def test_what_nobody_uses_needs_no_price_and_services_have_none_of_their_own(
    engine: Engine,
) -> None:
    skus(engine, clock.now(), e3=3, e5=0)
    priced(engine, (E3, 10, "JPY", LONG_AGO))
    assert money(engine) == (30.0, 30.0, "JPY", 0)
    others = [row for name, row in rows(engine, "monthly").items() if name != "m365"]
    assert {row["cost"] for row in others} == {row["cost_amount"] for row in others} == {None}


def test_a_past_month_costs_what_was_known_then(engine: Engine) -> None:
    skus(engine, clock.now(), e3=3)
    priced(engine, (E3, 10, "JPY", LONG_AGO))
    then = clock.now()
    priced(engine, (E3, 50, "JPY", LONG_AGO))
    assert asked(engine, "monthly", then)["m365"]["cost"] == 30.0
    assert money(engine)[0] == 150.0
    assert asked(engine, "license", then)["e3"]["monthly_unit_price"] == 10.0
