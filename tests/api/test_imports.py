"""Imported datasets by HTTP: the whole list each time, all of a file or nothing, and its history."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from shared.core import clock
from shared.core.messages import Claim
from shared.core.registry import collector, of
from shared.core.work import WORKS
from shared.store.answers.coverage_queries import standing
from shared.store.registers.tenants import Tenants
from shared.store.session.sessions import borrowed, tenant_session
from shared.store.work.runs import Runs
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker
from tests.fixtures.audited import chain_of

pytestmark = pytest.mark.stack

LIST = f"/v1/tenants/{TENANT}/imports"
PRICES = f"{LIST}/license_prices"
E3, E5 = "05e9a617-0261-4cee-bb44-138d3ef5d965", "06ebc4ee-1bb5-47dd-8120-11324bc54e06"
HEAD = "sku_id,monthly_unit_price,currency,valid_from"


def put(api: Api, *lines: str, path: str = PRICES, tag: str | None = None) -> Answer:
    seen = {"if-match": tag or api.get(path).headers["ETag"]}
    body = "\r\n".join([HEAD, *lines]).encode()
    return api.send("PUT", path, {}, body, headers=seen, media_type="text/csv; charset=utf-8")


def stored(engine: Engine, dataset: str = "license_prices") -> list[tuple[Any, ...]]:
    """What is current, read without a line of the reports."""
    query = text(f"SELECT id, raw FROM data.{dataset} WHERE valid_to IS NULL ORDER BY id")
    with tenant_session(engine, TENANT) as connection:
        return [tuple(row) for row in connection.execute(query)]


def coverage(engine: Engine, as_of: Any = None) -> Any:
    with borrowed(engine) as session:
        session.execute("SELECT set_config('kanri.tenant_id', %s, false)", [str(TENANT)])
        return standing(session, TENANT, ["license_prices"], as_of).coverage[0]


def test_a_file_is_the_whole_list_and_what_it_lacks_is_gone(api: Api, app_engine: Engine) -> None:
    before = api.get(PRICES)
    assert (before.json["state"], before.json["last"]) == ("not_imported", None)
    first = put(api, f"{E3},3380,JPY,2026-04-01", f"{E5},5500,JPY,2026-04-01")
    assert first.status == 200, first.body
    told = first.json["last"]
    assert (told["rows"], told["inserted"], told["closed"]) == (2, 2, 0)
    between = clock.now()
    second = put(api, f"{E3},3400,JPY,2026-04-01")
    told = second.json["last"]
    assert (told["rows"], told["updated"], told["closed"], told["unchanged"]) == (1, 1, 1, 0)
    assert [row[0] for row in stored(app_engine)] == [f"{E3}/2026-04-01"]
    assert stored(app_engine)[0][1]["monthly_unit_price"] == "3400"
    with tenant_session(app_engine, TENANT) as connection:
        then = text(
            "SELECT sku_id, monthly_unit_price FROM data.license_prices"
            " WHERE valid_from <= :at AND (valid_to IS NULL OR valid_to > :at) ORDER BY sku_id"
        )
        kept = connection.execute(then, {"at": between}).all()
    assert [tuple(row) for row in kept] == [(E3, 3380), (E5, 5500)], "history has both"
    again = put(api, f"{E3},3400,JPY,2026-04-01").json["last"]
    assert (again["unchanged"], again["updated"], again["closed"]) == (1, 0, 0)
    emptied = put(api)
    assert (emptied.json["last"]["rows"], emptied.json["last"]["closed"]) == (0, 1)
    assert stored(app_engine) == []


def test_the_last_import_is_shown_and_all_are_in_the_ledger_and_the_audit_log(
    api: Api, app_engine: Engine
) -> None:
    import hashlib

    done = put(api, f"{E3},3380,JPY,2026-04-01")
    shown = api.get(PRICES)
    assert (shown.json, shown.headers["ETag"]) == (done.json, done.headers["ETag"])
    body = "\r\n".join([HEAD, f"{E3},3380,JPY,2026-04-01"]).encode()
    assert shown.json["last"]["sha256"] == hashlib.sha256(body).hexdigest()
    assert shown.json["last"]["bytes"] == len(body)
    every = {one["dataset"]: one for one in api.get(LIST).json["imports"]}
    assert every["license_prices"]["state"] == "imported"
    assert every["onedrive_sync_errors"]["state"] == "not_imported"
    runs = api.get(f"/v1/tenants/{TENANT}/ledger", dataset="license_prices").json["runs"]
    assert [(one["trigger"], one["state"], one["rows"]) for one in runs] == [("import", "ok", 1)]
    assert runs[0]["runId"] == shown.json["last"]["runId"]
    events = [one for one in chain_of(app_engine, TENANT) if one.act == "import.replace"]
    assert [one.target for one in events] == ["import:license_prices"]
    assert shown.json["last"]["sha256"] in (events[0].after or "")


def test_a_file_that_does_not_fit_changes_nothing(api: Api, app_engine: Engine) -> None:
    tag = put(api, f"{E3},3380,JPY,2026-04-01").headers["ETag"]
    kept = stored(app_engine)
    lines = (f"{E3},9999,JPY,2026-04-01", f"{E5},5500,JPY,tomorrow")
    refused = put(api, *lines)
    assert (refused.status, refused.json["code"]) == (400, "import_cell")
    assert "Line 3, column 4 (valid_from)" in refused.json["detail"]
    assert "tomorrow" not in refused.json["detail"]
    assert stored(app_engine) == kept
    assert api.get(PRICES).headers["ETag"] == tag
    assert len(api.get(f"/v1/tenants/{TENANT}/ledger", dataset="license_prices").json["runs"]) == 1


def test_only_who_has_seen_the_last_import_replaces_it(api: Api, app_engine: Engine) -> None:
    fresh = api.get(PRICES).headers["ETag"]
    assert put(api, f"{E3},1,JPY,2026-04-01", tag=fresh).status == 200
    assert put(api, f"{E3},2,JPY,2026-04-01", tag=fresh).json["code"] == "changed_meanwhile"
    bare = api.send("PUT", PRICES, {}, HEAD.encode(), media_type="text/csv")
    assert (bare.status, bare.json["code"]) == (428, "if_match_missing")
    assert stored(app_engine)[0][1]["monthly_unit_price"] == "1"
    tag = api.get(PRICES).headers["ETag"]

    def send(price: int) -> int:
        return put(api, f"{E3},{price},JPY,2026-04-01", tag=tag).status

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(send, range(10, 14)))
    assert answers == [200, 412, 412, 412], "of those that come at once one is the next"
    assert len(stored(app_engine)) == 1


@pytest.mark.parametrize(
    ("path", "media_type", "size", "answer"),
    [
        (PRICES, "application/json", 10, (415, "media_type_other")),
        (PRICES, "", 10, (415, "media_type_other")),
        (PRICES, "text/csv", 8_000_001, (413, "body_too_large")),
        (f"{LIST}/users", "text/csv", 10, (404, "import_unknown")),
    ],
)
def test_what_is_no_such_file_is_refused(
    api: Api, path: str, media_type: str, size: int, answer: tuple[int, str]
) -> None:
    body, seen = b"x" * size, {"if-match": "*"}
    refused = api.send("PUT", path, {}, body, headers=seen, media_type=media_type)
    assert (refused.status, refused.json["code"]) == answer


def test_reading_takes_one_right_and_importing_another(api: Api, make_key: KeyMaker) -> None:
    looks = api.as_caller(x_api_key=make_key("collection:read", "collection:run"))
    assert looks.get(PRICES).status == looks.get(LIST).status == 200
    assert put(looks, f"{E3},1,JPY,2026-04-01").json["code"] == "permission_missing"


def test_a_paused_tenant_imports_nothing(api: Api, app_engine: Engine) -> None:
    Tenants(app_engine).set_state(TENANT, "paused")
    assert put(api, f"{E3},1,JPY,2026-04-01").json["code"] == "tenant_paused"
    assert stored(app_engine) == []


def test_it_is_never_due_and_nobody_collects_it(api: Api, app_engine: Engine) -> None:
    put(api, f"{E3},3380,JPY,2026-04-01")
    later = clock.now() + timedelta(days=400)
    claimed: list[Claim] = Runs(app_engine).claim_due(later, [of(WORKS)["collect"]])
    assert claimed
    assert "license_prices" not in {claim.subject for claim in claimed}
    asked = api.post(f"/v1/tenants/{TENANT}/collections", {"datasets": ["license_prices"]})
    assert (asked.status, asked.json["code"]) == (400, "dataset_imported")
    told = api.get(f"/v1/tenants/{TENANT}/collections").json["datasets"]
    assert "license_prices" not in {one["dataset"] for one in told}
    assert len(stored(app_engine)) == 1


def test_coverage_tells_of_it_at_any_instant(api: Api, app_engine: Engine) -> None:
    assert coverage(app_engine).state == "not_imported"
    start = clock.now()
    put(api, f"{E3},3380,JPY,2026-04-01")
    between = clock.now()
    put(api, f"{E3},3380,JPY,2026-04-01", f"{E5},5500,JPY,2026-04-01")
    now, then, before = (coverage(app_engine, at) for at in (None, between, start))
    assert (now.state, now.rows, now.cause) == ("ok", 2, None)
    assert (then.state, then.rows) == ("ok", 1)
    assert start < then.complete_at < between < now.complete_at
    assert (before.state, before.complete_at) == ("not_imported", None)


def test_another_tenant_has_its_own(api: Api, app_engine: Engine) -> None:
    put(api, f"{E3},3380,JPY,2026-04-01")
    other = f"/v1/tenants/{OTHER}/imports/license_prices"
    assert api.get(other).json["state"] == "not_imported"
    assert put(api, path=other).json["last"]["rows"] == 0
    assert len(stored(app_engine)) == 1
    assert collector("license_prices").dataset == "license_prices"
