"""The entity types that lists and delta serve: their properties and what `$select` means to them.

Names: Graph's v1.0 metadata; the eleven default properties of users: the "List users" page.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntityType:
    """One type. Without `$select` a list answers `defaults`, or whatever the object has.

    `collections` are answered as [] when never set, everything else as null. `single_only`
    properties are refused on the collection (501). `directory` types follow the
    ConsistencyLevel rules; they sort without it by `free_order` only.
    """

    name: str
    properties: frozenset[str]
    defaults: tuple[str, ...] = ()
    collections: frozenset[str] = frozenset()
    single_only: frozenset[str] = frozenset()
    expandable: frozenset[str] = frozenset()
    searchable: frozenset[str] = frozenset()
    free_order: frozenset[str] = frozenset()
    directory: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


USER = EntityType(
    name="microsoft.graph.user",
    directory=True,
    defaults=(
        "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone",
        "officeLocation", "preferredLanguage", "surname", "userPrincipalName", "id",
    ),
    properties=_words(
        "id deletedDateTime accountEnabled ageGroup assignedLicenses assignedPlans businessPhones "
        "city companyName consentProvidedForMinor country createdDateTime creationType department "
        "displayName employeeHireDate employeeId employeeLeaveDateTime employeeOrgData employeeType "
        "externalUserState externalUserStateChangeDateTime faxNumber givenName identities "
        "imAddresses isManagementRestricted isResourceAccount jobTitle lastPasswordChangeDateTime "
        "legalAgeGroupClassification licenseAssignmentStates mail mailNickname mobilePhone "
        "officeLocation onPremisesDistinguishedName onPremisesDomainName "
        "onPremisesExtensionAttributes onPremisesImmutableId onPremisesLastSyncDateTime "
        "onPremisesProvisioningErrors onPremisesSamAccountName onPremisesSecurityIdentifier "
        "onPremisesSyncEnabled onPremisesUserPrincipalName otherMails passwordPolicies "
        "passwordProfile postalCode preferredDataLocation preferredLanguage provisionedPlans "
        "proxyAddresses securityIdentifier serviceProvisioningErrors showInAddressList "
        "signInActivity signInSessionsValidFromDateTime state streetAddress surname usageLocation "
        "userPrincipalName userType aboutMe birthday hireDate interests mailboxSettings mySite "
        "pastProjects preferredName responsibilities schools skills"
    ),
    collections=_words(
        "assignedLicenses assignedPlans businessPhones identities imAddresses "
        "interests licenseAssignmentStates onPremisesProvisioningErrors otherMails pastProjects "
        "provisionedPlans proxyAddresses responsibilities schools serviceProvisioningErrors skills"
    ),
    single_only=_words(
        "aboutMe birthday hireDate interests mySite pastProjects preferredName responsibilities "
        "schools skills mailboxSettings"
    ),
    searchable=_words("displayName mail mobilePhone otherMails userPrincipalName givenName surname"),
    free_order=_words("displayName userPrincipalName"),
)  # fmt: skip

_GROUP_EXTRAS = _words(
    "accessType allowExternalSenders assignedLabels assignedLicenses autoSubscribeNewMembers "
    "hideFromAddressLists hideFromOutlookClients isFavorite isManagementRestricted isSubscribedByMail "
    "licenseProcessingState onPremisesExtensionAttributes unseenCount"
)
_GROUP_DEFAULTS = [
    "id",
    "deletedDateTime",
    "classification",
    "createdDateTime",
    "description",
    "displayName",
    "expirationDateTime",
    "groupTypes",
    "isAssignableToRole",
    "mail",
    "mailEnabled",
    "mailNickname",
    "membershipRule",
    "membershipRuleProcessingState",
    "onPremisesDomainName",
    "onPremisesLastSyncDateTime",
    "onPremisesNetBiosName",
    "onPremisesSamAccountName",
    "onPremisesSecurityIdentifier",
    "onPremisesSyncEnabled",
    "preferredDataLocation",
    "preferredLanguage",
    "proxyAddresses",
    "renewedDateTime",
    "resourceBehaviorOptions",
    "resourceProvisioningOptions",
    "securityEnabled",
    "securityIdentifier",
    "theme",
    "uniqueName",
    "visibility",
    "onPremisesProvisioningErrors",
    "serviceProvisioningErrors",
]
GROUP = EntityType(
    name="microsoft.graph.group",
    directory=True,
    defaults=tuple(_GROUP_DEFAULTS),
    properties=frozenset(_GROUP_DEFAULTS) | _GROUP_EXTRAS,
    collections=_words(
        "groupTypes proxyAddresses resourceBehaviorOptions resourceProvisioningOptions "
        "onPremisesProvisioningErrors serviceProvisioningErrors assignedLabels assignedLicenses"
    ),
    expandable=_words("members owners"),
    searchable=_words("displayName description mail"),
    free_order=_words("displayName"),
)
DIRECTORY_OBJECT = EntityType(
    name="microsoft.graph.directoryObject",
    directory=True,
    properties=USER.properties | GROUP.properties,
    collections=USER.collections | GROUP.collections,
    searchable=_words("displayName"),
)


def plain_type(
    name: str, properties: str, collections: str = "", expandable: str = ""
) -> EntityType:
    """A type outside the directory rules, from lists of words."""
    return EntityType(
        name=f"microsoft.graph.{name}",
        properties=_words(properties),
        collections=_words(collections),
        expandable=_words(expandable),
    )
