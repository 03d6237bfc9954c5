"""The authorization policy: what users and guests may do by themselves. One object, no `value`.

Values of `guestUserRoleId`: "Update authorizationPolicy"; `permissionGrantPoliciesAssigned`:
"Configure how users consent to applications".
"""

from random import Random

from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply, json_reply
from infra.local.sandbox.odata.options import read_select, refuse_options
from infra.local.sandbox.odata.pages import context, project
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.model import Tenant

_PATH = "policies/authorizationPolicy"
_POLICY = plain_type(
    "authorizationPolicy",
    "id deletedDateTime description displayName allowInvitesFrom allowUserConsentForRiskyApps "
    "allowedToSignUpEmailBasedSubscriptions allowedToUseSSPR blockMsolPowerShell "
    "allowEmailVerifiedUsersToJoinOrganization guestUserRoleId defaultUserRolePermissions",
)
KEY = "authorizationPolicy"
_INVITERS = ("adminsAndGuestInviters", "adminsGuestInvitersAndAllMembers", "everyone", "none")
_GUEST_ROLES = (
    "a0b1b346-4d3e-4e8b-98f8-753987be4970",  # as members
    "10dae51f-b6af-4016-8d66-8c2a99b929b3",  # limited, the default
    "2af84b1e-32c8-42b7-82bc-daa82404023b",  # restricted
)
_CONSENT = (
    "ManagePermissionGrantsForSelf.microsoft-user-default-legacy",
    "ManagePermissionGrantsForSelf.microsoft-user-default-low",
)


def _seeded(tenant: Tenant) -> Collection:
    policy: Entity = {
        "id": KEY,
        "deletedDateTime": None,
        "displayName": "Authorization Policy",
        "description": "Used to manage authorization related settings across the company.",
        "allowInvitesFrom": "everyone",
        "allowUserConsentForRiskyApps": None,
        "allowedToSignUpEmailBasedSubscriptions": True,
        "allowedToUseSSPR": True,
        "allowEmailVerifiedUsersToJoinOrganization": False,
        "blockMsolPowerShell": False,
        "guestUserRoleId": _GUEST_ROLES[1],
        "defaultUserRolePermissions": {
            "allowedToCreateApps": True,
            "allowedToCreateSecurityGroups": True,
            "allowedToCreateTenants": None,
            "allowedToReadBitlockerKeysForOwnedDevice": True,
            "allowedToReadOtherUsers": True,
            "permissionGrantPoliciesAssigned": [_CONSENT[0]],
        },
    }
    return Collection.of("authorization_policy", tenant.timeline, [policy])


def _policy(call: Call) -> Reply:
    refuse_options(call.query, frozenset({"$select", "$expand"}))
    select = read_select(call.query.get("$select"), _POLICY)
    found = project([call.tenant.part(_seeded).state(KEY) or {}], _POLICY, select)[0]
    return json_reply({"@odata.context": context(call, f"{_PATH}/$entity", select), **found})


def _tighten(changes: Changes, dice: Random) -> str:
    """An administrator turns one of the switches."""
    policy = changes.tenant.part(_seeded).state(KEY) or {}
    rights = policy["defaultUserRolePermissions"]
    others: list[Entity] = [
        {"allowInvitesFrom": dice.choice(_INVITERS)},
        {"guestUserRoleId": dice.choice(_GUEST_ROLES)},
        {"allowUserConsentForRiskyApps": dice.choice((None, True, False))},
        {
            "defaultUserRolePermissions": {
                **rights,
                "allowedToCreateApps": not rights["allowedToCreateApps"],
                "permissionGrantPoliciesAssigned": dice.choice(([], [_CONSENT[0]], [_CONSENT[1]])),
            }
        },
    ]
    changes.patch("authorization_policy", KEY, dice.choice(others))
    return KEY


COLLECTIONS = {"authorization_policy": _seeded}
LIFE = (Happening("authorization policy", 0.02, _tighten),)
ROUTES = (Route(f"/{_PATH}", _policy, ("Policy.Read.All",)),)
