"""Lets Graph make a list that it does not have ready: posts the job and asks how it stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from shared.core.collector import Bounds, Collector, Job
from shared.core.collector.part import filled
from shared.core.errors import GraphError, MalformedAnswer
from shared.graph.client import GraphClient
from shared.graph.reasking import as_json, asked_again
from shared.graph.requests import headers_of, job_url

# Both ways that OData names one object of a set: `things/id` and `things('id')`.
_LAST_ID = re.compile(r"([^/()'?#]+)(?:'?\))?/?(?:[?#].*)?$")


@dataclass(frozen=True, slots=True)
class JobState:
    """How a job stands. `readable`: its rows can be read; `partly`, and are not all; `exceeded`,
    because there are more than it gives. `result` is the id of what it made."""

    under_way: bool = False
    readable: bool = False
    partly: bool = False
    exceeded: bool = False
    result: str | None = None


class _Created(msgspec.Struct):
    id: str


async def create_job(
    client: GraphClient, collector: Collector, bounds: Bounds | None = None
) -> str:
    """Post the job, for what lies between two instants if it is read in slices; return its id.

    Raises OutcomeUnknown when it may be there without our knowing: it does no harm.
    """
    job = Job.of(collector)
    body = msgspec.json.encode(filled(job.body, bounds))
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
    if status not in (*job.done, *job.partly):
        return JobState(under_way=status in job.under_way)
    exceeded = job.exceeded is not None and found.get(job.exceeded) is True
    partly = exceeded or status in job.partly
    return JobState(readable=True, partly=partly, exceeded=exceeded, result=_result(job, found))


async def delete_job(client: GraphClient, collector: Collector, own: str) -> None:
    """Delete a job whose rows are stored. One that is gone already is as good."""
    path, _, _ = Job.of(collector).poll.partition("?")
    url = job_url(client.endpoint, collector, path, own)
    try:
        await client.write("DELETE", url, bucket=collector.bucket)
    except GraphError as error:
        if error.params.get("status") != 404:
            raise


def _result(job: Job, found: Mapping[str, object]) -> str | None:
    """Return the id at the end of the address that the job tells.

    Not the address: it may lead to another version, and to anywhere.
    """
    if job.result is None:
        return None
    told = found.get(job.result)
    last = _LAST_ID.search(told) if isinstance(told, str) else None
    if last is None:
        raise MalformedAnswer("graph_malformed", reason="the job does not say what it made")
    return last[1]
