"""Microsoft 365 Backup: whether it is on, policies, what they protect, what is restored.

Shapes: the metadata and the resource pages. What a tenant gets that has not switched it on is not
documented: the service says `disabled`; that lists are refused is the sandbox's guess.
"""

from collections.abc import Callable
from functools import partial
from random import Random

from infra.local.sandbox.clock import epoch_stamp, stamp
from infra.local.sandbox.life import Happening
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.evolvable import evolved
from infra.local.sandbox.odata.options import read_options, read_select, refuse_options
from infra.local.sandbox.odata.pages import context, list_reply, project
from infra.local.sandbox.odata.schema import EntityType, plain_type
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.collection import Collection, Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.people import Kind

SERVICE = "backup"
_ROOT = "solutions/backupRestore"
_NEWER = frozenset({"offboardRequested", "offboarded", "cancelOffboardRequested", "granular"})
_SERVICE = plain_type("backupRestoreRoot", "id serviceStatus")
_POLICY = plain_type("protectionPolicyBase", "id displayName isEnabled status")
_UNIT = plain_type("protectionUnitBase", "id status policyId")
_SESSION = plain_type("restoreSessionBase", "id status")
_KINDS = ("exchange", "oneDriveForBusiness", "sharePoint")
_MOST_PEOPLE = 60


def _guid(tenant: Tenant, what: str, number: int) -> str:
    return Dice(tenant.seed, f"backup {what}").guid(number)


def _policies(tenant: Tenant) -> Collection:
    states = ("active", "activeWithErrors", "inactive")
    rows = [
        {
            "@odata.type": f"#microsoft.graph.{kind}ProtectionPolicy",
            "id": _guid(tenant, "policy", number),
            "displayName": f"{kind} policy",
            "isEnabled": number < 2,
            "status": states[number],
            "protectionPolicyArtifactCount": {
                "total": 40,
                "completed": 40 - number,
                "failed": number,
                "inProgress": 0,
            },
            "retentionSettings": [{"interval": "R/PT10M", "period": "P365D"}],
            "createdDateTime": epoch_stamp(tenant.anchor - 200 * DAY),
            "lastModifiedDateTime": epoch_stamp(tenant.anchor - 20 * DAY),
        }
        for number, kind in enumerate(_KINDS)
    ]
    return Collection.of("backup_policies", tenant.timeline, rows)


def _units(tenant: Tenant) -> Collection:
    people = tenant.people
    members = [n for n in range(people.count) if people.kind(n) is Kind.MEMBER][:_MOST_PEOPLE]
    rows = [
        _unit(tenant, 2 * n + place, kind, {"directoryObjectId": people.guid(n), "email": upn, "displayName": name})
        for n in members
        for upn, name in [people.names(n, people.roll(n), Kind.MEMBER)]
        for place, kind in enumerate(("mailbox", "drive"))
    ]  # fmt: skip
    site = {"siteId": _guid(tenant, "site", 0), "siteName": "営業", "siteWebUrl": "https://contoso.example/sites/sales"}  # fmt: skip
    rows.append(_unit(tenant, 1 << 20, "site", site))
    return Collection.of("backup_units", tenant.timeline, rows)


def _unit(tenant: Tenant, number: int, kind: str, whose: Entity) -> Entity:
    roll = Dice(tenant.seed, "backup unit").roll(number)
    failed = roll[0] < 12
    broken = {"code": "MailboxNotFound", "message": "The object was not found.", "target": None}
    return {
        "@odata.type": f"#microsoft.graph.{kind}ProtectionUnit",
        "id": _guid(tenant, "unit", number),
        "status": "offboardRequested" if roll[1] < 8 else "protectRequested" if failed else "protected",
        "policyId": _guid(tenant, "policy", ("mailbox", "drive", "site").index(kind)),
        "protectionSources": "manual",
        "createdDateTime": epoch_stamp(tenant.anchor - 190 * DAY),
        "lastModifiedDateTime": epoch_stamp(tenant.anchor - 10 * DAY),
        "offboardRequestedDateTime": epoch_stamp(tenant.anchor - DAY) if roll[1] < 8 else None,
        "error": broken if failed else None,
        **whose,
    }  # fmt: skip


def _sessions(tenant: Tenant) -> Collection:
    told = (("completed", "standard", 30), ("completedWithError", "bulk", 10), ("active", "granular", 0))  # fmt: skip
    rows = [
        {
            "@odata.type": "#microsoft.graph.exchangeRestoreSession",
            "id": _guid(tenant, "session", number),
            "status": status,
            "restoreJobType": kind,
            "createdDateTime": epoch_stamp(tenant.anchor - ago * DAY - 7_200),
            "completedDateTime": epoch_stamp(tenant.anchor - ago * DAY) if ago else None,
            "lastModifiedDateTime": epoch_stamp(tenant.anchor - ago * DAY),
            "restoreSessionArtifactCount": {"total": 5, "completed": 5 - number, "failed": number % 2, "inProgress": number // 2},
            "error": {"code": "PartialFailure", "message": "Some items failed.", "target": None} if number == 1 else None,
        }
        for number, (status, kind, ago) in enumerate(told)
    ]  # fmt: skip
    return Collection.of("restore_sessions", tenant.timeline, rows)


def _service(call: Call) -> Reply:
    refuse_options(call.query, frozenset({"$select", "$expand"}))
    off = SERVICE in call.tenant.not_bought
    ended = call.tenant.anchor - 200 * DAY if off else None
    status = {
        "status": "disabled" if off else "enabled",
        "disableReason": "userRequested" if off else "none",
        # What was protected can be restored for a while after it was switched off.
        "gracePeriodDateTime": ended and epoch_stamp(ended + 30 * DAY),
        "restoreAllowedTillDateTime": ended and epoch_stamp(ended + 365 * DAY),
        "backupServiceConsumer": "firstparty",
        "lastModifiedDateTime": epoch_stamp(call.tenant.anchor - 200 * DAY),
    }
    whole = {"id": call.tenant.tenant_id, "serviceStatus": status}
    select = read_select(call.query.get("$select"), _SERVICE)
    [found] = project([whole], _SERVICE, select)
    return json_reply({"@odata.context": context(call, f"{_ROOT}/$entity", select), **found})


def _licence(call: Call) -> None:
    if SERVICE in call.tenant.not_bought:
        raise ApiError(403, "Forbidden", "The tenant is not licensed for Microsoft 365 Backup.")


def _list(make: Callable[[Tenant], Collection], kind: EntityType, path: str, call: Call) -> Reply:
    options = read_options(call, kind, frozenset({"$top", "$filter"}))
    return list_reply(
        call, call.tenant.part(make), kind, path, options=options,
        shape=lambda row: evolved(call, row, _NEWER),
    )  # fmt: skip


def _restore(changes: Changes, dice: Random) -> str:
    """A restore ends, or a protected object fails."""
    now = stamp(changes.tenant.clock.now())
    active = [
        row for row in changes.tenant.part(_sessions).rows(0, 100) if row["status"] == "active"
    ]
    if active:
        ended = {"status": "completed", "completedDateTime": now, "lastModifiedDateTime": now}
        changes.patch("restore_sessions", active[0]["id"], ended)
        return str(active[0]["id"])
    held = changes.tenant.part(_units)
    row = next(held.rows(at := dice.randrange(len(held)), at + 1))
    changed = "protected" if row["status"] != "protected" else "unprotectRequested"
    changes.patch("backup_units", row["id"], {"status": changed, "lastModifiedDateTime": now})
    return str(row["id"])


COLLECTIONS = {
    "backup_policies": _policies,
    "backup_units": _units,
    "restore_sessions": _sessions,
}
LIFE = (Happening("backup", 0.03, _restore),)
PERMISSIONS = {
    "BackupRestore-Control.Read.All": "6fe20a79-0e15-45a1-b019-834c125993a0",
    "BackupRestore-Configuration.Read.All": "5fbb5982-3230-4882-93c0-2167523ce0c2",
    "BackupRestore-Restore.Read.All": "87853aa5-0372-4710-b34b-cef27bb7156e",
}


def _route(
    path: str, make: Callable[[Tenant], Collection], kind: EntityType, permission: str
) -> Route:
    whole = f"{_ROOT}/{path}"
    return Route(
        f"/{whole}", partial(_list, make, kind, whole), (permission,), "general", licence=_licence
    )


ROUTES = (
    Route(f"/{_ROOT}", _service, ("BackupRestore-Control.Read.All",), "general"),
    _route("protectionPolicies", _policies, _POLICY, "BackupRestore-Configuration.Read.All"),
    _route("protectionUnits", _units, _UNIT, "BackupRestore-Configuration.Read.All"),
    _route("restoreSessions", _sessions, _SESSION, "BackupRestore-Restore.Read.All"),
)
