"""A small catalogue of every shape, so that the store's tests do not depend on the product's."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func
from sqlalchemy import Text as TextType

from shared.catalog.report_rows import ReportRows
from shared.catalog.table import Table, col
from shared.core.collector import (
    Below,
    Collector,
    Column,
    Csv,
    Daily,
    Delta,
    Events,
    Get,
    Period,
    Since,
)
from shared.core.report import Report, Sources
from shared.core.text import Text

_NOTHING = Text("-", "-")


def _collector(dataset: str, *columns: Column, **parts: Any) -> Collector:
    return Collector(
        title=_NOTHING,
        docs="",
        ask=Get(dataset),
        columns=columns,
        permissions=(),
        every=timedelta(hours=1),
        dataset=dataset,
        **parts,
    )


PEOPLE = _collector(
    "people",
    Column("name", "name", search="substring", collated=True),
    Column("mail", "mail", search="prefix", folded=True),
    Column("age", "age", "int", counted=True),
    Column("active", "active", "bool"),
    Column("born_at", "bornAt", "timestamp"),
    Column("weight", "weight", "float"),
    Column("tags", "tags", "json"),
    # A reserved word, and a date.
    Column("order", "order", "date"),
    extent=Delta(),
)
TEAMS = _collector("crews", Column("name", "name"))
MEMBERS = _collector("members", Column("member_id", "memberId"), extent=Below("crews"))
VISITS = _collector(
    "visits",
    Column("happened_at", "happenedAt", "timestamp"),
    Column("person_id", "personId", search="prefix"),
    Column("host", "host", collated=True),
    extent=Since(),
    keep=Events("happened_at"),
)
USAGE = _collector(
    "usage",
    Column("used", "used", "int"),
    Column("owner", "owner", collated=True),
    answer=Csv(),
    extent=Period(),
    keep=Daily(),
)

COLLECTORS = {item.dataset: item for item in (PEOPLE, TEAMS, MEMBERS, VISITS, USAGE)}


def _people(sources: Sources) -> Table:
    people = sources.entity("people")
    person = people.c
    return Table(
        people,
        col("id", person.id, Text("Id", "ID")),
        col("name", person.name, Text("Name", "名前")),
        col("mail", person.mail, Text("Mail", "メール")),
        col("age", person.age, Text("Age", "年齢")),
        col("active", person.active, Text("Active", "有効")),
        col("born_at", person.born_at, Text("Born", "生年月日")),
        col("weight", person.weight, Text("Weight", "体重")),
        col("tags", person.tags, Text("Tags", "タグ")),
        col("order", person.order, Text("Order", "順序")),
        col("stage", _stage(person.age), Text("Stage", "段階")),
        col("shouted", func.upper(person.mail, type_=TextType), Text("Shouted", "大文字")),
    )


def _stage(age: ColumnElement[int]) -> ColumnElement[str]:
    return case((age >= 18, "adult"), (age < 18, "minor"))


def _usage(sources: Sources) -> Table:
    measured = sources.measures("usage")
    return Table(
        measured,
        col("id", measured.c.id, Text("Id", "ID")),
        col("used", measured.c.used, Text("Used", "使用量")),
        col("report_date", measured.c.report_date, Text("Date", "日付")),
        col("owner", measured.c.owner, Text("Owner", "所有者")),
    )


def _visits(sources: Sources) -> Table:
    visit, person = sources.events("visits"), sources.entity("people")
    return Table(
        visit.outerjoin(person, person.c.id == visit.c.person_id),
        col("id", visit.c.id, Text("Id", "ID")),
        col("happened_at", visit.c.happened_at, Text("When", "日時")),
        col("person_id", visit.c.person_id, Text("Person id", "ユーザーID")),
        col("name", person.c.name, Text("Name", "名前")),
        col("host", visit.c.host, Text("Host", "受付")),
    )


def _report(key: str, table: Callable[[Sources], Table], order: str) -> Report:
    return Report(
        title=_NOTHING,
        description=_NOTHING,
        table=ReportRows(table, COLLECTORS.__getitem__),
        order=(order,),
        key=key,
    )


PEOPLE_REPORT = _report("people", _people, "name")
USAGE_REPORT = _report("usage", _usage, "used")
VISITS_REPORT = _report("visits", _visits, "happened_at")
REPORTS = (PEOPLE_REPORT, USAGE_REPORT, VISITS_REPORT)
