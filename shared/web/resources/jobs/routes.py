"""Jobs: listing them, following one, cancelling one."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core.access import Permission
from shared.core.errors import NotFound
from shared.core.text import Text
from shared.store.work.jobs import Jobs
from shared.web.http import Response, json_response
from shared.web.parameters import CURSOR, TOP
from shared.web.resources import jobs
from shared.web.resources.jobs.shapes import JobAnswer, JobList, job_answer
from shared.web.route import Call, Route, guid_in_path

if TYPE_CHECKING:
    from shared.store.work.job_records import Job


def list_jobs(call: Call) -> Response:
    """Return the jobs of the last 30 days, newest first, for the tenants whose jobs he may read."""
    from shared.web.listing import page_of

    every = partial(Jobs(call.doors.engine).all, only=call.caller.tenants_with("job:read"))
    found, cursor = page_of(call, every, _place_of, _place)
    return json_response(JobList(jobs=[job_answer(job) for job in found], cursor=cursor))


def _place_of(job: "Job") -> tuple[object, ...]:
    return job.asked_at, str(job.job_id)


def _place(asked_at: str, job_id: str) -> tuple[datetime, UUID]:
    return datetime.fromisoformat(asked_at), UUID(job_id)


def read_job(call: Call) -> Response:
    """Return how far one job is, and what came of it."""
    return json_response(job_answer(_seen(call, "job:read")))


def cancel(call: Call) -> Response:
    """End what was begun for the job; what it did by then stays. One that has ended stays so."""
    job = _seen(call, "job:cancel")
    return json_response(job_answer(Jobs(call.doors.engine).cancel(job.job_id, call.now)))


def _seen(call: Call, permission: Permission) -> "Job":
    """Return the job in the path. One that he may not see is as good as none."""
    job_id = guid_in_path(call.request, "id")
    job = Jobs(call.doors.engine).get(job_id)
    if not call.caller.may_on_all(permission, job.about):
        raise NotFound("job_unknown", parameter="id", value=str(job_id))
    return job


LIST = Route(
    jobs.LIST,
    permission="job:read",
    summary=Text("List the jobs", "ジョブの一覧"),
    handle=list_jobs,
    parameters=(TOP, CURSOR),
    answer=JobList,
)
READ = Route(
    jobs.READ,
    permission="job:read",
    summary=Text("Follow a job", "ジョブの取得"),
    handle=read_job,
    answer=JobAnswer,
    refuses={404: ("job_unknown",)},
)
CANCEL = Route(
    jobs.CANCEL,
    permission="job:cancel",
    summary=Text("Cancel a job", "ジョブの取り消し"),
    handle=cancel,
    changes="job.cancel",
    answer=JobAnswer,
    refuses={404: ("job_unknown",)},
)
