"""What a document says of itself: every report, in both languages, with all that goes wrong."""

from copy import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.core import registry
from shared.core.coverage import Coverage, Standing
from shared.core.format import About
from shared.core.question import read_question
from shared.core.text import LANGS, Lang
from shared.render.parts.about_lines import Section, about_sections, about_title
from shared.render.parts.cells import duration

NOW = datetime(2026, 1, 31, 9, 30, 15, 123456, tzinfo=UTC)
TENANT = UUID("11111111-1111-1111-1111-111111111111")


def about_of(key: str, lang: Lang, *, masked: bool = False, **asked: str) -> About:
    """An answer whose datasets were read completely two hours ago."""
    question = read_question(asked, registry.report(key), lang, NOW, masked=masked)
    parameters = tuple((one.name, one.default) for one in question.report.parameters)
    coverage = tuple(
        Coverage(dataset=name, state="ok", complete_at=NOW - timedelta(hours=2))
        for name in question.report.needs
    )
    standing = Standing(
        tenant_state="active", coverage=coverage, first_collected_at=NOW, data_version="1"
    )
    return About(
        tenant_id=TENANT,
        question=question,
        standing=standing,
        generated_at=NOW,
        as_of=NOW,
        parameters=parameters,
    )


def section(about: About, heading: str) -> Section:
    [found] = [one for one in about_sections(about) if one.heading == heading]
    return found


def said_by(about: About, heading: str) -> dict[str, str]:
    return {name: told for name, told in section(about, heading).lines}  # noqa: C416


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("key", registry.report_keys())
def test_every_report_tells_of_itself(key: str, lang: Lang) -> None:
    about = about_of(key, lang)
    for one in about_sections(about):
        width = len(one.header) or 2
        assert {len(line) for line in one.lines} == {width}, one.heading
        assert all("{" not in cell for line in one.lines for cell in line[:1])
    columns = section(about, "Columns" if lang == "en" else "列").lines
    assert [line[1] for line in columns] == [column.id for column in about.question.report.columns]
    for line, column in zip(columns, about.question.report.columns, strict=True):
        if column.unavailable is not None:
            assert column.unavailable.of(lang) in line[-1]


def test_the_first_section_says_question_instants_and_age() -> None:
    about = about_of("users", "ja", filter="department eq '営業'", select="id,display_name")
    said = said_by(about, "レポート")
    assert about_title("ja") == "このレポートについて"
    assert "営業" in said["質問"]
    assert said["テナント"] == str(TENANT)
    assert said["基準日時"] == "2026-01-31 18:30:15 (Asia/Tokyo)"
    assert said["データの経過時間"] == "2 時間"
    assert said["個人データ"] == "表示"


def test_what_was_not_read_is_said_and_no_age_is_made_up() -> None:
    about = about_of("users", "en")
    first, *others = about.standing.coverage
    lost = Coverage(dataset=first.dataset, state="never")
    about = replace(about, standing=replace(about.standing, coverage=(lost, *others)))
    line = section(about, "Coverage: how well the data was read").lines[0]
    assert line[1] == "Not collected yet"
    assert line[2:4] == ("", "")
    assert "does not mean that there are none" in line[-1]
    assert said_by(about, "Report")["Age of the data"].startswith("Unknown")


def test_masked_columns_say_how() -> None:
    about = about_of("users", "en", masked=True)
    notes = {line[1]: line[-1] for line in section(about, "Columns").lines}
    assert "pseudonym" in notes["display_name"]
    assert "withheld" in notes["last_used_at"]
    assert said_by(about, "Report")["Personal data"] == "Masked"


def test_spans_are_told_in_their_two_largest_units() -> None:
    told = [duration(span, "en") for span in (None, 0, 59, 3600, 90_061, -5)]
    assert told == ["", "0 s", "59 s", "1 h", "1 d 1 h", "0 s"]


def test_a_column_says_what_it_is_computed_from_and_judged_by() -> None:
    lines = {line[1]: line for line in section(about_of("license", "en"), "Columns").lines}
    assert lines["usage_rate"][3].endswith(
        "(subscribed_skus): consumed_units, enabled_units, warning_units"
    )
    assert "Judged by: unusedLicenses." in lines["review_recommended"][-1]
    assert "Judged by" not in lines["usage_rate"][-1]
