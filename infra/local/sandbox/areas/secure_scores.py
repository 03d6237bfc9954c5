"""Secure scores and their controls: no `$select`, the newest first.

Options: the pages of both lists. Four requests at a time are not counted here: nothing asks so many.
"""

from random import Random

from infra.local.sandbox.areas.security_alerts import not_permitted
from infra.local.sandbox.clock import stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, Paging, Source, list_reply
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.secure_scores import Scores, controls
from infra.local.sandbox.throttling import Limit

_SCORES, _CONTROLS = "security/secureScores", "security/secureScoreControlProfiles"
_SCORE = plain_type("secureScore", "id createdDateTime currentScore maxScore activeUserCount")
_CONTROL = plain_type(
    "secureScoreControlProfile", "id title controlCategory service maxScore rank deprecated tier"
)


def _seeded(tenant: Tenant) -> Collection:
    made = controls(tenant.seed, tenant.anchor)
    own = [{**control, "azureTenantId": tenant.tenant_id} for control in made]
    return Collection.of("secure_score_controls", tenant.timeline, own)


def _of(tenant: Tenant) -> Scores:
    return Scores(tenant.seed, tenant.people, tenant.anchor, tenant.tenant_id)


def _reply(call: Call, source: Source, kind: EntityType, path: str) -> Reply:
    options = read_options(call, kind, frozenset({"$count", "$filter", "$skip", "$top"}))
    paging = Paging(100, 999, by_skip=True)
    return list_reply(call, source, kind, path, options=options, paging=paging)


def _scores(call: Call) -> Reply:
    rows = list(call.tenant.part(_of).days(call.now.timestamp()))
    return _reply(call, Listed(rows), _SCORE, _SCORES)


def _profiles(call: Call) -> Reply:
    return _reply(call, call.tenant.part(_seeded), _CONTROL, _CONTROLS)


def _judge(changes: Changes, dice: Random) -> str:
    """An administrator says what is to become of a control."""
    held = changes.tenant.part(_seeded)
    at = dice.randrange(len(held))
    control = next(held.rows(at, at + 1), None)
    if control is None:
        return ""
    first = changes.tenant.people
    said = {
        "assignedTo": "",
        "comment": "確認済み",
        "state": dice.choice(("Ignored", "ThirdParty", "Default")),
        "updatedBy": first.names(0, first.roll(0), first.kind(0))[0],
        "updatedDateTime": stamp(changes.tenant.clock.now()),
    }
    updates = [*control["controlStateUpdates"], said]
    changes.patch("secure_score_controls", control["id"], {"controlStateUpdates": updates})
    return str(control["id"])


COLLECTIONS = {"secure_score_controls": _seeded}
LIFE = (Happening("secure score control", 0.02, _judge),)
LIMITS = {"secure_score": (Limit(10_000, 600.0),)}
PERMISSIONS = {"SecurityEvents.Read.All": "bf394140-e372-4bf9-a898-299cfc7564e5"}
_READ = tuple(PERMISSIONS)
ROUTES = (
    Route(f"/{_SCORES}", _scores, _READ, "secure_score", refusal=not_permitted),
    Route(f"/{_CONTROLS}", _profiles, _READ, "secure_score", refusal=not_permitted),
)
