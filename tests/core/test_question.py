"""A question is read from a plain mapping, kept as one, told in words, and refused before it is asked."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core import registry
from shared.core.errors import BadRequest
from shared.core.query import Compare, Order
from shared.core.question import CLOCK_SKEW, NAMES, Question, read_question
from shared.core.text import LANGS, Lang
from shared.web.resources.report.parameters import PARAMETERS

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
KEYS = registry.report_keys()


def question(key: str = "users", lang: Lang = "en", **asked: str) -> Question:
    return read_question(asked, registry.report(key), lang, NOW)


def _filters(
    names: list[str], texts: list[str], needle: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    name, text = st.sampled_from(names), st.sampled_from(texts)
    return st.one_of(
        st.builds("contains({},'{}')".format, text, needle),
        st.builds("{} eq null or not ({} ne '{}')".format, name, text, needle),
        st.builds("{} in ('{}', 'b') and {} ne null".format, text, needle, name),
    )


def _texts(key: str, *, csv: bool) -> st.SearchStrategy[dict[str, str]]:
    """Mappings that ask the report something that makes sense."""
    report = registry.report(key)
    names = [column.id for column in report.columns]
    sortable = [column.id for column in report.columns if column.type != "json"]
    texts = [column.id for column in report.columns if column.type == "text"]
    words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
    order = st.lists(
        st.builds("{}{}".format, st.sampled_from(sortable), st.sampled_from(["", " desc", " asc"])),
        min_size=1,
        max_size=3,
    )
    moments = st.datetimes(datetime(2001, 1, 1), datetime(2026, 11, 29), timezones=st.just(UTC))  # noqa: DTZ001
    asked: dict[str, st.SearchStrategy[str]] = {
        "filter": _filters(names, texts, words.map(lambda word: word.replace("'", "''"))),
        "orderBy": order.map(", ".join),
        "select": st.lists(st.sampled_from(names), min_size=1).map(",".join),
        "asOf": moments.map(datetime.isoformat),
        "lang": st.sampled_from(LANGS),
    }
    if csv:
        needed = {"format": st.just("csv"), "compat": st.just("powershell")}
        asked["timeZone"] = st.sampled_from(["Asia/Tokyo", "UTC", "America/St_Johns"])
        return st.fixed_dictionaries(needed, optional=asked)
    asked |= {
        "format": st.just("json"),
        "top": st.integers(1, 1000).map(str),
        "count": st.sampled_from(["true", "false"]),
        "totals": st.sampled_from(["true", "false"]),
        "cursor": words,
    }
    return st.fixed_dictionaries({}, optional=asked)


MAPPINGS = st.tuples(st.sampled_from(KEYS), st.booleans()).flatmap(
    lambda chosen: st.tuples(st.just(chosen[0]), _texts(chosen[0], csv=chosen[1]))
)


@given(MAPPINGS, st.sampled_from(LANGS))
def test_what_is_kept_of_a_question_asks_the_same_again(
    chosen: tuple[str, Mapping[str, str]], lang: Lang
) -> None:
    key, asked = chosen
    first = read_question(asked, registry.report(key), lang, NOW)
    kept = first.to_mapping()
    assert kept == asked
    again = read_question(kept, registry.report(key), lang, NOW)
    assert again == first
    assert again.query() == first.query()


@given(MAPPINGS)
def test_every_question_can_be_told_in_both_languages(
    chosen: tuple[str, Mapping[str, str]],
) -> None:
    key, asked = chosen
    asked_for = read_question(asked, registry.report(key), "en", NOW)
    english, japanese = asked_for.sentence("en"), asked_for.sentence("ja")
    assert english.startswith("The report “")
    assert japanese.startswith("レポート「")
    for name in asked_for.columns if "select" in asked else ():
        column = next(c for c in asked_for.report.columns if c.id == name)
        assert column.en in english
        assert column.ja in japanese


def test_a_question_without_wishes_is_the_first_page_of_everything() -> None:
    plain = question()
    report = registry.report("users")
    assert plain.columns == tuple(column.id for column in report.columns)
    assert (plain.format, plain.top, plain.count, plain.where) == ("json", 100, False, None)
    assert plain.order[-1] == Order(report.row_key[-1])
    assert plain.to_mapping() == {}
    with pytest.raises(AttributeError):
        plain.top = 5  # type: ignore[misc]


def test_a_stored_question_keeps_its_own_language_and_else_follows_the_reader() -> None:
    assert question(lang="ja").lang == "ja"
    assert read_question({"lang": "en"}, registry.report("users"), "ja", NOW).lang == "en"


def test_the_sentence_says_what_was_asked() -> None:
    asked = {
        "select": "display_name,department",
        "filter": "startswith(display_name,'Sato') and (department eq null or department in ('A','B'))",
        "orderBy": "display_name desc",
        "asOf": "2026-01-31T09:00:00+09:00",
        "top": "50",
        "count": "true",
    }
    report = registry.report("users")
    header = {column.id: column for column in report.columns}
    name, department = header["display_name"], header["department"]
    told = read_question(asked, report, "en", NOW)
    assert told.sentence("en") == (
        f"The report “{report.title.en}”, only {name.en}, {department.en},"
        f" where {name.en} starts with “Sato” and ({department.en} is unknown or"
        f" {department.en} is one of “A”, “B”), ordered by {name.en} (descending),"
        " as it was on 2026-01-31 00:00:00 UTC, 50 rows at a time, with the number of all rows,"
        " as JSON."
    )
    assert told.sentence("ja") == (
        f"レポート「{report.title.ja}」、列は{name.ja}・{department.ja}のみ、"
        f"条件は「{name.ja}が 「Sato」 で始まる かつ ({department.ja}が 不明 または "
        f"{department.ja}が 「A」・「B」 のいずれか)」、{name.ja} (降順)で並べ替え、"
        "2026-01-31 00:00:00 (UTC) 時点、50 行ずつ、全行数付き、JSON 形式。"
    )


def test_the_sentence_uses_the_words_for_codes_and_tells_the_time_zone() -> None:
    report = registry.report("users")
    column = next(c for c in report.columns if c.labels and c.type == "text")
    code, word = next(iter(column.labels.items()))
    asked = {"filter": f"not ({column.id} eq '{code}')", "format": "csv", "compat": "powershell"}
    told = read_question(asked, report, "en", NOW).sentence("en")
    assert f"where not ({column.en} is “{word.en}”)" in told
    assert told.endswith("as CSV, as the PowerShell tool wrote it, times of Asia/Tokyo.")


@pytest.mark.parametrize(
    ("asked", "code", "parameter"),
    [
        (
            {"timeZone": "Mars/Olympus", "format": "csv", "compat": "powershell"},
            "time_zone_unknown",
            "timeZone",
        ),
        (
            {"timeZone": "../../etc/passwd", "format": "csv", "compat": "powershell"},
            "time_zone_unknown",
            "timeZone",
        ),
        ({"timeZone": "UTC", "format": "csv"}, "parameter_needs", "timeZone"),
        ({"timeZone": "UTC"}, "parameter_not_with_format", "timeZone"),
        ({"compat": "powershell"}, "parameter_not_with_format", "compat"),
        ({"format": "csv", "top": "5"}, "parameter_not_with_format", "top"),
        ({"format": "csv", "cursor": "x"}, "parameter_not_with_format", "cursor"),
        ({"format": "csv", "count": "true"}, "parameter_not_with_format", "count"),
        ({"format": "csv", "totals": "true"}, "parameter_not_with_format", "totals"),
        ({"format": "docx"}, "value_not_allowed", "format"),
        ({"compat": "bash", "format": "csv"}, "value_not_allowed", "compat"),
        ({"select": "id,nope"}, "column_unknown", "select"),
        ({"orderBy": "nope"}, "column_unknown", "orderBy"),
        ({"orderBy": "id down"}, "order_malformed", "orderBy"),
        ({"filter": "nope eq 1"}, "column_unknown", "filter"),
        ({"filter": "id eq"}, "filter_syntax", "filter"),
        ({"filter": "id eq 5"}, "filter_type", "filter"),
        ({"top": "0"}, "number_expected", "top"),
        ({"top": "1001"}, "number_expected", "top"),
        ({"count": "yes"}, "value_not_allowed", "count"),
        ({"asOf": "yesterday"}, "instant_expected", "asOf"),
        ({"asOf": "2026-01-31T09:00:00"}, "instant_expected", "asOf"),
        ({"asOf": "2026-11-29T12:01:00Z"}, "as_of_future", "asOf"),
        ({"lang": "fr"}, "value_not_allowed", "lang"),
        ({"page": "2"}, "parameter_unknown", "page"),
        ({"filter": "id eq '\0'"}, "parameter_malformed", "filter"),
        ({"select": "\ud800"}, "parameter_malformed", "select"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    asked: dict[str, str], code: str, parameter: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        read_question(asked, registry.report("users"), "en", NOW)
    assert (caught.value.code, caught.value.parameter) == (code, parameter)


def test_an_instant_ahead_of_ours_by_the_skew_of_two_clocks_is_taken() -> None:
    moment = NOW + CLOCK_SKEW
    assert question(asOf=moment.isoformat()).as_of == moment
    with pytest.raises(BadRequest):
        question(asOf=(moment + timedelta(microseconds=1)).isoformat())


def test_the_filter_is_typed_by_the_columns() -> None:
    assert question(filter="id eq 'x'").where == Compare("id", "eq", "x")


def test_the_api_describes_every_name_that_is_read() -> None:
    assert {"lang", *(parameter.name for parameter in PARAMETERS)} == set(NAMES)


def test_the_columns_of_the_former_file_are_those_of_the_language() -> None:
    report = registry.report("users")
    assert report.legacy is not None
    for lang in LANGS:
        asked = question(lang=lang, format="csv", compat="powershell")
        assert asked.columns == tuple(report.legacy.of(lang).values())
    chosen = question(format="csv", compat="powershell", select="id")
    assert chosen.columns == ("id",)


def test_a_preset_asks_what_it_says_and_what_is_asked_beside_it_goes_before() -> None:
    preset = registry.report("users").presets["stale"].asked
    named = question(preset="stale")
    spelled = read_question(preset, registry.report("users"), "en", NOW)
    assert named == spelled
    assert "preset" not in named.to_mapping(), "kept, it stays what it was"
    other = question(preset="stale", orderBy="email", top="7")
    assert (other.where, other.top) == (spelled.where, 7)
    assert other.order[0] == Order("email")


@pytest.mark.parametrize("key", ["users", "mailbox"])
def test_a_preset_that_the_report_does_not_have_is_refused(key: str) -> None:
    with pytest.raises(BadRequest) as refused:
        question(key, preset="nothing")
    assert refused.value.code == "value_not_allowed"


@pytest.mark.parametrize("key", KEYS)
def test_every_preset_makes_sense(key: str) -> None:
    report = registry.report(key)
    for name, preset in report.presets.items():
        assert question(key, preset=name).to_mapping() == dict(preset.asked)
        assert preset.words.en
        assert preset.words.ja
