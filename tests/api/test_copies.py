"""Copies of answers: who may keep one, how long it need not be asked for again, and what makes it another."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs
from shared.web.routes import routes
from tests.api.conftest import TENANT, Answer, Api, KeyMaker, person
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}"
MINUTE = 60


@pytest.fixture
def api(api: Api, make_key: KeyMaker) -> Api:
    """With a key that lives longer than these tests move the clock."""
    return api.as_caller(x_api_key=make_key(hours=48))


@pytest.fixture
def noon(tmp_path: Path) -> Path:
    """A clock that stands a little after an hour began; the file that moves it."""
    file = tmp_path / "clock"
    clock.follow(file)
    into = clock.now() - clock.now().replace(minute=0, second=0, microsecond=0)
    clock.move(file, timedelta(hours=1) - into + timedelta(seconds=5))
    return file


@pytest.fixture(autouse=True)
def real() -> Iterator[None]:
    """Time is real again afterwards."""
    yield
    clock.follow(None)


def read(engine: Engine, report: str, at: datetime) -> None:
    for dataset in registry.report(report).needs:
        collect(engine, TENANT, dataset, [person(1)] if dataset == "users" else [], at=at)


def keeping(answer: Answer) -> str:
    assert answer.status in (200, 304), answer.json
    return answer.headers["Cache-Control"]


def seconds(answer: Answer) -> int:
    found = re.fullmatch(r"private, max-age=(\d+), must-revalidate", keeping(answer))
    assert found is not None, keeping(answer)
    return int(found[1])


def test_each_dataset_says_how_long_a_copy_is_good() -> None:
    good = {name: registry.collector(name).good_for for name in registry.datasets()}
    assert good["users"] == timedelta(minutes=5)
    assert good["subscribed_skus"] == timedelta(minutes=30)
    assert set(good.values()) <= {timedelta(minutes=n) for n in range(5, 31)}


@pytest.mark.parametrize(("report", "most"), [("users", 5), ("license", 30)])
def test_a_copy_is_good_for_minutes_and_never_beyond_the_next_reading(
    api: Api, app_engine: Engine, noon: Path, report: str, most: int
) -> None:
    path = f"{PATH}/reports/{report}"
    begun = clock.now()
    read(app_engine, report, begun)
    first = api.get(path)
    needs = (name for name in registry.report(report).needs if not registry.is_imported(name))
    every = min(registry.collector(name).every for name in needs)
    assert 0 < seconds(first) <= min(most * MINUTE, every.total_seconds())
    confirmed = api.get(path, headers={"if-none-match": first.headers["ETag"]})
    assert (confirmed.status, seconds(confirmed) > 0) == (304, True)
    clock.move(noon, begun + every - timedelta(seconds=20) - clock.now())
    assert 0 < seconds(api.get(path)) <= 20
    clock.move(noon, timedelta(seconds=20))
    assert keeping(api.get(path)) == "private, no-cache", "due, though not begun"


def test_what_is_being_read_or_was_never_read_is_asked_for_each_time(
    api: Api, app_engine: Engine, noon: Path
) -> None:
    path = f"{PATH}/reports/users"
    assert keeping(api.get(path)) == "private, no-cache"
    read(app_engine, "users", clock.now())
    assert seconds(api.get(path)) > 0
    (claim,) = Runs(app_engine).request(TENANT, ["users"], clock.now())
    assert keeping(api.get(path)) == "private, no-cache", "a message is on its way"
    assert isinstance(Runs(app_engine).open(claim, clock.now()), Run)
    assert keeping(api.get(path)) == "private, no-cache", "a worker is at it"


def test_a_report_that_counts_days_is_good_until_the_hour_is_over(
    api: Api, app_engine: Engine, noon: Path
) -> None:
    clock.move(noon, timedelta(minutes=58))
    read(app_engine, "users", clock.now())
    assert 0 < seconds(api.get(f"{PATH}/reports/users")) <= 2 * MINUTE


def test_what_is_settled_is_good_for_a_day(api: Api, app_engine: Engine, noon: Path) -> None:
    path = f"{PATH}/reports/teams"
    read(app_engine, "teams", clock.now())
    then = (clock.now() + timedelta(minutes=1)).isoformat()
    clock.move(noon, timedelta(minutes=30))
    assert keeping(api.get(path, asOf=then)) == "private, no-cache", "something may yet be stored"
    clock.move(noon, timedelta(hours=1))
    told = [
        keeping(api.get(path, asOf=then)),
        keeping(api.get(f"{PATH}/reports/users", asOf=then)),
    ]
    assert told[0] == "private, max-age=86400, immutable"
    assert told[1] == "private, no-cache", "never read to its end by then"


def test_a_threshold_that_may_be_set_otherwise_settles_nothing(
    api: Api, app_engine: Engine, noon: Path
) -> None:
    path, report = f"{PATH}/reports/users", registry.report("users")
    read(app_engine, "users", clock.now())
    then = (clock.now() + timedelta(minutes=1)).isoformat()
    clock.move(noon, timedelta(hours=2))
    assert keeping(api.get(path, asOf=then)) == "private, no-cache"
    asked = {one.name: one.written(one.default) for one in report.parameters}
    assert asked
    assert "immutable" in keeping(api.send("GET", path, {"asOf": then, **asked}))


def test_a_file_that_names_people_is_kept_by_nobody_on_its_way(
    people: Api, make_key: KeyMaker
) -> None:
    path = f"{PATH}/reports/users"
    masked = people.as_caller(x_api_key=make_key("report:read"))
    assert keeping(people.get(path, format="csv")) == "private, no-store"
    assert keeping(masked.get(path, format="csv")) == "private, no-cache"


def test_copies_of_different_callers_languages_and_forms_are_different(people: Api) -> None:
    for path in (f"{PATH}/reports/users", f"{PATH}/reports", "/v1/roles"):
        told = people.get(path).headers["Vary"].split(", ")
        assert {"Accept", "Accept-Language", "Authorization", "X-Api-Key"} <= set(told)
    english, japanese = (people.get("/v1/roles", lang=lang) for lang in ("en", "ja"))
    assert english.headers["ETag"] != japanese.headers["ETag"]


def test_what_names_304_is_confirmed_and_nothing_else_is_kept(people: Api) -> None:
    values = {"tenant": str(TENANT), "key": "users"}
    # What tells how things stand up to now makes tags of its own.
    confirms = [
        route for route in routes() if route.confirms and "Kanri-As-Of" not in route.headers
    ]
    assert {route.path for route in confirms} >= {"v1/roles", "v1/tenants", "v1/tenants/{tenant}"}
    for route in confirms:
        path = "/" + route.path.format(**values)
        first = people.get(path)
        again = people.get(path, headers={"if-none-match": first.headers["ETag"]})
        assert (first.status, again.status, again.body) == (200, 304, b""), path
        assert again.headers["ETag"] == first.headers["ETag"]
        assert keeping(first).startswith("private, "), path
        other = people.get(path, headers={"if-none-match": '"other"'})
        assert other.status == 200
    for path in ("/v1/me", "/v1/keys", "/v1/memberships", f"{PATH}/audit", f"{PATH}/settings"):
        assert keeping(people.get(path)) == "private, no-store"


def test_a_list_that_changed_is_told_anew(people: Api) -> None:
    tag = people.get("/v1/tenants").headers["ETag"]
    assert people.post(f"{PATH}/pause").status < 300
    assert people.get("/v1/tenants", headers={"if-none-match": tag}).status == 200
