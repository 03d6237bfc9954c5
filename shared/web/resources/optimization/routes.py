"""Optimising the database: reading what was found, and starting a run."""

from typing import TYPE_CHECKING

from shared.core.asked import choice
from shared.core.database_check import CHECKS, SEVERITIES
from shared.core.registry import of
from shared.core.text import Text
from shared.web.http import Response, json_response
from shared.web.resources import optimization
from shared.web.resources.jobs.shapes import job_link
from shared.web.resources.optimization.shapes import (
    OptimizationAnswer,
    StartedOptimization,
    check_answers,
    finding_answers,
    run_answer,
    work_answers,
)
from shared.web.route import Call, Parameter, Route

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

_START = "database.optimize"


def read(call: Call) -> Response:
    """Return what the last run found and did. A number is as old as the run; unknown is said with its cause."""
    from shared.store.optimization.runs import OptimizationRuns
    from shared.usecases.optimize_database import KIND

    severities = _severities(call)
    runs = OptimizationRuns(call.doors.engine)
    last, standing = runs.last(), runs.standing(KIND)
    answer = OptimizationAnswer(
        run=None if last is None else run_answer(last, call.now),
        under_way=standing.under_way,
        next_due=standing.next_due or _next(call.now),
        checks=check_answers(last, call.lang),
        findings=finding_answers(last, severities, call.lang),
        work=work_answers(last, call.lang),
    )
    return json_response(answer)


def _severities(call: Call) -> "Collection[str]":
    """Return the severities from the one that is asked for on."""
    asked = choice(call.request.query, "severity", SEVERITIES, SEVERITIES[0])
    names: list[str] = [*SEVERITIES]
    return names[names.index(asked) :]


def _next(now: "datetime") -> "datetime | None":
    from shared.core.work import WORKS, due_next
    from shared.usecases.optimize_database import KIND, SUBJECT

    return due_next(of(WORKS)[KIND].cadence(SUBJECT), now)


def start(call: Call) -> Response:
    """Look and do what may be done now, as a job. A run that is under way already is waited for."""
    from shared.core.work import DEPLOYMENT
    from shared.store.work.jobs import Jobs
    from shared.usecases.dispatch import outgoing
    from shared.usecases.optimize_database import KIND, SUBJECT

    asked = Jobs(call.doors.engine).ask(
        DEPLOYMENT, KIND, [SUBJECT], call.now, act=_START, asked_by=call.caller.name
    )
    answer = StartedOptimization(job_id=asked.job.job_id, checks=sorted(of(CHECKS)))
    response = json_response(answer, 202)
    response.headers["Location"] = job_link(asked.job.job_id, call)
    response.messages = tuple(outgoing(asked.claims))
    return response


_SEVERITY = Parameter(
    "severity",
    Text("Only findings at least this severe.", "この重大度以上の検出結果のみ。"),
    {"type": "string", "enum": list(SEVERITIES)},
    example="warning",
)

READ = Route(
    optimization.READ,
    permission="ops:read",
    summary=Text("What was found in the database?", "データベースの検出結果の取得"),
    handle=read,
    every_tenant=True,
    parameters=(_SEVERITY,),
    answer=OptimizationAnswer,
)
START = Route(
    optimization.START,
    permission="ops:write",
    summary=Text("Optimise the database now", "データベースの最適化の開始"),
    handle=start,
    every_tenant=True,
    changes=_START,
    answer=StartedOptimization,
    status=202,
    headers=("Location",),
)
