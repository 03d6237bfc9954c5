"""Filters: every operator on every type, null included, against the same filter in Python."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.core.query import Both, Compare, Condition, Either, Match, Negation, OneOf
from tests.store.catalogue import PEOPLE_REPORT
from tests.store.tenant_data import TenantData, page

pytestmark = pytest.mark.stack

TEXTS = ["", "Ann", "ANN", "50%", "a_b", "back\\slash", "山田太郎", "o'Neil", "é", "\U0010ffff"]
VALUES: dict[str, list[Any]] = {
    "name": TEXTS,
    "age": [-1, 0, 18, 2**40],
    "active": [True, False],
    "weight": [-0.5, 0.0, 2.5],
    "born_at": [datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, 0, 0, 1, tzinfo=UTC)],
    "order": [date(2020, 1, 1), date(2020, 1, 2)],
    "stage": ["adult", "minor"],
}
SOURCES = {"born_at": "bornAt"}

PEOPLE: list[dict[str, Any]] = [
    {
        "id": f"{place:02}",
        **{
            SOURCES.get(column, column): ([None, *values] * 40)[place * step]
            for step, (column, values) in enumerate(VALUES.items(), start=1)
            if column != "stage"
        },
    }
    for place in range(12)
]

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "gt": lambda left, right: left is not None and left > right,
    "ge": lambda left, right: left is not None and left >= right,
    "lt": lambda left, right: left is not None and left < right,
    "le": lambda left, right: left is not None and left <= right,
}


def compares() -> st.SearchStrategy[Condition]:
    def of_column(column: str) -> st.SearchStrategy[Condition]:
        value = st.sampled_from(VALUES[column])
        return st.one_of(
            st.builds(Compare, st.just(column), st.sampled_from(list(OPERATORS)), value),
            st.builds(Compare, st.just(column), st.sampled_from(["eq", "ne"]), st.none()),
            st.builds(OneOf, st.just(column), st.lists(st.none() | value, min_size=1).map(tuple)),
        )

    return st.sampled_from(list(VALUES)).flatmap(of_column)


def matches() -> st.SearchStrategy[Condition]:
    pieces = [text[start:end] for text in TEXTS for start in (0, 1) for end in (1, 2, 9)]
    functions = st.sampled_from(["startswith", "contains", "endswith"])
    return st.builds(Match, st.just("name"), functions, st.sampled_from(sorted(set(pieces))))


CONDITIONS = st.recursive(
    st.one_of(compares(), matches()),
    lambda inner: st.one_of(
        st.builds(Both, inner, inner),
        st.builds(Either, inner, inner),
        st.builds(Negation, inner),
    ),
    max_leaves=6,
)


def holds(condition: Condition, person: dict[str, Any]) -> bool:
    match condition:
        case Both(left, right):
            return holds(left, person) and holds(right, person)
        case Either(left, right):
            return holds(left, person) or holds(right, person)
        case Negation(inner):
            return not holds(inner, person)
        case Compare(column, operator, value):
            return OPERATORS[operator](person[column], value)
        case OneOf(column, values):
            return person[column] in values
        case Match(column, function, value):
            text = person[column]
            if text is None:
                return False
            if function == "contains":
                return value.casefold() in text.casefold()
            return bool(getattr(text, function)(value))


@pytest.fixture
def people(tenant: TenantData) -> TenantData:
    tenant.load("people", page("people", PEOPLE))
    return tenant


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(condition=CONDITIONS)
def test_a_filter_keeps_what_it_says(people: TenantData, condition: Condition) -> None:
    shown = [
        dict(zip(("id", *VALUES), row, strict=True))
        for row in people.ask(PEOPLE_REPORT, "id", *VALUES).rows
    ]
    assert len(shown) == len(PEOPLE)
    expected = [(person["id"],) for person in shown if holds(condition, person)]
    assert people.ask(PEOPLE_REPORT, where=condition).rows == expected


def test_numbers_of_both_kinds_may_stand_in_one_list(people: TenantData) -> None:
    found = people.ask(PEOPLE_REPORT, "age", where=OneOf("age", (18, 0.0, 2.5))).rows
    assert {age for (age,) in found} == {0, 18}
