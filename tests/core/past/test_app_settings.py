"""The tool's `appsettings.json`: thresholds are taken over, all else is named, and no value of it told."""

import json

import pytest

from shared.core.past.app_settings import is_settings, read_settings
from shared.core.past.refused import Refused

SETTINGS = {
    "General": {"Organization": "Contoso", "Domain": "contoso.example"},
    "EntraID": {"ClientSecret": "S3CRET", "Scopes": ["User.Read.All"]},
    "Thresholds": {
        "InactiveUserDays": 60,
        "MailboxUsageWarningPercent": 85,
        "MailboxUsageCriticalPercent": "ninety",
        "OneDriveUsageThreshold": 80.0,
        "PasswordExpiryWarningDays": 14,
        "x" * 10_000: 1,
    },
    "Scheduling": {"DailyReportTime": "06:00", "EnableAutoScheduling": False},
    "Notifications": {"Recipients": ["boss@contoso.example"]},
    "Reports": {"SmtpPassword": "S3CRET", "EmailRecipients": ["boss@contoso.example"]},
}


def test_thresholds_are_taken_and_all_else_is_named_without_its_value() -> None:
    found = read_settings(json.dumps(SETTINGS).encode("utf-8-sig"))
    assert {one.threshold: one.value for one in found.taken} == {
        "reviewDays": 60,
        "mailboxWarningPercent": 85,
        "driveAttentionPercent": 80,
    }
    left = dict(found.left)
    assert left["EntraID/ClientSecret"] == left["Reports/SmtpPassword"] == "secret"
    assert left["Thresholds/MailboxUsageCriticalPercent"] == "range"
    assert left["Thresholds/PasswordExpiryWarningDays"] == "no_place"
    assert left["Scheduling/DailyReportTime"] == "schedule"
    assert left["Notifications/Recipients"] == left["Reports/EmailRecipients"] == "recipients"
    assert left["EntraID/Scopes"] == "connection"
    assert max(map(len, left)) < 200
    told = repr(found)
    assert "S3CRET" not in told
    assert "boss@" not in told


@pytest.mark.parametrize(
    "body",
    [b'{"a": ', b'{"a":' * 5_000 + b"1" + b"}" * 5_000, b'{"a": "' + b"x" * 1_000_001 + b'"}'],
)
def test_what_is_no_settings_file_is_refused(body: bytes) -> None:
    assert is_settings(body)
    with pytest.raises(Refused) as error:
        read_settings(body)
    assert error.value.why == "settings"
