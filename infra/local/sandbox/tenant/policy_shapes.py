"""Conditions and controls of a Conditional Access policy, as Graph writes them."""

from infra.local.sandbox.tenant.collection import Entity

# Name, state, conditions, grant and session controls.
type Draft = tuple[str, str, Entity, Entity | None, Entity | None]


def conditions(users: Entity, applications: list[str], **more: object) -> Entity:
    """All conditions of a policy, those not given empty as Graph sends them."""
    nobody: Entity = {
        "includeUsers": [], "excludeUsers": [], "includeGroups": [], "excludeGroups": [],
        "includeRoles": [], "excludeRoles": [],
        "includeGuestsOrExternalUsers": None, "excludeGuestsOrExternalUsers": None,
    }  # fmt: skip
    found: Entity = {
        "userRiskLevels": [], "signInRiskLevels": [], "servicePrincipalRiskLevels": [],
        "clientAppTypes": ["all"], "platforms": None, "locations": None, "devices": None,
        "clientApplications": None, "insiderRiskLevels": None, "authenticationFlows": None,
        "applications": {
            "includeApplications": applications, "excludeApplications": [],
            "includeUserActions": [], "includeAuthenticationContextClassReferences": [],
            "applicationFilter": None,
        },
        "users": {**nobody, **users},
    }  # fmt: skip
    return {**found, **more}


def grant_controls(*controls: str, operator: str = "OR", **more: object) -> Entity:
    """Grant controls of a policy; `more` replaces those that are empty."""
    return {
        "operator": operator,
        "builtInControls": list(controls),
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength": None,
        **more,
    }
