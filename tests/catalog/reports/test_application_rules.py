"""Applications: credentials by the day they end, permissions by how far they reach, owners, origins."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock
from tests.catalog.reports.answers import TENANT, days_ago, rows
from tests.catalog.reports.simulated import SEEDS, Stored, Told, simulated, told
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

GRAPH: Object = {
    "id": "graph",
    "app_id": "00000003-0000-0000-c000-000000000000",
    "app_owner_organization_id": "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
    "app_roles": [
        {"id": "r1", "value": "User.Read.All"},
        {"id": "r2", "value": "Mail.ReadWrite"},
        {"id": "r3", "value": "Mail.Send"},
    ],
}


def ending(*days: float | None) -> list[dict[str, object]]:
    """Credentials that end so many days from now; None names no end."""
    return [{"endDateTime": None if day is None else days_ago(-day).isoformat()} for day in days]


@pytest.mark.parametrize(
    ("secrets", "certificates", "state", "left", "expired"),
    [
        (ending(40), None, "valid", 39, 0),
        (ending(29), None, "expiring", 28, 0),
        (ending(29), ending(400), "expiring", 28, 0),
        (ending(-1), ending(400), "valid", 399, 1),
        (ending(-1, -30), ending(-2), "expired", None, 3),
        (ending(99_000), None, "valid", None, 0),
        (ending(None), ending(-1), "valid", None, 1),
        ([], [], "none", None, 0),
        ([{"endDateTime": "2026-13-45T00:00:00Z"}, {}, None, 5], "text", "valid", None, 0),
    ],
)
def test_credentials_of_both_kinds_are_judged_by_when_they_end(
    engine: Engine,
    secrets: object,
    certificates: object,
    state: str,
    left: int | None,
    expired: int,
) -> None:
    app = {
        "id": "a",
        "app_id": "x",
        "password_credentials": secrets,
        "key_credentials": certificates,
    }
    collect(engine, TENANT, "service_principals", [])
    collect(engine, TENANT, "applications", [app])
    row = rows(engine, "applications")["a"]
    shown = (row["credential_state"], row["days_left"], row["expired_credential_count"])
    assert shown == (state, left, expired)
    assert row["found_in"] == "registrations"


def assigned(principal: str, *roles: str) -> list[Object]:
    return [
        {
            "id": f"graph/{principal}-{role}",
            "principal_id": principal,
            "resource_id": "graph",
            "app_role_id": role,
        }
        for role in roles
    ]


def granted(own: str, client: str, scope: str | None, user: str | None = None) -> Object:
    kind = "AllPrincipals" if user is None else "Principal"
    return {
        "id": own,
        "client_id": client,
        "consent_type": kind,
        "principal_id": user,
        "scope": scope,
    }


def test_permissions_are_named_and_told_by_how_far_they_reach(engine: Engine) -> None:
    names = ("writer", "reader", "delegate", "asked", "lost", "member", "idle")
    principals: list[Object] = [{"id": name, "app_id": name} for name in names]
    collect(engine, TENANT, "service_principals", [GRAPH, *principals])
    zero = "00000000-0000-0000-0000-000000000000"
    roles = [
        *assigned("writer", "r2", "r1"),
        *assigned("reader", "r1"),
        *assigned("lost", "gone"),
        *assigned("member", zero),
    ]
    collect(engine, TENANT, "app_role_assignments", roles)
    grants = [
        granted("1", "delegate", " User.Read Files.ReadWrite.All"),
        granted("2", "asked", "openid User.Read", "ann"),
        granted("3", "asked", "openid  Mail.ReadWrite", "ben"),
        granted("4", "nobody", " Mail.Read"),
        granted("5", "asked", None, "cho"),
    ]
    collect(engine, TENANT, "oauth2_permission_grants", grants)
    found = rows(engine, "applications")
    shown = (
        "consent_level",
        "application_permissions",
        "delegated_for_all",
        "consenting_user_count",
    )
    assert {name: tuple(found[name][column] for column in shown) for name in names} == {
        "writer": ("high", "Mail.ReadWrite, User.Read.All", None, None),
        "reader": ("medium", "User.Read.All", None, None),
        "delegate": ("medium", None, "Files.ReadWrite.All, User.Read", None),
        "asked": ("low", None, None, 3),
        "lost": (None, "gone", None, None),
        "member": ("none", None, None, None),
        "idle": ("none", None, None, None),
    }
    assert found["asked"]["delegated_by_users"] == "Mail.ReadWrite, User.Read, openid"
    assert found["graph"]["origin"] == "microsoft"


def test_of_permissions_that_were_not_read_nothing_is_said(engine: Engine) -> None:
    collect(engine, TENANT, "service_principals", [GRAPH, {"id": "sp", "app_id": "x"}])
    collect(engine, TENANT, "app_role_assignments", assigned("other", "r1"))
    collect(engine, TENANT, "oauth2_permission_grants", [], state="not_permitted")
    assert rows(engine, "applications")["sp"]["consent_level"] is None


def test_a_delegated_permission_is_all_there_is_once_the_others_were_read(engine: Engine) -> None:
    collect(engine, TENANT, "service_principals", [GRAPH, {"id": "sp", "app_id": "x"}])
    for number, scope in enumerate(("User.Read", "Files.ReadWrite.All")):
        collect(engine, TENANT, "oauth2_permission_grants", [granted("1", "sp", scope)])
        assert rows(engine, "applications")["sp"]["consent_level"] is None, number
    collect(engine, TENANT, "app_role_assignments", assigned("other", "r1"))
    assert rows(engine, "applications")["sp"]["consent_level"] == "medium"


@pytest.mark.parametrize("kept", [[], ending(-1), ending(400)])
def test_while_no_registration_was_read_nobody_knows_the_credentials_of_an_own_application(
    engine: Engine, kept: list[dict[str, object]]
) -> None:
    collect(engine, TENANT, "organization", [{"id": "home"}])
    homes = {"ours": "home", "theirs": "elsewhere", "unsaid": None}
    principals: list[Object] = [
        {
            "id": name,
            "app_id": name,
            "app_owner_organization_id": home,
            "password_credentials": kept,
        }
        for name, home in homes.items()
    ]
    collect(engine, TENANT, "service_principals", principals)
    names = ("credential_state", "credential_count", "last_credential_ends_at", "found_in")
    found = rows(engine, "applications")
    for own in ("ours", "unsaid"):
        assert [found[own][name] for name in names] == [None] * 4
    state = found["theirs"]["credential_state"]
    assert (state, found["theirs"]["credential_count"]) != (None, None)
    collect(engine, TENANT, "applications", [{"id": "r", "app_id": "elsewhere"}])
    found = rows(engine, "applications")
    assert {row["credential_state"] for own, row in found.items() if own != "r"} == {state}
    assert found["ours"]["found_in"] == "principals"


def test_an_application_has_its_owners_and_its_origin(engine: Engine) -> None:
    collect(engine, TENANT, "organization", [{"id": "home"}])
    principals: list[Object] = [
        {"id": "s1", "app_id": "a1", "display_name": "Payroll", "account_enabled": False},
        {"id": "s2", "app_id": "a2", "app_owner_organization_id": "elsewhere"},
        {"id": "s3", "app_id": "a3", "service_principal_type": "ManagedIdentity"},
        {"id": "s4", "app_id": "a4", "app_owner_organization_id": "home"},
    ]
    collect(engine, TENANT, "service_principals", principals)
    registered: list[Object] = [{"id": "o1", "app_id": "a1"}, {"id": "o5", "app_id": "a5"}]
    collect(engine, TENANT, "applications", registered)
    unknown = rows(engine, "applications")
    assert {row["owner_count"] for row in unknown.values()} == {None}, "owners were not read"
    owners: list[Object] = [
        {"id": "o1/ann", "principal_id": "ann", "display_name": "Ann"},
        {"id": "o1/bot", "principal_id": "bot"},
    ]
    collect(engine, TENANT, "application_owners", owners)
    found = rows(engine, "applications")
    shown = ("origin", "found_in", "owner_count", "owners")
    assert {own: tuple(row[name] for name in shown) for own, row in found.items()} == {
        "s1": ("own", "both", 2, "Ann, bot"),
        "s2": ("other", "principals", None, None),
        "s3": ("managed_identity", "principals", None, None),
        "s4": ("own", "principals", None, None),
        "o5": ("own", "registrations", 0, None),
    }
    assert found["s1"]["status"] == "disabled"


def counted(applications: list[Told], principals: list[Told]) -> Counter[str]:
    """How many applications are in which state by their credentials."""
    now = clock.now().isoformat()
    soon = (clock.now() + timedelta(days=30)).isoformat()
    held: dict[str, list[str]] = {}
    for one in (*applications, *principals):
        both = [*one["passwordCredentials"], *one["keyCredentials"]]
        held.setdefault(one["appId"], []).extend(each["endDateTime"] for each in both)
    found: Counter[str] = Counter()
    for ends in held.values():
        alive = [end for end in ends if end > now]
        state = "valid" if alive else "expired" if ends else "none"
        found["expiring" if alive and min(alive) <= soon else state] += 1
    return found


def reaching(tenant_roles: list[Told], principals: list[Told]) -> set[str]:
    """The ids of whoever holds an application permission that writes, by the words of its name."""
    names = {role["id"]: role["value"] for one in principals for role in one["appRoles"]}
    words = {"ReadWrite", "FullControl", "Send", "ManageAsApp", "full_access_as_app"}
    return {
        row["principalId"]
        for row in tenant_roles
        if words.intersection(names.get(row["appRoleId"], "").split("."))
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_the_figures_are_those_of_the_directory(app_engine: Engine, seed: int) -> None:
    tenant, store = simulated(seed), Stored(app_engine)
    applications, principals = told(tenant, "applications"), told(tenant, "service_principals")
    roles, grants = told(tenant, "app_role_assignments"), told(tenant, "oauth2_permission_grants")
    store.keep("applications", applications)
    store.keep("service_principals", principals)
    store.keep("oauth2_permission_grants", grants)
    resources = {row["resourceId"] for row in roles}
    by_resource = {own: [r for r in roles if r["resourceId"] == own] for own in resources}
    store.keep_below("app_role_assignments", by_resource)
    found = rows(app_engine, "applications", tenant=store.tenant_id)
    assert Counter(r["credential_state"] for r in found.values()) == counted(
        applications, principals
    )
    high = {own for own, row in found.items() if row["consent_level"] == "high"}
    assert high == reaching(roles, principals) != set()
    users = sum(
        len({g["principalId"] for g in grants if g["clientId"] == own} - {None}) for own in found
    )
    assert sum(int(str(r["consenting_user_count"] or 0)) for r in found.values()) == users > 0
