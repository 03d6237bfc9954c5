"""Conditional Access policies of the rarer kinds: every condition and control is in one of them."""

from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.policy_shapes import Draft, conditions, grant_controls

# One of the strengths that every tenant has.
# https://learn.microsoft.com/en-us/entra/identity/authentication/concept-authentication-strengths
_PHISHING_RESISTANT: Entity = {
    "id": "00000000-0000-0000-0000-000000000004",
    "createdDateTime": "2021-12-01T00:00:00Z",
    "modifiedDateTime": "2021-12-01T00:00:00Z",
    "displayName": "Phishing-resistant MFA",
    "description": "Phishing-resistant, passwordless methods for the strongest authentication.",
    "policyType": "builtIn",
    "requirementsSatisfied": "mfa",
    "allowedCombinations": ["windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"],
    "combinationConfigurations": [],
}
_SESSION: Entity = {
    "disableResilienceDefaults": True,
    "applicationEnforcedRestrictions": {"isEnabled": True},
    "cloudAppSecurity": {"isEnabled": True, "cloudAppSecurityType": "monitorOnly"},
    "persistentBrowser": {"isEnabled": False, "mode": "always"},
    "secureSignInSession": {"isEnabled": True},
    "signInFrequency": {
        "isEnabled": False, "value": None, "type": None, "frequencyInterval": "everyTime",
        "authenticationType": "secondaryAuthentication",
    },
}  # fmt: skip
_ONE_PARTNER: Entity = {
    "guestOrExternalUserTypes": "b2bDirectConnectUser,serviceProvider",
    "externalTenants": {
        "@odata.type": "#microsoft.graph.conditionalAccessEnumeratedExternalTenants",
        "membershipKind": "enumerated",
        "members": ["6f0c6c1e-52c4-4a6f-8f0e-9c0f8a7d3b21"],
    },
}
_REPORT_ONLY = "enabledForReportingButNotEnforced"


def rare_drafts(first: str, blocked: str, terms: str, factor: str) -> list[Draft]:
    """Drafts of the rarer kinds; `blocked` is a named location, `terms` an agreement."""
    everyone: Entity = {"includeUsers": ["All"], "excludeUsers": [first]}
    nobody: Entity = {"includeUsers": ["None"]}

    def filtered(rule: str, mode: str = "include") -> Entity:
        return {"mode": mode, "rule": rule}

    return [
        ("CA009 Block device code flow", "enabled",
         conditions({"includeUsers": ["All"]}, ["All"],
                    authenticationFlows={"transferMethods": "deviceCodeFlow,authenticationTransfer"}),
         grant_controls("block"), None),
        ("CA010 利用規約への同意", "enabled", conditions(everyone, ["All"]),
         grant_controls(termsOfUse=[terms]), None),
        ("CA011 Phishing-resistant MFA without partners", "enabled",
         conditions({**everyone, "excludeGuestsOrExternalUsers": _ONE_PARTNER}, ["All"]),
         grant_controls(authenticationStrength=_PHISHING_RESISTANT), None),
        ("CA012 セッションの制御", "enabled", conditions(everyone, ["Office365"]), None, _SESSION),
        ("CA013 Workload identities", _REPORT_ONLY,
         conditions(nobody, ["All"], servicePrincipalRiskLevels=["high"],
                    locations={"includeLocations": [blocked], "excludeLocations": []},
                    clientApplications={
                        "includeServicePrincipals": ["ServicePrincipalsInMyTenant"],
                        "excludeServicePrincipals": [],
                        "servicePrincipalFilter": filtered(
                            'CustomSecurityAttribute.Estate_Zone -eq "edge"', "exclude"),
                    }), grant_controls("block"), None),
        ("CA014 Registration of security info", "enabled",
         _for_actions(conditions(everyone, []), ["urn:user:registersecurityinfo"], []),
         grant_controls("mfa", customAuthenticationFactors=[factor]), None),
        ("CA015 Sensitive actions", _REPORT_ONLY,
         _for_actions(conditions(everyone, [], insiderRiskLevels="moderate,elevated", devices={
             "deviceFilter": filtered("device.isCompliant -ne True")}), [], ["c1"]),
         grant_controls("compliantDevice"), None),
        ("CA016 リスクのあるユーザーと Linux", _REPORT_ONLY,
         conditions(everyone, ["All"], userRiskLevels=["high"],
                    platforms={"includePlatforms": ["linux"], "excludePlatforms": []}),
         grant_controls("riskRemediation"), None),
    ]  # fmt: skip


def _for_actions(found: Entity, actions: list[str], contexts: list[str]) -> Entity:
    """The conditions for user actions or authentication contexts in the place of applications."""
    applications = {
        **found["applications"],
        "includeUserActions": actions,
        "includeAuthenticationContextClassReferences": contexts,
    }
    return {**found, "applications": applications}
