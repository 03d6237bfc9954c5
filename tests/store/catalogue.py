"""A small catalogue of every shape, so that the store's tests do not depend on the product's."""

from datetime import timedelta

from sqlalchemy import Select, case, func, select

from shared.core.collector import Collector, Column, Delta, FanOut, Mode, Pages, UsageCsv, Window
from shared.core.report import Report, ReportColumn, Sources
from shared.core.text import Text

_NOTHING = Text("-", "-")


def _collector(dataset: str, shape: str, mode: Mode, *columns: Column) -> Collector:
    return Collector(
        title=_NOTHING,
        docs="",
        shape=shape,  # type: ignore[arg-type]
        request=f"/{dataset}",
        mode=mode,
        columns=columns,
        permissions=(),
        every=timedelta(hours=1),
        event_time="happened_at" if shape == "event" else None,
        dataset=dataset,
    )


PEOPLE = _collector(
    "people",
    "entity",
    Delta(),
    Column("name", "name", search="substring"),
    Column("mail", "mail", search="prefix", folded=True),
    Column("age", "age", "int"),
    Column("active", "active", "bool"),
    Column("born_at", "bornAt", "timestamp"),
    Column("weight", "weight", "float"),
    Column("tags", "tags", "json"),
    # A reserved word, and a date.
    Column("order", "order", "date"),
)
TEAMS = _collector("teams", "entity", Pages(), Column("name", "name"))
MEMBERS = _collector("members", "entity", FanOut(parent="teams"), Column("member_id", "memberId"))
VISITS = _collector(
    "visits",
    "event",
    Window(),
    Column("happened_at", "happenedAt", "timestamp"),
    Column("person_id", "personId", search="prefix"),
)
USAGE = _collector("usage", "measure", UsageCsv(), Column("used", "used", "int"))

COLLECTORS = {item.dataset: item for item in (PEOPLE, TEAMS, MEMBERS, VISITS, USAGE)}


def _people(sources: Sources) -> Select[tuple[object, ...]]:
    person = sources.entity("people").c
    return select(
        person.id,
        person.name,
        person.mail,
        person.age,
        person.active,
        person.born_at,
        person.weight,
        person.tags,
        person.order,
        case((person.age >= 18, "adult"), (person.age < 18, "minor")).label("stage"),
        func.upper(person.mail).label("shouted"),
    )


def _usage(sources: Sources) -> Select[tuple[object, ...]]:
    measured = sources.measures("usage").c
    return select(measured.id, measured.used, measured.report_date)


def _visits(sources: Sources) -> Select[tuple[object, ...]]:
    visit, person = sources.events("visits"), sources.entity("people")
    return select(visit.c.id, visit.c.happened_at, visit.c.person_id, person.c.name).select_from(
        visit.outerjoin(person, person.c.id == visit.c.person_id)
    )


def _report(key: str, query: object, needs: tuple[str, ...], *columns: ReportColumn) -> Report:
    return Report(
        title=_NOTHING,
        description=_NOTHING,
        needs=needs,
        columns=columns,
        query=query,  # type: ignore[arg-type]
        row_key=("id",),
        order=(columns[1].id,),
        key=key,
    )


PEOPLE_REPORT = _report(
    "people",
    _people,
    ("people",),
    ReportColumn("id", "text", "Id", "ID"),
    ReportColumn("name", "text", "Name", "名前"),
    ReportColumn("mail", "text", "Mail", "メール"),
    ReportColumn("age", "int", "Age", "年齢"),
    ReportColumn("active", "bool", "Active", "有効"),
    ReportColumn("born_at", "timestamp", "Born", "生年月日"),
    ReportColumn("weight", "float", "Weight", "体重"),
    ReportColumn("tags", "json", "Tags", "タグ"),
    ReportColumn("order", "date", "Order", "順序"),
    ReportColumn("stage", "text", "Stage", "段階"),
    ReportColumn("shouted", "text", "Shouted", "大文字"),
)
USAGE_REPORT = _report(
    "usage",
    _usage,
    ("usage",),
    ReportColumn("id", "text", "Id", "ID"),
    ReportColumn("used", "int", "Used", "使用量"),
    ReportColumn("report_date", "date", "Date", "日付"),
)
VISITS_REPORT = _report(
    "visits",
    _visits,
    ("visits", "people"),
    ReportColumn("id", "text", "Id", "ID"),
    ReportColumn("happened_at", "timestamp", "When", "日時"),
    ReportColumn("person_id", "text", "Person id", "ユーザーID"),
    ReportColumn("name", "text", "Name", "名前"),
)
REPORTS = (PEOPLE_REPORT, USAGE_REPORT, VISITS_REPORT)
