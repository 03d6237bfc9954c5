"""Service health: overviews and issues."""

from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import ALL, read_options
from infra.local.sandbox.odata.pages import Listed, Paging, context, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.health import overviews
from infra.local.sandbox.throttling import Limit

_OVERVIEW = plain_type("serviceHealth", "id service status", expandable="issues")
_ISSUE = plain_type(
    "serviceHealthIssue",
    "id startDateTime endDateTime lastModifiedDateTime title service impactDescription "
    "classification origin status featureGroup feature isResolved details posts",
)
_READ = ("ServiceHealth.Read.All",)
_FOLDER = "admin/serviceAnnouncement"
LIMITS = {"service_health": (Limit(240, 60.0), Limit(800, 3_600.0))}
_PAGING = Paging(100, 1_000, by_preference=True)


def _overviews(call: Call) -> Reply:
    options = read_options(call, _OVERVIEW, ALL - {"$search"})
    issues = call.tenant.issues
    rows = overviews(list(issues.rows(0, len(issues))))
    if "issues" not in options.expand:
        rows = [{name: row[name] for name in ("id", "service", "status")} for row in rows]
    return list_reply(
        call, Listed(rows), _OVERVIEW, f"{_FOLDER}/healthOverviews", options=options, paging=_PAGING
    )


def _issues(call: Call) -> Reply:
    options = read_options(call, _ISSUE, ALL - {"$search", "$expand"})
    return list_reply(
        call, call.tenant.issues, _ISSUE, f"{_FOLDER}/issues", options=options, paging=_PAGING
    )


def _one_issue(call: Call) -> Reply:
    issue = call.tenant.issues.state(call.args["id"])
    if issue is None:
        raise ApiError(404, "ResourceNotFound", "The issue does not exist.")
    return json_reply({"@odata.context": context(call, f"{_FOLDER}/issues") + "/$entity", **issue})


ROUTES = (
    Route(f"/{_FOLDER}/healthOverviews", _overviews, _READ, budget="service_health"),
    Route(f"/{_FOLDER}/issues", _issues, _READ, budget="service_health"),
    Route(f"/{_FOLDER}/issues/(?P<id>[^/]+)", _one_issue, _READ, budget="service_health"),
)
