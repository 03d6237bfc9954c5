"""Sign-ins and directory audits: seeded backwards from the anchor, newer ones appended."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.people import Kind, People

KEPT_DAYS = 30  # "Reports and data retention": sign-ins and audits, P1 and P2
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
AUDITS = (
    ("Update user", "UserManagement", "Core Directory", "Update"),
    ("Add user", "UserManagement", "Core Directory", "Add"),
    ("Add member to group", "GroupManagement", "Core Directory", "Assign"),
    ("Remove member from group", "GroupManagement", "Core Directory", "Unassign"),
    ("Change user license", "UserManagement", "Core Directory", "Update"),
    ("Update conditional access policy", "Policy", "Conditional Access", "Update"),
    ("User registered security info", "UserManagement", "Authentication Methods", "Add"),
    ("Add member to role", "RoleManagement", "Core Directory", "Assign"),
    ("Reset password (by admin)", "UserManagement", "Core Directory", "Update"),
)


def precise(seconds: float) -> str:
    """`2026-08-01T09:30:00.1234567Z`: audit objects carry seven digits."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "0Z")


class EventLog:
    """Events in order of time, newest first; position 0 is the newest seeded one.

    `time_of(i)` must fall as `i` grows. Appended events are few and kept as objects.
    """

    def __init__(
        self,
        size: int,
        time_of: Callable[[int], float],
        make: Callable[[int], Entity],
        time_key: str,
    ) -> None:
        self.size = size
        self._time_of = time_of
        self._make = make
        self.time_key = time_key
        self.appended: list[Entity] = []

    def append(self, event: Entity) -> None:
        """Add an event; it may be older than the newest one (late delivery)."""
        self.appended.append(event)
        self.appended.sort(key=lambda item: item[self.time_key])

    def __len__(self) -> int:
        return self.size + len(self.appended)

    def at(self, position: int) -> Entity:
        """The event at a position, newest first."""
        fresh = len(self.appended)
        if position < fresh:
            return self.appended[fresh - 1 - position]
        return self._make(position - fresh)

    def window(self, since: str, until: str) -> Iterator[int]:
        """Positions of the events with `since <= time <= until` (ISO text, '' is open)."""
        fresh = len(self.appended)
        for position in range(fresh):
            moment = self.at(position)[self.time_key]
            if (not since or moment >= since) and (not until or moment <= until):
                yield position
        low = datetime.fromisoformat(since).timestamp() if since else 0.0
        high = datetime.fromisoformat(until).timestamp() if until else float("inf")
        for index in range(self.size):
            moment = self._time_of(index)
            if moment < low:
                return
            if moment <= high:
                yield fresh + index


class Events:
    """Makes the seeded sign-ins and audits."""

    def __init__(self, seed: int, people: People, anchor: int, sign_ins: int, audits: int) -> None:
        self._people = people
        self._anchor = anchor
        self._dice = Dice(seed, "sign-in")
        self._audit_dice = Dice(seed, "audit")
        self._ca_dice = Dice(seed, "conditional access policy")
        self._step = KEPT_DAYS * DAY / max(1, sign_ins)
        self._audit_step = KEPT_DAYS * DAY / max(1, audits)
        self.sign_ins = EventLog(
            sign_ins,
            lambda i: self._anchor - self._step * i,
            lambda i: self.sign_in(i, self._anchor - self._step * i),
            "createdDateTime",
        )
        self.audits = EventLog(
            audits,
            lambda i: self._anchor - self._audit_step * i,
            lambda i: self.audit(i, self._anchor - self._audit_step * i),
            "activityDateTime",
        )

    def _signer(self, roll: bytes) -> int:
        count = self._people.count
        user = int.from_bytes(roll[:4]) % count
        while self._people.kind(user) is Kind.SHARED:
            user = (user + 1) % count
        return user

    def sign_in(self, number: int, moment: float, user: Entity | None = None) -> Entity:
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
            "conditionalAccessStatus": "failure"
            if blocked
            else "success"
            if roll[11] < 200
            else "notApplied",
            "isInteractive": True,
            "riskDetail": "none",
            "riskLevelAggregated": "medium" if risky else "none",
            "riskLevelDuringSignIn": "medium" if risky else "none",
            "riskState": "atRisk" if risky else "none",
            "riskEventTypes": ["unfamiliarFeatures"] if risky else [],
            "riskEventTypes_v2": ["unfamiliarFeatures"] if risky else [],
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
                "result": "failure"
                if blocked and n == 1
                else "success"
                if roll[11] < 200
                else "notApplied",
            }
            for n, name in (
                (0, "CA001 管理者に MFA を要求"),
                (1, "CA002 Require MFA for all users"),
            )
        ]

    def audit(
        self, number: int, moment: float, activity: int | None = None, target: Entity | None = None
    ) -> Entity:
        """One directory audit, by an administrator or by an application."""
        roll = self._audit_dice.roll(number)
        name, category, service, operation = AUDITS[
            roll[0] % len(AUDITS) if activity is None else activity
        ]
        target = target or self._people.make(int.from_bytes(roll[1:5]) % self._people.count)
        admin = self._people.make(roll[5] % min(3, self._people.count))
        by_app = roll[6] < 40
        return {
            "id": f"Directory_{self._audit_dice.guid(number)}_{number}",
            "category": category,
            "correlationId": self._audit_dice.guid(number + 2_000_000_000),
            "result": "failure" if roll[7] < 8 else "success",
            "resultReason": "" if roll[7] >= 8 else "Insufficient privileges",
            "activityDisplayName": name,
            "activityDateTime": precise(moment),
            "loggedByService": service,
            "operationType": operation,
            "initiatedBy": {
                "user": None
                if by_app
                else {
                    "id": admin["id"],
                    "displayName": None,
                    "userPrincipalName": admin["userPrincipalName"],
                    "ipAddress": f"203.0.113.{roll[8]}",
                },
                "app": {"appId": None, "displayName": "Microsoft Azure AD Group-Based Licensing"}
                if by_app
                else None,
            },
            "targetResources": [
                {
                    "id": target["id"],
                    "displayName": target.get("displayName"),
                    "type": "User" if "userPrincipalName" in target else "Other",
                    "userPrincipalName": target.get("userPrincipalName"),
                    "groupType": None,
                    "modifiedProperties": [
                        {
                            "displayName": "Included Updated Properties",
                            "oldValue": None,
                            "newValue": '"Department"',
                        }
                    ],
                }
            ],
            "additionalDetails": [{"key": "User-Agent", "value": "EvoSTS"}] if roll[9] < 60 else [],
        }
