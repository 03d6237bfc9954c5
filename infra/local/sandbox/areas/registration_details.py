"""Who registered which authentication methods."""

from infra.local.sandbox.messages import Reply
from infra.local.sandbox.odata.options import read_options
from infra.local.sandbox.odata.pages import Paging, list_reply
from infra.local.sandbox.odata.schema import plain_type
from infra.local.sandbox.routing import Call, Route, entra_premium

_DETAILS = plain_type(
    "userRegistrationDetails",
    "id userPrincipalName userDisplayName userType isAdmin isSsprRegistered isSsprEnabled "
    "isSsprCapable isMfaRegistered isMfaCapable isPasswordlessCapable methodsRegistered "
    "isSystemPreferredAuthenticationMethodEnabled systemPreferredAuthenticationMethods "
    "userPreferredMethodForSecondaryAuthentication lastUpdatedDateTime",
)
_PAGE, _LARGEST_PAGE = 100, 999  # not documented, nor is `$top`


def _list(call: Call) -> Reply:
    options = read_options(call, _DETAILS, frozenset({"$filter", "$orderby"}))
    return list_reply(
        call,
        call.tenant.registrations,
        _DETAILS,
        "reports/authenticationMethods/userRegistrationDetails",
        options=options,
        paging=Paging(
            _PAGE, _LARGEST_PAGE, by_preference=True, version=call.tenant.timeline.sequence
        ),
    )


ROUTES = (
    Route(
        r"/reports/authenticationMethods/userRegistrationDetails",
        _list,
        ("AuditLog.Read.All",),
        budget="audit",
        licence=entra_premium,
    ),
)
