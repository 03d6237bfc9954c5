"""One clock that tests can move: forward only, for everybody who follows its file, never in Azure."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.core import clock
from shared.core.settings import BadSetting, read_settings
from tests.core.azure_settings import AZURE

DATABASE = {"KANRI_DATABASE_URL": "postgresql://kanri_app@localhost/kanri"}


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A clock that this process follows, not moved yet."""
    clock.follow(tmp_path / "clock")
    yield tmp_path / "clock"
    clock.follow(None)


def test_time_is_real_until_it_is_moved(file: Path) -> None:
    assert clock.moves()
    assert clock.ahead() == timedelta(0)
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    told = clock.move(file, timedelta(days=30))
    assert clock.ahead() == timedelta(days=30)
    assert told <= clock.now() <= datetime.now(UTC) + timedelta(days=30)
    clock.move(file, timedelta(hours=1))
    assert clock.ahead() == timedelta(days=30, hours=1)
    clock.follow(None)
    assert clock.ahead() == timedelta(0)
    assert not clock.moves()


def test_time_never_runs_backwards(file: Path) -> None:
    clock.move(file, timedelta(days=1))
    assert clock.ahead() == timedelta(days=1)
    with pytest.raises(ValueError, match="forward"):
        clock.move(file, timedelta(seconds=-1))
    file.write_text("10")
    assert clock.ahead() == timedelta(days=1)
    file.unlink()
    assert clock.ahead() == timedelta(days=1)


def test_who_moves_the_clock_ends_a_wait_by_it(file: Path) -> None:
    async def moved_meanwhile() -> float:
        began = clock.monotonic()
        waiting = asyncio.create_task(clock.sleep(3600))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        clock.move(file, timedelta(minutes=59))
        await asyncio.sleep(0.3)
        assert not waiting.done(), "a minute is left"
        clock.move(file, timedelta(minutes=1))
        await asyncio.wait_for(waiting, 10)
        return clock.monotonic() - began

    assert 3600 <= asyncio.run(moved_meanwhile()) < 3615


def test_without_a_clock_to_move_a_wait_is_real() -> None:
    began = time.monotonic()
    asyncio.run(clock.sleep(0.05))
    assert time.monotonic() - began >= 0.05
    assert clock.monotonic() == pytest.approx(time.monotonic(), abs=5)


def test_a_file_that_holds_no_number_is_told(file: Path) -> None:
    file.write_text("soon")
    with pytest.raises(ValueError, match="soon"):
        clock.now()


@pytest.mark.parametrize("name", ["WEBSITE_SITE_NAME", "WEBSITE_INSTANCE_ID", "WEBSITE_POD_NAME"])
def test_an_app_in_azure_refuses_to_start_with_a_clock_to_move(name: str) -> None:
    moved = DATABASE | {"KANRI_CLOCK_FILE": "/data/clock"}
    assert read_settings(moved).clock_file == Path("/data/clock")
    with pytest.raises(BadSetting, match="KANRI_CLOCK_FILE"):
        read_settings(moved | {name: "x"})
    assert read_settings(AZURE | {"KANRI_CLOCK_FILE": "", name: "x"}).clock_file is None
