"""Interactive sign-ins: who, from where, with what result."""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.event_log import EventLog, spacing
from infra.local.sandbox.tenant.people import Kind, People

APPLICATIONS = (
    ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online"),
    ("5e3ce6c0-2b1f-4285-8d4b-75ee78787346", "Microsoft Teams Web Client"),
    ("00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online"),
    ("c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal"),
    ("4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome"),
)
# error code and reason: the "AADSTS error codes" reference
FAILURES = (
    (50126, "Error validating credentials due to invalid username or password."),
    (50074, "Strong Authentication is required."),
    (50076, "Due to a configuration change, you must use multi-factor authentication."),
    (53003, "Access has been blocked by Conditional Access policies."),
    (50053, "The account is locked."),
    (50057, "The user account is disabled."),
)
_ABROAD = ("Lagos", "Lagos", "NG", 6.52, 3.37)
_BROWSERS = ("Edge 126.0.0", "Chrome 126.0.0", "Mobile Safari 17.5", "Firefox 127.0")
_SYSTEMS = ("Windows10", "Windows11", "MacOs", "Ios 17.5", "Android 14")
_RISKS: dict[bool, Entity] = {
    risky: {
        "riskDetail": "none",
        "riskLevelAggregated": "medium" if risky else "none",
        "riskLevelDuringSignIn": "medium" if risky else "none",
        "riskState": "atRisk" if risky else "none",
        "riskEventTypes": ["unfamiliarFeatures"] if risky else [],
        "riskEventTypes_v2": ["unfamiliarFeatures"] if risky else [],
    }
    for risky in (False, True)
}


def _verdict(roll: bytes, *, blocked: bool) -> str:
    if blocked:
        return "failure"
    return "success" if roll[11] < 200 else "notApplied"


class SignIns:
    """Makes the sign-ins and keeps them in `log`."""

    def __init__(self, seed: int, people: People, anchor: int, count: int) -> None:
        self._people = people
        self._dice = Dice(seed, "sign-in")
        self._ca_dice = Dice(seed, "conditional access policy")
        step = spacing(count)
        self.log = EventLog(
            count,
            lambda i: anchor - int(step * i),
            lambda i: self.make(i, anchor - int(step * i)),
            "createdDateTime",
        )

    def _signer(self, roll: bytes) -> int:
        count = self._people.count
        user = int.from_bytes(roll[:4]) % count
        while self._people.kind(user) is Kind.SHARED:
            user = (user + 1) % count
        return user

    def make(self, number: int, moment: float, user: Entity | None = None) -> Entity:
        """One interactive sign-in. `user` overrides the seeded choice of who signs in."""
        roll = self._dice.roll(number)
        index = self._signer(roll)
        user = user or self._people.make(index)
        failed = roll[4] < 24 or not user["accountEnabled"]
        code, reason = FAILURES[roll[5] % len(FAILURES)] if failed else (0, "Other.")
        blocked = code in (53003, 50074, 50076)
        app, app_name = APPLICATIONS[roll[6] % len(APPLICATIONS)]
        risky = roll[7] < 5
        return {
            "id": self._dice.guid(number),
            "createdDateTime": epoch_stamp(int(moment)),
            "userDisplayName": user["displayName"],
            "userPrincipalName": user["userPrincipalName"].lower(),
            "userId": user["id"],
            "appId": app,
            "appDisplayName": app_name,
            "ipAddress": f"203.0.113.{roll[8]}" if not risky else f"198.18.{roll[8]}.{roll[9]}",
            "clientAppUsed": "Exchange ActiveSync" if roll[10] < 6 else "Browser",
            "correlationId": self._dice.guid(number + 2_000_000_000),
            "conditionalAccessStatus": _verdict(roll, blocked=blocked),
            "isInteractive": True,
            **_RISKS[risky],
            "resourceDisplayName": "Microsoft Graph",
            "resourceId": "00000003-0000-0000-c000-000000000000",
            "status": {
                "errorCode": code,
                "failureReason": reason,
                "additionalDetails": "MFA required in Azure AD" if code == 50074 else None,
            },
            "deviceDetail": self._device(roll),
            "location": self._place(index, roll, abroad=risky),
            "appliedConditionalAccessPolicies": self._policies(roll, blocked=blocked),
        }

    @staticmethod
    def _device(roll: bytes) -> Entity:
        managed = roll[12] < 120
        return {
            "deviceId": f"{roll[13:29].hex()[:8]}-0000-4000-8000-{roll[20:26].hex()}"
            if managed
            else "",
            "displayName": f"PC-{roll[13]:03d}{roll[14]:03d}" if managed else "",
            "operatingSystem": _SYSTEMS[roll[15] % len(_SYSTEMS)],
            "browser": _BROWSERS[roll[16] % len(_BROWSERS)],
            "isCompliant": managed and roll[17] < 220,
            "isManaged": managed,
            "trustType": "Azure AD joined" if managed else "",
        }

    def _place(self, index: int, roll: bytes, *, abroad: bool) -> Entity:
        _office, city, state, _country, code, _postal, latitude, longitude = names.OFFICES[
            self._people.team(index)[1]
        ]
        if abroad:
            city, state, code, latitude, longitude = _ABROAD
        if roll[18] < 4:
            return {"city": "", "state": "", "countryOrRegion": "", "geoCoordinates": {}}
        return {
            "city": city,
            "state": state,
            "countryOrRegion": code,
            "geoCoordinates": {"altitude": None, "latitude": latitude, "longitude": longitude},
        }

    def _policies(self, roll: bytes, *, blocked: bool) -> list[Entity]:
        return [
            {
                "id": self._ca_dice.guid(n),
                "displayName": name,
                "enforcedGrantControls": ["Mfa"],
                "enforcedSessionControls": [],
                "result": _verdict(roll, blocked=blocked and n == 1),
            }
            for n, name in (
                (0, "CA001 管理者に MFA を要求"),
                (1, "CA002 Require MFA for all users"),
            )
        ] + [
            {
                "id": self._ca_dice.guid(2),
                "displayName": "CA003 Block legacy authentication (report-only)",
                "enforcedGrantControls": ["Block"],
                "enforcedSessionControls": [],
                "result": "reportOnlyNotApplied" if roll[10] >= 6 else "reportOnlyFailure",
            }
        ]
