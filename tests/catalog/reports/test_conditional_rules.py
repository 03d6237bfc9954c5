"""Conditional Access: every condition, control and mode is visible, and nothing is misjudged."""

from typing import Any

import pytest
from sqlalchemy import Engine

from tests.catalog.reports.answers import TENANT, rows
from tests.catalog.reports.policy_schema import Setting, settings
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

EVERYONE: dict[str, Any] = {"includeUsers": ["All"]}
ALL_APPS: dict[str, Any] = {"includeApplications": ["All"]}
BLOCK = {"operator": "OR", "builtInControls": ["block"]}


def read(engine: Engine, *policies: Object) -> dict[str, dict[str, object]]:
    collect(engine, TENANT, "conditional_access_policies", policies)
    return rows(engine, "conditional")


def one(engine: Engine, **parts: object) -> dict[str, object]:
    return read(engine, {"id": "p", "display_name": "Policy", "state": "enabled", **parts})["p"]


def conditions(**more: object) -> dict[str, object]:
    return {"users": EVERYONE, "applications": ALL_APPS, "clientAppTypes": ["all"], **more}


def words(row: dict[str, object]) -> str:
    return "\n".join(str(value) for name, value in row.items() if name not in ("id", "policy_name"))


def rows_of(engine: Engine, found: list[Setting]) -> list[tuple[Setting, dict[str, object]]]:
    policies = [{"id": each.name, each.column: each.document} for each in found]
    answer = read(engine, *policies)
    return [(each, answer[each.name]) for each in found]


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_every_property_of_the_schema_is_visible(engine: Engine, version: str) -> None:
    hidden = [
        each.name
        for each, row in rows_of(engine, settings(version))
        if (
            f"{each.path[-1]}: {str(each.value).lower()}"
            if isinstance(each.value, bool)
            else str(each.value)
        )
        not in words(row)
    ]
    assert not hidden


def test_nothing_of_the_v1_schema_is_unknown(engine: Engine) -> None:
    found = rows_of(engine, settings("v1.0"))
    unknown = {each.name: row["unknown_parts"] for each, row in found if row["unknown_parts"]}
    # Its words, AND and OR, are documented, though the metadata calls it text.
    assert unknown.pop("grant_controls:operator=some-text")
    assert not unknown
    assert {row["effect"] for _, row in found} >= {"grants", "session", "none", "blocks"}


def test_what_only_beta_has_is_shown_and_not_judged(engine: Engine) -> None:
    known = {(each.column, each.path) for each in settings("v1.0")}
    newer = [each for each in settings("beta") if (each.column, each.path) not in known]
    assert newer
    for each, row in rows_of(engine, newer):
        if each.path[0] == "continuousAccessEvaluation":
            continue
        assert ".".join(each.path) in str(row["unknown_parts"])
        assert row["effect"] == "unknown"


@pytest.mark.parametrize(
    ("column", "path"),
    [
        ("conditions", ("tomorrow",)),
        ("conditions", ("users", "includeRobots")),
        ("conditions", ("applications", "excludeGalaxies")),
        ("conditions", ("locations", "orbit", "height")),
        ("conditions", ("a", "b", "c", "d", "e", "f")),
        ("grant_controls", ("tomorrow",)),
        ("grant_controls", ("authenticationStrength", "tomorrow")),
        ("session_controls", ("tomorrow", "mode")),
        ("session_controls", ("signInFrequency", "tomorrow")),
    ],
)
@pytest.mark.parametrize("value", ["brand-new", 4711, ["brand-new", "other"], {"deep": ["x"]}])
def test_a_property_that_microsoft_adds_is_shown_and_the_effect_unknown(
    engine: Engine, column: str, path: tuple[str, ...], value: object
) -> None:
    given: dict[str, Any] = {"conditions": conditions(), "grant_controls": BLOCK}
    part = Setting(column, path, value, is_list=False).document
    merged = _merged(given.get(column) or {}, part)
    row = one(engine, **(given | {column: merged}))
    shown = path[:4] if not isinstance(value, dict) else path[:3]
    assert ".".join(shown) in str(row["unknown_parts"])
    assert row["effect"] == "unknown"
    visible = str(row["conditions"] if column == "conditions" else row["access_controls"])
    visible += str(row["session_controls"]) + str(row["grant_details"])
    for word in value if isinstance(value, list) else ["x"] if isinstance(value, dict) else [value]:
        assert str(word) in visible


def _merged(old: Any, new: Any) -> Any:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return old | {name: _merged(old.get(name), value) for name, value in new.items()}


@pytest.mark.parametrize(
    ("column", "path"),
    sorted(
        {
            (each.column, each.path)
            for each in settings("v1.0")
            if isinstance(each.value, str)
            and each.value not in ("some-text", "2021-02-03T04:05:06Z")
            and each.path[-1] != "allowedCombinations"
        }
    ),
)
@pytest.mark.parametrize("value", ["addedTomorrow", "unknownFutureValue"])
def test_a_value_that_microsoft_adds_is_shown_by_its_code_and_the_effect_unknown(
    engine: Engine, column: str, path: tuple[str, ...], value: str
) -> None:
    row = one(engine, **{column: Setting(column, path, value, is_list=False).document})
    assert f"{'.'.join(path)}: {value}" in str(row["unknown_parts"])
    assert row["effect"] == "unknown"


@pytest.mark.parametrize(
    "more",
    [
        {"authenticationFlows": {"transferMethods": "deviceCodeFlow"}},
        {"authenticationFlows": {"transferMethods": "deviceCodeFlow,authenticationTransfer"}},
        {"clientAppTypes": ["exchangeActiveSync", "other"]},
        {"insiderRiskLevels": "elevated"},
        {"userRiskLevels": ["high"]},
        {"signInRiskLevels": ["high"]},
        {"servicePrincipalRiskLevels": ["high"]},
        {"platforms": {"includePlatforms": ["android"]}},
        {"platforms": {"includePlatforms": ["all"], "excludePlatforms": ["iOS"]}},
        {"locations": {"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}},
        {"devices": {"deviceFilter": {"mode": "exclude", "rule": 'device.isCompliant -eq "x"'}}},
        {"clientApplications": {"includeServicePrincipals": ["ServicePrincipalsInMyTenant"]}},
        {"users": {**EVERYONE, "excludeUsers": ["emergency"]}},
        {"users": {**EVERYONE, "excludeGroups": ["emergency"]}},
        {"users": {**EVERYONE, "excludeRoles": ["emergency"]}},
        {
            "users": {
                **EVERYONE,
                "excludeGuestsOrExternalUsers": {"guestOrExternalUserTypes": "serviceProvider"},
            }
        },
        {"users": {"includeUsers": ["ann"]}},
        {"applications": {"includeApplications": ["Office365"]}},
        {"applications": {**ALL_APPS, "excludeApplications": ["app"]}},
        {"applications": {"includeUserActions": ["urn:user:registerdevice"]}},
        {"applications": {**ALL_APPS, "applicationFilter": {"mode": "include", "rule": "r"}}},
    ],
)
def test_a_block_that_is_limited_is_not_a_block_of_everyone(
    engine: Engine, more: dict[str, object]
) -> None:
    row = one(engine, conditions=conditions(**more), grant_controls=BLOCK)
    assert row["effect"] == "blocks"
    assert row["unknown_parts"] is None


def test_a_block_without_limits_is_a_block_of_everyone(engine: Engine) -> None:
    wide = conditions(
        users={**EVERYONE, "excludeUsers": [], "includeGroups": ["g"], "excludeRoles": None},
        platforms={"includePlatforms": ["all"], "excludePlatforms": []},
        locations={"includeLocations": ["All"], "excludeLocations": []},
        devices=None,
        userRiskLevels=[],
    )
    assert one(engine, conditions=wide, grant_controls=BLOCK)["effect"] == "blocks_everyone"


def test_the_device_code_flow_is_named(engine: Engine) -> None:
    flow = {"transferMethods": "deviceCodeFlow"}
    row = one(engine, conditions=conditions(authenticationFlows=flow), grant_controls=BLOCK)
    assert row["conditions"] == (
        "authenticationFlows.transferMethods: deviceCodeFlow; clientAppTypes: all"
    )


def test_terms_of_use_alone_are_a_control(engine: Engine) -> None:
    terms = {"operator": "OR", "builtInControls": [], "termsOfUse": ["agreement-1"]}
    row = one(engine, conditions=conditions(), grant_controls=terms)
    assert row["access_controls"] == "termsOfUse: agreement-1"
    assert row["effect"] == "grants"


def test_a_session_control_that_is_off_is_not_listed_as_on(engine: Engine) -> None:
    session = {
        "@odata.type": "#microsoft.graph.conditionalAccessSessionControls",
        "applicationEnforcedRestrictions": {"isEnabled": False},
        "cloudAppSecurity": {"isEnabled": False, "cloudAppSecurityType": "monitorOnly"},
        "disableResilienceDefaults": False,
        "persistentBrowser": {"isEnabled": True, "mode": "never"},
        "secureSignInSession": None,
        "signInFrequency": {"isEnabled": False, "value": 4, "type": "hours"},
    }
    row = one(engine, conditions=conditions(), session_controls=session)
    assert row["access_controls"] == "persistentBrowser"
    assert row["effect"] == "session"
    details = str(row["session_controls"])
    assert "persistentBrowser.mode: never" in details
    assert "signInFrequency.isEnabled: false" in details
    off = {name: value for name, value in session.items() if name != "persistentBrowser"}
    row = one(engine, conditions=conditions(), session_controls=off)
    assert (row["access_controls"], row["effect"]) == (None, "none")


def test_locations_have_their_names_and_what_is_gone_its_id(engine: Engine) -> None:
    collect(engine, TENANT, "named_locations", [{"id": "l1", "display_name": "本社ネットワーク"}])
    places = {"includeLocations": ["l1", "gone"], "excludeLocations": ["AllTrusted"]}
    row = one(engine, conditions={"locations": places})
    assert row["conditions"] == (
        "excludeLocations: AllTrusted; includeLocations: 本社ネットワーク, gone"
    )


def test_an_authentication_strength_is_named_or_shown_by_its_id(engine: Engine) -> None:
    named = {"id": "s1", "displayName": "Phishing-resistant MFA", "allowedCombinations": ["fido2"]}
    row = one(engine, grant_controls={"authenticationStrength": named})
    assert row["access_controls"] == "Phishing-resistant MFA"
    assert "allowedCombinations: fido2" in str(row["grant_details"])
    row = one(engine, grant_controls={"authenticationStrength": {"id": "s1"}})
    assert (row["access_controls"], row["effect"]) == ("s1", "grants")


@pytest.mark.parametrize("odd", [None, [], {}, "text", 7, [{"a": 1}]])
def test_a_part_of_another_shape_does_not_end_the_report(engine: Engine, odd: object) -> None:
    documents = ({"users": odd, "applications": odd}, odd)
    for document in documents:
        parts = {"conditions": document, "grant_controls": document, "session_controls": document}
        assert one(engine, **parts)["policy_name"] == "Policy"


def test_a_policy_for_no_application_names_none(engine: Engine) -> None:
    none = {"applications": {"includeApplications": ["None"]}}
    actions = {"applications": {"includeUserActions": ["urn:user:registersecurityinfo"]}}
    found = read(engine, {"id": "none", "conditions": none}, {"id": "a", "conditions": actions})
    assert [found[name]["application_count"] for name in ("none", "a")] == [0, 0]
    assert found["a"]["target_applications"] == "urn:user:registersecurityinfo"


@pytest.mark.parametrize("suite", ["All", "Office365", "AllAgentIdResources", "AllTomorrow"])
def test_a_policy_for_a_suite_counts_no_applications(engine: Engine, suite: str) -> None:
    row = one(engine, conditions={"applications": {"includeApplications": ["app", suite]}})
    assert (row["application_count"], row["target_applications"]) == (None, f"app, {suite}")
