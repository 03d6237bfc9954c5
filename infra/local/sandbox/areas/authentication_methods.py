"""The authentication methods policy: which methods are allowed, and to whom. One object, no `value`."""

from random import Random
from typing import Any

from infra.local.sandbox.clock import epoch_stamp, stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply, json_reply
from infra.local.sandbox.odata.options import refuse_options
from infra.local.sandbox.odata.pages import context
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.model import Tenant

_PATH = "policies/authenticationMethodsPolicy"
KEY = "authenticationMethodsPolicy"
_CONFIGURATIONS = "authenticationMethodConfigurations"


def _method(key: str, kind: str, state: str, **more: Any) -> Entity:
    return {
        "@odata.type": f"#microsoft.graph.{kind}AuthenticationMethodConfiguration",
        "id": key,
        "state": state,
        "excludeTargets": [],
        **more,
    }


def _seeded(tenant: Tenant) -> Collection:
    campaign: Entity = {
        "snoozeDurationInDays": 1,
        "state": "default",
        "excludeTargets": [],
        "includeTargets": [
            {
                "id": "all_users",
                "targetType": "group",
                "targetedAuthenticationMethod": "microsoftAuthenticator",
            }
        ],
    }
    policy: Entity = {
        "id": KEY,
        "displayName": "Authentication Methods Policy",
        "description": "The tenant-wide policy that controls which authentication methods are allowed.",
        "lastModifiedDateTime": epoch_stamp(tenant.anchor - 90 * DAY),
        "policyVersion": "1.5",
        "policyMigrationState": "migrationInProgress",
        "reconfirmationInDays": None,
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": campaign},
        _CONFIGURATIONS: [
            _method("Fido2", "fido2", "enabled", isAttestationEnforced=True, keyRestrictions=None),
            _method("MicrosoftAuthenticator", "microsoftAuthenticator", "enabled"),
            _method("Sms", "sms", "enabled"),
            _method("TemporaryAccessPass", "temporaryAccessPass", "disabled", isUsableOnce=False),
            _method("SoftwareOath", "softwareOath", "enabled"),
            _method("Voice", "voice", "disabled", isOfficePhoneAllowed=False),
            _method("Email", "email", "enabled", allowExternalIdToUseEmailOtp="default"),
        ],
    }
    return Collection.of("authentication_methods_policy", tenant.timeline, [policy])


def _policy(call: Call) -> Reply:
    refuse_options(call.query, frozenset())
    found = call.tenant.part(_seeded).state(KEY) or {}
    where = context(call, f"{_PATH}/$entity")
    inner = context(call, f"{_PATH}/{_CONFIGURATIONS}")
    shown = {**found, f"{_CONFIGURATIONS}@odata.context": inner}
    return json_reply({"@odata.context": where, **shown})


def _switch(changes: Changes, dice: Random) -> str:
    """An administrator allows a method, or no more."""
    policy = changes.tenant.part(_seeded).state(KEY) or {}
    held = list(policy[_CONFIGURATIONS])
    place = dice.randrange(len(held))
    state = "disabled" if held[place]["state"] == "enabled" else "enabled"
    held[place] = {**held[place], "state": state}
    now = stamp(changes.tenant.clock.now())
    told = {_CONFIGURATIONS: held, "lastModifiedDateTime": now}
    changes.patch("authentication_methods_policy", KEY, told)
    return KEY


COLLECTIONS = {"authentication_methods_policy": _seeded}
LIFE = (Happening("authentication methods", 0.02, _switch),)
PERMISSIONS = {"Policy.Read.AuthenticationMethod": "8e3bc81b-d2f3-4b7b-838c-32c88218d2f0"}
ROUTES = (Route(f"/{_PATH}", _policy, (*PERMISSIONS, "Policy.Read.All")),)
