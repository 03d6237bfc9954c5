"""The rows of the security report: the checks of Kanri, and the controls of Microsoft's secure score."""

from functools import partial

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Numeric,
    case,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
    values,
)
from sqlalchemy import Text as TextType

from shared.catalog import security_figures, words
from shared.catalog.expressions import percent
from shared.catalog.labels import COMPLIANCE_STATE, RISK
from shared.catalog.secure_score import control_scores
from shared.catalog.security_checks import CHECKS
from shared.catalog.table import Col, Table, col, nothing
from shared.core.report import Sources
from shared.core.report_parameters import (
    COMPLIANCE_WARNING_PERCENT,
    COMPLIANT_PERCENT,
    LOST_POINTS_HIGH,
    LOST_POINTS_MEDIUM,
)
from shared.core.text import Text

_COUNT = "a number of people or devices names nobody"
_KINDS = {
    "check": Text("Check of Kanri", "Kanri のチェック"),
    "control": Text("Secure score", "セキュア スコア"),
}
_TITLES = {name: check.title for name, check in CHECKS.items()}
_ADVICE = {name: check.advice for name, check in CHECKS.items()}
_NONE: ColumnElement[int] = literal_column("0")


def _columns(
    item: ColumnElement[str], status: ColumnElement[str], target: ColumnElement[int],
    rate: ColumnElement[float], risk: ColumnElement[str], at: ColumnElement[object],
    advice: ColumnElement[str], details: ColumnElement[str], key: ColumnElement[str],
    kind: ColumnElement[str], category: ColumnElement[str],
) -> tuple[Col, ...]:  # fmt: skip
    """The columns that both lists have."""
    counted = partial(col, personal=False, because=_COUNT)
    return (
        col("security_item", item, Text("Item", "セキュリティ項目"), labels=_TITLES),
        counted("status", status, Text("Rating", "評価"), labels=COMPLIANCE_STATE),
        counted("target_users", target, Text("Counted", "対象ユーザー数")),
        counted("compliance_rate_percent", rate, Text("Fulfilled (%)", "準拠率 (%)")),
        counted("risk_level", risk, words.RISK_LEVEL, labels=RISK),
        col("last_check_at", at, Text("As of", "最終確認日")),
        col("recommended_action", advice, Text("What helps", "推奨アクション"), labels=_ADVICE),
        counted("details", details, Text("Details", "詳細")),
        col("id", key, words.ID),
        col("kind", kind, Text("Kind", "種類"), labels=_KINDS),
        col("category", category, Text("Category", "カテゴリ")),
    )


def _rating(s: Sources, rate: ColumnElement[float]) -> ColumnElement[str]:
    good, warning = s.parameter(COMPLIANT_PERCENT), s.parameter(COMPLIANCE_WARNING_PERCENT)
    return case(
        (rate >= good, "compliant"), (rate >= warning, "warning"), (rate < warning, "non_compliant")
    )


def checks(s: Sources) -> Table:
    """A row for each check, null where nothing is known of what it counts."""
    row, read = _counted(s), _read_since(s)
    rate, whole = row.c.rate, row.c.whole
    rating = _rating(s, rate)
    risk = case((rating == "compliant", "low"), (rating.is_not(None), row.c.weight))
    told = case((whole > 0, func.concat(row.c.good, " / ", whole, type_=TextType)))
    key = func.concat("check:", row.c.id, type_=TextType)
    return Table(
        row.outerjoin(read, read.c.id == row.c.id),
        *_columns(
            row.c.id, rating, whole, rate, risk, read.c.complete_at, row.c.id, told, key,
            _word("check"), nothing("text"),
        ),
    )  # fmt: skip


def _counted(s: Sources) -> FromClause:
    """`id`, `weight`, `good`, `whole` and `rate` of each check.

    OFFSET makes them columns: what is said of a rate would else have its sums written out each time.
    """
    named = values(column("id", TextType), column("weight", TextType), name="checks")
    each = named.data([(name, check.weight) for name, check in CHECKS.items()])
    found = security_figures.figures(s)
    of_name = {name: figure for rows in found for name, figure in rows.c.items()}
    good, whole = (
        case(*((each.c.id == name, of_name[f"{name}_{kind}"]) for name in CHECKS))
        for kind in ("good", "all")
    )
    source: FromClause = each
    for rows in found:
        source = source.join(rows, true())
    own = select(each.c.id, each.c.weight, good.label("good"), whole.label("whole"))
    sums = own.select_from(source).offset(_NONE).subquery()
    rate = percent(sums.c.good, sums.c.whole).label("rate")
    return select(*sums.c, rate).offset(_NONE).subquery("counted")


def _read_since(s: Sources) -> FromClause:
    """When the oldest source of each check was read to its end, null if one never was."""
    pairs = [(name, source) for name, check in CHECKS.items() for source in check.sources]
    named = values(column("id", TextType), column("dataset", TextType), name="pairs").data(pairs)
    runs = s.runs(tuple(dict.fromkeys(source for _name, source in pairs)))
    return (
        select(named.c.id, _oldest(runs).label("complete_at"))
        .select_from(named.join(runs, runs.c.dataset == named.c.dataset))
        .group_by(named.c.id)
        .subquery()
    )


def _oldest(runs: FromClause) -> ColumnElement[object]:
    at = runs.c.complete_at
    return case((func.count(at) == func.count(), func.min(at)))


def controls(s: Sources) -> Table:
    """A row for each control that counts, with what the newest score says of it."""
    controls, score = s.entity("secure_score_controls"), control_scores(s)
    points, most = (cast(of, Numeric) for of in (score.c.score, controls.c.max_score))
    rate = percent(points, most)
    own = select(*controls.c, score.c.score, rate.label("rate"))
    joined = controls.outerjoin(score, score.c.name == controls.c.id)
    rated = own.select_from(joined).offset(_NONE).subquery("rated")
    control = rated.c
    lost, rating = control.max_score - control.score, _rating(s, control.rate)
    risk = case(
        (rating == "compliant", "low"),
        (lost >= s.parameter(LOST_POINTS_HIGH), "high"),
        (lost >= s.parameter(LOST_POINTS_MEDIUM), "medium"),
        (lost.is_not(None), "low"),
    )
    reached = func.concat(control.score, " / ", control.max_score, type_=TextType)
    told = case((control.rate.is_not(None), reached))
    runs = s.runs(("secure_score_controls", "secure_scores"))
    read = select(_oldest(runs)).select_from(runs).scalar_subquery()
    key = func.concat("control:", control.id, type_=TextType)
    return Table(
        rated,
        *_columns(
            control.title, rating, nothing("int"), control.rate, risk, read,
            _without_html(control.remediation), told, key, _word("control"),
            control.control_category,
        ),
        where=func.coalesce(control.deprecated, False).is_(False),
    )  # fmt: skip


def _word(kind: str) -> ColumnElement[str]:
    return cast(literal_column(f"'{kind}'"), TextType)


def _without_html(text: ColumnElement[str]) -> ColumnElement[str]:
    """Return the text without tags, its entities as signs and its blanks as one."""
    plain = func.regexp_replace(text, "<[^>]*>", " ", "g")
    for entity, sign in (
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", '"'),
        ("&#39;", "'"),
    ):
        plain = func.replace(plain, entity, sign)
    plain = func.replace(plain, "&amp;", "&")
    return func.nullif(func.btrim(func.regexp_replace(plain, r"\s+", " ", "g")), "", type_=TextType)
