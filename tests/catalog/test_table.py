"""The language of reports: what is said once, and what follows from it."""

from collections.abc import Callable
from copy import replace
from typing import Any

import pytest
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Numeric,
    case,
    cast,
    column,
    exists,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.catalog.expressions import items, listed
from shared.catalog.report_rows import ReportRows
from shared.catalog.table import Table, absent, col
from shared.catalog.union import union
from shared.core.report import PowerShellFile, Report, Sources
from shared.core.text import Text
from tests.store.catalogue import COLLECTORS

WORDS = Text("Value", "値")
NONE = Text("Nobody says.", "公表されていません。")
# `name` and `mail` are no personal columns in the tests' catalogue of the store; here they are.
PERSONAL = {"people": {"name"}, "visits": {"person_id"}}


def rows(table: Callable[[Sources], Table]) -> ReportRows:
    """The rows over the tests' collectors, some of whose columns are personal."""

    def collector_of(dataset: str) -> object:
        spec = COLLECTORS[dataset]
        named = PERSONAL.get(dataset, set())
        columns = (replace(item, personal=item.name in named) for item in spec.columns)
        return replace(spec, columns=tuple(columns))

    return ReportRows(table, collector_of)  # type: ignore[arg-type]


type Expression = Callable[[Sources], ColumnElement[object]]


def person(s: Sources) -> Any:
    """The columns of one more reading of the people."""
    return s.entity("people").c


def one(expression: Expression) -> ReportRows:
    """A table of people with one column."""

    def table(s: Sources) -> Table:
        people = s.entity("people")
        return Table(people, col("value", expression(s), WORDS))

    return rows(table)


def by_subquery(s: Sources) -> ColumnElement[object]:
    other = s.entity("people")
    counted = select(other.c.id, func.max(other.c.name).label("top"), literal(1).label("one"))
    return counted.group_by(other.c.id).subquery().c.top


def by_constant(s: Sources) -> ColumnElement[object]:
    other = s.entity("people")
    counted = select(other.c.id, func.max(other.c.name).label("top"), literal(1).label("one"))
    return counted.group_by(other.c.id).subquery().c.one


def by_union(s: Sources) -> ColumnElement[object]:
    people = s.entity("people")
    both = union_all(
        select(people.c.mail.label("who"), people.c.id), select(people.c.name, people.c.id)
    )
    return both.subquery().c.who


def by_condition(s: Sources) -> ColumnElement[object]:
    visits = s.events("visits")
    found = select(visits.c.id).where(visits.c.person_id == person(s).id)
    return case((exists(found), "seen"), else_="unseen")


def by_element(s: Sources) -> ColumnElement[object]:
    return items(cast(person(s).name, JSONB), "$[*]").c.item


@pytest.mark.parametrize(
    "expression",
    [
        lambda s: person(s).name,
        lambda s: func.coalesce(person(s).mail, person(s).name),
        lambda s: case((person(s).name == "x", "yes"), else_="no"),
        lambda s: cast(person(s).raw["name"].astext, person(s).mail.type),
        lambda s: listed(cast(person(s).name, JSONB), "$[*]"),
        by_subquery,
        by_union,
        by_condition,
        by_element,
    ],
)
def test_what_is_made_of_personal_data_is_personal(
    expression: Expression,
) -> None:
    assert one(expression).columns[0].personal


@pytest.mark.parametrize(
    "expression",
    [
        lambda s: person(s).mail,
        lambda s: person(s).age + 1,
        lambda s: listed(person(s).tags, "$[*]"),
        by_constant,
    ],
)
def test_what_reads_none_of_it_is_not(
    expression: Expression,
) -> None:
    assert not one(expression).columns[0].personal


def test_a_condition_of_the_join_tells_nothing_of_the_columns() -> None:
    def table(s: Sources) -> Table:
        people, visits = s.entity("people"), s.events("visits")
        joined = people.outerjoin(visits, visits.c.person_id == people.c.name)
        return Table(joined, col("value", visits.c.happened_at, WORDS))

    assert not rows(table).columns[0].personal


def test_an_override_has_its_reason() -> None:
    def table(s: Sources) -> Table:
        people = s.entity("people")
        reason = "a name of a thing"
        return Table(people, col("v", people.c.name, WORDS, personal=False, because=reason))

    assert not rows(table).columns[0].personal
    with pytest.raises(ValueError, match="reason"):
        col("v", column("name"), WORDS, personal=False)
    with pytest.raises(ValueError, match="reason"):
        col("v", column("name"), WORDS, because="for no change")


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        (lambda s: person(s).name, "text"),
        (lambda s: person(s).age > 3, "bool"),
        (lambda s: person(s).age + 1, "int"),
        (lambda s: person(s).weight, "float"),
        (lambda s: person(s).born_at, "timestamp"),
        (lambda s: person(s).order, "date"),
        (lambda s: person(s).tags, "json"),
        (lambda s: s.as_of, "timestamp"),
    ],
)
def test_the_type_is_the_expressions_own(expression: Expression, kind: str) -> None:
    assert one(expression).columns[0].type == kind


@pytest.mark.parametrize(
    "expression",
    [
        lambda s: func.some_function(person(s).name),
        lambda s: cast(person(s).age, Numeric),
    ],
)
def test_an_expression_without_a_reports_type_is_refused(
    expression: Expression,
) -> None:
    with pytest.raises(TypeError, match="none of a report's"):
        assert one(expression).columns


def test_the_datasets_are_those_asked_for_in_their_order_each_once() -> None:
    def table(s: Sources) -> Table:
        visits, people = s.events("visits"), s.entity("people")
        again = s.entity("people")
        source = visits.outerjoin(people, people.c.id == visits.c.person_id).outerjoin(
            again, again.c.id == people.c.mail
        )
        return Table(source, col("id", visits.c.id, WORDS))

    assert rows(table).needs == ("visits", "people")


def test_nothing_is_derived_before_it_is_asked_for_and_only_once() -> None:
    calls: list[Sources] = []

    def table(s: Sources) -> Table:
        calls.append(s)
        people = s.entity("people")
        return Table(people, col("id", people.c.id, WORDS))

    made = rows(table)
    assert not calls
    assert made.columns is made.columns
    assert made.needs == ("people",)
    assert made.query is made.query
    assert len(calls) == 1


def test_a_union_is_described_by_its_first_part_and_reads_of_both() -> None:
    def part(people: FromClause, value: ColumnElement[object]) -> Table:
        return Table(people, col("id", people.c.id, WORDS), col("value", value, WORDS))

    def table(s: Sources) -> Table:
        one, two = s.entity("people"), s.entity("people")
        return union(part(one, one.c.mail), part(two, two.c.name))

    described = {item.id: item for item in rows(table).columns}
    assert list(described) == ["id", "value"]
    assert described["value"].personal
    assert not described["id"].personal
    assert described["value"].type == "text"


def test_an_absent_column_says_why_and_of_which_type_it_would_be() -> None:
    def table(s: Sources) -> Table:
        people = s.entity("people")
        return Table(people, absent("price", "float", WORDS, NONE))

    (price,) = rows(table).columns
    assert (price.type, price.unavailable, price.personal) == ("float", NONE, False)


def test_the_headers_of_the_former_files_follow_from_ids_and_words() -> None:
    def table(s: Sources) -> Table:
        people = s.entity("people")
        age = Text("Age", "年齢")
        return Table(people, col("id", people.c.id, WORDS), col("used_mb", people.c.age, age))

    file = PowerShellFile(path="x", en="used_mb, Object Id id", ja="id, 使用量 (MB) used_mb")
    report = Report(
        title=WORDS, description=WORDS, table=rows(table), order=("id",), powershell=file
    )
    assert report.legacy is not None
    assert list(report.legacy.of("en").items()) == [("UsedMB", "used_mb"), ("Object Id", "id")]
    assert list(report.legacy.of("ja").items()) == [("値", "id"), ("使用量 (MB)", "used_mb")]
