"""The unified audit log: what people did with files, mail settings and apps, at a steady pace.

A record arrives minutes to a day after what it tells of. Operations: "Audited activities"; user
types and record types: the v1.0 metadata.
"""

from datetime import datetime
from typing import Any, NamedTuple

from infra.local.sandbox.tenant import names
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.event_log import precise
from infra.local.sandbox.tenant.people import People
from infra.local.sandbox.tenant.told import Pace, Told

KEPT_DAYS = 180
_PER_PERSON, _LEAST, _MOST = 2, 100, 1_500  # records a day


class _Kind(NamedTuple):
    share: int  # of 256, added up
    record: str
    service: str
    operation: str
    data: str


_KINDS = (
    _Kind(120, "SharePointFileOperation", "OneDrive", "FileAccessed", "sharePointFileOperationAuditRecord"),
    _Kind(160, "SharePointFileOperation", "SharePoint", "FileDownloaded", "sharePointFileOperationAuditRecord"),
    _Kind(190, "SharePointFileOperation", "OneDrive", "FileModified", "sharePointFileOperationAuditRecord"),
    _Kind(202, "SharePointSharingOperation", "OneDrive", "SharingSet", "sharePointSharingOperationAuditRecord"),
    _Kind(214, "SharePointSharingOperation", "OneDrive", "AnonymousLinkUsed", "sharePointSharingOperationAuditRecord"),
    _Kind(222, "ExchangeAdmin", "Exchange", "Set-Mailbox", "exchangeAdminAuditRecord"),
    _Kind(230, "ExchangeAdmin", "Exchange", "New-InboxRule", "exchangeAdminAuditRecord"),
    _Kind(236, "ExchangeAdmin", "Exchange", "Set-InboxRule", "exchangeAdminAuditRecord"),
    _Kind(246, "MicrosoftTeams", "MicrosoftTeams", "AppInstalled", "microsoftTeamsAuditRecord"),
    _Kind(256, "MicrosoftTeams", "MicrosoftTeams", "AppUninstalled", "microsoftTeamsAuditRecord"),
)  # fmt: skip


class AuditRecords:
    """Makes the records of a tenant; what an administrator tells of them comes on top."""

    def __init__(self, seed: int, people: People, anchor: int, tenant_id: str) -> None:
        self._people = people
        self._tenant_id = tenant_id
        self._dice = Dice(seed, "audit record")
        a_day = min(_MOST, max(_LEAST, people.count * _PER_PERSON))
        self.pace = Pace(anchor - KEPT_DAYS * DAY, DAY / a_day)
        self.by_hand = Told(self._find, self._newest, "createdDateTime", restamped=False)

    def tell(self, event: Entity, age: float, now: datetime, *, twice: bool = False) -> Entity:
        """See `Told.tell`."""
        return self.by_hand.tell(event, age, now, twice=twice)

    def told(self, now: datetime) -> dict[str, Entity]:
        """The records of the last two days that have arrived, by id."""
        moment = now.timestamp()
        numbers = self.pace.between(moment - 2 * DAY, moment)
        computed = [self.make(number) for number in numbers if self.arrived(number, moment)]
        return {row["id"]: row for row in self.by_hand.over(computed)}

    def _find(self, event: Entity, now: float) -> Entity | None:
        number = self._dice.index(str(event["id"]))
        return self.make(number) if number is not None and self.pace.at(number) <= now else None

    def _newest(self, now: float) -> Entity:
        return self.make(self.pace.between(now - DAY, now)[-1])

    def arrived(self, number: int, now: float) -> bool:
        """Whether a record has reached the log: most do within the hour, a few after a day."""
        roll = self._dice.roll(number)
        late = roll[0] * 330 if roll[1] < 6 else roll[0] * 14
        return self.pace.at(number) + late <= now

    def make(self, number: int) -> Entity:
        """The record of a number."""
        roll = self._dice.roll(number)
        kind = next(kind for kind in _KINDS if roll[2] < kind.share)
        index = (roll[3] << 8 | roll[4]) % self._people.count
        own = self._people.roll(index)
        upn, _display = self._people.names(index, own, self._people.kind(index, own))
        outside = kind.operation == "AnonymousLinkUsed"
        user = "anonymous" if outside else upn
        admin = kind.record == "ExchangeAdmin"
        what = self._object(kind, roll, upn)
        moment = precise(self.pace.at(number))
        return {
            "id": self._dice.guid(number),
            "createdDateTime": moment,
            "auditLogRecordType": kind.record,
            "operation": kind.operation,
            "organizationId": self._tenant_id,
            "userType": "Guest" if outside else "Admin" if admin else "Regular",
            "userId": user,
            "service": kind.service,
            "objectId": what,
            "userPrincipalName": user,
            "clientIp": None if roll[5] < 12 else f"198.51.100.{roll[5]}",
            "administrativeUnits": [""],
            "auditData": {"@odata.type": f"#microsoft.graph.security.{kind.data}"},
        }

    def detailed(self, record: Entity) -> Entity:
        """A record with the details that the metadata does not declare, in the log's own spelling."""
        number = self._dice.index(record["id"])
        if number is None:
            return record
        roll = self._dice.roll(number)
        details = {
            "CreationTime": record["createdDateTime"][:19],
            "Id": record["id"],
            "Operation": record["operation"],
            "Workload": record["service"],
            "UserId": record["userId"],
            "ObjectId": record["objectId"],
            **_details(record["auditLogRecordType"], roll),
        }
        return {**record, "auditData": {**record["auditData"], **details}}

    def _object(self, kind: _Kind, roll: bytes, upn: str) -> str:
        if kind.record == "ExchangeAdmin":
            return upn
        if kind.record == "MicrosoftTeams":
            return names.PROJECTS[roll[6] % len(names.PROJECTS)]
        host = self._people.initial_domain.split(".")[0]
        personal = upn.replace("@", "_").replace(".", "_")
        return f"https://{host}-my.sharepoint.com/personal/{personal}/Documents/{roll[7] % 28}/資料 {roll[8]}.docx"


def _details(record_type: str, roll: bytes) -> dict[str, Any]:
    """Properties that only one kind of record has."""
    if record_type == "ExchangeAdmin":
        return {"Parameters": [{"Name": "ForwardTo", "Value": f"{roll[9]}@outside.example"}]}
    if record_type == "MicrosoftTeams":
        return {"AddOnName": f"App {roll[9] % 40}", "AddOnType": 4}
    return {
        "SourceFileExtension": "docx",
        "SourceFileName": f"資料 {roll[8]}.docx",
        "ItemType": "File",
    }
