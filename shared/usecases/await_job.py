"""Has Graph make a list, and waits for it in the queue: the job stands in the saved place.

So nobody sleeps, and a killed worker's job is gone on with. One that was posted just before a worker
died, and is in no place, is posted again: it harms nobody.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from shared.core import clock
from shared.core.collector import Bounds, Job
from shared.core.errors import GraphError
from shared.core.logs import log
from shared.graph.jobs import JobState, create_job, state_of_job
from shared.usecases.collection import Collection, Place, Reading

_TRIES = 3


class JobPlace(Place, frozen=True):
    """A job that is waited for: its `id` if it is posted, when it was, and how many failed before it."""

    id: str | None = None
    posted: datetime | None = None
    tries: int = 0


async def look_at_job(
    c: Collection, job: JobPlace, bounds: Bounds | None = None
) -> tuple[JobPlace, JobState | None]:
    """Post the job, or see how it stands; return it as it is to be saved, and its state once its rows
    can be read. One that is returned without an id has failed and is to be tried anew.

    Raises GraphError for one that takes too long, and when too many in a row have failed.
    """
    if job.id is None:
        own = await create_job(c.graph, c.collector, bounds)
        return replace(job, id=own, posted=clock.now()), None
    state = await state_of_job(c.graph, c.collector, job.id)
    if state is None or not (state.readable or state.under_way):
        return failed(job), None
    if state.readable:
        return job, state
    within = Job.of(c.collector).within
    if _age(c, job) > within:
        raise GraphError("job_too_late", hours=within // timedelta(hours=1))
    return job, None


def failed(job: JobPlace) -> JobPlace:
    """Return the place of a job to be tried anew; GraphError when it has been often enough."""
    if job.tries + 1 >= _TRIES:
        raise GraphError("job_failed", tries=_TRIES)
    log("job_failed", tries=job.tries + 1)
    return JobPlace(tries=job.tries + 1)


def waiting(c: Collection, job: JobPlace) -> Reading:
    """Return that the reading goes on when the job may be done."""
    return Reading(finished=False, wait=Job.of(c.collector).wait(_age(c, job)))


def _age(c: Collection, job: JobPlace) -> timedelta:
    return clock.now() - (job.posted or c.run.started_at)
