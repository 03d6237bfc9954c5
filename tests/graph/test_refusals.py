"""What Graph says instead of data becomes one error of the tree, by status and code."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from shared.core.errors import (
    DeltaExpired,
    GraphError,
    GraphUnavailable,
    NotLicensed,
    NotPermitted,
    Throttled,
)
from shared.graph.refusals import refusal, retry_after_of


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (429, "TooManyRequests", "", Throttled),
        (500, "UnknownError", "", GraphUnavailable),
        (503, "", "", GraphUnavailable),
        (504, "UnknownError", "", GraphUnavailable),
        (410, "", "", DeltaExpired),
        (410, "syncStateNotFound", "", DeltaExpired),
        (400, "SyncStateNotFound", "", DeltaExpired),
        (404, "resyncRequired", "", DeltaExpired),
        (400, "Directory_ExpiredPageToken", "", DeltaExpired),
        (401, "InvalidAuthenticationToken", "", NotPermitted),
        (403, "Authorization_RequestDenied", "Insufficient privileges", NotPermitted),
        (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", "", NotLicensed),
        (400, "AadPremiumLicenseRequired", "", NotLicensed),
        (403, "AadPremiumLicenseRequired", "", NotLicensed),
        (403, "UnknownError", "Tenant has no SPO license.", NotLicensed),
        (403, "Forbidden", "The user is unlicensed for this.", NotLicensed),
        (400, "BadRequest", "Tenant does not have a SPO license.", NotLicensed),
        (400, "BadRequest", '{"Message": "Request not applicable to target tenant."}', NotLicensed),
        (
            400,
            "BadRequest",
            "Failed to resolve table or column expression named 'EmailEvents'",
            NotLicensed,
        ),
        (404, "OrganizationFromTenantGuidNotFound", "", NotLicensed),
        (401, "OrganizationFromTenantGuidNotFound", "", NotLicensed),
        (404, "UnknownTenantId", "", NotLicensed),
        (403, "Forbidden", "User Login. Teams is disabled for your tenant.", NotLicensed),
        (404, "MailboxNotEnabledForRESTAPI", "", GraphError),
        (400, "BadRequest", "Failed to resolve table or column expression named 'X'", GraphError),
        (400, "BadRequest", "Invalid license in the filter.", GraphError),
        (403, "Forbidden", "It needs LicenseAssignment.Read.All to call this.", NotPermitted),
        (408, "RequestTimeout", "", GraphUnavailable),
        (400, "Request_BadRequest", "", GraphError),
        (404, "Request_ResourceNotFound", "", GraphError),
        (501, "NotImplemented", "", GraphError),
    ],
)
def test_each_refusal_has_its_error(
    status: int, code: str, message: str, kind: type[GraphError]
) -> None:
    error = refusal(status, code, message, request_id="r-1")
    assert type(error) is kind
    assert "r-1" in str(error)
    assert message == "" or message not in str(error), "Graph's sentences may name people"


def test_a_wait_that_graph_asks_for_wins_over_ours() -> None:
    asked = refusal(429, "", "", retry_after=17, backoff=2)
    own = refusal(429, "", "", backoff=2)
    assert isinstance(asked, Throttled)
    assert isinstance(own, Throttled)
    assert (asked.retry_after, own.retry_after) == (17, 2)
    busy = refusal(503, "", "", retry_after=40)
    assert isinstance(busy, Throttled)
    assert busy.retry_after == 40


def test_retry_after_as_seconds_date_and_nonsense() -> None:
    assert retry_after_of({"Retry-After": "12"}) == 12
    assert retry_after_of({"retry-after": " 0.5 "}) == 0.5
    assert retry_after_of({"retry-after": "-3"}) == 0
    for nonsense in ("soon", "nan", "Wed, 99 Foo 2026 00:00:00 GMT"):
        assert retry_after_of({"retry-after": nonsense}) is None
    assert retry_after_of({"retry-after": "1e99"}) == 86_400, "no wait is longer than a day"
    assert retry_after_of({"retry-after": "inf"}) == 86_400
    assert retry_after_of({"retry-after": "Thu, 01 Jan 2026 00:00:00 -0000"}) == 0
    assert retry_after_of({}) is None
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 < (retry_after_of({"Retry-After": later}) or 0) <= 90
