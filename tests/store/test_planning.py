"""What takes long is planned for its values, what takes little time by a plan that is kept."""

from contextlib import suppress
from types import SimpleNamespace

import pytest

from shared.store.session import planning
from shared.store.session.planning import planned


class Statements:
    """Runs statements that take so many seconds, by a clock of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._now = 0.0
        clock = SimpleNamespace(monotonic=lambda: self._now)
        monkeypatch.setattr(planning, "time", clock)
        monkeypatch.setattr(planning, "_long", {})

    def run(self, sql: str, seconds: float) -> bool | None:
        with planned(sql) as prepare:
            self._now += seconds
            return prepare

    def give_up(self, sql: str) -> None:
        with suppress(TimeoutError), planned(sql):
            self._now += 10
            raise TimeoutError


def test_what_took_long_is_planned_anew_until_it_takes_little_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    statements = Statements(monkeypatch)
    assert statements.run("SELECT 1", 0.5) is None
    assert statements.run("SELECT 2", 0.005) is None
    # Neither long nor little: as it was.
    assert statements.run("SELECT 1", 0.1) is False
    assert statements.run("SELECT 1", 0.005) is False
    assert statements.run("SELECT 1", 0.1) is None
    assert statements.run("SELECT 1", 0.005) is None


def test_what_was_given_up_took_long_and_no_more_is_remembered_than_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    statements = Statements(monkeypatch)
    monkeypatch.setattr(planning, "_MANY", 2)
    for sql in ("SELECT 3", "SELECT 4", "SELECT 5"):
        statements.give_up(sql)
    found = [statements.run(sql, 0.1) for sql in ("SELECT 3", "SELECT 4", "SELECT 5")]
    assert found == [None, False, False]
