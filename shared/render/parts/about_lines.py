"""What a document says of itself, "About this report": its question, age, coverage, and columns.

Sections of plain lines, in words of the question's language, which any format lays out as it can.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from shared.core.format import About
from shared.core.masking import masking_of
from shared.core.registry import collector, kept
from shared.core.report import ReportColumn, Total
from shared.core.text import Lang, text
from shared.render.parts.cells import duration, local, visible
from shared.render.parts.columns import columns_of, header
from shared.render.parts.coverage import (
    CoverageAnswer,
    compared_coverage,
    coverage_answers,
    oldest,
)
from shared.render.parts.parameters import parameter_answers


class Section(Struct, frozen=True):
    """Lines below a heading. With a `header` they are rows of a table, as wide as it; else each is a
    name and a text. `notes` are sentences below them."""

    heading: str
    header: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def about_title(lang: Lang) -> str:
    """Return what the whole of it is called: "About this report"."""
    return text("about.title", lang)


def about_sections(about: About, notes: Sequence[str] = ()) -> list[Section]:
    """Return the sections in the order of reading; none that would have no line.

    `notes` are sentences that the format has to say of this document.
    """
    lang, say = about.question.lang, _Words(about)
    found = [
        Section(say("report"), (), tuple(_report(about, say)), tuple(notes)),
        _coverage("coverage", coverage_answers(about), say),
        _coverage("compared_coverage", compared_coverage(about), say),
        Section(
            say("parameters"),
            (say("name"), say("value"), say("meaning"), say("source")),
            tuple(
                (one.name, one.value, one.description, say(f"source_{one.source}"))
                for one in parameter_answers(about)
            ),
        ),
        Section(
            say("columns"),
            (say("column"), say("id"), say("type"), say("read_from"), say("note")),
            tuple(_column(column, say) for column in columns_of(about.question)),
        ),
        Section(
            say("words"),
            (say("column"), say("code"), say("word")),
            tuple(
                (header(column, lang), code, word.of(lang))
                for column in columns_of(about.question)
                for code, word in column.labels.items()
            ),
        ),
    ]
    return [section for section in found if section.lines]


class _Words:
    """The words of `about_texts.toml` in the question's language, and instants in its time zone."""

    def __init__(self, about: About) -> None:
        self.lang: Lang = about.question.lang
        self.masked = about.question.masked
        self._zone = ZoneInfo(about.time_zone)

    def __call__(self, key: str, **params: object) -> str:
        return text(f"about.{key}", self.lang, **params)

    def at(self, moment: datetime | None) -> str:
        return "" if moment is None else f"{local(moment, self._zone)} ({self._zone.key})"


def _report(about: About, say: _Words) -> Iterator[tuple[str, str]]:
    question = about.question
    report = question.report
    yield say("name"), report.title.of(say.lang)
    yield say("description"), report.description.of(say.lang)
    yield say("question"), visible(question.sentence(say.lang))
    yield say("tenant"), str(about.tenant_id)
    yield say("as_of"), say.at(about.as_of)
    yield say("generated"), say.at(about.generated_at)
    age = oldest(coverage_answers(about))
    yield say("age"), say("age_unknown") if age is None else duration(age, say.lang)
    if about.window is not None:
        ends = say.at(about.window.begins), say.at(about.window.ends)
        yield say("window"), say("from_to", begins=ends[0], ends=ends[1])
    if about.compared is not None:
        yield say("compared"), say.at(about.compared.as_of)
    yield say("personal"), say("masked" if question.masked else "shown")
    if report.docs:
        yield say("source_page"), report.docs


def _coverage(key: str, coverage: Sequence[CoverageAnswer], say: _Words) -> Section:
    columns = ("dataset", "state", "complete_at", "age", "report_date", "final_until", "note")
    return Section(
        say(key),
        tuple(map(say, columns)),
        tuple(
            (
                _dataset(one.dataset, say.lang),
                say(f"state_{one.state}"),
                say.at(one.complete_at),
                duration(one.age_seconds, say.lang),
                one.report_date or "",
                say.at(one.final_until),
                one.note or "",
            )
            for one in coverage
        ),
    )


def _dataset(name: str, lang: Lang) -> str:
    """What figures are counted from may be Kanri's own, which is no dataset."""
    return f"{collector(name).title.of(lang)} ({name})" if name in kept() else name


def _column(column: ReportColumn, say: _Words) -> tuple[str, ...]:
    return (
        header(column, say.lang),
        column.id,
        say(f"type_{column.type}"),
        "\n".join(_inputs(column, say.lang)),
        " ".join(_notes(column, say)),
    )


def _inputs(column: ReportColumn, lang: Lang) -> Iterator[str]:
    """Each dataset that it is computed from, and which columns of it."""
    for dataset in sorted(column.reads):
        start = f"{dataset}."
        names = sorted(one.removeprefix(start) for one in column.inputs if one.startswith(start))
        yield f"{_dataset(dataset, lang)}: {', '.join(names)}" if names else _dataset(dataset, lang)


def _notes(column: ReportColumn, say: _Words) -> Iterator[str]:
    """Why it is empty or masked, how it changes, and what its total is made of."""
    if column.unavailable is not None:
        yield say("unavailable", why=column.unavailable.of(say.lang))
    if column.personal:
        masking = masking_of(column) if say.masked else None
        yield say("personal_data") if masking is None else say(f"masked_{masking}")
    if judged_by := sorted(one for one in column.inputs if "." not in one):
        yield say("judged_by", names=", ".join(judged_by))
    if column.tells_time:
        yield say("tells_time")
    if column.total is not None:
        yield _total(column.total, say)


def _total(total: Total, say: _Words) -> str:
    return say(f"total_{total.function}", of=" / ".join(total.of))
