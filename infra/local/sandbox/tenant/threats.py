"""What a filter found out about the mail that came in: verdicts, where it was put, what was taken back.

It looks at the messages that the traces tell of, under the same ids.
"""

from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.mail import Mail

ZAPPED_AFTER = 7_200.0
_KNOWN_AFTER = 600.0  # seconds since it was received
_UNDER_WAY = ("gettingStatus", "pending")


class Found(NamedTuple):
    """What is found of a message at one recipient: its trace, threats as hunting names them, levels."""

    trace: Entity
    received: float
    threats: str
    scl: int
    bcl: int
    action: str
    location: str
    zapped: bool
    connector: str | None
    method: str


class Threats:
    """Judges the messages of a tenant as of any instant."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    def between(self, low: float, high: float, now: float) -> list[Found]:
        """What was found of the messages that came in between two instants, the newest first."""
        numbers = reversed(self._mail.pace.between(low, min(high, now - _KNOWN_AFTER)))
        rows = (row for number in numbers for row in self._mail.traces(number, now))
        return [
            _found(row)
            for row in rows
            if row["toIP"] == "" and row["fromIP"].startswith("192.0.2.") and row["status"] not in _UNDER_WAY
        ]  # fmt: skip


def _found(trace: Entity) -> Found:
    roll = blake2b(f"{trace['id']}/{trace['recipientAddress']}".encode(), digest_size=16).digest()
    received = datetime.fromisoformat(trace["receivedDateTime"]).timestamp()
    connector = "Partner gateway" if roll[9] < 60 else None
    match trace["status"]:
        case "filteredAsSpam":
            level, where = 5 + roll[0] % 5, ("Junked", "Junk folder")
            return Found(trace, received, "Spam", level, roll[1] % 4, *where, False, connector, "Fingerprint matching")  # fmt: skip
        case "quarantined":
            threats = ("Phish", "Phish, Malware", "Malware", "Spam")[roll[0] % 4]
            where = "Blocked", "Quarantine"
            return Found(trace, received, threats, 9 if threats == "Spam" else -1, 0, *where, False, connector, "URL detonation")  # fmt: skip
    where = "Delivered", "Inbox/folder"
    zapped, bulk = roll[2] < 4, 4 <= roll[2] < 12
    if zapped:  # found out later
        return Found(trace, received, "Phish", 1, 0, *where, True, connector, "Campaign")
    return Found(trace, received, "", 1, 7 + roll[0] % 3 if bulk else roll[1] % 4, *where, False, connector, "")  # fmt: skip
