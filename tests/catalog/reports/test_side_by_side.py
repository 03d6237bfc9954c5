"""What each report says of five tenants that differ in what they bought, grant and show."""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.local.repository import ROOT
from shared.core import registry
from shared.core.settings import Settings
from tests.catalog.reports.five_tenants import KINDS, Five, Kind, five_tenants, page, table

pytestmark = pytest.mark.stack

# What stands for a value that is not known, where a column has words for its codes.
UNKNOWN = {None, "unknown"}
# Services of the sandbox by the licences that collectors name.
BOUGHT_AS = {
    "Microsoft Intune": "intune",
    "Microsoft Defender XDR": "defender",
    "Microsoft Defender for Office 365 (Plan 2)": "defender_office",
    "Microsoft 365 Backup": "backup",
}
ENTRA = {"Microsoft Entra ID P1", "Microsoft Entra ID P2", "Microsoft Entra ID P1 or P2"}
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PAGE = ROOT / "docs" / "tenants-side-by-side.md"


@pytest.fixture(scope="module")
def five(
    tmp_path_factory: pytest.TempPathFactory, fresh_database: Callable[[], Settings]
) -> Iterator[Five]:
    """All five, collected once."""
    with five_tenants(tmp_path_factory.mktemp("five"), fresh_database) as found:
        yield found


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name.replace(" ", "_"))
def kind(request: pytest.FixtureRequest) -> Kind:
    one: Kind = request.param
    return one


def expected(kind: Kind, dataset: str, granted: frozenset[str]) -> str:
    """How the collection of a dataset ends for a tenant, by what it has."""
    spec = registry.collector(dataset)
    if spec.switches and not kind.costly:
        return "off"
    if any(not granted & {one.name, *one.covered_by} for one in spec.permissions):
        return "not_permitted"
    if kind.premium == "none" and spec.licence in ENTRA:
        return "not_licensed"
    return "not_licensed" if BOUGHT_AS.get(spec.licence or "") in kind.not_bought else "ok"


def test_each_collection_ends_as_the_tenant_has_it(five: Five, kind: Kind) -> None:
    ends = five.sides[kind.name].ends
    granted = five.granted[kind.name]
    wanted = {dataset: expected(kind, dataset, granted) for dataset in registry.datasets()}
    concealed = {name for name, (_, cause) in ends.items() if cause == "names_concealed"}
    assert bool(concealed) == kind.concealed
    found = {name: "ok" if name in concealed else state for name, (state, _) in ends.items()}
    assert found == wanted


def test_what_was_not_read_is_said_with_what_it_takes(five: Five, kind: Kind) -> None:
    for key, answer in five.sides[kind.name].answers.items():
        for line in answer["coverage"]:
            spec = registry.collector(line["dataset"])
            if line["state"] == "ok":
                assert line["completeAt"] is not None
                continue
            assert line["note"], (key, line)
            if kind.lang == "ja":
                assert JAPANESE.search(line["note"])
            if line["state"] == "not_licensed":
                assert spec.licence is not None
                assert spec.licence in line["note"], (key, line)
            if line["state"] == "not_permitted":
                assert all(one.name in line["note"] for one in spec.permissions), (key, line)


def test_no_figure_is_made_of_what_was_not_read(five: Five, kind: Kind) -> None:
    """A column whose every dataset was never read has no value, whatever the row is of."""
    for key, answer in five.sides[kind.name].answers.items():
        unread = {line["dataset"] for line in answer["coverage"] if line["completeAt"] is None}
        for column in registry.report(key).columns:
            if column.reads and column.reads <= unread:
                shown = {_plain(row[column.id]) for row in answer["rows"]}
                assert shown <= UNKNOWN, (key, column.id, shown)


def test_an_empty_report_says_why(five: Five, kind: Kind) -> None:
    """Of a tenant in which others have rows, no row is there only if a dataset says what is wrong."""
    whole = five.sides["everything"].answers
    for key, answer in five.sides[kind.name].answers.items():
        if answer["rowCount"] == 0 and whole[key]["rowCount"] > 5:
            assert any(line["note"] for line in answer["coverage"]), key


def test_concealed_names_are_shown_nowhere(five: Five) -> None:
    """What Microsoft shows instead of a name, 32 digits, is nobody's."""
    for key, answer in five.sides["names concealed"].answers.items():
        names = [column["id"] for column in answer["columns"] if column["personal"]]
        for row in answer["rows"]:
            for name in names:
                assert not re.fullmatch(r"[0-9A-F]{32}", str(row[name])), (key, name)


def test_every_word_is_in_the_language_that_was_asked_for(five: Five) -> None:
    english = five.sides["everything"].answers
    for key, answer in five.sides["Japanese"].answers.items():
        report = registry.report(key)
        assert answer["title"] == report.title.ja
        assert JAPANESE.search(answer["title"])
        same = 0
        for column, other in zip(answer["columns"], english[key]["columns"], strict=True):
            same += column["title"] == other["title"]
            if column.get("unavailable"):
                assert JAPANESE.search(column["unavailable"]), (key, column)
            for code, word in column.get("labels", {}).items():
                assert word == _label(report, column["id"], code)
        assert same <= len(answer["columns"]) // 3, "words that are names in both languages"
    names = [row["display_name"] for row in five.sides["Japanese"].answers["users"]["rows"]]
    assert sum(bool(JAPANESE.search(name or "")) for name in names) > len(names) // 4


def test_people_are_counted_alike_whatever_else_is_bought(five: Five, kind: Kind) -> None:
    """The sandbox's own list of accounts, which shares nothing with the reports."""
    side = five.sides[kind.name]
    people = five.admin.journal("users", str(side.tenant_id))["objects"]
    assert {row["id"] for row in side.answers["users"]["rows"]} == people.keys()
    guests = {own for own, one in people.items() if one.get("userType") == "Guest"}
    assert {row["id"] for row in side.answers["guests"]["rows"]} == guests


def test_the_page_says_what_the_reports_say(five: Five) -> None:
    print(table(five, figures=True))  # noqa: T201  the record
    if os.environ.get("SIDE_BY_SIDE") == "write":
        PAGE.write_text(page(five), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(five), f"write it anew: {PAGE.name}"


def _label(report: Any, column: str, code: str) -> str:
    [found] = [one for one in report.columns if one.id == column]
    word: str = found.labels[code].ja
    return word


def _plain(value: Any) -> Any:
    return None if value in ([], {}) else value
