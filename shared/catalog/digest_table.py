"""The rows of the digest: a figure each, beside that of one period before, and why one lacks."""

from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Double,
    FromClause,
    Integer,
    Interval,
    Numeric,
    Subquery,
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
from shared.catalog.digest_figures import FIGURES
from shared.catalog.digest_values import told
from shared.catalog.table import Table, col
from shared.core.report import Sources
from shared.core.report_parameters import PERIOD
from shared.core.text import Text

_PERIOD = PERIOD.by_default(7)
_REFUSED = ("not_licensed", "not_permitted", "off")
_SECTIONS = {
    "people": Text("People", "ユーザー"),
    "access": Text("Access", "アクセス"),
    "licences": Text("Licences", "ライセンス"),
    "services": Text("Services", "サービス"),
    "mail_and_files": Text("Mail and files", "メールとファイル"),
    "security": Text("Security", "セキュリティ"),
    "operation": Text("Operation", "運用"),
}
_UNITS = {
    "count": Text("Number", "件数"),
    "percent": Text("%", "%"),
    "gb": Text("GB", "GB"),
}
_GAPS = {
    "not_licensed": Text("The tenant has no licence for it.", "ライセンスがありません。"),
    "not_permitted": Text("A permission is missing.", "アクセス許可がありません。"),
    "off": Text("It is not switched on.", "有効化されていません。"),
    "not_read": Text("It was not read yet.", "まだ読み取られていません。"),
    "begins_later": Text(
        "The data begins later (see covered_from).",
        "データの開始が期間より後です (covered_from 参照)。",
    ),
    "no_data": Text("There is no figure for it in what was read.", "読み取ったデータに値がありません。"),
}  # fmt: skip
_COUNTED = "a number of people names nobody"
_PREVIOUS = Text("A period before", "前期間の値")
_PREVIOUS_GAP = Text("Why the previous value lacks", "前期間の値がない理由")


def _figures() -> Values:
    """A row for each figure, in their order."""
    rows = [
        (name, number, one.section, one.unit, one.reach, one.of_period)
        for number, (name, one) in enumerate(FIGURES.items(), 1)
    ]
    return values(
        column("id", TextType),
        column("position", BigInteger),
        column("section", TextType),
        column("unit", TextType),
        column("reach", TextType),
        column("of_period", Boolean),
        name="figures",
    ).data(rows)


def _standing(s: Sources) -> FromClause:
    """A row for each figure: since when its datasets are known, and what is wrong with one that is not."""
    pairs = [(name, dataset) for name, one in FIGURES.items() for dataset in one.datasets]
    read = values(column("figure", TextType), column("of", TextType), name="read").data(pairs)
    datasets = tuple(dict.fromkeys(dataset for _, dataset in pairs))
    first, run = s.first_reads(datasets), s.runs(datasets)
    known, told_since = first.c.known_since, first.c.told_since
    refused = case((run.c.state.in_(_REFUSED), run.c.state), else_="not_read")
    all_known = func.count(known) == func.count()
    return (
        select(
            read.c.figure,
            case((all_known, func.max(known))).label("state"),
            case((all_known, func.max(told_since))).label("events"),
            func.min(known).label("own"),
            func.min(refused, type_=TextType).filter(known.is_(None)).label("unread"),
        )
        .select_from(
            read.join(first, first.c.dataset == read.c.of).join(run, run.c.dataset == read.c.of)
        )
        .group_by(read.c.figure)
        .subquery()
    )


def _rounded(value: ColumnElement[Any]) -> ColumnElement[float]:
    return cast(func.round(cast(value, Numeric), 2), Double())


def _rows(s: Sources) -> Subquery:
    """A row for each figure, with whether its data begins too late for the period, or the one before."""
    days = s.parameter(_PERIOD)
    found, each, known = told(s, days), _figures(), _standing(s)
    one, since = each.c, known.c
    seen = found.c.first
    covered = case(
        (one.reach == "state", since.state),
        (one.reach == "events", since.events),
        (one.reach == "listed", case((since.state.is_not(None), func.least(since.state, seen)))),
        (one.reach == "own", since.own),
        else_=seen,
    )
    end = func.coalesce(found.c.ends, s.as_of)
    length = func.make_interval(0, 0, 0, 0, cast(days * 24, Integer), type_=Interval)
    before, long_before = end - length, end - length - length
    by_date = one.reach == "dated"
    covers = covered.is_not(None) & (~one.of_period | (covered <= before))
    covered_before = covered <= case((one.of_period, long_before), else_=before)
    return (
        select(
            *each.c,
            covered.label("covered_from"),
            case((by_date | covers, found.c.value)).label("value"),
            case((by_date | covered_before, found.c.previous)).label("previous"),
            # What is wrong with data of which some was read says its coverage.
            case((one.reach != "own", since.unread), (since.own.is_(None), "not_read")).label(
                "unread"
            ),
            (one.of_period & (covered > before)).label("late"),
            (~covered_before).label("late_before"),
        )
        .select_from(each.join(known, since.figure == one.id).join(found, found.c.figure == one.id))
        # What is compared several times would be written out each time.
        .offset(literal_column("0"))
        .subquery()
    )


def digest(s: Sources) -> Table:
    """Return the rows of the digest, `PERIOD` being how long a period is."""
    rows = _rows(s)
    row = rows.c
    change = _rounded(row.value - row.previous)
    # Of shares the difference is told, in points: a share of a share misleads.
    grown = case(
        (row.unit != "percent", _rounded(100 * cast(change, Numeric) / func.nullif(cast(row.previous, Numeric), 0)))
    )  # fmt: skip
    number = partial(col, personal=False, because=_COUNTED)
    words_of = {name: figure.words for name, figure in FIGURES.items()}
    return Table(
        rows,
        col("position", row.position, Text("No.", "番号")),
        col("section", row.section, Text("Section", "区分"), labels=_SECTIONS),
        col("figure", row.id, Text("Figure", "指標"), labels=words_of),
        number("value", row.value, Text("Value", "値")),
        number("previous_value", row.previous, _PREVIOUS),
        number("difference", change, Text("Change", "増減")),
        number("change_percent", grown, Text("Change (%)", "増減率 (%)")),
        col("unit", row.unit, Text("Unit", "単位"), labels=_UNITS),
        col("covered_from", row.covered_from, Text("Covered from", "データ開始日")),
        number("gap", _gap(row.value, row.unread, row.late), Text("Why it lacks", "値がない理由"), labels=_GAPS),
        number(
            "previous_gap", _gap(row.previous, row.unread, row.late_before), _PREVIOUS_GAP, labels=_GAPS
        ),
        col("id", row.id, words.ID),
    )  # fmt: skip


def _gap(
    value: ColumnElement[float], unread: ColumnElement[str], late: ColumnElement[bool]
) -> ColumnElement[str]:
    """Why there is no value; null if there is one."""
    return case(
        (value.is_not(None), None), (unread.is_not(None), unread), (late, "begins_later"), else_="no_data"
    )  # fmt: skip
