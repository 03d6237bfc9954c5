"""The rows of the self-test: collections, permissions, settings and parts of the service."""

from collections.abc import Mapping

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Numeric,
    Values,
    case,
    cast,
    column,
    func,
    literal_column,
    select,
    values,
)
from sqlalchemy import Text as TextType

from shared.catalog import words
from shared.catalog.labels import AREA, PRIORITY, RUN_RESULT, RUN_STATE
from shared.catalog.table import Col, Table, col, nothing
from shared.core import registry
from shared.core.collector import Permission
from shared.core.component import COMPONENTS
from shared.core.report import Sources
from shared.core.text import Text

_OWN_KEY = "test"
_CONCEALED = Text("Names in usage reports", "使用状況レポートの名前の表示")
_CAUSES: Mapping[str, Text] = {
    "graph_not_permitted": Text("A permission is missing.", "アクセス許可がありません。"),
    "graph_unauthorized": Text("Microsoft Graph does not let us in.", "認証が拒否されました。"),
    "graph_not_licensed": Text("The tenant has no licence for it.", "ライセンスがありません。"),
    "no_service_plan": Text("The tenant has no licence for it.", "ライセンスがありません。"),
    "not_switched_on": Text("It is not switched on.", "有効化されていません。"),
    "graph_throttled": Text("Microsoft Graph asked to wait.", "待機を求められました。"),
    "graph_unavailable": Text("Microsoft Graph could not answer.", "Graph が応答できません。"),
    "graph_unreachable": Text("Microsoft Graph was not reached.", "Graph に接続できません。"),
    "rows_rejected": Text("Some rows could not be read.", "一部の行を読み取れませんでした。"),
    "permission_missing": Text("It is not granted.", "付与されていません。"),
    "names_concealed": Text("Microsoft conceals the names.", "名前が匿名化されています。"),
}


def _permissions() -> Mapping[str, Permission]:
    """Every permission that a collector declares, by name."""
    declared = (one for name in registry.datasets() for one in registry.collector(name).permissions)
    return {permission.name: permission for permission in declared}


def _reported() -> frozenset[str]:
    """The datasets that another report needs."""
    keys = (key for key in registry.report_keys() if key != _OWN_KEY)
    return frozenset(dataset for key in keys for dataset in registry.report(key).needs)


def _titles() -> Mapping[str, Text]:
    """What each test is called, by its id."""
    read = {f"collect:{name}": registry.collector(name).title for name in registry.datasets()}
    parts = {f"platform:{name}": one.title for name, one in registry.of(COMPONENTS).items()}
    granted = {f"permission:{name}": one.purpose for name, one in _permissions().items()}
    return {**read, **granted, **parts, "setting:concealed_names": _CONCEALED}


def _listed(name: str, *rows: tuple[str, ...]) -> Values:
    """Return the rows with the columns `id`, `subject`, `category` and `priority`."""
    names = ("id", "subject", "category", "priority")
    return values(*(column(each, TextType) for each in names), name=name).data(list(rows))


def collections(s: Sources) -> Table:
    """A row for each dataset: how its last collection went."""
    names, reported = registry.datasets(), _reported()
    priority = {name: "high" if name in reported else "medium" for name in names}
    each = _listed(
        "datasets",
        *((f"collect:{name}", name, registry.area(name), priority[name]) for name in names),
    )
    runs = s.runs(names)
    run = runs.c
    result = case(
        (run.state == "ok", "success"),
        (run.state.in_(("partial", "throttled")), "warning"),
        (run.state.in_(("failed", "not_permitted")), "failure"),
        (run.state.in_(("not_licensed", "off")), run.state),
    )
    lasted = cast(func.extract("epoch", run.finished_at - run.started_at), Numeric)
    seconds: ColumnElement[float] = cast(func.round(lasted, 3), Double())
    source = each.outerjoin(runs, run.dataset == each.c.subject)
    return Table(source, *_columns(each, result, run.finished_at, run.cause, seconds))


def grants(s: Sources) -> Table:
    """A row for each permission: whether it, or one that covers it, was granted when that was looked at."""
    wanted = _permissions()
    each = _listed(
        "permissions", *((f"permission:{name}", name, "permission", "high") for name in wanted)
    )
    covering = [(name, by) for name, one in wanted.items() for by in (name, *one.covered_by)]
    covers = values(column("wanted", TextType), column("by", TextType), name="covers").data(
        covering
    )
    granted, seen = s.consent(), s.consent()
    is_there = (
        select(literal_column("1"))
        .select_from(covers.join(granted, granted.c.permission == covers.c.by))
        .where(covers.c.wanted == each.c.subject)
        .correlate(each)
        .exists()
    )
    at = select(func.max(seen.c.seen_at)).scalar_subquery()
    result = case((at.is_(None), None), (is_there, "success"), else_="failure")
    cause = case((result == "failure", "permission_missing"))
    return Table(each, *_columns(each, result, at, cause, nothing("float")))


def platform(s: Sources) -> Table:
    """A row for each component of the service: how it was when it was last looked at."""
    names = tuple(registry.of(COMPONENTS))
    rows = ((f"platform:{name}", name, "platform", "high") for name in names)
    each, looks = _listed("components", *rows), s.looks(names)
    seen = looks.c
    result = case(
        (seen.state == "ok", "success"),
        (seen.state == "degraded", "warning"),
        (seen.state == "failing", "failure"),
    )
    source = each.outerjoin(looks, seen.component == each.c.subject)
    return Table(source, *_columns(each, result, seen.looked_at, seen.cause, nothing("float")))


def settings(s: Sources) -> Table:
    """A row: whether Microsoft conceals names, which makes reports about people say nothing."""
    each = _listed("settings", ("setting:concealed_names", "", "setting", "high"))
    concealed = select(func.bool_or(s.entity("report_settings").c.display_concealed_names))
    told = concealed.scalar_subquery()
    runs = s.runs(("report_settings",))
    at = select(runs.c.complete_at).select_from(runs).scalar_subquery()
    result = case((told, "warning"), (~told, "success"))
    cause = case((told, "names_concealed"))
    return Table(each, *_columns(each, result, at, cause, nothing("float")))


def _columns(
    each: FromClause,
    result: ColumnElement[str],
    at: ColumnElement[object],
    cause: ColumnElement[str],
    seconds: ColumnElement[float],
) -> tuple[Col, ...]:
    state = case((at.is_not(None), "done"), else_="never")
    row = each.c
    return (
        col("test_id", row.id, Text("Test", "テストID")),
        col("test_name", row.id, Text("Name", "テスト名"), labels=_titles()),
        col("category", row.category, Text("Category", "カテゴリ"), labels=AREA),
        col("priority", row.priority, Text("Priority", "優先度"), labels=PRIORITY),
        col("run_state", state, Text("Run", "実行状態"), labels=RUN_STATE),
        col("result", result, Text("Result", "結果"), labels=RUN_RESULT),
        col("duration_s", seconds, Text("Duration (s)", "実行時間 (s)")),
        col("error_message", cause, Text("Error", "エラーメッセージ"), labels=_CAUSES),
        col("last_run_at", at, Text("Last run", "最終実行日時")),
        col("id", row.id, words.ID),
    )
