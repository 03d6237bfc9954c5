"""The organisation and its domains."""

from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Listed, context, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route

_ORGANIZATION = plain_type(
    "organization",
    "id displayName createdDateTime countryLetterCode country city state street postalCode "
    "preferredLanguage defaultUsageLocation tenantType deletedDateTime partnerTenantType "
    "onPremisesSyncEnabled onPremisesLastSyncDateTime mobileDeviceManagementAuthority "
    "businessPhones marketingNotificationEmails technicalNotificationMails "
    "securityComplianceNotificationMails securityComplianceNotificationPhones privacyProfile "
    "assignedPlans provisionedPlans verifiedDomains",
)
_DOMAIN = plain_type(
    "domain",
    "id authenticationType availabilityStatus isAdminManaged isDefault isInitial isRoot isVerified "
    "manufacturer model passwordNotificationWindowInDays passwordValidityPeriodInDays state "
    "supportedServices",
)
_READ_ORGANIZATION = ("Organization.Read.All", "Directory.Read.All")
_READ_DOMAINS = ("Domain.Read.All", "Directory.Read.All")


def _organization(call: Call) -> Reply:
    options = read_options(call, _ORGANIZATION)
    rows = Listed([call.tenant.organization()])
    return list_reply(call, rows, _ORGANIZATION, "organization", options=options)


def _one_organization(call: Call) -> Reply:
    if call.args["id"] != call.tenant.tenant_id:
        raise ApiError(404, "Request_ResourceNotFound", "Resource does not exist.")
    found = call.tenant.organization()
    return json_reply({"@odata.context": context(call, "organization") + "/$entity", **found})


def _domains(call: Call) -> Reply:
    options = read_options(call, _DOMAIN)
    return list_reply(call, Listed(call.tenant.domains()), _DOMAIN, "domains", options=options)


ROUTES = (
    Route(r"/organization", _organization, _READ_ORGANIZATION),
    Route(r"/organization/(?P<id>[^/]+)", _one_organization, _READ_ORGANIZATION),
    Route(r"/domains", _domains, _READ_DOMAINS),
)
