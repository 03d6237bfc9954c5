"""The measured processes of `compare`: one instant of a report as a whole, and two of them compared."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tests.perf import people, product_store
from tests.perf.fill import settle
from tests.perf.measure import Figures
from tests.perf.repeat import percentile
from tests.perf.report_product import Api, whole

type Job = Mapping[str, Any]

# One user in so many has another department at the later instant, and one in so many is gone.
CHANGED, GONE = 20, 50
_WARM_UP = 2


def change(job: Job) -> Figures:
    """Read the users again, an hour after they were read first: some have changed, some are gone."""
    import psycopg

    from shared.core.clock import now

    engine, tenant_id = product_store.open_store(job), UUID(job["tenant_id"])
    with psycopg.connect(job["database"], autocommit=True) as connection:
        for table in ("users", "sign_in_activity"):
            connection.execute(
                f"UPDATE data.{table} SET valid_from = valid_from - interval '1 hour'".encode()
            )
        ago = "finished_at = finished_at - interval '1 hour'"
        also = "complete_at = complete_at - interval '1 hour'"
        connection.execute(f"UPDATE kanri.ledger SET {ago}, {also}".encode())
        first = "UPDATE kanri.work_state SET first_collected_at = first_collected_at"
        connection.execute(f"{first} - interval '1 hour'".encode())
    loading = product_store.Loading(engine, tenant_id, "users")
    for body in people.user_pages(int(job["rows"])):
        page = json.loads(body)
        page["value"] = [
            {**one, "department": "Moved"} if place % CHANGED == 0 else one
            for place, one in enumerate(page["value"])
            if place % GONE != 1
        ]
        (rows,) = product_store.decoded("users", [json.dumps(page).encode()])
        loading.store(rows)
    loading.close(now())
    loading.finish()
    settle(job["database"])
    return {"rows": int(job["rows"])}


def times(job: Job) -> Figures:
    """Return p50 in ms: a file of one past instant, one of now, and of what differs; a first page of that."""
    from shared.core.clock import now

    api, since = Api(job), now() - timedelta(minutes=30)
    found = json.loads(whole(api.changes("users", top="1", count="true", since=_written(since))))
    assert found["totalCount"] > int(job["rows"]) // CHANGED, found
    asked = _written(since)
    questions: Mapping[str, Callable[[], bytes]] = {
        "file then": lambda: whole(api.report("users", format="csv", asOf=asked)),
        "file now": lambda: whole(api.report("users", format="csv")),
        "file of changes": lambda: whole(api.changes("users", format="csv", since=asked)),
        "page of changes": lambda: whole(api.changes("users", top="100", since=asked)),
    }
    spans: dict[str, list[float]] = {name: [] for name in questions}
    for number in range(int(job["requests"]) + _WARM_UP):
        for name, ask in questions.items():
            begun = time.perf_counter()
            ask()
            if number >= _WARM_UP:
                spans[name].append((time.perf_counter() - begun) * 1000)
    return {name: percentile(sorted(each), 0.5) for name, each in spans.items()}


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
