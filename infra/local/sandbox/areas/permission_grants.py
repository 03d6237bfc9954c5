"""Delegated permissions that somebody consented to, for himself or, an administrator, for everybody."""

from random import Random

from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.delta import Tracked, delta_reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import list_reply
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.app_objects import grant
from infra.local.sandbox.tenant.applications import applications
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant

_GRANT = EntityType(
    name="microsoft.graph.oAuth2PermissionGrant",
    directory=True,
    properties=plain_type(
        "oAuth2PermissionGrant", "id clientId consentType principalId resourceId scope"
    ).properties,
)
# No narrower permission of an application reads them.
_READ = ("Directory.Read.All",)
_MORE = (" Mail.Read", " Files.ReadWrite.All", " Sites.Read.All", " Chat.Read")


def _grants(tenant: Tenant) -> Collection:
    return tenant.part(applications).grants


def _list(call: Call) -> Reply:
    options = read_options(call, _GRANT)
    return list_reply(call, _grants(call.tenant), _GRANT, "oauth2PermissionGrants", options=options)


def _delta(call: Call) -> Reply:
    return delta_reply(call, Tracked(_grants(call.tenant), _GRANT, "oauth2PermissionGrants"))


def _change(changes: Changes, dice: Random) -> str:
    """Somebody consents, an application asks for more, or a consent is taken back."""
    made, draw = changes.tenant.part(applications), dice.random()
    rows = list(made.grants.rows(0, len(made.grants)))
    if rows and draw < 0.3:
        gone = dice.choice(rows)
        changes.delete("oauth2_permission_grants", gone["id"])
        return str(gone["id"])
    if rows and draw < 0.6:
        held = dice.choice(rows)
        scope = f"{held['scope']}{dice.choice(_MORE)}"
        changes.patch("oauth2_permission_grants", held["id"], {"scope": scope})
        return str(held["id"])
    users, place = changes.tenant.users, dice.randrange(len(changes.tenant.users))
    client = dice.choice(list(made.principals.rows(0, len(made.principals))))
    for user in users.rows(place, place + 1):
        by = Dice(dice.getrandbits(30), "consent")
        item = grant(by, 0, client["id"], made.graph_id, "openid profile User.Read", user["id"])
        return str(changes.create("oauth2_permission_grants", item)["id"])
    return ""


COLLECTIONS = {"oauth2_permission_grants": _grants}
LIFE = (Happening("consent", 0.06, _change),)
ROUTES = (
    Route(r"/oauth2PermissionGrants", _list, _READ, cost=2),
    Route(r"/oauth2PermissionGrants/(microsoft\.graph\.)?delta", _delta, _READ),
)
