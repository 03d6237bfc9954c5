"""Reports on policies and apps of Teams: rules on a handful of objects, figures of whole tenants."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from infra.local.sandbox.tenant.model import Tenant
from shared.core import clock
from tests.catalog.reports.answers import TENANT, asked, rows
from tests.catalog.reports.simulated import SEEDS, simulated, told
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

SETTINGS, APPS = "teamssettings", "teamsapps"
LATER = ("policy_type",)


def policy(kind: str, said: Mapping[str, object] | None = None, identity: str = "Global") -> Object:
    return {
        "id": f"{kind}/{identity}",
        "snapshot_id": "1",
        "snapshot_name": "kanri",
        "resource_type": f"microsoft.teams.{kind}",
        "name": f"Teams-{identity}",
        "properties": {"Identity": identity, **(said or {})},
    }


def account(own: str, *policies: tuple[str, str], kind: str = "user") -> Object:
    given = [
        {"policyType": f"Teams{name}", "policyAssignment": {"displayName": held, "assignmentType": "direct"}}
        for name, held in policies
    ]  # fmt: skip
    return {"id": own, "account_type": kind, "policy_assignments": given}


def configured(engine: Engine, *policies: Object) -> dict[str, dict[str, Any]]:
    collect(engine, TENANT, "teams_configuration", policies)
    return rows(engine, SETTINGS, open_ended=LATER)


def test_a_policy_applies_to_who_holds_it_and_the_global_one_to_the_others(engine: Engine) -> None:
    accounts = [
        account("a", ("MeetingPolicy", "Strict"), ("MessagingPolicy", "Strict")),
        account("b", ("MeetingPolicy", "Strict"), ("MeetingPolicy", "Strict")),
        account("c"),
        account("d", kind="guest"),
        account("e", ("MeetingPolicy", "Strict"), kind="resourceAccount"),
    ]
    collect(engine, TENANT, "teams_user_configurations", accounts)
    found = configured(
        engine,
        policy("meetingpolicy"),
        policy("meetingpolicy", identity="Tag:Strict"),
        policy("meetingpolicy", identity="Tag:Nobody"),
        policy("callingpolicy"),
        policy("federationconfiguration"),
        policy("guestmeetingconfiguration"),
        policy("brandnewpolicy"),
        {**policy("x"), "id": "exchange", "resource_type": "microsoft.exchange.transportrule"},
    )
    told_of = {
        own: (row["policy_name"], row["policy_type"], row["target_users_count"], row["status"])
        for own, row in found.items()
    }
    assert told_of == {
        "meetingpolicy/Global": ("Global", "meetingpolicy", 1, "active"),
        "meetingpolicy/Tag:Strict": ("Strict", "meetingpolicy", 2, "active"),
        "meetingpolicy/Tag:Nobody": ("Nobody", "meetingpolicy", 0, "unused"),
        "callingpolicy/Global": ("Global", "callingpolicy", 3, "active"),
        "federationconfiguration/Global": ("Global", "federationconfiguration", 3, "active"),
        "guestmeetingconfiguration/Global": ("Global", "guestmeetingconfiguration", 1, "active"),
        "brandnewpolicy/Global": ("Global", "brandnewpolicy", 3, "active"),
    }


def test_without_the_accounts_nobody_knows_whom_a_policy_applies_to(engine: Engine) -> None:
    found = configured(engine, policy("meetingpolicy"), policy("federationconfiguration"))
    assert [row["target_users_count"] for row in found.values()] == [None, None]
    assert found["meetingpolicy/Global"]["status"] is None
    assert found["federationconfiguration/Global"]["status"] == "active"


GOOD = {
    "AutoAdmittedUsers": "EveryoneInCompany",
    "AllowAnonymousUsersToStartMeeting": False,
    "AllowPSTNUsersToBypassLobby": False,
    "AllowExternalParticipantGiveRequestControl": False,
}


@pytest.mark.parametrize(
    ("kind", "said", "verdict"),
    [
        ("meetingpolicy", GOOD, "compliant"),
        ("meetingpolicy", {**GOOD, "AutoAdmittedUsers": "Everyone"}, "non_compliant"),
        ("meetingpolicy", {**GOOD, "AllowAnonymousUsersToStartMeeting": True}, "non_compliant"),
        ("meetingpolicy", {**GOOD, "AllowPSTNUsersToBypassLobby": True}, "non_compliant"),
        ("meetingpolicy", {**GOOD, "AllowExternalParticipantGiveRequestControl": "True"}, "non_compliant"),
        ("meetingpolicy", {**GOOD, "AllowPSTNUsersToBypassLobby": "perhaps"}, None),
        ("meetingpolicy", {"AutoAdmittedUsers": "OrganizerOnly"}, None),
        ("meetingpolicy", {"AutoAdmittedUsers": "Everyone"}, "non_compliant"),
        ("messagingpolicy", {"AllowSecurityEndUserReporting": True}, "compliant"),
        ("messagingpolicy", {"AllowSecurityEndUserReporting": False}, "non_compliant"),
        ("messagingpolicy", {}, None),
        ("federationconfiguration", {"AllowPublicUsers": False}, "compliant"),
        ("federationconfiguration", {"AllowPublicUsers": True}, "non_compliant"),
        ("callingpolicy", {"AllowPublicUsers": True}, None),
    ],
)  # fmt: skip
def test_what_is_compliant(
    engine: Engine, kind: str, said: dict[str, object], verdict: str | None
) -> None:
    [row] = configured(engine, policy(kind, said)).values()
    assert row["compliance"] == verdict


def test_each_switch_is_told_where_it_means_something(engine: Engine) -> None:
    both = {
        "AllowUserChat": False,
        "AllowCloudRecording": True,
        "NativeFileEntryPoints": "Disabled",
    }
    found = configured(
        engine,
        policy("messagingpolicy", both),
        policy("guestmessagingconfiguration", {"AllowUserChat": True}),
        policy("meetingpolicy", both),
        policy("filespolicy", both),
        policy("filespolicy", {"NativeFileEntryPoints": "Somehow"}, "Tag:Else"),
        policy("callingpolicy", both),
    )
    names = ("messaging_allowed", "file_sharing_allowed", "recording_allowed")
    assert {own: tuple(row[name] for name in names) for own, row in found.items()} == {
        "messagingpolicy/Global": (False, None, None),
        "guestmessagingconfiguration/Global": (True, None, None),
        "meetingpolicy/Global": (None, None, True),
        "filespolicy/Global": (None, False, None),
        "filespolicy/Tag:Else": (None, None, None),
        "callingpolicy/Global": (None, None, None),
    }


def test_a_policy_has_a_date_once_it_was_found_changed(engine: Engine) -> None:
    now = clock.now()
    days = [now - timedelta(days=number) for number in (3, 2, 1)]
    for at, chat in zip(days, (True, True, False), strict=True):
        said = [policy("messagingpolicy", {"AllowUserChat": chat}), policy("meetingpolicy")]
        collect(engine, TENANT, "teams_configuration", said, at=at)
    found = rows(engine, SETTINGS)
    assert found["messagingpolicy/Global"]["updated_at"] == days[2]
    assert found["meetingpolicy/Global"]["updated_at"] is None
    then = asked(engine, SETTINGS, as_of=days[1] + timedelta(hours=1))
    assert then["messagingpolicy/Global"]["updated_at"] is None


def listed(own: str, method: str, *definitions: tuple[str, str]) -> Object:
    told = [{"version": version, "publishingState": state} for version, state in definitions]
    return {
        "id": own,
        "external_id": f"x-{own}",
        "display_name": own.upper(),
        "distribution_method": method,
        "app_definitions": told,
    }


def install(own: str, app: str, version: str = "1.0", method: str = "store") -> Object:
    return {
        "id": own,
        "app_id": app,
        "app_name": f"name of {app}",
        "distribution_method": method,
        "version": version,
    }


def test_apps_that_are_installed_or_ones_own_are_told_of_with_their_newest_version(
    engine: Engine,
) -> None:
    apps = [
        listed("s", "store", ("3.0", "published")),
        listed("unused", "store", ("1.0", "published")),
        listed("own", "organization", ("1.9.0", "published"), ("1.10.0", "submitted")),
    ]
    collect(engine, TENANT, "teams_apps", apps)
    collect(engine, TENANT, "teams", [{"id": "t"}])
    collect(engine, TENANT, "users", [{"id": own, "assigned_licenses": ["x"]} for own in "uv"])
    in_teams = [install("t/1", "s", "1.9"), install("t/2", "side", "0.1", "sideloaded")]
    collect(engine, TENANT, "team_app_installs", in_teams)
    names = ("app_name", "version", "installation_count", "team_count", "user_count", "app_status")
    found = {own: [row[name] for name in names] for own, row in rows(engine, APPS).items()}
    assert found == {
        "s": ["S", "1.9", None, 1, None, "published"],
        "side": ["name of side", "0.1", None, 1, None, None],
        "own": ["OWN", "1.10.0", None, 0, None, "submitted"],
    }, "those of users were never read"
    collect(engine, TENANT, "user_app_installs", [install("u/1", "s", "1.10"), install("v/1", "s")])
    found = {own: [row[name] for name in names] for own, row in rows(engine, APPS).items()}
    assert found["s"] == ["S", "1.10", 3, 1, 2, "published"]
    assert found["own"][2:5] == [0, 0, 0]


def test_a_users_apps_are_counted_once_they_have_been_read(engine: Engine) -> None:
    """Of who has no licence, or no account any more, nobody asks: that is not none."""
    use = [{"id": own, "user_id": own, "user_principal_name": own} for own in "uvwx"]
    collect(engine, TENANT, "teams_user_activity", use, report_date=date(2026, 1, 30))
    counts = {key: row["app_usage_count"] for key, row in rows(engine, "teams").items()}
    assert counts == dict.fromkeys("uvwx")
    people: list[Object] = [{"id": own, "assigned_licenses": ["x"]} for own in "uv"]
    collect(engine, TENANT, "users", [*people, {"id": "w", "assigned_licenses": []}])
    collect(engine, TENANT, "user_app_installs", [install("u/1", "a"), install("u/2", "b")])
    counts = {key: row["app_usage_count"] for key, row in rows(engine, "teams").items()}
    assert counts == {"u": 2, "v": 0, "w": None, "x": None}


def test_use_and_publisher_are_the_imported_ones_of_that_name(engine: Engine) -> None:
    own = [listed(name, "organization") for name in ("planner", "twice", "other")]
    collect(engine, TENANT, "teams_apps", own)
    day = date(2026, 1, 30)

    def line(app: str, publisher: str) -> Object:
        told: Object = {"app_name": app, "publisher": publisher, "active_users": 412}
        return {"id": f"{app}/{publisher}", **told, "last_used_on": day}

    usage = [line("Planner", "Microsoft"), line("Twice", "A"), line("Twice", "B")]
    collect(engine, TENANT, "teams_app_usage", usage)
    names = ("publisher", "active_users_count", "last_used_date")
    found = {key: tuple(row[name] for name in names) for key, row in rows(engine, APPS).items()}
    nothing = (None, None, None)
    assert found == {"planner": ("Microsoft", 412, day), "twice": nothing, "other": nothing}


@pytest.mark.parametrize(
    ("own", "method", "lists", "verdict"),
    [
        ("a", "store", {"Global": ("Blocked", ["b"]), "Default": ("Blocked", [])}, "allowed"),
        ("b", "store", {"Global": ("Blocked", ["b"]), "Default": ("Blocked", [])}, "blocked"),
        ("b", "store", {"Global": ("Blocked", ["x-b"]), "Default": ("Blocked", [])}, "blocked"),
        ("a", "store", {"Global": ("Allowed", []), "Default": ("Allowed", [])}, "blocked"),
        ("a", "store", {"Global": ("Allowed", ["a"]), "Default": ("Allowed", [])}, "allowed"),
        # Whether it is Microsoft's nobody tells, and nobody names it.
        ("a", "store", {"Global": ("Allowed", []), "Default": ("Blocked", [])}, None),
        ("a", "organization", {"Private": ("Allowed", ["a"])}, "allowed"),
        ("b", "organization", {"Private": ("Allowed", ["a"])}, "blocked"),
        ("a", "organization", {}, None),
        ("a", "sideloaded", {"Private": ("Blocked", [])}, None),
    ],
)
def test_the_global_policy_says_which_apps_are_allowed(
    engine: Engine,
    own: str,
    method: str,
    lists: dict[str, tuple[str, list[str]]],
    verdict: str | None,
) -> None:
    said: dict[str, object] = {}
    for name, (kind, ids) in lists.items():
        said |= {f"{name}CatalogAppsType": f"{kind}AppList", f"{name}CatalogApps": ids}
    other = policy("apppermissionpolicy", {"PrivateCatalogAppsType": "BlockedAppList"}, "Tag:Other")
    configured(engine, policy("apppermissionpolicy", said), other)
    collect(engine, TENANT, "teams_apps", [listed(own, method)])
    collect(engine, TENANT, "teams", [{"id": "t"}])
    collect(engine, TENANT, "team_app_installs", [install("t/1", own, method=method)])
    assert rows(engine, APPS)[own]["permission_status"] == verdict


def stored(engine: Engine, tenant: Tenant) -> None:
    """Let the product have what a tenant of the sandbox has."""
    people = [
        {
            "id": row["id"],
            "account_type": row["accountType"],
            "policy_assignments": row["effectivePolicyAssignments"],
        }
        for row in told(tenant, "teams_user_configurations")
    ]
    collect(engine, TENANT, "teams_user_configurations", people)
    resources = [
        {
            "id": row["id"],
            "resource_type": row["resourceType"],
            "name": row["displayName"],
            "properties": row["properties"],
        }
        for row in told(tenant, "tenant_configuration")
    ]
    collect(engine, TENANT, "teams_configuration", resources)
    apps = [
        {
            "id": row["id"],
            "external_id": row["externalId"],
            "display_name": row["displayName"],
            "distribution_method": row["distributionMethod"],
            "app_definitions": row["appDefinitions"],
        }
        for row in told(tenant, "teams_apps")
    ]
    collect(engine, TENANT, "teams_apps", apps)
    below = (("team_app_installs", "teamId", "teams"), ("user_app_installs", "userId", "users"))
    for dataset, whose, parent in below:
        above = {str(row[whose]) for row in told(tenant, dataset)}
        more = {"assigned_licenses": ["x"]} if parent == "users" else {}
        collect(engine, TENANT, parent, [{"id": own, **more} for own in above])
        installs = [
            {
                "id": f"{row[whose]}/{row['id']}",
                "app_id": row["teamsApp"]["id"],
                "app_name": row["teamsApp"]["displayName"],
                "distribution_method": row["teamsApp"]["distributionMethod"],
                "version": row["teamsAppDefinition"]["version"],
            }
            for row in told(tenant, dataset)
        ]
        collect(engine, TENANT, dataset, installs)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_figures_of_a_tenant_are_those_that_counting_gives(engine: Engine, seed: int) -> None:
    tenant = simulated(seed, 200)
    stored(engine, tenant)
    users = [
        row for row in told(tenant, "teams_user_configurations") if row["accountType"] == "user"
    ]
    holders: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in users:
        for one in row["effectivePolicyAssignments"]:
            holders[one["policyType"], one["policyAssignment"]["displayName"]].add(row["id"])
    for own, row in rows(engine, SETTINGS).items():
        kind, _, name = own.partition("/")[2].partition("-")
        if row["is_tenant_wide"]:
            continue
        others = set().union(*(held for (of, _name), held in holders.items() if of == kind))
        expected = len(users) - len(others) if name == "Global" else len(holders[kind, name])
        assert (row["policy_name"], row["target_users_count"]) == (name, expected)
    installs = [*told(tenant, "team_app_installs"), *told(tenant, "user_app_installs")]
    number = Counter(row["teamsApp"]["id"] for row in installs)
    ours = {row["id"] for row in told(tenant, "teams_apps") if row["distributionMethod"] == "organization"}  # fmt: skip
    found = rows(engine, APPS)
    assert {key: row["installation_count"] for key, row in found.items()} == {
        key: number[key] for key in number.keys() | ours
    }
    blocked = {key for key, row in found.items() if row["permission_status"] == "blocked"}
    said = next(row["properties"] for row in told(tenant, "tenant_configuration") if row["displayName"] == "TeamsAppPermissionPolicy-Global")  # fmt: skip
    named = {*said["GlobalCatalogApps"], *said["PrivateCatalogApps"]}
    assert blocked == named & found.keys() != set()
