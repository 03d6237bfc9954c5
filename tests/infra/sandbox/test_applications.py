"""Applications: what they sign in with, what they were allowed, and how all of it changes."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from tests.fixtures.sandbox import live_until
from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

GRAPH = "00000003-0000-0000-c000-000000000000"


def test_credentials_of_every_kind_and_never_a_secret(sandbox: Sandbox) -> None:
    select = "appId,displayName,passwordCredentials,keyCredentials"
    rows, page = sandbox.read(f"/applications/delta?$select={select}")
    assert "@odata.deltaLink" in page
    held = [[*row["passwordCredentials"], *row["keyCredentials"]] for row in rows]
    counts = Counter(len(each) for each in held)
    # Other tests of this sandbox let it live: credentials come and go.
    assert {0, 1, 2} <= set(counts)
    assert max(counts) >= 5
    everything = [one for each in held for one in each]
    assert (
        {one.get("secretText") for one in everything}
        == {one.get("key") for one in everything}
        == {None}
    )
    assert any(one["endDateTime"].startswith("2299") for one in everything)
    now = datetime.fromisoformat(sandbox.admin.stats()["now"])
    ages = [now - datetime.fromisoformat(one["endDateTime"]) for one in everything]
    assert any(timedelta(0) < age < timedelta(days=2) for age in ages)


def test_service_principals_are_mostly_microsofts(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read("/servicePrincipals?$top=999")
    owners = Counter(row["appOwnerOrganizationId"] for row in rows)
    assert owners["f8cdef31-a31e-4b4a-93e4-5f571e91255a"] >= 300
    assert owners[sandbox.tenant["tenantId"]] >= 12
    assert None in owners
    assert len(owners) > 10
    (graph,) = [row for row in rows if row["appId"] == GRAPH]
    assert sandbox.get(f"/servicePrincipals(appId='{GRAPH}')").json()["id"] == graph["id"]
    roles = {role["id"]: role["value"] for role in graph["appRoles"]}
    given, _page = sandbox.read(f"/servicePrincipals/{graph['id']}/appRoleAssignedTo?$top=999")
    assert {roles[row["appRoleId"]] for row in given} >= {
        "User.Read.All",
        "Directory.ReadWrite.All",
    }
    own = next(row for row in rows if row["appId"] == sandbox.tenant["clientId"])
    mine, _page = sandbox.read(f"/servicePrincipals/{own['id']}/appRoleAssignments")
    assert mine == [row for row in given if row["principalId"] == own["id"]] != []


def test_consents_have_their_oddities(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read("/oauth2PermissionGrants/delta")
    principals = {row["id"] for row in sandbox.read("/servicePrincipals?$select=id&$top=999")[0]}
    assert any(row["scope"].startswith(" ") for row in rows)
    assert {row["consentType"] for row in rows} == {"AllPrincipals", "Principal"}
    assert any(row["clientId"] not in principals for row in rows)
    app = sandbox.admin.app(permissions=["Application.Read.All"])
    other = {**sandbox.tenant, "clientId": app["app_id"], "clientSecret": app["secret"]}
    token = f"Bearer {sandbox.token(other)}"
    assert sandbox.get("/applications", Authorization=token).status_code == 200
    denied = sandbox.get("/oauth2PermissionGrants", Authorization=token)
    assert denied.json()["error"]["code"] == "Authorization_RequestDenied"


def test_owners_are_people_applications_or_nobody(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read("/applications?$select=id&$top=999")
    owners = [
        sandbox.read(f"/applications/{row['id']}/owners?$select=id,displayName,userPrincipalName")[
            0
        ]
        for row in rows
    ]
    kinds = {owner["@odata.type"] for found in owners for owner in found}
    assert kinds == {"#microsoft.graph.user", "#microsoft.graph.servicePrincipal"}
    assert [] in owners


def test_applications_live(sandbox: Sandbox) -> None:
    links = [
        sandbox.read(f"/{name}/delta?$select=id")[1]["@odata.deltaLink"]
        for name in ("applications", "servicePrincipals", "oauth2PermissionGrants")
    ]

    def something_of_each_is_gone(_kinds: set[str]) -> bool:
        changed = [sandbox.read(link)[0] for link in links]
        return all(any("@removed" in row for row in rows) for rows in changed)

    live_until(sandbox.admin, something_of_each_is_gone)
