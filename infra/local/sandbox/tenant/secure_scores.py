"""Microsoft's secure score: its controls, and the score of each of ninety days.

The score rises slowly, its maximum jumps when a product is bought, and now and then a day is missing.
Names of controls: general knowledge; properties: the v1.0 metadata and the pages of both resources.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.people import People

KEPT_DAYS = 90
_BOUGHT_DAYS_AGO = 40  # what protects devices counts from then on
_VENDOR = {
    "provider": "SecureScore", "providerVersion": None, "subProvider": None, "vendor": "Microsoft",
}  # fmt: skip


class _Control(NamedTuple):
    name: str
    title: str
    category: str
    service: str
    most: float
    deprecated: bool = False


_CONTROLS = (
    _Control("AdminMFAV2", "Ensure multifactor authentication is enabled for all users in administrative roles", "Identity", "AzureAD", 10.0),
    _Control("MFARegistrationV2", "Ensure multifactor authentication is enabled for all users", "Identity", "AzureAD", 9.0),
    _Control("BlockLegacyAuthentication", "Enable policy to block legacy authentication", "Identity", "AzureAD", 8.0),
    _Control("OneAdmin", "Designate more than one global admin", "Identity", "AzureAD", 1.0),
    _Control("PWAgePolicyNew", "Ensure the password expiration policy is set to never expire", "Identity", "AzureAD", 8.0),
    _Control("RoleOverlap", "Use least privileged administrative roles", "Identity", "AzureAD", 1.0),
    _Control("SigninRiskPolicy", "Turn on sign-in risk policy", "Identity", "AzureAD", 7.0),
    _Control("IntegratedApps", "Ensure user consent to apps accessing company data on their behalf is not allowed", "Identity", "AzureAD", 4.0),
    _Control("exo_mailboxaudit", "Ensure mailbox auditing for all users is enabled", "Apps", "EXO", 5.0),
    _Control("exo_individualsharing", "Ensure calendar details sharing with external users is disabled", "Apps", "EXO", 5.0),
    _Control("mdo_safelinksforemail", "Ensure Safe Links for Office applications is enabled", "Apps", "MDO", 9.0),
    _Control("mdo_safeattachments", "Ensure Safe Attachments policy is enabled", "Apps", "MDO", 8.0),
    _Control("spo_external_sharing", "外部共有を制限する", "Data", "SPO", 4.0),
    _Control("spo_idle_session_timeout", "Sign out inactive users in SharePoint Online", "Data", "SPO", 1.0),
    _Control("mip_sensitivitylabels", "Publish sensitivity labels", "Data", "MIP", 5.0),
    _Control("meeting_restrictanonymousjoin_v1", "Restrict anonymous users from joining meetings", "Apps", "MS Teams", 1.0),
    _Control("meeting_designatedpresenter_v1", "Configure which users are allowed to present in Teams meetings", "Apps", "MS Teams", 1.0),
    _Control("scid_2010", "Turn on Microsoft Defender Antivirus", "Device", "MDATP", 10.0),
    _Control("scid_2060", "Turn on attack surface reduction rules", "Device", "MDATP", 9.0),
    _Control("CustomerLockBoxEnabled", "Turn on customer lockbox", "Data", "EXO", 1.0, deprecated=True),
)  # fmt: skip


def controls(seed: int, anchor: int) -> list[Entity]:
    """`security/secureScoreControlProfiles`."""
    dice = Dice(seed, "secure score control")
    return [
        {
            "id": control.name,
            "azureTenantId": "",
            "actionType": "Config",
            "actionUrl": "https://security.microsoft.com/securescore" if number % 5 else None,
            "controlCategory": control.category,
            "title": control.title,
            "deprecated": control.deprecated,
            "implementationCost": ("low", "moderate", "high")[dice.roll(number)[0] % 3],
            "lastModifiedDateTime": epoch_stamp(anchor - 100 * DAY),
            "maxScore": control.most,
            "rank": number + 1,
            "remediation": f"<p>Open the <b>portal</b> &amp; turn it on:</p><ol><li>{control.title}.</li></ol>",
            "remediationImpact": "<p>None.</p>",
            "service": control.service,
            "threats": ["Account breach"],
            "tier": "Core",
            "userImpact": ("Low", "Moderate", "High")[dice.roll(number)[1] % 3],
            "complianceInformation": [],
            "controlStateUpdates": [],
            "vendorInformation": _VENDOR,
        }
        for number, control in enumerate(_CONTROLS)
    ]  # fmt: skip


class Scores:
    """Makes the score of a day; the newest is the day before the present one."""

    def __init__(self, seed: int, people: People, anchor: int, tenant_id: str) -> None:
        self._people = people
        self._dice = Dice(seed, "secure score")
        self._anchor = anchor
        self._tenant_id = tenant_id

    def days(self, now: float) -> Iterator[Entity]:
        """`security/secureScores`, newest first."""
        today = datetime.fromtimestamp(now, UTC).date()
        for age in range(1, KEPT_DAYS + 1):
            day = today - timedelta(days=age)
            if self._dice.roll(day.toordinal())[0] >= 6:  # else Microsoft has none of that day
                yield self._day(day.toordinal())

    def _day(self, ordinal: int) -> Entity:
        day = datetime.fromordinal(ordinal)
        age = datetime.fromtimestamp(self._anchor, UTC).date().toordinal() - ordinal
        counted = [
            (number, control)
            for number, control in enumerate(_CONTROLS)
            if not control.deprecated and (control.service != "MDATP" or age <= _BOUGHT_DAYS_AGO)
        ]
        scores = [self._control(number, control, age, day) for number, control in counted]
        most = sum(control.most for _number, control in counted)
        reached = round(sum(score["score"] for score in scores), 2)
        return {
            "id": f"{self._tenant_id}_{day:%Y-%m-%d}",
            "azureTenantId": self._tenant_id,
            "activeUserCount": self._people.count * 4 // 5,
            "createdDateTime": f"{day:%Y-%m-%d}T00:00:00Z",
            "currentScore": reached,
            "enabledServices": ["HasEXOP2", "HasSPOP2", "HasTeams"],
            "licensedUserCount": self._people.count,
            "maxScore": most,
            "vendorInformation": _VENDOR,
            "averageComparativeScores": [
                {"basis": "AllTenants", "averageScore": 38.5, "identityScore": 20.1},
                {"basis": "TotalSeats", "averageScore": 42.25, "SeatSizeRangeLowerValue": "1"},
            ],
            "controlScores": scores,
        }

    def _control(self, number: int, control: _Control, age: int, day: datetime) -> Entity:
        """What a control has earned: nothing, a share that grows, or from some day on all of it."""
        roll = self._dice.roll(1_000_000_000 + number)
        begun = roll[0] % 110
        percent = 0.0 if age > begun else 100.0
        if roll[1] < 140:
            percent = float(max(0, min(100, roll[2] * 100 // 256 - max(0, age) // 4)))
        return {
            "controlCategory": control.category,
            "controlName": control.name,
            "description": f"<p>{control.title}.</p>",
            "score": round(control.most * percent / 100, 2),
            "implementationStatus": f"You have {percent:.0f}% of it.",
            "scoreInPercentage": percent,
            "lastSynced": f"{day:%Y-%m-%d}T00:00:00Z",
            "on": str(percent == 100.0).lower(),
        }
