"""The wire log, and its judge where that tool is at hand (it is not part of this repository)."""

import json
import re
import sys
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from infra.local.repository import ROOT
from tests.fixtures.children import run_child
from tests.infra.sandbox.conftest import Sandbox, started

pytestmark = [pytest.mark.stack, pytest.mark.slow]

JUDGE = ROOT.parent / "shared" / "tools" / "graph_contract" / "check.py"
# The judge takes an id for that of one row; the id of a trace names a message, a row one recipient.
# And it knows no actions that are in the CSDL alone, nor that Json stands there for any value.
MISTAKEN = re.compile(
    r"RES /v1.0/admin/exchange/tracing/messageTraces line \d+: the page lists the same id twice"
    r"|(REQ|RES) /v1.0/admin/configurationManagement/configurationSnapshots/createSnapshot line \d+: "
    r"(POST is not allowed|200 although the request is not part of Graph) .*"
    r"|RES /v1.0/admin/configurationManagement/configurationDrifts line \d+: "
    r".*(currentValue|desiredValue) is [a-z]+, declared microsoft\.graph\.Json"
)
LISTS = (
    "/users?$top=999",
    "/users?$select=id,signInActivity&$top=500",
    "/groups",
    "/groups?$expand=members($select=id)&$top=5",
    "/subscribedSkus",
    "/directory/subscriptions",
    "/reports/authenticationMethods/userRegistrationDetails",
    "/identity/conditionalAccess/policies",
    "/identity/conditionalAccess/namedLocations",
    "/roleManagement/directory/roleDefinitions",
    "/roleManagement/directory/roleAssignments?$expand=principal",
    "/roleManagement/directory/roleEligibilityScheduleInstances?$expand=principal",
    "/auditLogs/signIns",
    "/auditLogs/directoryAudits",
    "/organization",
    "/domains",
    "/admin/serviceAnnouncement/healthOverviews?$expand=issues",
    "/admin/serviceAnnouncement/issues",
    "/servicePrincipals",
    "/users?$select=id,assignedLicenses,proxyAddresses,identities,licenseAssignmentStates&$top=200",
    "/users?$filter=accountEnabled eq true and userType eq 'Member'",
    "/users?$filter=startswith(displayName,'A') or department eq null",
    "/users?$filter=assignedLicenses/any(l:l/skuId eq 05e9a617-0261-4cee-bb44-138d3ef5d965)",
    "/users?$filter=createdDateTime ge 2024-01-01T00:00:00Z&$top=20",
    "/users?$orderby=displayName desc",
    "/groups?$filter=groupTypes/any(c:c eq 'Unified')&$select=id,displayName",
    "/groups?$orderby=displayName&$top=20",
    "/auditLogs/signIns?$filter=createdDateTime ge 2025-01-01T00:00:00Z&$top=100",
    "/auditLogs/signIns?$orderby=createdDateTime desc&$select=id,createdDateTime,status&$top=50",
    "/auditLogs/directoryAudits?$filter=category eq 'UserManagement'&$top=50",
    "/auditLogs/directoryAudits?$filter=startswith(activityDisplayName,'Add')",
    "/identity/conditionalAccess/policies?$filter=state eq 'enabled'&$select=id,state",
    "/roleManagement/directory/roleDefinitions?$filter=isBuiltIn eq true",
    "/roleManagement/directory/roleAssignments?$expand=roleDefinition",
    "/admin/serviceAnnouncement/issues?$filter=isResolved eq false",
    "/reports/authenticationMethods/userRegistrationDetails?$filter=isMfaRegistered eq true",
    "/reports/authenticationMethods/userRegistrationDetails?$orderby=userPrincipalName",
    "/deviceManagement/managedDevices?$top=1000",
    "/deviceManagement/managedDevices?$select=id,azureADDeviceId,lastSyncDateTime&$top=50",
    "/roleManagement/directory/roleAssignmentScheduleInstances?$expand=principal",
    "/policies/crossTenantAccessPolicy/partners",
    "/applications",
    "/applications?$select=id,appId,keyCredentials,passwordCredentials&$top=20",
    "/oauth2PermissionGrants",
    "/devices?$top=100",
    "/devices?$select=id,deviceId,isCompliant,trustType&$filter=accountEnabled eq false",
    "/security/alerts_v2",
    "/admin/exchange/tracing/messageTraces?$top=5000",
    "/admin/exchange/tracing/messageTraces?$filter=fromIP eq '192.0.2.1'",
    "/admin/serviceAnnouncement/messages?$top=50",
    "/admin/serviceAnnouncement/issues?$top=10",
    "/security/incidents",
    "/security/secureScores?$top=90",
    "/security/secureScores?$filter=createdDateTime ge 2025-01-01T00:00:00Z&$top=20",
    "/security/secureScoreControlProfiles?$top=999",
    "/identityProtection/riskyUsers?$top=500",
    "/identityProtection/riskDetections?$filter=lastUpdatedDateTime ge 2025-01-01T00:00:00Z&$top=50",
    "/security/alerts_v2?$filter=lastUpdateDateTime ge 2025-01-01T00:00:00Z&$count=true",
    "/teams",
    "/teams?$select=id,displayName,description",
    "/admin/teams/userConfigurations",
    "/appCatalogs/teamsApps?$expand=appDefinitions",
    "/appCatalogs/teamsApps?$filter=distributionMethod eq 'organization'",
    "/admin/configurationManagement/configurationMonitors",
    "/admin/configurationManagement/configurationMonitors?$select=id,status,inactivationReason",
    "/admin/configurationManagement/configurationDrifts",
    "/admin/configurationManagement/configurationDrifts?$select=id,driftedProperties&$top=999",
)
ADVANCED = (
    "/users?$filter=userType ne 'Guest'&$count=true",
    "/users?$filter=endsWith(mail,'.example')&$count=true&$orderby=displayName",
    "/users?$filter=assignedLicenses/$count eq 0&$count=true&$select=id",
    '/users?$search="displayName:sa" OR "mail:a"&$count=true&$orderby=displayName',
    "/groups?$filter=not groupTypes/any(c:c eq 'Unified')&$count=true",
    "/servicePrincipals?$orderby=displayName&$count=true",
)
ONE_ONLY = "id,aboutMe,birthday,hireDate,interests,mySite,pastProjects,preferredName,schools,skills"
REPORTS = (
    "getMailboxUsageDetail",
    "getOneDriveUsageAccountDetail",
    "getTeamsUserActivityUserDetail",
    "getOffice365ActiveUserDetail",
    "getOffice365ActiveUserCounts",
    "getOffice365ServicesUserCounts",
    "getEmailActivityCounts",
    "getTeamsUserActivityCounts",
    "getOneDriveActivityFileCounts",
    "getSharePointActivityFileCounts",
    "getMailboxUsageStorage",
    "getMailboxUsageQuotaStatusMailboxCounts",
    "getOneDriveUsageStorage",
    "getSharePointSiteUsageStorage",
    "getOneDriveActivityUserDetail",
    "getSharePointActivityUserDetail",
    "getSharePointSiteUsageDetail",
    "getM365AppUserDetail",
    "getTeamsTeamActivityDetail",
)
OF_DAYS = ("getEmailActivityUserDetail", "getTeamsUserActivityUserDetail")
DOCUMENTED = ("throttle", "throttle_silent", "unavailable", "expired_token", "missing_licence")


def _drives(sandbox: Sandbox) -> list[str]:
    """Paths that track drives, after a look at everything in one of them."""
    found = []
    for user in sandbox.get("/users?$select=id&$top=30").json()["value"]:
        answer = sandbox.get(f"/users/{user['id']}/drive")
        if answer.status_code == 200:
            found.append(f"/drives/{answer.json()['id']}/root/delta?$select=id,name,shared,deleted")
    folder = found[0].partition("/root")[0]
    for item in sandbox.read(f"{folder}/root/delta?$top=10")[0]:
        sandbox.read(f"{folder}/items/{item['id']}/permissions")
    assert sandbox.get(folder).status_code == 200
    assert sandbox.get(f"{folder}/root").status_code == 200
    return found


def _sites(sandbox: Sandbox) -> list[str]:
    """A path that tracks a library, after a look at sites, at one of them and at everything in there."""
    chosen = "id,name,displayName,webUrl,isPersonalSite,createdDateTime,siteCollection"
    rows, _page = sandbox.read(f"/sites/getAllSites?$select={chosen}&$top=20")
    site = next(row["id"] for row in rows if not row["isPersonalSite"])
    assert sandbox.get(f"/sites/{site}").status_code == 200
    [drive, *_] = sandbox.read(f"/sites/{site}/drives?$select=id,driveType,name,quota")[0]
    root = f"/drives/{drive['id']}/root/delta?$select=id,name,shared,deleted"
    for item in (item for item in sandbox.read(root)[0] if "shared" in item):
        sandbox.read(f"/drives/{drive['id']}/items/{item['id']}/permissions")
    return [root]


def _teams(sandbox: Sandbox) -> None:
    """Each team and what is below it; apps of a few people."""
    for row in sandbox.read("/teams")[0]:
        own = f"/teams/{row['id']}"
        if sandbox.get(f"{own}?$select=id,visibility,summary,memberSettings").status_code == 200:
            assert sandbox.get(own).status_code == 200
            sandbox.read(f"{own}/channels")
            sandbox.read(f"{own}/channels", Prefer="include-unknown-enum-members")
            sandbox.read(f"{own}/installedApps?$expand=teamsApp,teamsAppDefinition")
    for row in sandbox.get("/users?$select=id&$top=10").json()["value"]:
        sandbox.get(f"/users/{row['id']}/teamwork/installedApps?$expand=teamsApp")


def _search(sandbox: Sandbox) -> None:
    """A search of the audit log from its beginning to its last record."""
    sandbox.admin.tenant(auditQuerySeconds=60)
    now = datetime.fromisoformat(sandbox.admin.stats()["now"])
    asked = {
        "displayName": "wire",
        "filterStartDateTime": f"{now - timedelta(days=5):%Y-%m-%dT%H:%M:%SZ}",
        "filterEndDateTime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
        "operationFilters": ["FileAccessed", "New-InboxRule"],
    }
    key = sandbox.http.post("/security/auditLog/queries", json=asked).json()["id"]
    assert sandbox.get(f"/security/auditLog/queries/{key}").json()["status"] == "notStarted"
    sandbox.admin.advance(61)
    assert sandbox.get(f"/security/auditLog/queries/{key}").json()["status"] == "succeeded"
    sandbox.read(f"/security/auditLog/queries/{key}/records?$top=100")
    assert sandbox.get("/security/auditLog/queries").status_code == 200
    assert sandbox.http.delete(f"/security/auditLog/queries/{key}").status_code == 404


def _snapshot(sandbox: Sandbox) -> None:
    """A snapshot of configuration from its beginning until it is deleted."""
    sandbox.admin.tenant(snapshotSeconds=60)
    root = "/admin/configurationManagement"
    wanted = ["microsoft.teams.meetingpolicy", "microsoft.exchange.transportrule"]
    asked = {"displayName": "kanri 1000", "description": "wire", "resources": wanted}
    created = sandbox.http.post(f"{root}/configurationSnapshots/createSnapshot", json=asked)
    key = created.json()["id"]
    job = f"{root}/configurationSnapshotJobs/{key}"
    assert sandbox.get(job).json()["status"] == "notStarted"
    sandbox.admin.advance(61)
    select = "id,status,completedDateTime,resourceLocation,errorDetails,resources"
    assert sandbox.get(f"{job}?$select={select}").json()["status"] == "succeeded"
    assert sandbox.get(f"{root}/configurationSnapshots/{key}").status_code == 200
    assert sandbox.read(f"{root}/configurationSnapshotJobs")[0]
    assert sandbox.http.delete(job).status_code == 204


def _exercise(sandbox: Sandbox) -> None:
    """Every path once, change rounds, then trouble."""
    for path in LISTS:
        sandbox.read(path)
    for path in ADVANCED:
        sandbox.read(path, ConsistencyLevel="eventual")
    sandbox.read("/identity/conditionalAccess/policies", Prefer="include-unknown-enum-members")
    user = sandbox.get("/users?$top=1").json()["value"][0]
    group = sandbox.get("/groups?$top=1").json()["value"][0]
    own = f"/users/{user['id']}"
    for path in (
        own,
        f"{own}?$select={ONE_ONLY}",
        f"/groups/{group['id']}",
        "/admin/reportSettings",
        "/policies/authenticationMethodsPolicy",
        "/policies/identitySecurityDefaultsEnforcementPolicy",
        "/policies/crossTenantAccessPolicy/default",
        "/policies/authorizationPolicy",
        "/policies/authorizationPolicy?$select=id,allowInvitesFrom",
        "/admin/sharepoint/settings",
        "/admin/sharepoint/settings?$select=sharingCapability,idleSessionSignOut",
    ):
        assert sandbox.get(path).status_code == 200
    for row in sandbox.read("/applications?$select=id&$top=5")[0]:
        sandbox.read(f"/applications/{row['id']}/owners?$select=id,displayName&$top=999")
    graph = sandbox.get("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')").json()
    sandbox.read(f"/servicePrincipals/{graph['id']}/appRoleAssignedTo?$top=999")
    for row in sandbox.read("/groups?$select=id&$top=999")[0]:
        for edges in ("members", "owners"):
            path = f"/groups/{row['id']}/{edges}?$select=id,displayName,userPrincipalName"
            sandbox.read(path)
    links = [
        sandbox.read(path)[1]["@odata.deltaLink"]
        for path in (
            "/users/delta?$select=displayName,accountEnabled",
            "/groups/delta?$select=displayName,members",
            "/applications/delta?$select=appId,displayName,passwordCredentials,keyCredentials",
            "/servicePrincipals/delta?$select=appId,appRoles,verifiedPublisher,tags",
            "/oauth2PermissionGrants/delta",
            "/devices/delta?$select=displayName,isCompliant,approximateLastSignInDateTime",
            *_drives(sandbox),
            *_sites(sandbox),
        )
    ]
    sandbox.admin.life(120, seed=3)
    for link in links:
        sandbox.read(link)
        sandbox.read(link, Prefer="return=minimal")
    day = datetime.fromisoformat(sandbox.admin.stats()["now"]).date() - timedelta(days=3)
    files = [
        *(f"{report}(period='D{days}')" for report, days in product(REPORTS, (7, 30, 90, 180))),
        *(f"{report}(date={day})" for report in OF_DAYS),
        "getOffice365ActivationsUserDetail",
    ]
    for file in files:
        location = sandbox.get(f"/reports/{file}").headers["location"]
        request = sandbox.http.build_request("GET", location)
        del request.headers["Authorization"]
        assert sandbox.http.send(request).status_code == 200
    _search(sandbox)
    _teams(sandbox)
    _snapshot(sandbox)
    _trouble(sandbox, links[0])


def _trouble(sandbox: Sandbox, link: str) -> None:
    """A batch, and the faults that are documented behaviour; `link` is a delta link."""
    urls = [f"/groups/{row['id']}/members?$select=id" for row in sandbox.read("/groups")[0][:15]]
    items = [{"id": str(n), "method": "GET", "url": url} for n, url in enumerate(urls)]
    assert sandbox.http.post("/$batch", json={"requests": items}).status_code == 200
    sandbox.admin.faults({"kind": "throttle", "path": "/members", "probability": 0.5}, seed=4)
    assert sandbox.http.post("/$batch", json={"requests": items}).status_code == 200
    for kind in DOCUMENTED:
        sandbox.admin.faults({"kind": kind, "path": "/users", "count": 1})
        assert sandbox.get("/users").status_code >= 400
    sandbox.admin.faults({"kind": "delta_reset", "path": "delta", "count": 1})
    assert sandbox.get(link).status_code == 410
    sandbox.admin.faults({"kind": "empty_page", "path": "/users", "count": 1})
    sandbox.read("/users?$select=id")
    sandbox.admin.clear_faults()


@pytest.fixture(scope="module")
def wire_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a sandbox that was exercised and stopped."""
    data = tmp_path_factory.mktemp("wire")
    file = data / "wire.jsonl"
    with started(data, "--users", "120", "--throttle-scale", "0", "--wire-log", str(file)) as ready:
        sandbox = Sandbox(ready)
        _exercise(sandbox)
        sandbox.http.close()
    return file


def test_the_log_is_complete_and_keeps_no_secret(wire_log: Path) -> None:
    text = wire_log.read_text(encoding="utf-8")
    records = [json.loads(line) for line in text.splitlines()]
    assert len(records) > len(LISTS) + 2 * len(REPORTS)
    assert {"$batch", "delta"} <= {
        record["url"].split("?")[0].rsplit("/", 1)[1] for record in records
    }
    assert "Bearer ey" not in text
    assert "sandbox~" not in text


@pytest.mark.skipif(not JUDGE.exists(), reason="the contract checker is not here")
def test_the_judge_finds_nothing(wire_log: Path) -> None:
    words = [sys.executable, str(JUDGE), "--strict-links", str(wire_log)]
    verdict = run_child(words, capture_output=True, text=True, check=False)
    *findings, total = verdict.stdout.splitlines()
    assert not [line for line in findings if not MISTAKEN.fullmatch(line)], verdict.stdout[-3000:]
    assert total.endswith(f" {len(findings)} findings")
