"""Age and sameness of answers: tags, confirmations, notes on what is missing, pages that add up."""

import json
import re
from collections.abc import Callable, Iterator
from copy import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.coverage import State
from shared.core.errors import StoreUnavailable
from shared.core.question import read_question
from shared.core.text import Text
from shared.store.answers.reports import Reports
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs
from shared.usecases.read_report import open_report
from shared.web.compression import accepts_gzip, in_one_piece
from shared.web.endpoint import Endpoint
from shared.web.front import respond
from shared.web.http import Request, Response
from shared.web.route import Call, Route
from tests.api.conftest import TENANT, YESTERDAY, Api, person
from tests.api.doors import Doors
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}/reports"


def walk(api: Api, between: Callable[[], None], **query: str) -> list[str]:
    """Ids of all pages; `between` happens after the first."""
    answer = api.send("GET", f"{PATH}/users", {"select": "id", "top": 6, **query})
    moments, found = {answer.json["asOf"]}, [row["id"] for row in answer.json["rows"]]
    between()
    while link := answer.json["nextLink"]:
        answer = api.follow(link)
        assert answer.status == 200, answer.json
        moments.add(answer.json["asOf"])
        found += [row["id"] for row in answer.json["rows"]]
    assert len(moments) == 1
    return found


@pytest.mark.parametrize("order", ["display_name", "display_name desc"])
def test_pages_add_up_although_data_changes_between_them(
    people: Api, app_engine: Engine, order: str
) -> None:
    def shuffle() -> None:
        """Move one person behind the reader, one before him; one joins and one leaves."""
        rows = [person(n) for n in range(20) if n != 12]
        rows[1] = person(1, "Name 99")
        rows[18] = person(19, "Name 00a")
        collect(app_engine, TENANT, "users", [*rows, person(30, "Name 10a")])

    before = [f"u{n:02}" for n in range(20)]
    expected = before[::-1] if order.endswith("desc") else before
    assert walk(people, shuffle, orderBy=order) == expected
    now = [row["id"] for row in people.get(f"{PATH}/users", select="id").json["rows"]]
    assert set(now) == set(before) - {"u12"} | {"u30"}


def test_a_walk_at_a_past_instant_stays_there(people: Api, app_engine: Engine) -> None:
    def change() -> None:
        collect(app_engine, TENANT, "users", [person(n, "x") for n in range(5)])

    then = (YESTERDAY + timedelta(hours=1)).isoformat()
    assert walk(people, change, asOf=then) == [f"u{n:02}" for n in range(20)]


def test_a_confirmation_tells_the_age_of_now(people: Api) -> None:
    first = people.get(f"{PATH}/users")
    again = people.get(f"{PATH}/users", {"if-none-match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    assert again.headers["Kanri-Generated-At"] > first.headers["Kanri-Generated-At"]
    told = re.match(r"users=ok;age=(\d+)", again.headers["Kanri-Coverage"])
    assert told is not None
    since = (clock.now() - YESTERDAY).total_seconds()
    assert since - 60 < int(told[1]) <= since
    assert again.headers["ETag"] == first.headers["ETag"]


def test_the_comparison_of_tags_is_weak(people: Api) -> None:
    tag = people.get(f"{PATH}/users").headers["ETag"]
    for sent in (tag, tag.removeprefix("W/"), f'"other", {tag}', f'{tag},"b,c"', f" {tag} ,", "*"):
        assert people.get(f"{PATH}/users", {"if-none-match": sent}).status == 304
    bare = tag.removeprefix("W/")
    for sent in (
        '"other"',
        tag[:-3] + '"',
        "*x",
        f'"x{bare}',
        f"x{bare}",
        f"{bare}x",
        bare.strip('"'),
    ):
        assert people.get(f"{PATH}/users", {"if-none-match": sent}).status == 200


def test_the_tag_follows_the_coverage_though_no_row_changes(
    people: Api, app_engine: Engine
) -> None:
    tags = []

    def look() -> None:
        tags.append(people.get(f"{PATH}/users").headers["ETag"])

    look()
    runs, now = Runs(app_engine), clock.now()
    (claim,) = runs.request(TENANT, ["users"], now)
    run = runs.open(claim, now)
    assert isinstance(run, Run)
    look()
    assert tags[0] == tags[1], "a run that has changed nothing yet"
    runs.defer(run, now + timedelta(minutes=1), "graph_throttled")
    look()
    (claim,) = runs.request(TENANT, ["users"], now)
    run = runs.open(claim, now)
    assert isinstance(run, Run)
    runs.defer(run, now + timedelta(minutes=2), "graph_busy")
    look()
    (claim,) = runs.request(TENANT, ["users"], now)
    run = runs.open(claim, now)
    assert isinstance(run, Run)
    runs.finish(run, "failed", now=now, cause="graph_unavailable")
    look()
    assert len(set(tags[1:])) == 4


def test_the_tag_of_a_report_that_counts_days_changes_by_the_hour(
    people: Api, app_engine: Engine
) -> None:
    def tag(key: str, now: datetime) -> str:
        asked = {"select": "id", "orderBy": "id"}
        question = read_question(asked, registry.report(key), "en", now)
        with open_report(Reports(app_engine), TENANT, question, now) as opened:
            return opened.fingerprint()

    noon = clock.now().replace(minute=0)
    assert tag("users", noon) == tag("users", noon + timedelta(minutes=59))
    assert tag("users", noon) != tag("users", noon + timedelta(minutes=61))
    assert tag("mailbox", noon) == tag("mailbox", noon + timedelta(days=3))


@pytest.mark.parametrize("state", ["partial", "failed", "not_licensed", "not_permitted"])
def test_an_empty_report_says_why_it_is_empty(api: Api, app_engine: Engine, state: str) -> None:
    collect(app_engine, TENANT, "sign_ins", [], state=state, cause="graph_x")  # type: ignore[arg-type]
    notes = set()
    for lang in ("en", "ja"):
        answer = api.get(f"{PATH}/signin", lang=lang)
        (coverage,) = answer.json["coverage"]
        assert answer.json["rows"] == []
        assert (coverage["state"], coverage["cause"]) == (state, "graph_x")
        assert coverage["ageSeconds"] is answer.json["ageSeconds"] is None
        notes.add(coverage["note"])
    assert len(notes) == 2
    assert all(notes)
    exported = api.get(f"{PATH}/signin", format="csv")
    assert exported.headers["Kanri-Coverage"] == f"sign_ins={state}"


def test_every_dataset_never_read_is_named_and_explained(people: Api) -> None:
    coverage = {
        entry["dataset"]: entry for entry in people.get(f"{PATH}/permission").json["coverage"]
    }
    assert coverage["users"]["note"] is None
    never = {name for name, entry in coverage.items() if entry["state"] == "never"}
    assert never == set(coverage) - {"users"}
    assert all("not mean" in coverage[name]["note"] for name in never)


@pytest.mark.parametrize(
    ("key", "dataset"), [("permission", "members"), ("mfa", "users"), ("signin", None)]
)
def test_rows_that_are_missing_without_a_dataset_are_named(
    api: Api, key: str, dataset: str | None
) -> None:
    coverage = api.get(f"{PATH}/{key}").json["coverage"]
    lacking = {line["dataset"] for line in coverage if "from the report" in line["note"]}
    assert lacking == set(registry.report(key).lacks)
    assert dataset in lacking or dataset is None
    assert lacking <= set(registry.report(key).needs)


@pytest.mark.parametrize("state", [None, "not_licensed", "not_permitted", "failed"])
def test_what_a_report_lacks_without_a_dataset_is_said(
    api: Api, app_engine: Engine, state: State | None
) -> None:
    def note(lang: str = "en") -> str | None:
        coverage = api.get(f"{PATH}/permission", lang=lang).json["coverage"]
        (found,) = (line["note"] for line in coverage if line["dataset"] == "role_eligibilities")
        return None if found is None else str(found)

    if state is not None:
        collect(app_engine, TENANT, "role_eligibilities", [], state=state)
    assert "(PIM) is missing" in str(note())
    assert "含まれていません" in str(note("ja"))
    collect(app_engine, TENANT, "role_eligibilities", [{"id": "1-e"}])
    assert note() is None
    collect(app_engine, TENANT, "role_eligibilities", [], state="not_licensed")
    assert "is missing from the report" not in str(note()), "what was read is still there"


def test_the_age_counts_to_the_instant_of_the_answer(people: Api) -> None:
    then = (YESTERDAY + timedelta(minutes=10)).isoformat()
    coverage = people.get(f"{PATH}/users", asOf=then).json["coverage"]
    assert coverage[0]["dataset"] == "users"
    assert coverage[0]["ageSeconds"] in (599, 600)


def test_links_follow_the_configured_address_and_never_the_host(people: Api) -> None:
    path = f"{PATH}/users"
    lies = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    answer = people.get(path, lies, top=3)
    assert answer.json["nextLink"].startswith(f"/api{path}?")
    assert answer.headers["Link"] == f'<{answer.json["nextLink"]}>; rel="next"'
    started = people.post(f"/v1/tenants/{TENANT}/collections", {"datasets": ["users"]})
    assert started.headers["Location"] == f"/api/v1/jobs/{started.json['jobId']}"
    assert people.get(path, top=0).json["instance"] == f"/api{path}"
    settings = replace(people.doors.settings(), public_url="https://kanri.contoso.example")
    public = replace(people, doors=Doors(people.doors.engine, settings))
    answer = public.get(path, lies, top=3)
    assert answer.json["nextLink"].startswith(f"https://kanri.contoso.example/api{path}?")
    assert public.follow(answer.json["nextLink"]).json["rowCount"] == 3
    started = public.post(f"/v1/tenants/{TENANT}/collections", {"datasets": ["groups"]})
    assert started.headers["Location"].startswith("https://kanri.contoso.example/api/v1/jobs/")


def test_an_export_that_breaks_off_is_a_problem_not_half_a_file(doors: Doors) -> None:
    def export(call: Call) -> Response:
        def chunks() -> Iterator[bytes]:
            yield b"a,b\r\n"
            raise StoreUnavailable("store_slow")

        packed = accepts_gzip(call.request.headers["accept-encoding"])
        return Response(body=in_one_piece(chunks(), packed=packed))

    route = Route(
        Endpoint("http_x", "GET", "v1/x"),
        permission="anonymous",
        summary=Text("x", "x"),
        handle=export,
    )
    for accepted in ("", "gzip"):
        request = Request("GET", "https://kanri.example", {}, {"accept-encoding": accepted}, {})
        answer = respond(route, request, doors)
        assert answer.status == 503
        assert json.loads(answer.body)["code"] == "store_slow"
        assert "Content-Encoding" not in answer.headers
