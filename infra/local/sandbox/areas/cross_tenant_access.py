"""Cross-tenant access: the defaults, one object without an id, and what is agreed with single tenants."""

from random import Random

from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import Reply, json_reply
from infra.local.sandbox.odata.options import read_options, refuse_options
from infra.local.sandbox.odata.pages import context, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant

_PATH = "policies/crossTenantAccessPolicy"
KEY = "default"
_SETTINGS = (
    "inboundTrust b2bCollaborationInbound b2bCollaborationOutbound b2bDirectConnectInbound "
    "b2bDirectConnectOutbound automaticUserConsentSettings tenantRestrictions"
)
_PARTNER = plain_type(
    "crossTenantAccessPolicyConfigurationPartner",
    f"tenantId isServiceProvider isInMultiTenantOrganization {_SETTINGS}",
    expandable="identitySynchronization",
)


def _side(access: str, people: str = "AllUsers", applications: str = "AllApplications") -> Entity:
    who = {"target": people, "targetType": "user"}
    what = {"target": applications, "targetType": "application"}
    return {
        "usersAndGroups": {"accessType": access, "targets": [who]},
        "applications": {"accessType": access, "targets": [what]},
    }


def _trust(*, mfa: bool, devices: bool = False) -> Entity:
    return {
        "isMfaAccepted": mfa,
        "isCompliantDeviceAccepted": devices,
        "isHybridAzureADJoinedDeviceAccepted": devices,
    }


def _default(tenant: Tenant) -> Collection:
    policy: Entity = {
        "id": KEY,
        "isServiceDefault": True,
        "inboundTrust": _trust(mfa=False),
        "b2bCollaborationInbound": _side("allowed"),
        "b2bCollaborationOutbound": _side("allowed"),
        "b2bDirectConnectInbound": _side("blocked"),
        "b2bDirectConnectOutbound": _side("blocked"),
        "automaticUserConsentSettings": {"inboundAllowed": False, "outboundAllowed": False},
        "tenantRestrictions": {"devices": None, **_side("blocked")},
    }
    return Collection.of("cross_tenant_default", tenant.timeline, [policy])


def _partners(tenant: Tenant) -> Collection:
    """A partner that says little, one that is trusted, a service provider, a tenant of the group."""
    dice = Dice(tenant.seed, "partner tenant")
    told: tuple[Entity, ...] = (
        {},
        {
            "inboundTrust": _trust(mfa=True, devices=True),
            "b2bCollaborationInbound": _side("allowed"),
        },
        {"isServiceProvider": True},
        {
            "isInMultiTenantOrganization": True,
            "inboundTrust": _trust(mfa=True),
            "automaticUserConsentSettings": {"inboundAllowed": True, "outboundAllowed": True},
        },
        {"b2bCollaborationOutbound": _side("blocked")},
    )
    rows = [_partner(dice.guid(number), more) for number, more in enumerate(told)]
    return Collection.of("cross_tenant_partners", tenant.timeline, rows)


def _partner(tenant_id: str, more: Entity) -> Entity:
    """What is null is as in the defaults."""
    flags = {"isServiceProvider": None, "isInMultiTenantOrganization": False}
    own = {"id": tenant_id, "tenantId": tenant_id}
    return {**own, **flags, **dict.fromkeys(_SETTINGS.split()), **more}


def _one(call: Call) -> Reply:
    refuse_options(call.query, frozenset())
    found = dict(call.tenant.part(_default).state(KEY) or {})
    del found["id"]
    return json_reply({"@odata.context": context(call, f"{_PATH}/default/$entity"), **found})


def _list(call: Call) -> Reply:
    options = read_options(call, _PARTNER, frozenset({"$select", "$expand"}))
    return list_reply(
        call, call.tenant.part(_partners), _PARTNER, f"{_PATH}/partners", options=options,
        shape=lambda row: {name: value for name, value in row.items() if name != "id"},
    )  # fmt: skip


def _change(changes: Changes, dice: Random) -> str:
    """The defaults are tightened or loosened, a partner is trusted more, comes or goes."""
    draw, held = dice.random(), changes.tenant.part(_partners)
    rows = list(held.rows(0, len(held)))
    if draw < 0.3:
        access = dice.choice(("allowed", "blocked"))
        told = {"isServiceDefault": False, "b2bCollaborationInbound": _side(access)}
        changes.patch("cross_tenant_default", KEY, told)
        return KEY
    if draw < 0.5 or not rows:
        text = f"{dice.getrandbits(128):032x}"
        own = f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
        return str(changes.create("cross_tenant_partners", _partner(own, {}))["id"])
    chosen = dice.choice(rows)
    if draw < 0.6 and len(rows) > 1:
        changes.delete("cross_tenant_partners", chosen["id"])
    else:
        trust = _trust(mfa=dice.random() < 0.5, devices=dice.random() < 0.5)
        changes.patch("cross_tenant_partners", chosen["id"], {"inboundTrust": trust})
    return str(chosen["id"])


COLLECTIONS = {"cross_tenant_default": _default, "cross_tenant_partners": _partners}
LIFE = (Happening("cross-tenant access", 0.02, _change),)
_READ = ("Policy.Read.All",)
ROUTES = (Route(f"/{_PATH}/default", _one, _READ), Route(f"/{_PATH}/partners", _list, _READ))
