"""Registrations of applications: list, one, change tracking, owners; and the life that they lead."""

from random import Random

from infra.local.sandbox.areas.groups import objects_reply
from infra.local.sandbox.clock import stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.delta import Tracked, delta_reply
from infra.local.sandbox.odata.options import ONE, read_options, read_select, refuse_options
from infra.local.sandbox.odata.pages import context, list_reply, project
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.applications import applications, owned
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.credentials import secret
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant

_LISTS = (
    "addIns appRoles identifierUris keyCredentials managerApplications passwordCredentials "
    "requiredResourceAccess tags"
)
_APPLICATION = EntityType(
    name="microsoft.graph.application",
    directory=True,
    properties=plain_type(
        "application",
        "id deletedDateTime api appId applicationTemplateId certification createdByAppId "
        "createdDateTime defaultRedirectUri description disabledByMicrosoftStatus displayName "
        "groupMembershipClaims info isDeviceOnlyAuthSupported isDisabled isFallbackPublicClient notes "
        "optionalClaims parentalControlSettings publicClient publisherDomain "
        "requestSignatureVerification samlMetadataUrl serviceManagementReference "
        "servicePrincipalLockConfiguration signInAudience spa tokenEncryptionKeyId uniqueName "
        f"verifiedPublisher web {_LISTS}",
    ).properties,
    collections=frozenset(_LISTS.split()),
    searchable=frozenset({"displayName"}),
    free_order=frozenset({"displayName"}),
)
_READ = ("Application.Read.All", "Directory.Read.All")


def _registrations(tenant: Tenant) -> Collection:
    return tenant.part(applications).registrations


def _owners(tenant: Tenant) -> Collection:
    return tenant.part(applications).owners


def _list(call: Call) -> Reply:
    options = read_options(call, _APPLICATION)
    return list_reply(
        call, _registrations(call.tenant), _APPLICATION, "applications", options=options
    )


def _delta(call: Call) -> Reply:
    return delta_reply(call, Tracked(_registrations(call.tenant), _APPLICATION, "applications"))


def _find(call: Call) -> Entity:
    found = _registrations(call.tenant).state(call.args["id"].lower())
    if found is None:
        text = f"Resource '{call.args['id']}' does not exist."
        raise ApiError(404, "Request_ResourceNotFound", text)
    return found


def _one(call: Call) -> Reply:
    refuse_options(call.query, ONE)
    select = read_select(call.query.get("$select"), _APPLICATION, single=True)
    found = project([_find(call)], _APPLICATION, select)[0]
    return json_reply(
        {"@odata.context": context(call, "applications", select) + "/$entity", **found}
    )


def _owners_of(call: Call) -> Reply:
    own, held = _find(call)["id"], _owners(call.tenant)
    edges = (row for row in held.rows(0, len(held)) if row["applicationId"] == own)
    return objects_reply(call, [row["ownerId"] for row in edges])


def _change(changes: Changes, dice: Random) -> str:
    """A secret is renewed or cleaned away, an owner comes or goes, an application ends."""
    held = _registrations(changes.tenant)
    rows = list(held.rows(1, len(held)))  # the first one is whoever reads this
    if not rows:
        return ""
    chosen, draw = dice.choice(rows), dice.random()
    if draw < 0.5:
        _renew(changes, chosen, dice)
    elif draw < 0.7:
        now = stamp(changes.tenant.clock.now())
        left = [one for one in chosen["passwordCredentials"] if one["endDateTime"] > now]
        changes.patch("applications", chosen["id"], {"passwordCredentials": left})
    elif draw < 0.9:
        _change_owner(changes, chosen["id"], dice)
    else:
        _remove(changes, chosen)
    return str(chosen["id"])


def _renew(changes: Changes, chosen: Entity, dice: Random) -> None:
    now = int(changes.tenant.clock.now().timestamp())
    made = secret(Dice(dice.getrandbits(30), "renewed"), 0, now, dice.choice((90, 180, 365, None)))
    held = [*chosen["passwordCredentials"], made]
    changes.patch("applications", chosen["id"], {"passwordCredentials": held})


def _change_owner(changes: Changes, own: str, dice: Random) -> None:
    edges = _owners(changes.tenant)
    held = [row for row in edges.rows(0, len(edges)) if row["applicationId"] == own]
    if held and dice.random() < 0.4:
        changes.delete("application_owners", dice.choice(held)["id"])
        return
    users = changes.tenant.users
    place = dice.randrange(len(users))
    for user in users.rows(place, place + 1):
        edge = owned(own, user["id"])
        if edges.state(edge["id"]) is None:
            changes.create("application_owners", edge)


def _remove(changes: Changes, chosen: Entity) -> None:
    """An application ends, and what it was allowed with it."""
    made = changes.tenant.part(applications)
    sides = (("app_role_assignments", made.assignments, "principalId"),
             ("oauth2_permission_grants", made.grants, "clientId"))  # fmt: skip
    for row in list(made.principals.rows(0, len(made.principals))):
        if row["appId"] != chosen["appId"]:
            continue
        for name, edges, side in sides:
            for edge in list(edges.rows(0, len(edges))):
                if edge[side] == row["id"]:
                    changes.delete(name, edge["id"])
        changes.delete("service_principals", row["id"])
    changes.delete("applications", chosen["id"])


COLLECTIONS = {"applications": _registrations, "application_owners": _owners}
LIFE = (Happening("application", 0.06, _change),)
ROUTES = (
    Route(r"/applications", _list, _READ, cost=2),
    Route(r"/applications/(microsoft\.graph\.)?delta", _delta, _READ),
    Route(r"/applications/(?P<id>[^/()]+)", _one, _READ),
    Route(r"/applications/(?P<id>[^/()]+)/owners", _owners_of, _READ),
)
