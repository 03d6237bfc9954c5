"""Collecting: start now, see where each dataset stands, read the ledger of finished runs."""

import re
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core import registry
from shared.core.errors import BadRequest
from shared.core.text import Text
from shared.store.work.jobs import Jobs
from shared.store.work.runs import Runs
from shared.web.http import Response, json_response
from shared.web.parameters import CURSOR, top
from shared.web.resources import collections
from shared.web.resources.collections.shapes import (
    CollectionStatus,
    CollectNow,
    DatasetList,
    DatasetStanding,
    EstimateList,
    FinishedRun,
    Ledger,
    RunUnderWay,
    StartedRun,
    StartedRuns,
    dataset_answer,
    estimate_answer,
)
from shared.web.resources.jobs.shapes import job_link
from shared.web.route import TEXT, Call, Parameter, Route
from shared.web.shapes import shaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.store.work.run_records import LedgerRow

_RUNS, _MOST_RUNS = 50, 200
_START = "collection.start"

# https://www.w3.org/TR/trace-context/#traceparent-header; it goes into messages and logs.
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def start(call: Call[CollectNow]) -> Response:
    """Collect datasets now, as a job. What is under way already is waited for, and is named."""
    from shared.usecases.dispatch import outgoing

    wanted = call.body.datasets or registry.datasets()
    for dataset in wanted:
        registry.collector(dataset)
        if registry.is_imported(dataset):
            raise BadRequest("dataset_imported", parameter="datasets", value=dataset)
    asked = Jobs(call.doors.engine).ask(
        call.tenant_id, "collect", wanted, call.now, act=_START, asked_by=call.caller.name
    )
    job, claims = asked.job, asked.claims
    answer = StartedRuns(
        job_id=job.job_id,
        runs=[StartedRun(dataset=run.subject, run_id=run.run_id) for run in job.runs if run.own],
        under_way=[
            RunUnderWay(
                dataset=run.subject, state="running" if run.standing == "running" else "pending"
            )
            for run in job.runs
            if not run.own
        ],
    )
    response = json_response(answer, 202)
    response.headers["Location"] = job_link(job.job_id, call)
    response.messages = tuple(outgoing(claims, _traceparent(call)))
    return response


def status(call: Call) -> Response:
    """Return where each dataset stands, the ones never collected included."""
    found = Runs(call.doors.engine).status(call.tenant_id, call.now)
    rows = [row for row in found if not registry.is_imported(row.dataset)]
    known = {row.dataset: row for row in shaped(rows, list[DatasetStanding])}
    for name in registry.datasets():
        known.setdefault(name, DatasetStanding(dataset=name))
    return json_response(CollectionStatus(datasets=[known[name] for name in sorted(known)]))


def estimate(call: Call) -> Response:
    """Return what each dataset takes of this tenant, before it is switched on and after.

    From the objects below which it is read, the rows that are known and the budget of its service.
    """
    from shared.usecases.estimate_reads import estimates

    found = estimates(call.doors.engine, call.tenant_id, registry.datasets(), call.now)
    return json_response(EstimateList(datasets=[estimate_answer(one, call.lang) for one in found]))


def ledger(call: Call) -> Response:
    """Return finished runs, newest first."""
    from shared.web.listing import page_of

    dataset = call.request.query.get("dataset")
    if dataset is not None:
        registry.collector(dataset)
    runs = Runs(call.doors.engine)

    def read(limit: int, before: tuple[datetime, UUID] | None) -> "Sequence[LedgerRow]":
        return runs.ledger(call.tenant_id, dataset, limit, before)

    found, cursor = page_of(call, read, _place_of, _place, default=_RUNS, most=_MOST_RUNS)
    return json_response(Ledger(runs=shaped(found, list[FinishedRun]), cursor=cursor))


def _place_of(run: "LedgerRow") -> tuple[object, ...]:
    return run.finished_at, str(run.run_id)


def _place(finished_at: str, run_id: str) -> tuple[datetime, UUID]:
    return datetime.fromisoformat(finished_at), UUID(run_id)


def list_datasets(call: Call) -> Response:
    """Return every dataset that Kanri can collect."""
    specs = map(registry.collector, registry.datasets())
    return json_response(DatasetList(datasets=[dataset_answer(spec, call.lang) for spec in specs]))


def _traceparent(call: Call[object]) -> str | None:
    given = call.request.headers.get("traceparent", "")
    return given if _TRACEPARENT.fullmatch(given) else None


_TOP = top(Text("Runs", "実行"), default=_RUNS, most=_MOST_RUNS)
_DATASET = Parameter(
    "dataset", Text("Only this dataset.", "このデータセットのみ。"), TEXT, example="users", codes=()
)

START = Route(
    collections.START,
    permission="collection:run",
    summary=Text("Collect now", "今すぐ収集"),
    handle=start,
    tenant="connected",
    changes=_START,
    body=CollectNow,
    answer=StartedRuns,
    status=202,
    headers=("Location",),
    refuses={400: ("dataset_imported",), 404: ("dataset_unknown",), 409: ("tenant_paused",)},
)
STATUS = Route(
    collections.STATUS,
    permission="collection:read",
    summary=Text("Where does each dataset stand?", "データセットごとの収集状況"),
    handle=status,
    tenant="connected",
    answer=CollectionStatus,
)
ESTIMATES = Route(
    collections.ESTIMATES,
    permission="collection:read",
    summary=Text("What does each dataset take?", "データセットごとの要求数と所要時間の見積もり"),
    handle=estimate,
    tenant="connected",
    share="administration",
    answer=EstimateList,
)
LEDGER = Route(
    collections.LEDGER,
    permission="collection:read",
    summary=Text("Read the ledger of finished runs", "収集履歴の取得"),
    handle=ledger,
    tenant="connected",
    parameters=(_DATASET, _TOP, CURSOR),
    refuses={404: ("dataset_unknown",)},
    answer=Ledger,
)
DATASETS = Route(
    collections.DATASETS,
    permission="collection:read",
    summary=Text("List the datasets", "データセットの一覧"),
    handle=list_datasets,
    answer=DatasetList,
    also=(304,),
    headers=("ETag",),
)
