"""What this product knows of a Conditional Access policy: every property and its possible values.

Taken from the v1.0 metadata, the session control `continuousAccessEvaluation` from beta.
https://learn.microsoft.com/en-us/graph/api/resources/conditionalaccesspolicy
"""

from collections.abc import Mapping

from sqlalchemy import ARRAY, ColumnElement, FromClause, case, func, literal
from sqlalchemy import Text as TextType

from shared.catalog.json_leaves import leaf_text, leaves, spelled

# Path -> the values that are known; None where any text may stand (ids, names, rules, numbers).
type Known = Mapping[str, tuple[str, ...] | None]

_RISK = ("low", "medium", "high", "hidden", "none")
_PLATFORM = ("android", "iOS", "windows", "windowsPhone", "macOS", "linux", "all")
_GUEST = (
    "none", "internalGuest", "b2bCollaborationGuest", "b2bCollaborationMember",
    "b2bDirectConnectUser", "otherExternalUser", "serviceProvider",
)  # fmt: skip
_FILTER_MODE = ("include", "exclude")
_SWITCH = ("true", "false")


def _people(side: str) -> Known:
    guests = f"users.{side}GuestsOrExternalUsers"
    return {
        **{f"users.{side}{kind}": None for kind in ("Users", "Groups", "Roles")},
        f"{guests}.guestOrExternalUserTypes": _GUEST,
        f"{guests}.externalTenants.membershipKind": ("all", "enumerated"),
        f"{guests}.externalTenants.members": None,
    }


CONDITIONS: Known = {
    **_people("include"),
    **_people("exclude"),
    "applications.includeApplications": None,
    "applications.excludeApplications": None,
    "applications.includeUserActions": None,
    "applications.includeAuthenticationContextClassReferences": None,
    "applications.applicationFilter.mode": _FILTER_MODE,
    "applications.applicationFilter.rule": None,
    "authenticationFlows.transferMethods": ("none", "deviceCodeFlow", "authenticationTransfer"),
    "clientAppTypes": (
        "all", "browser", "mobileAppsAndDesktopClients", "exchangeActiveSync", "easSupported", "other",
    ),
    "clientApplications.includeServicePrincipals": None,
    "clientApplications.excludeServicePrincipals": None,
    "clientApplications.servicePrincipalFilter.mode": _FILTER_MODE,
    "clientApplications.servicePrincipalFilter.rule": None,
    "devices.deviceFilter.mode": _FILTER_MODE,
    "devices.deviceFilter.rule": None,
    "insiderRiskLevels": ("minor", "moderate", "elevated"),
    "locations.includeLocations": None,
    "locations.excludeLocations": None,
    "platforms.includePlatforms": _PLATFORM,
    "platforms.excludePlatforms": _PLATFORM,
    "servicePrincipalRiskLevels": _RISK,
    "signInRiskLevels": _RISK,
    "userRiskLevels": _RISK,
}  # fmt: skip

GRANT_CONTROLS: Known = {
    "operator": ("AND", "OR"),
    "builtInControls": (
        "block", "mfa", "compliantDevice", "domainJoinedDevice", "approvedApplication",
        "compliantApplication", "passwordChange", "riskRemediation",
    ),
    "customAuthenticationFactors": None,
    "termsOfUse": None,
    **{
        f"authenticationStrength.{name}": None
        for name in (
            "id", "displayName", "description", "createdDateTime", "modifiedDateTime",
            "allowedCombinations", "combinationConfigurations",
        )
    },
    "authenticationStrength.policyType": ("builtIn", "custom"),
    "authenticationStrength.requirementsSatisfied": ("none", "mfa"),
}  # fmt: skip

SESSION_CONTROLS: Known = {
    "applicationEnforcedRestrictions.isEnabled": _SWITCH,
    "cloudAppSecurity.isEnabled": _SWITCH,
    "cloudAppSecurity.cloudAppSecurityType": ("mcasConfigured", "monitorOnly", "blockDownloads"),
    "continuousAccessEvaluation.mode": ("strictEnforcement", "strictLocation", "disabled"),
    "disableResilienceDefaults": _SWITCH,
    "persistentBrowser.isEnabled": _SWITCH,
    "persistentBrowser.mode": ("always", "never"),
    "secureSignInSession.isEnabled": _SWITCH,
    "signInFrequency.isEnabled": _SWITCH,
    "signInFrequency.value": None,
    "signInFrequency.type": ("days", "hours"),
    "signInFrequency.authenticationType": (
        "primaryAndSecondaryAuthentication", "secondaryAuthentication",
    ),
    "signInFrequency.frequencyInterval": ("timeBased", "everyTime"),
}  # fmt: skip


def unknown_parts(document: ColumnElement[object], name: str, known: Known) -> ColumnElement[str]:
    """Return `path: values` of what `known` does not list, its property or a value of it; or null.

    `unknownFutureValue`, which Graph puts in the place of a value that it holds back, is unknown too.
    """
    leaf = leaves(document)
    return spelled(
        leaf, literal(f"{name}.").concat(leaf.c.path), leaf_text(leaf), ~_is_known(leaf, known)
    )


def _is_known(leaf: FromClause, known: Known) -> ColumnElement[bool]:
    # A flags enumeration comes as one text with commas, a collection as several values.
    values = func.string_to_array(func.replace(leaf_text(leaf), " ", ""), ",")
    coded = (
        (leaf.c.path == path, values.op("<@")(literal(list(codes), ARRAY(TextType))))
        for path, codes in known.items()
        if codes is not None
    )
    anything = [path for path, codes in known.items() if codes is None]
    return case((leaf.c.path.in_(anything), True), *coded, else_=False)
