"""What happens to a tenant, so that every column has something to show.

What only few tenants have is set first, as Graph documents it. Then all is read, something fails,
something changes, a week, a month and a year go by.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from infra.local.sandbox.areas.backup_restore import SERVICE as BACKUP
from shared.core import clock, registry
from shared.core.access import Caller
from shared.core.declarations import of
from shared.core.imported import IMPORTS
from shared.usecases.import_dataset import import_dataset
from tests.truth.world import World

# What licences cost in turn: in hundredths that no float has exactly.
PRICES = ("1500.10", "899.33", "0.07", "2310.49", "4.90")
# What a report compares with, before it can.
WEEK, MONTH, YEAR = (timedelta(days=days) for days in (7, 23, 335))
# Where an issue of a service is open, one of the datasets that are read from it fails.
PATHS = {
    "Exchange Online": ("mailbox_usage", "/reports/getMailboxUsageDetail"),
    "Microsoft Teams": ("teams_apps", "/appCatalogs/teamsApps"),
    "OneDrive for Business": ("onedrive_usage", "/reports/getOneDriveUsageAccountDetail"),
    "SharePoint Online": ("sharepoint_settings", "/admin/sharepoint/settings"),
    "Microsoft Intune": ("managed_devices", "/deviceManagement/managedDevices"),
    "Microsoft Entra": ("domains", "/domains"),
    "Microsoft 365 Defender": ("secure_score_controls", "/security/secureScoreControlProfiles"),
}


def set_what_is_rare(world: World) -> None:
    """What Graph documents and few tenants have: by collection, the first object changed."""
    rare: dict[str, dict[str, Any]] = {
        # App scopes are those that only an application knows; "/" is all of it.
        "role_assignments": {"appScopeId": "/", "directoryScopeId": None},
        "role_activations": {"appScopeId": "/", "directoryScopeId": None},
        "role_eligibilities": {"appScopeId": "/", "directoryScopeId": None},
        "authorization_policy": {"allowUserConsentForRiskyApps": False},
        "authentication_methods_policy": {"reconfirmationInDays": 90},
        "teams": {"classification": "Confidential"},
    }
    for collection, changes in rare.items():
        for one in world.has(collection)[:1]:  # not every small tenant has a team
            world.admin.patch(collection, one["id"], changes)
    # Which of what is audited some service did by itself is a draw.
    one = world.has("directory_audits")[0]
    by_itself = {"user": None, "app": {"appId": None, "displayName": "Microsoft Teams Services"}}
    world.admin.event("directory_audits", {**one, "id": f"{one['id']}1", "initiatedBy": by_itself}, age=3600)  # fmt: skip
    # Microsoft's list of registrations is behind, so somebody is not in it yet.
    world.admin.delete("registrations", world.has("registrations")[-1]["id"], final=True)
    policy, other = world.has("conditional_access_policies")[:2]
    applications = {**policy["conditions"]["applications"], "excludeApplications": ["Office365"]}
    conditions = {**policy["conditions"], "applications": applications}
    conditions["agentIdRiskLevels"] = "high"  # what Microsoft added yesterday
    world.admin.patch("conditional_access_policies", policy["id"], {"conditions": conditions})
    named = [one["appId"] for one in world.has("applications")[:3]]
    applications = {**other["conditions"]["applications"], "includeApplications": named}
    conditions = {**other["conditions"], "applications": applications}
    world.admin.patch("conditional_access_policies", other["id"], {"conditions": conditions})


def bring(world: World) -> None:
    """Import a file of each list that no API has, each in the words of its example."""
    caller = Caller("key", "key:test", ())
    used = world.has("teams_apps")[0]["displayName"]
    files = {
        "license_prices": "sku_id,monthly_unit_price,currency,valid_from\r\n"
        + "".join(f"{sku['skuId']},{PRICES[n % len(PRICES)]},JPY,2020-01-01\r\n" for n, sku in enumerate(world.told.objects("subscribedSkus"))),
        "onedrive_sync_errors": "user,device,error,count,seen\r\n"
        "adele@contoso.example,LAPTOP-1,The file is locked,3,2026-01-30T08:15:00Z\r\n",
        "teams_app_usage": f'app,publisher,active_users,last_used\r\n"{used}",Contoso,4,2026-01-30\r\n',
    }  # fmt: skip
    assert set(files) == set(of(IMPORTS))
    for dataset, lines in files.items():
        import_dataset(world.engine, world.tenant_id, dataset, lines.encode(), caller, clock.now(), lambda _: None)  # fmt: skip


def fail_one(world: World) -> None:
    """Something cannot be read while its service has trouble."""
    now = clock.now().isoformat()
    open_ones = {
        issue["service"] for issue in world.has("issues")
        if issue["startDateTime"] < now and (issue["endDateTime"] or now) >= now
    }  # fmt: skip
    dataset, path = next(told for service, told in PATHS.items() if service in open_ones)
    world.admin.faults({"kind": "server_error", "path": path})
    patience, world.bench.give_up_after = world.bench.give_up_after, timedelta(0)
    world.read([dataset], state="failed")
    world.bench.give_up_after = patience
    world.admin.clear_faults()


def lived(world: World, file: Path) -> Iterator[None]:
    """Let the tenant live, stop by stop."""
    set_what_is_rare(world)
    bring(world)
    world.read_all()
    yield
    fail_one(world)
    world.admin.tenant(notBought=[BACKUP])
    world.read(["backup_service"])
    yield
    setting = next(row for row in world.has("tenant_configuration"))
    told = {**setting["properties"], "Description": "Said anew"}
    world.admin.patch("tenant_configuration", setting["id"], {"properties": told})
    for pause, reports in ((WEEK, ("weekly", "teamssettings")), (MONTH, ("monthly",)), (YEAR, ("yearly",))):  # fmt: skip
        clock.move(file, pause)
        needed = {name for key in reports for name in registry.report(key).needs}
        world.read(name for name in registry.datasets() if name in needed)
        yield
