"""How far the rows of an answer can be trusted: age and coverage of each dataset, in words and codes."""

from collections.abc import Iterable, Iterator, Sequence
from copy import replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from shared.core.clock import written
from shared.core.coverage import Coverage, State, Unread
from shared.core.format import About
from shared.core.registry import collector, is_imported
from shared.core.retention import Turn
from shared.core.text import Lang, has_text, text
from shared.core.wire import DateText, Instant


class CoverageAnswer(Struct, rename="camel"):
    """What is known about one dataset. `ageSeconds` counts from its last complete read to the
    instant of the answer; `note` says what is wrong, null if nothing is. Events that happened up to
    `finalUntil` are final; of later ones more may come, and what is there may change. Null for what
    is no event, and before the first complete read. What was before `keptSince` is kept no longer,
    null if all is; `keptEach` is set where only one state a day, week or month is kept: the answer
    is as of that one. Of figures: `rows` is how many entries they are counted from, `completeAt` when
    the newest was made, and `since` the first; before that nothing is known. `askedAgainAt` stands with
    what was refused for want of a licence or permission: then Microsoft is asked again. `origin` stands with what people send as a file; all else is
    Microsoft's, or Kanri's own. `importId` is that of the file of the PowerShell tool that all rows are from."""

    dataset: str
    state: State | Unread
    complete_at: Instant | None
    age_seconds: int | None
    report_date: DateText | None
    final_until: Instant | None
    rows: int | None
    cause: str | None
    kept_since: Instant | None
    kept_each: Turn | None
    note: str | None = None
    since: Instant | UnsetType = UNSET
    asked_again_at: Instant | UnsetType = UNSET
    origin: Literal["import"] | UnsetType = UNSET
    import_id: UUID | UnsetType = UNSET


def coverage_answers(about: About) -> list[CoverageAnswer]:
    """Return how well each dataset was read; a note in the question's language if one is wrong."""
    lang = about.question.lang
    return [
        _answer(entry, about.as_of, _note(entry, about, lang)) for entry in about.standing.coverage
    ]


def compared_coverage(about: About) -> list[CoverageAnswer]:
    """The same of the earlier instant of a comparison; none of any other answer."""
    if about.compared is None:
        return []
    then = about.compared
    return coverage_answers(replace(about, as_of=then.as_of, standing=then.standing))


def dataset_coverage(entry: Coverage, as_of: datetime, lang: Lang) -> CoverageAnswer:
    """Return how well a dataset was read that is told of by itself."""
    told = (_wrong(entry, lang), *_under_way(entry, lang))
    return _answer(entry, as_of, " ".join(filter(None, told)) or None)


def _answer(entry: Coverage, as_of: datetime, note: str | None) -> CoverageAnswer:
    return CoverageAnswer(
        dataset=entry.dataset,
        state=entry.state,
        complete_at=entry.complete_at,
        age_seconds=_age(entry, as_of),
        report_date=entry.report_date,
        final_until=entry.final_until,
        rows=entry.rows,
        cause=entry.cause,
        kept_since=entry.kept_since,
        kept_each=entry.kept_each,
        note=note,
        since=UNSET if entry.since is None else entry.since,
        asked_again_at=UNSET if entry.asked_again_at is None else entry.asked_again_at,
        origin="import" if _is_imported(entry) else UNSET,
        import_id=UNSET if entry.import_id is None else entry.import_id,
    )


def _note(entry: Coverage, about: About, lang: Lang) -> str | None:
    """Say what is wrong, or what one has to know of data that is all there; None if nothing.

    A dataset that was never read to its end also says what the report therefore does not contain.
    While what is wrong may be mended by a run that is under way: how far that is, and how fast
    Graph lets it go.
    """
    lacks = about.question.report.lacks.get(entry.dataset) if entry.complete_at is None else None
    told = (_wrong(entry, lang), lacks.of(lang) if lacks else None, *_past(entry, about, lang))
    return " ".join(filter(None, (*told, *_under_way(entry, lang)))) or None


def _wrong(entry: Coverage, lang: Lang) -> str:
    if entry.import_id is not None:
        return text("coverage.imported_report", lang)
    if entry.cause is not None and has_text(f"coverage.{entry.cause}"):
        return text(f"coverage.{entry.cause}", lang)
    if entry.state == "ok":
        return ""
    told = (text(f"coverage.{entry.state}", lang), _wanted(entry, lang), _again(entry, lang))
    return " ".join(filter(None, told))


def _wanted(entry: Coverage, lang: Lang) -> str:
    """Name what would mend a refusal: the licence, or the permissions."""
    if entry.state == "not_licensed" and (licence := collector(entry.dataset).licence):
        return text("coverage.wanted", lang, wanted=licence)
    if entry.state == "not_permitted" and (asked := collector(entry.dataset).permissions):
        return text("coverage.wanted", lang, wanted=", ".join(one.name for one in asked))
    return ""


def _again(entry: Coverage, lang: Lang) -> str:
    at = entry.asked_again_at
    return "" if at is None else text("coverage.asked_again", lang, at=written(at))


def _past(entry: Coverage, about: About, lang: Lang) -> Iterator[str]:
    """What is missing of the past that the answer tells of."""
    if entry.kept_each is not None:
        yield text(f"coverage.kept_each_{entry.kept_each}", lang, at=written(about.as_of))
    periods = {one.name for one in about.question.report.parameters if one.is_period}
    days = max((days for name, days in about.parameters if name in periods), default=0)
    if entry.kept_since is not None and entry.kept_since > about.as_of - timedelta(days=days):
        yield text("coverage.kept_since", lang, since=written(entry.kept_since))


def _under_way(entry: Coverage, lang: Lang) -> Iterator[str]:
    if entry.reading is None:
        return
    yield text("coverage.reading", lang, count=entry.reading)
    limit = f"coverage.reading_{collector(entry.dataset).service}"
    if has_text(limit):
        yield text(limit, lang)


def oldest(coverage: Sequence[CoverageAnswer]) -> int | None:
    """Return the age of the oldest dataset; None if one of them was never read to its end.

    What nobody has imported does not count: nothing of it is shown that could be old.
    """
    read = [entry.age_seconds for entry in coverage if entry.state != "not_imported"]
    known = [age for age in read if age is not None]
    return max(known) if known and len(known) == len(read) else None


def coverage_line(coverage: Iterable[Coverage], as_of: datetime) -> str:
    """Return `dataset=state;age=seconds` for each dataset, with ", " between them; for events also
    `;final-until=instant`, where history was thinned `;kept-each=day`, of what was imported
    `;origin=import`, of a file of the PowerShell tool `;import=id`, of what was refused `;asked-again=instant`."""
    parts = []
    for entry in coverage:
        age = _age(entry, as_of)
        part = f"{entry.dataset}={entry.state}" + ("" if age is None else f";age={age}")
        if entry.final_until is not None:
            part += f";final-until={written(entry.final_until)}"
        if entry.kept_each is not None:
            part += f";kept-each={entry.kept_each}"
        if _is_imported(entry):
            part += ";origin=import"
        if entry.import_id is not None:
            part += f";import={entry.import_id}"
        if entry.asked_again_at is not None:
            part += f";asked-again={written(entry.asked_again_at)}"
        parts.append(part)
    return ", ".join(parts)


def _is_imported(entry: Coverage) -> bool:
    return entry.import_id is not None or is_imported(entry.dataset)


def _age(entry: Coverage, as_of: datetime) -> int | None:
    """Seconds from the last complete read to the instant of the answer."""
    if entry.complete_at is None:
        return None
    return max(0, int((as_of - entry.complete_at).total_seconds()))
