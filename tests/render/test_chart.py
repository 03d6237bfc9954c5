"""Charts: what they show of the rows, where it stands, and that nothing unknown is drawn as nought."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.core import registry
from shared.core.report import Chart, Report, ReportColumn, Total
from shared.core.text import LANGS, Lang
from shared.render.parts.chart import AnswerChart, chart_of
from shared.render.parts.chart_rows import FIRST_BARS, MOST_BARS, MOST_POINTS, gathering
from shared.render.parts.drawing import Bar, Dot, Drawing, Path, Words, fitted, width_of
from shared.render.parts.scale import scale_of, written
from shared.render.parts.svg import svg
from shared.store.figures.breaches import BREACHES
from shared.store.figures.runs import runs_report
from tests.render.answers import Row, about, about_asked

FIGURES = [runs_report(()), runs_report(("tenant", "kind")), BREACHES]
DRAWN = [*map(registry.report, registry.report_keys()), *FIGURES]
NAME, SIZE = ReportColumn("name", "text", "Name", "名前"), ReportColumn("n", "int", "N", "数")
DAY = ReportColumn("day", "date", "Day", "日")
HOSTILE = ("a\x00b\x1b[31m", "]]></text><script>alert(1)</script>", "\u202egnp.exe", "字" * 10_000)


def drawn(chart: AnswerChart | None, rows: list[Row]) -> Drawing:
    assert chart is not None
    chart.take(rows)
    drawing = chart.drawing()
    assert drawing is not None
    return drawing


def usage(rows: list[Row], lang: Lang = "en") -> Drawing:
    columns = "service_name,total_users,active_users"
    return drawn(chart_of(about("usage", lang, select=columns), "UTC"), rows)


def words(drawing: Drawing, role: str) -> list[str]:
    return [one.text for one in drawing.shapes if isinstance(one, Words) and one.role == role]


@pytest.mark.parametrize("report", DRAWN, ids=lambda report: report.key)
def test_a_chart_draws_columns_that_can_be_drawn(report: Report) -> None:
    chart = report.chart
    if chart is None:
        pytest.skip("the report is not drawn")
    columns = {column.id: column for column in report.columns}
    assert columns[chart.across].type != "json"
    up = [columns[name] for name in chart.up]
    assert {column.type for column in up} <= {"int", "float"}
    assert len(up) <= 4, "there are colours for four"
    assert not [column for column in (columns[chart.across], *up) if column.unavailable]
    if chart.kind == "line":
        assert columns[chart.across].type in ("date", "timestamp")
        assert all(column.total == Total("sum") for column in up), "rows of one time are added up"
        assert up


def test_nearly_every_report_is_drawn() -> None:
    assert len([report for report in DRAWN if report.chart is not None]) > 30


@pytest.mark.parametrize("seed", range(5))
def test_of_many_rows_the_largest_are_drawn_and_the_rest_is_told(seed: int) -> None:
    chance = random.Random(seed)
    rows = [(f"r{n}", chance.choice([None, chance.randrange(-50, 1000)])) for n in range(60 + seed)]
    added = ReportColumn("n", "int", "N", "数", total=Total("sum"))
    for first, sign in (("largest", -1), ("smallest", 1)):
        chart = Chart(kind="bar", across="name", up=("n",), first=first)  # type: ignore[arg-type]
        taken = gathering(chart, (NAME, added), "en", "UTC")
        for row in rows:
            taken.take(row)
        found = taken.gathered()
        known = sorted((n for _, n in rows if n is not None), key=lambda n: sign * n)
        assert [mark.values[0] for mark in found.marks] == known[:FIRST_BARS]
        assert found.others == len(rows) - FIRST_BARS
        assert found.rest == (sum(known[FIRST_BARS:]),)


def test_what_is_no_sum_has_no_rest() -> None:
    taken = gathering(Chart(kind="bar", across="name", up=("n",)), (NAME, SIZE), "en", "UTC")
    for n in range(MOST_BARS + 1):
        taken.take((f"r{n}", n))
    assert taken.gathered().rest == (None,)


def test_a_few_rows_stand_as_they_came() -> None:
    taken = gathering(Chart(kind="bar", across="name", up=("n",)), (NAME, SIZE), "en", "UTC")
    rows = [(f"r{n}", (n * 7) % 11) for n in range(MOST_BARS)]
    for row in rows:
        taken.take(row)
    found = taken.gathered()
    assert [(mark.name, mark.values[0]) for mark in found.marks] == rows
    assert not found.others


def test_rows_are_counted_by_name_with_the_rare_ones_together() -> None:
    chance = random.Random(7)
    names = [chance.choice([None, *(f"n{min(k, 40)}" for k in range(60))]) for _ in range(3000)]
    taken = gathering(Chart(kind="bar", across="name"), (NAME, SIZE), "ja", "UTC")
    for name in names:
        taken.take((name, 1))
    found = taken.gathered()
    counts = Counter(name for name in names if name is not None).most_common(FIRST_BARS - 1)
    assert [mark.values[0] for mark in found.marks[:-1]] == [number for _, number in counts]
    assert found.marks[-1].name == "その他"
    assert sum(mark.values[0] or 0 for mark in found.marks) == len(names) == found.rows


def test_however_many_names_there_are_they_are_bounded() -> None:
    taken = gathering(Chart(kind="bar", across="name"), (NAME, SIZE), "en", "UTC")
    for n in range(20_000):
        taken.take((f"n{n}", 1))
    found = taken.gathered()
    assert len(found.marks) == FIRST_BARS
    assert sum(mark.values[0] or 0 for mark in found.marks) == 20_000


def test_rows_of_one_day_are_added_up_and_a_missing_day_is_a_gap() -> None:
    first = date(2026, 11, 1)
    taken = gathering(Chart(kind="line", across="day", up=("n",)), (DAY, SIZE), "en", "UTC")
    days = [0, 1, 1, 2, 5, 6]
    for n in reversed(days):
        taken.take((first + timedelta(days=n), 10 + n))
    taken.take((None, 99))
    found = taken.gathered()
    assert [(m.name, m.values[0], m.apart) for m in found.marks] == [
        ("2026-11-01", 10, False),
        ("2026-11-02", 22, False),
        ("2026-11-03", 12, False),
        ("2026-11-06", 15, True),
        ("2026-11-07", 16, False),
    ]
    assert found.others == 1


def test_of_very_many_times_the_newest_are_drawn() -> None:
    taken = gathering(Chart(kind="line", across="day", up=("n",)), (DAY, SIZE), "en", "UTC")
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    for n in range(5000):
        taken.take((begin + timedelta(hours=n), n))
    found = taken.gathered()
    assert [mark.values[0] for mark in found.marks] == list(range(5000 - MOST_POINTS, 5000))


@pytest.mark.parametrize("lang", LANGS)
def test_unknown_is_a_word_and_nought_a_number(lang: Lang) -> None:
    drawing = usage([("exchange", 0, None), ("teams", 40, 10)], lang)
    unknown = "不明" if lang == "ja" else "unknown"
    assert words(drawing, "unknown") == [unknown]
    assert words(drawing, "value") == ["0", "40", "10"]
    # Two in the legend.
    assert len([one for one in drawing.shapes if isinstance(one, Bar)]) == 3 + 2
    assert unknown in drawing.description


def test_bars_are_as_long_as_their_numbers_say() -> None:
    drawing = usage([("exchange", 40, -20), ("teams", 10, 0)])
    found = [one for one in drawing.shapes if isinstance(one, Bar)][2:]
    lengths = [round(one.width / found[2].width * 10, 6) for one in found]
    assert lengths == [40, 20, 10, 0]
    nought = found[0].x
    assert found[1].x + found[1].width == pytest.approx(nought)


def test_a_line_breaks_where_something_is_unknown() -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    numbers = [1, 2, None, 4, 5, 6, None, 8]
    report = runs_report(())
    chart = chart_of(about(report, select="start,runs"), "UTC")
    drawing = drawn(chart, [(day + timedelta(days=n), v) for n, v in enumerate(numbers)])
    paths = [one for one in drawing.shapes if isinstance(one, Path)]
    assert [len(one.points) for one in paths] == [2, 3]
    assert len([one for one in drawing.shapes if isinstance(one, Dot)]) == 6


def test_a_line_breaks_where_a_day_is_missing() -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    chart = chart_of(about(runs_report(()), select="start,runs"), "UTC")
    drawing = drawn(chart, [(day + timedelta(days=n), n) for n in (0, 1, 2, 6, 7)])
    assert [len(one.points) for one in drawing.shapes if isinstance(one, Path)] == [3, 2]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("size", [1, 3, MOST_BARS, 400])
def test_everything_stands_inside_the_picture(lang: Lang, size: int) -> None:
    for key, across, up in (("usage", "service_name", "total_users"), ("mfa", "mfa_status", "id")):
        chart = chart_of(about(key, lang, select=f"{across},{up}"), "UTC")
        inside(drawn(chart, [(HOSTILE[n % 4] * (n % 3 + 1), n * 10**9) for n in range(size)]))
    lines = chart_of(about(BREACHES, lang, select="start,times"), "Asia/Tokyo")
    day = datetime(2026, 1, 1, tzinfo=UTC)
    inside(drawn(lines, [(day + timedelta(hours=n), n * n) for n in range(size)]))


def inside(drawing: Drawing) -> None:
    for shape in drawing.shapes:
        match shape:
            case Bar():
                corners = [(shape.x, shape.y), (shape.x + shape.width, shape.y + shape.height)]
            case Words():
                wide = width_of(shape.text, shape.role)
                begin = {"start": 0.0, "middle": wide / 2, "end": wide}[shape.anchor]
                corners = [(shape.x - begin, shape.y), (shape.x - begin + wide, shape.y)]
            case Path():
                corners = list(shape.points)
            case Dot():
                corners = [(shape.x, shape.y)]
            case _:
                corners = [(shape.x1, shape.y1), (shape.x2, shape.y2)]
        assert all(-0.5 <= x <= drawing.width + 0.5 for x, _ in corners), shape
        assert all(0 <= y <= drawing.height for _, y in corners), shape


@pytest.mark.parametrize("name", HOSTILE)
def test_names_do_no_harm_in_svg(name: str) -> None:
    told = svg(usage([(name, 3, 1)]))
    root = ElementTree.fromstring(told)  # noqa: S314  (our own)
    used = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert used <= {"svg", "title", "desc", "rect", "line", "text", "polyline", "circle"}
    attributes = {key for element in root.iter() for key in element.attrib}
    assert not {one for one in attributes if one == "style" or one.startswith("on")}
    assert "\u202e" not in told
    assert "\x00" not in told
    named = str(root.attrib["aria-labelledby"]).split()
    assert [element.attrib.get("id") for element in list(root)[:2]] == named


def test_a_chart_is_drawn_of_what_the_reader_sees_only() -> None:
    assert chart_of(about("usage", select="total_users"), "UTC") is None
    assert chart_of(about("usage", select="service_name"), "UTC") is None
    assert chart_of(about("usage", format="csv", compat="powershell"), "UTC") is None
    assert chart_of(about("daily"), "UTC") is not None
    assert chart_of(about_asked("daily", "en", {}, masked=True), "UTC") is None, (
        "what is counted is withheld"
    )
    half = chart_of(about("usage", select="service_name,active_users"), "UTC")
    assert drawn(half, [("teams", 3)]).title == "Active users by Service"


def test_without_rows_there_is_no_chart() -> None:
    chart = chart_of(about("usage"), "UTC")
    assert chart is not None
    assert chart.drawing() is None


@given(some.lists(some.floats(-1e14, 1e14), min_size=1), some.booleans())
def test_a_scale_has_room_for_every_value_in_few_round_steps(
    values: list[float], whole: bool
) -> None:
    scale = scale_of(values, whole=whole)
    span = scale.high - scale.low
    assert scale.low - span * 1e-9 <= min(0.0, *values)
    assert scale.high + span * 1e-9 >= max(0.0, *values)
    assert 2 <= len(scale.ticks) <= 8
    assert 0.0 in scale.ticks
    if whole:
        assert all(tick == round(tick) for tick in scale.ticks)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1234567, "1,234,567"),
        (0.5, "0.5"),
        (99.999, "100"),
        (0.004, "0.004"),
    ],
)
def test_numbers_are_written_for_people(value: float, told: str) -> None:
    assert written(value) == told
    assert written(value, "%") == told + "%"


def test_a_long_text_is_cut_with_a_sign() -> None:
    told = fitted("とても長い名前" * 9, "name", 120)
    assert told.endswith("…")
    assert width_of(told, "name") <= 120
    assert fitted("short", "name", 120) == "short"
