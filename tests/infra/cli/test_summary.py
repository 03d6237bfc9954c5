"""The summary: what counts as success, and how it reads as table and JSON."""

import io
import json

import pytest
from rich.console import Console

from infra.cli.summary import DatasetResult, ReportResult, Summary

_USERS = DatasetResult(dataset="users", state="ok", rows=2000, seconds=1.25)
_SIGN_INS = DatasetResult(dataset="sign_ins", state="not_licensed", cause="needs_p1")
_REPORT = ReportResult(report="mfa", rows=2000, milliseconds=12.4)


def _shown(summary: Summary) -> str:
    console = Console(width=100, file=io.StringIO())
    with console.capture() as shown:
        summary.show(console)
    return shown.get()


def test_everything_ok_is_success() -> None:
    assert Summary(datasets=[_USERS], reports=[_REPORT]).ok


@pytest.mark.parametrize(
    "summary",
    [
        Summary(),
        Summary(datasets=[_USERS, _SIGN_INS]),
        Summary(
            datasets=[_USERS],
            reports=[ReportResult(report="mfa", rows=None, milliseconds=1, status=500)],
        ),
    ],
)
def test_anything_else_is_not(summary: Summary) -> None:
    assert not summary.ok


def test_the_table_shows_rows_state_cause_and_seconds() -> None:
    text = _shown(
        Summary(datasets=[_USERS, _SIGN_INS], reports=[_REPORT], links={"API": "http://x"})
    )
    users = next(line for line in text.splitlines() if "users" in line)
    assert "2,000" in users
    assert "1.2" in users
    assert "not_licensed (needs_p1)" in text
    assert "mfa" in text
    assert "API: http://x" in text


def test_no_name_is_cut_on_a_narrow_terminal() -> None:
    console = Console(width=30, file=io.StringIO())
    with console.capture() as shown:
        Summary(datasets=[DatasetResult(dataset="conditional_access_policies", state="ok")]).show(
            console
        )
    cells = [line.split("│")[1].strip() for line in shown.get().splitlines() if "│" in line]
    assert "".join(cells) == "conditional_access_policies"


def test_the_words_are_japanese_in_a_japanese_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert "データセット" in _shown(Summary(datasets=[_USERS]))


def test_the_json_is_one_object_with_the_same_facts() -> None:
    document = json.loads(json.dumps(Summary(datasets=[_USERS, _SIGN_INS]).as_json()))
    assert document["ok"] is False
    assert document["datasets"][0] == {
        "dataset": "users",
        "state": "ok",
        "rows": 2000,
        "seconds": 1.25,
        "cause": None,
    }
