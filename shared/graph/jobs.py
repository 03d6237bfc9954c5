"""Lets Graph make a list that it does not have ready: posts the job and asks how it stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from shared.core.collector import Collector, Job
from shared.core.errors import GraphError, MalformedAnswer
from shared.graph.client import GraphClient
from shared.graph.reasking import as_json, asked_again
from shared.graph.requests import headers_of, job_url


@dataclass(frozen=True, slots=True)
class JobState:
    """How a job stands; `exceeded`: it gives fewer rows than there are."""

    under_way: bool = False
    done: bool = False
    exceeded: bool = False


class _Created(msgspec.Struct):
    id: str


async def create_job(
    client: GraphClient, collector: Collector, since: datetime, until: datetime
) -> str:
    """Post the job for what lies between two instants; return its id.

    Raises OutcomeUnknown when it may be there without our knowing: it does no harm.
    """
    job = Job.of(collector)
    body = msgspec.json.encode(job.asked(since, until))
    url = job_url(client.endpoint, collector, job.create)
    answer = await client.write("POST", url, body, bucket=collector.bucket)
    return as_json(_Created)(answer.body).id


async def state_of_job(client: GraphClient, collector: Collector, own: str) -> JobState | None:
    """Return how the job stands; None if Graph knows none of that id (any more)."""
    job = Job.of(collector)
    url = job_url(client.endpoint, collector, job.poll, own)
    headers = headers_of(collector)
    try:
        found = await asked_again(
            client,
            lambda: client.read(url, bucket=collector.bucket, headers=headers),
            as_json(dict[str, Any]),
        )
    except GraphError as error:
        if error.params.get("status") == 404:
            return None
        raise
    status = found.get("status")
    if not isinstance(status, str):
        raise MalformedAnswer("graph_malformed", reason="the job has no status")
    exceeded = job.exceeded is not None and found.get(job.exceeded) is True
    return JobState(status in job.under_way, status in job.done, exceeded)
