"""Lists answer query options the way Graph documents them."""

import gzip
from typing import Any

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack

EVENTUAL = {"ConsistencyLevel": "eventual"}
DEFAULT_SET = {
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone",
    "officeLocation", "preferredLanguage", "surname", "userPrincipalName", "id",
}  # fmt: skip


def test_pages_are_complete_and_links_opaque(sandbox: Sandbox) -> None:
    first = sandbox.get("/users?$top=40&$select=id,displayName").json()
    assert list(first) == ["@odata.context", "@odata.nextLink", "value"]
    assert "$skiptoken=" in first["@odata.nextLink"]
    rows, _page = sandbox.read("/users?$top=40&$select=id")
    assert len(rows) == len(sandbox.alive())
    assert {row["id"] for row in rows} == sandbox.alive()


def test_default_set_of_users_and_nulls(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read("/users")
    assert all(set(row) == DEFAULT_SET for row in rows)
    assert any(row["mobilePhone"] is None for row in rows)


def test_page_sizes_have_their_limits(sandbox: Sandbox) -> None:
    assert len(sandbox.get("/users").json()["value"]) == 100
    assert sandbox.error("/users?$top=1000") == (400, "Request_BadRequest")
    assert sandbox.error("/users?$select=id,signInActivity&$top=501")[0] == 400
    assert sandbox.error("/auditLogs/signIns?$top=1001")[0] == 400


def test_compression_is_only_for_those_who_ask(sandbox: Sandbox) -> None:
    with sandbox.http.stream(
        "GET", "/users?$top=200", headers={"Accept-Encoding": "gzip"}
    ) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        body = gzip.decompress(b"".join(packed.iter_raw()))
    plain = sandbox.get("/users?$top=200", **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert body == plain.content


@pytest.mark.parametrize(
    ("expression", "test"),
    [
        ("userType eq 'Guest'", lambda u: u["userType"] == "Guest"),
        ("accountEnabled eq false", lambda u: not u["accountEnabled"]),
        ("userType in ('Guest')", lambda u: u["userType"] == "Guest"),
        ("startswith(displayName,'佐藤')", lambda u: u["displayName"].startswith("佐藤")),
        (
            "accountEnabled eq true and (city eq '大阪市' or city eq 'London')",
            lambda u: u["accountEnabled"] and u["city"] in ("大阪市", "London"),
        ),
        (
            "assignedLicenses/any(x:x/skuId eq 05e9a617-0261-4cee-bb44-138d3ef5d965)",
            lambda u: "05e9a617" in str(u["assignedLicenses"]),
        ),
        ("createdDateTime ge 2024-06-01T00:00:00Z", lambda u: u["createdDateTime"] >= "2024-06"),
    ],
)
def test_filters_select_what_they_say(sandbox: Sandbox, expression: str, test: Any) -> None:
    names = "id,displayName,userType,accountEnabled,city,assignedLicenses,createdDateTime"
    everyone, _page = sandbox.read(f"/users?$top=999&$select={names}")
    found, _page = sandbox.read(f"/users?$filter={expression}&$select=id")
    expected = {user["id"] for user in everyone if test(user)}
    assert expected
    assert {user["id"] for user in found} == expected


@pytest.mark.parametrize(
    "query",
    [
        "$filter=userType ne 'Guest'",
        "$filter=endsWith(mail,'.example')&$count=true",
        "$filter=not startswith(displayName,'a')",
        "$orderby=createdDateTime",
        "$filter=userType eq 'Guest'&$orderby=displayName",
        '$search="displayName:sato"',
    ],
)
def test_advanced_queries_need_header_and_count(sandbox: Sandbox, query: str) -> None:
    assert sandbox.error(f"/users?{query}") == (400, "Request_UnsupportedQuery")
    counted = query if "$count" in query or "$search" in query else f"{query}&$count=true"
    assert sandbox.get(f"/users?{counted}", **EVENTUAL).status_code == 200


def test_counts_come_on_the_first_page_only(sandbox: Sandbox) -> None:
    path = "/users?$count=true&$top=100&$select=id"
    first = sandbox.get(path, **EVENTUAL).json()
    assert first["@odata.count"] == len(sandbox.alive())
    assert "@odata.count" not in sandbox.get(first["@odata.nextLink"], **EVENTUAL).json()
    assert "@odata.count" not in sandbox.get(path).json()
    assert sandbox.get("/users/$count", **EVENTUAL).text == str(len(sandbox.alive()))
    assert sandbox.error("/users/$count")[0] == 400


def test_search_and_order(sandbox: Sandbox) -> None:
    found, _page = sandbox.read('/users?$search="displayName:佐藤"&$select=displayName', **EVENTUAL)
    assert found
    assert all("佐藤" in user["displayName"] for user in found)
    rows, _page = sandbox.read("/users?$orderby=displayName&$select=displayName&$top=999")
    shown = [row["displayName"].casefold() for row in rows]
    assert shown == sorted(shown)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/directory/subscriptions?$top=1", (400, "BadRequest")),
        ("/auditLogs/signIns?$filter=createdDateTime gt 2025-01-01", (400, "BadRequest")),
        ("/identity/conditionalAccess/namedLocations?$select=isTrusted", (400, "BadRequest")),
        ("/servicePrincipals?$orderby=displayName", (400, "Request_UnsupportedQuery")),
        ("/users?$select=nope", (400, "BadRequest")),
        ("/users?$filter=nope eq 1", (400, "BadRequest")),
        ("/users?$filter=userType eq", (400, "BadRequest")),
        ("/users?$select=aboutMe", (501, "NotImplemented")),
        ("/users?$skip=5", (400, "BadRequest")),
        ("/users?$skiptoken=forged", (400, "Directory_ExpiredPageToken")),
        ("/users/00000000-0000-4000-8000-000000000000", (404, "Request_ResourceNotFound")),
        ("/nonsense", (400, "BadRequest")),
        ("/subscribedSkus?$top=1", (400, "BadRequest")),
        ("/users/delta?$top=5", (400, "Request_UnsupportedQuery")),
        ("/users/delta?$filter=userType eq 'Guest'", (400, "Request_UnsupportedQuery")),
    ],
)
def test_wrong_requests_get_the_codes_of_graph(
    sandbox: Sandbox, path: str, error: tuple[int, str]
) -> None:
    assert sandbox.error(path) == error


def test_expansions(sandbox: Sandbox) -> None:
    assignment = {
        "id": "B" * 22 + "-1",
        "principalId": sandbox.get("/groups?$top=1").json()["value"][0]["id"],
        "roleDefinitionId": "62e90394-69f5-4237-9190-012177145e10",
    }
    sandbox.admin.create("role_assignments", assignment)
    rows, _page = sandbox.read("/roleManagement/directory/roleAssignments?$expand=principal")
    kinds = {row["principal"]["@odata.type"].rsplit(".", 1)[1] for row in rows}
    assert kinds >= {"user", "group"}
    overviews = "/admin/serviceAnnouncement/healthOverviews?$expand=issues"
    issues = sandbox.admin.journal("issues")["objects"]
    sandbox.admin.patch("issues", min(issues), {"isResolved": False})
    rows, _page = sandbox.read(overviews)
    assert any(row["issues"] for row in rows)


def test_applications_hold_roles_and_sit_in_groups(sandbox: Sandbox) -> None:
    expression = "isAssignableToRole eq true"
    (admins,), _page = sandbox.read(f"/groups?$filter={expression}&$select=id")
    path = f"/groups/{admins['id']}/members?$select=id,displayName,userPrincipalName"
    members, _page = sandbox.read(path)
    (application,) = (row for row in members if row["@odata.type"].endswith(".servicePrincipal"))
    assert application["displayName"] == "Kanri"
    assert "userPrincipalName" not in application
    rows, _page = sandbox.read(
        f"/roleManagement/directory/roleAssignments?$filter=principalId eq '{application['id']}'"
        "&$expand=principal($select=id,displayName)"
    )
    assert [row["principal"] for row in rows] == [
        {
            "@odata.type": "#microsoft.graph.servicePrincipal",
            "id": application["id"],
            "displayName": "Kanri",
        }
    ]


def test_one_user_takes_select_only_and_knows_more_than_the_list(sandbox: Sandbox) -> None:
    user = sandbox.get("/users?$top=1").json()["value"][0]["id"]
    assert sandbox.get(f"/users/{user}?$select=id,aboutMe").json()["aboutMe"] is None
    assert sandbox.error(f"/users/{user}?$expand=members")[0] == 400
    assert sandbox.error(f"/users/{user}?$filter=id eq 'x'")[0] == 400


def test_every_directory_collection_counts(sandbox: Sandbox) -> None:
    assert sandbox.get("/servicePrincipals/$count", **EVENTUAL).text.isdigit()
    members = sandbox.get("/users/$count?$filter=userType ne 'Guest'", **EVENTUAL)
    guests = sandbox.get("/users/$count?$filter=userType eq 'Guest'", **EVENTUAL)
    assert int(members.text) + int(guests.text) == len(sandbox.alive())


def test_sign_ins_by_window_newest_first(sandbox: Sandbox) -> None:
    rows, _page = sandbox.read("/auditLogs/signIns")
    times = [row["createdDateTime"] for row in rows]
    assert times == sorted(times, reverse=True)
    since, until = times[400], times[100]
    path = f"/auditLogs/signIns?$filter=createdDateTime ge {since} and createdDateTime le {until}"
    window, _page = sandbox.read(path)
    assert {row["id"] for row in window} == {
        row["id"] for row in rows if since <= row["createdDateTime"] <= until
    }


def test_consent_can_be_checked_permission_by_permission(sandbox: Sandbox) -> None:
    graph = sandbox.get("/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')").json()
    names = {role["id"]: role["value"] for role in graph["appRoles"]}
    own = f"/servicePrincipals?$filter=appId eq '{sandbox.tenant['clientId']}'"
    (principal,), _page = sandbox.read(own)
    granted, _page = sandbox.read(f"/servicePrincipals/{principal['id']}/appRoleAssignments")
    held = {names[row["appRoleId"]] for row in granted if row["resourceId"] == graph["id"]}
    assert {"User.Read.All", "AuditLog.Read.All", "Reports.Read.All"} <= held


def test_batch_answers_each_request_by_itself(sandbox: Sandbox) -> None:
    group = sandbox.get("/groups?$top=1").json()["value"][0]["id"]
    sandbox.admin.faults({"kind": "throttle", "path": "/domains", "retry_after": 7})
    requests = [
        {"id": "1", "method": "GET", "url": f"/groups/{group}/members?$select=id"},
        {"id": "2", "method": "GET", "url": "/domains"},
        {"id": "3", "method": "GET", "url": "/organization", "dependsOn": ["2"]},
        {
            "id": "4",
            "method": "GET",
            "url": "/users?$filter=userType ne 'Guest'&$count=true&$select=id",
            "headers": {"ConsistencyLevel": "eventual"},
        },
    ]
    answer = sandbox.http.post("/$batch", json={"requests": requests})
    replies = {reply["id"]: reply for reply in answer.json()["responses"]}
    assert {key: reply["status"] for key, reply in replies.items()} == {
        "1": 200, "2": 429, "3": 424, "4": 200,
    }  # fmt: skip
    assert replies["2"]["headers"]["Retry-After"] == "7"
    assert replies["4"]["body"]["@odata.count"] > 0
    many = [{"id": str(n), "method": "GET", "url": "/domains"} for n in range(21)]
    assert sandbox.http.post("/$batch", json={"requests": many}).status_code == 400


@pytest.mark.parametrize(
    "requests",
    [
        [5],
        [{"method": "GET", "url": "/users"}],
        [{"id": "1", "url": "/users"}, {"id": "1", "url": "/groups"}],
        [{"id": "1", "method": "GET", "url": "/users", "dependsOn": ["9"]}],
        [{"id": "1", "method": "GET", "url": "/users", "dependsOn": "1"}],
        [{"id": "1", "method": "GET", "url": "/users", "headers": ["x"]}],
        [{"id": "1", "method": "POST", "url": "/users", "body": {}}],
        [],
    ],
)
def test_malformed_batches_are_refused_whole(sandbox: Sandbox, requests: list[Any]) -> None:
    answer = sandbox.http.post("/$batch", json={"requests": requests})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BadRequest"
