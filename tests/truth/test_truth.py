"""A tenant read whole: every column is filled somewhere, and what reports say is what counting says.

`SEEDS` is of how many tenants, of a seed each, the figures are counted once more (default 1):
`SEEDS=10 uv run pytest tests/truth`.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

import pytest
from sqlalchemy import text

from shared.core import clock, registry
from shared.core.settings import Settings
from shared.store.session.engine import open_engine
from shared.store.session.sessions import tenant_session
from tests.truth import recounts
from tests.truth.lives import lived
from tests.truth.world import World, world_of

pytestmark = [pytest.mark.stack, pytest.mark.slow]

type Filled = Mapping[str, set[str]]
type Counted = list[tuple[str, object, object]]

# The first has teams and guests in them: it lives on, and shows every column.
SEEDS = (4, 1, 2, 3, *range(5, 100))[: int(os.environ.get("SEEDS", "1"))]
LIVING = SEEDS[0]
RECOUNTS = sorted(module.name for module in iter_modules(recounts.__path__))


class Seen(NamedTuple):
    """The figures of each report, or why they could not be counted, and the columns with a value."""

    figures: Mapping[str, Counted | Exception]
    reports: Filled
    datasets: Filled


@pytest.fixture(scope="module")
def see(
    fresh_database: Callable[[], Settings], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[int], Seen]]:
    """What was seen of the tenant of a seed; it is looked at once, before the first test of it."""
    database = fresh_database()

    @cache
    def look(seed: int) -> Seen:
        engine, home = open_engine(database), tmp_path_factory.mktemp("truth")
        clock.follow(home / "clock")
        try:
            with world_of(engine, home / "sandbox", seed, clock_file=home / "clock") as world:
                stops = lived(world, home / "clock")
                next(stops)
                figures = counted(world)
                if seed != LIVING:
                    return Seen(figures, {}, {})
                reports: dict[str, set[str]] = {key: set() for key in registry.report_keys()}
                fill(world, reports)
                for _ in stops:
                    fill(world, reports)
                return Seen(figures, reports, dict(stored(world)))
        finally:
            clock.follow(None)
            engine.dispose()

    yield look
    look.cache_clear()


def counted(world: World) -> Mapping[str, Counted | Exception]:
    """The figures of every report; one that cannot be counted leaves the others."""
    found: dict[str, Counted | Exception] = {}
    for key in RECOUNTS:
        try:
            found[key] = list(import_module(f"{recounts.__name__}.{key}").recount(world))
        except Exception as error:  # noqa: BLE001 - the test of this report raises it
            found[key] = error
    return found


def fill(world: World, reports: dict[str, set[str]]) -> None:
    """Look which columns of reports have a value, as far as they had none before."""
    for key, seen in reports.items():
        open_ones = {column.id for column in registry.report(key).columns if not column.unavailable}
        if not open_ones <= seen:
            rows = world.answered(key)
            seen |= {name for row in rows for name, value in row.items() if value is not None}


def stored(world: World) -> Iterator[tuple[str, set[str]]]:
    """The columns of each dataset that have a value in some row, past ones included."""
    with tenant_session(world.engine, world.tenant_id) as connection:
        for dataset in registry.kept():
            names = [column.name for column in registry.collector(dataset).columns]
            counts = ", ".join(f'count("{name}")' for name in names)
            found = connection.execute(text(f"SELECT {counts} FROM data.{dataset}")).one()
            yield dataset, {name for name, number in zip(names, found, strict=True) if number}


def tells(counted: object) -> bool:
    """Whether there was anything to count."""
    return any(counted.values()) if isinstance(counted, dict) else bool(counted)


def test_every_report_is_recounted() -> None:
    assert sorted(registry.report_keys()) == RECOUNTS


@pytest.mark.parametrize("key", registry.report_keys())
@pytest.mark.parametrize("seed", SEEDS)
def test_what_a_report_says_is_what_counting_says(
    see: Callable[[int], Seen],
    seed: int,
    key: str,
    record_property: Callable[[str, object], None],
) -> None:
    figures = see(seed).figures[key]
    if isinstance(figures, Exception):
        raise figures
    record_property("figures", len(figures))
    assert any(tells(counted) for _, _, counted in figures), "nothing here could be wrong"
    for what, said, counted in figures:
        assert said == counted, what


@pytest.mark.parametrize("key", registry.report_keys())
def test_every_column_of_a_report_is_filled_or_says_why_not(
    see: Callable[[int], Seen], key: str
) -> None:
    columns = registry.report(key).columns
    filled = {column.id for column in columns if column.unavailable is None}
    assert see(LIVING).reports[key] == filled


@pytest.mark.parametrize("dataset", registry.kept())
def test_every_column_of_a_dataset_is_filled(see: Callable[[int], Seen], dataset: str) -> None:
    columns = registry.collector(dataset).columns
    assert see(LIVING).datasets[dataset] == {column.name for column in columns}
