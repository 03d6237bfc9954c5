"""Security defaults: on or off. One object, no `value`; Entra has them or Conditional Access, not both."""

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

_PATH = "policies/identitySecurityDefaultsEnforcementPolicy"
_POLICY = plain_type(
    "identitySecurityDefaultsEnforcementPolicy",
    "id deletedDateTime description displayName isEnabled",
)
KEY = "00000000-0000-0000-0000-000000000005"


def _seeded(tenant: Tenant) -> Collection:
    policy: Entity = {
        "id": KEY,
        "deletedDateTime": None,
        "displayName": "Security Defaults",
        "description": "Security defaults is a set of basic identity security mechanisms.",
        "isEnabled": False,
    }
    return Collection.of("security_defaults", tenant.timeline, [policy])


def _policy(call: Call) -> Reply:
    refuse_options(call.query, frozenset({"$select", "$expand"}))
    select = read_select(call.query.get("$select"), _POLICY)
    found = project([call.tenant.part(_seeded).state(KEY) or {}], _POLICY, select)[0]
    return json_reply({"@odata.context": context(call, f"{_PATH}/$entity", select), **found})


def _switch(changes: Changes, _dice: Random) -> str:
    """They go on when the last Conditional Access policy is off, and off when one is on."""
    policies = changes.tenant.policies
    governed = any(row["state"] == "enabled" for row in policies.rows(0, len(policies)))
    held = changes.tenant.part(_seeded).state(KEY) or {}
    if held["isEnabled"] is not governed:
        return ""
    changes.patch("security_defaults", KEY, {"isEnabled": not governed})
    return KEY


COLLECTIONS = {"security_defaults": _seeded}
LIFE = (Happening("security defaults", 0.02, _switch),)
ROUTES = (Route(f"/{_PATH}", _policy, ("Policy.Read.All",)),)
