"""Service health: overviews and issues."""

from random import Random

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import ALL, read_options
from infra.local.sandbox.odata.pages import Listed, Paging, context, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.health import SERVICES, overviews, post
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
_PAGING = Paging(100, 1_000, by_preference=True, by_skip=True)


def _overviews(call: Call) -> Reply:
    options = read_options(call, _OVERVIEW, (ALL - {"$search"}) | {"$skip"})
    issues = call.tenant.issues
    rows = overviews(list(issues.rows(0, len(issues))))
    if "issues" not in options.expand:
        rows = [{name: row[name] for name in ("id", "service", "status")} for row in rows]
    return list_reply(
        call, Listed(rows), _OVERVIEW, f"{_FOLDER}/healthOverviews", options=options, paging=_PAGING
    )


def _issues(call: Call) -> Reply:
    options = read_options(call, _ISSUE, (ALL - {"$search", "$expand"}) | {"$skip"})
    return list_reply(
        call, call.tenant.issues, _ISSUE, f"{_FOLDER}/issues", options=options, paging=_PAGING
    )


def _one_issue(call: Call) -> Reply:
    issue = call.tenant.issues.state(call.args["id"])
    if issue is None:
        raise ApiError(404, "ResourceNotFound", "The issue does not exist.")
    return json_reply({"@odata.context": context(call, f"{_FOLDER}/issues") + "/$entity", **issue})


def _break_out(changes: Changes, dice: Random) -> str:
    """Something new is wrong with a service."""
    service, moment = dice.choice(SERVICES)[1], stamp(changes.tenant.clock.now())
    issue: Entity = {
        "id": f"{dice.choice(('EX', 'TM', 'SP', 'MO'))}{dice.randrange(900_000, 1_000_000)}",
        "startDateTime": moment,
        "endDateTime": None,
        "lastModifiedDateTime": moment,
        "title": f"Some users may be unable to use {service}",
        "service": service,
        "impactDescription": "Users may see errors.",
        "classification": dice.choice(("incident", "advisory")),
        "origin": "microsoft",
        "status": "investigating",
        "featureGroup": service,
        "feature": "Access and availability",
        "isResolved": False,
        "details": [],
        "posts": [post(moment, "We are investigating.")],
    }
    if changes.tenant.issues.state(issue["id"]) is not None:
        return ""
    changes.create("issues", issue)
    return str(issue["id"])


def _go_on(changes: Changes, dice: Random) -> str:
    """Microsoft writes about an issue: what it is called now, how far it is, or that it is over."""
    held = changes.tenant.issues
    at = dice.randrange(len(held))
    issue = next(held.rows(at, at + 1), None)
    if issue is None:
        return ""
    moment = stamp(changes.tenant.clock.now())
    if issue["isResolved"]:
        changed: Entity = {"status": "postIncidentReviewPublished"}
    elif dice.random() < 0.5:
        changed = {"title": f"{issue['title']} (update)", "status": "restoringService"}
    else:
        changed = {"status": "serviceRestored", "isResolved": True, "endDateTime": moment}
    posts = [*issue["posts"], post(moment, "We have an update.")]
    changes.patch(
        "issues", issue["id"], {**changed, "posts": posts, "lastModifiedDateTime": moment}
    )
    return str(issue["id"])


LIFE = (Happening("issue breaks out", 0.01, _break_out), Happening("issue goes on", 0.03, _go_on))
ROUTES = (
    Route(f"/{_FOLDER}/healthOverviews", _overviews, _READ, budget="service_health"),
    Route(f"/{_FOLDER}/issues", _issues, _READ, budget="service_health"),
    Route(f"/{_FOLDER}/issues/(?P<id>[^/]+)", _one_issue, _READ, budget="service_health"),
)
