"""Following a collection: it ends when every run has, and complains when nothing moves."""

import pytest

from infra.cli.follow import follow
from infra.cli.summary import DatasetResult
from infra.local.errors import StackError


def _result(dataset: str, state: str, rows: int | None = None) -> DatasetResult:
    return DatasetResult(dataset=dataset, state=state, rows=rows)


def test_it_polls_until_every_dataset_has_ended(capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter(
        [
            [],
            [_result("users", "running"), _result("groups", "running")],
            [_result("users", "ok", 5), _result("groups", "running", 3)],
            [_result("users", "ok", 5), _result("groups", "failed", 3)],
        ]
    )
    last = follow(lambda: next(answers))
    assert [(item.dataset, item.state) for item in last] == [("users", "ok"), ("groups", "failed")]
    out, err = capsys.readouterr()
    assert out == "", "progress goes to standard error only"
    assert "failed" in err


def test_what_was_put_off_is_looked_for_while_anything_runs() -> None:
    urged: list[bool] = []

    def poll() -> list[DatasetResult]:
        return [_result("users", "ok" if urged else "running")]

    follow(poll, urge=lambda: urged.append(True), patience=60)
    assert urged == [True]


def test_a_collection_that_does_not_move_is_named() -> None:
    with pytest.raises(StackError, match="groups"):
        follow(lambda: [_result("users", "ok"), _result("groups", "running")], patience=0.5)
