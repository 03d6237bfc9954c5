"""Snapshots of a tenant's configuration: post a job, ask until it has ended, read what it extracted.

"configurationBaseline: createSnapshot" and the pages beside it. A name has up to 32 letters, digits and
spaces and none of it twice; 12 jobs at a time, 20,000 resources a month, seven days; where the result is
said to be is below /beta. A minute in earnest is here the tenant's `snapshotSeconds`. `snapshotLacks` are
workloads that Microsoft's own principal may not read: the job then ends `partiallySuccessful`. How a
tenant without that principal, or with too many jobs, is refused is the sandbox's guess, as is that Intune
which was not bought is missing and told of like what may not be read.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random
from typing import Any
from uuid import uuid4

from infra.local.sandbox.areas.managed_devices import SERVICE as INTUNE
from infra.local.sandbox.clock import stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import (
    ONE,
    bad_request,
    read_options,
    read_select,
    refuse_options,
)
from infra.local.sandbox.odata.pages import Listed, context, list_reply, project
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.configuration import TYPES, Configuration
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.throttling import Limit

SERVICE, BUDGET = "tcm", "tenant_configuration"
PATH = "admin/configurationManagement"
MOST_RESOURCES = 20_000
_JOBS, _SNAPSHOTS = f"{PATH}/configurationSnapshotJobs", f"{PATH}/configurationSnapshots"
_KEPT, _MONTH = 7 * DAY, 30 * DAY
_NAME = re.compile(r"[A-Za-z0-9 ]{8,32}")
_ALWAYS = "id createdBy createdDateTime completedDateTime description displayName status tenantId"
_JOB = plain_type("configurationSnapshotJob", f"{_ALWAYS} errorDetails resourceLocation resources")
_SNAPSHOT = plain_type("configurationBaseline", "id description displayName parameters resources")
_NEVER = "0001-01-01T00:00:00Z"


@dataclass(slots=True)
class _Job:
    """A job: what was asked and when (epoch seconds), how it ends, and what it has extracted."""

    key: str
    asked: dict[str, Any]
    posted: float
    seconds: float
    by: str
    end: str = "succeeded"
    errors: list[str] = field(default_factory=list)
    found: list[Entity] = field(default_factory=list)

    def status(self, now: float) -> str:
        """Where the job stands at an instant."""
        passed = now - self.posted
        if passed >= self.seconds:
            return self.end
        return "notStarted" if passed < self.seconds / 4 else "running"


class _Jobs:
    """The jobs of a tenant, and how many resources were extracted when."""

    def __init__(self, _tenant: Tenant) -> None:
        self.held: dict[str, _Job] = {}
        self.spent: list[tuple[float, int]] = []

    def standing(self, now: float) -> dict[str, _Job]:
        """The jobs that are no older than seven days."""
        return {key: job for key, job in self.held.items() if now - job.posted < _KEPT}


def configuration_of(tenant: Tenant) -> Configuration:
    """What is set up in a tenant; ask for it by `tenant.part`."""
    return Configuration(tenant)


def licence(call: Call) -> None:
    """Raise ApiError 403 in a tenant without the principal of Tenant Configuration Management."""
    if SERVICE in call.tenant.not_bought:
        text = "The service principal 03b07b79-c5bc-4b5e-9bfa-13acf4a99998 was not found in the tenant."
        raise ApiError(403, "Forbidden", text)


def _create(call: Call) -> Reply:
    asked, jobs, now = call.request.json(), call.tenant.part(_Jobs), call.now.timestamp()
    if not isinstance(asked, dict) or set(asked) - {"displayName", "description", "resources"}:
        raise bad_request("One or more validation errors occurred.")
    name, wanted = asked.get("displayName"), asked.get("resources")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise bad_request("The display name has 8 to 32 letters, digits and spaces.")
    if not isinstance(wanted, list) or not wanted or set(wanted) - TYPES:
        raise bad_request("One or more resources are not supported.")
    standing = jobs.standing(now).values()
    if any(job.asked["displayName"] == name for job in standing):
        raise ApiError(409, "Conflict", f"A snapshot job named '{name}' already exists.")
    most = call.tenant.facts["mostSnapshots"]
    if len(standing) >= most:
        raise bad_request(f"The number of snapshot jobs exceeds the maximum allowed ({most}).")
    seconds = float(call.tenant.facts["snapshotSeconds"])
    job = _Job(str(uuid4()), asked, now, seconds, call.caller.app_id)
    _extract(call, job, jobs)
    jobs.held[job.key] = job
    found = {"@odata.context": context(call, f"{_JOBS}/$entity"), **_told(call, job, job.posted)}
    return json_reply(found)


def _extract(call: Call, job: _Job, jobs: _Jobs) -> None:
    """Decide what the job finds, and how it ends."""
    resources = call.tenant.part(configuration_of).resources
    lacks = {*call.tenant.facts["snapshotLacks"], *({INTUNE} & call.tenant.not_bought)}
    rows = [
        r for r in resources.rows(0, len(resources)) if r["resourceType"] in job.asked["resources"]
    ]
    job.found = [row for row in rows if row["resourceType"].split(".")[1] not in lacks]
    spent = sum(number for when, number in jobs.spent if when > job.posted - _MONTH)
    if "snapshot_fails" in call.faults or spent + len(job.found) > MOST_RESOURCES:
        job.end, job.found = "failed", []
        job.errors = ["The monthly quota of extracted resources is exhausted."]
        return
    jobs.spent.append((job.posted, len(job.found)))
    if len(job.found) < len(rows):
        job.end = "partiallySuccessful"
        asked = {kind.split(".")[1] for kind in job.asked["resources"]}
        job.errors = [f"Access to {workload} was denied." for workload in sorted(lacks & asked)]


def _told(call: Call, job: _Job, now: float) -> Entity:
    status = job.status(now)
    ended = status in ("succeeded", "partiallySuccessful", "failed")
    done = datetime.fromtimestamp(job.posted + job.seconds, call.now.tzinfo)
    readable = ended and status != "failed"
    return {
        "id": job.key,
        "displayName": job.asked["displayName"],
        "description": job.asked.get("description") or "",
        "tenantId": call.tenant.tenant_id,
        "status": status,
        "createdDateTime": stamp(datetime.fromtimestamp(job.posted, call.now.tzinfo)),
        "completedDateTime": stamp(done) if ended else _NEVER,
        "createdBy": {"application": {"id": job.by, "displayName": "Kanri"}},
        "resources": job.asked["resources"],
        "errorDetails": job.errors if ended else [],
        "resourceLocation": _location(call, job) if readable else "",
    }


def _location(call: Call, job: _Job) -> str:
    root = call.base.removesuffix("/v1.0")
    return f"{root}/beta/{_SNAPSHOTS}('{job.key}')"


def _find(call: Call) -> _Job:
    job = call.tenant.part(_Jobs).standing(call.now.timestamp()).get(call.args["id"].lower())
    if job is None:
        raise ApiError(404, "NotFound", "The requested snapshot job was not found.")
    return job


def _one(call: Call) -> Reply:
    job = _find(call)
    if call.request.method == "DELETE":
        del call.tenant.part(_Jobs).held[job.key]
        return Reply(204)
    refuse_options(call.query, ONE)
    # Errors, place and resources come on $select only.
    select = read_select(call.query.get("$select"), _JOB) or tuple(_ALWAYS.split())
    found = project([_told(call, job, call.now.timestamp())], _JOB, select)[0]
    return json_reply({"@odata.context": context(call, f"{_JOBS}/$entity", select), **found})


def _list(call: Call) -> Reply:
    options = read_options(call, _JOB, frozenset({"$select", "$filter", "$orderby", "$top"}))
    now, names = call.now.timestamp(), options.select or tuple(_ALWAYS.split())
    jobs = call.tenant.part(_Jobs).standing(now).values()
    rows = project([_told(call, job, now) for job in jobs], _JOB, names)
    return list_reply(call, Listed(rows), _JOB, _JOBS, options=options)


def _snapshot(call: Call) -> Reply:
    """What a job has extracted, the properties of each resource in another order each time."""
    job = _find(call)
    if job.status(call.now.timestamp()) not in ("succeeded", "partiallySuccessful"):
        raise ApiError(404, "NotFound", "The requested snapshot was not found.")
    refuse_options(call.query, ONE)
    select = read_select(call.query.get("$select"), _SNAPSHOT)
    dice = Random(job.key)

    def shuffled(row: Entity) -> Entity:
        said = dict(dice.sample(list(row["properties"].items()), len(row["properties"])))
        return {**{name: row[name] for name in ("displayName", "resourceType")}, "properties": said}

    whole = {
        "id": job.key,
        "displayName": job.asked["displayName"],
        "description": job.asked.get("description") or "",
        "parameters": [],
        "resources": [shuffled(row) for row in dice.sample(job.found, len(job.found))],
    }
    found = project([whole], _SNAPSHOT, select)[0]
    return json_reply({"@odata.context": context(call, f"{_SNAPSHOTS}/$entity", select), **found})


def _resources(tenant: Tenant) -> Collection:
    return tenant.part(configuration_of).resources


def _administer(changes: Changes, dice: Random) -> str:
    """An administrator turns a switch of a policy, or tries it out before it is in force."""
    held = _resources(changes.tenant)
    place = dice.randrange(len(held))
    row = next(held.rows(place, place + 1), None)
    said: Entity = (row or {}).get("properties", {})
    switches = [name for name, value in said.items() if isinstance(value, bool) or name == "Mode"]
    if row is None or not switches:
        return ""
    name = dice.choice(switches)
    turned = _MODES[said[name]] if name == "Mode" else not said[name]
    changes.patch(held.name, row["id"], {"properties": {**said, name: turned}})
    return str(row["id"])


_MODES = {"Enable": "TestWithNotifications", "TestWithNotifications": "Enable"}
COLLECTIONS = {"tenant_configuration": _resources}
LIFE = (Happening("policy of a workload", 0.05, _administer),)
FACTS: dict[str, Any] = {"snapshotSeconds": 2.0, "snapshotLacks": [], "mostSnapshots": 12}
CONDITIONS = ("snapshot_fails",)
LIMITS = {BUDGET: (Limit(130_000, 10.0),)}
PERMISSIONS = {"ConfigurationMonitoring.ReadWrite.All": "cfa85bfb-2ee8-4e13-8e7f-489e57a015a1"}
READ = tuple(PERMISSIONS)
_route = partial(Route, permissions=READ, budget=BUDGET, licence=licence)
ROUTES = (
    _route(f"/{_SNAPSHOTS}/createSnapshot", _create, methods=("POST",)),
    _route(f"/{_SNAPSHOTS}/(?P<id>[^/]+)", _snapshot),
    _route(f"/{_JOBS}", _list),
    _route(f"/{_JOBS}/(?P<id>[^/]+)", _one, methods=("GET", "DELETE")),
)
