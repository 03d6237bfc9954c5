"""The status of a timer that outlives the host: when it last ran and when it should next."""

from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from azure.core.exceptions import ResourceNotFoundError

from infra.local.host.connections import HOST_STORAGE, StorageAccounts
from infra.local.host.leases import CONTAINER
from infra.local.host.ncrontab import Schedule

NEVER = datetime.min.replace(tzinfo=UTC)
"""What .NET writes for a time that was never set."""


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """Times in UTC; `last` is NEVER before the first run."""

    last: datetime
    next: datetime
    last_updated: datetime

    def to_json(self) -> dict[str, str]:
        """The form of the status blob and of the trigger's payload."""
        return {
            "Last": self.last.isoformat(),
            "Next": self.next.isoformat(),
            "LastUpdated": self.last_updated.isoformat(),
        }


class StatusBlob(msgspec.Struct, frozen=True, rename="pascal"):
    """The stored JSON; other hosts write the same names."""

    last: datetime
    next: datetime
    last_updated: datetime = NEVER


class StatusStore:
    """Keeps statuses in `azure-webjobs-hosts/timers/{hostId}/Host.Functions.{name}/status`."""

    def __init__(self, accounts: StorageAccounts, host_id: str) -> None:
        self.accounts, self.host_id = accounts, host_id

    def _name(self, function: str) -> str:
        return f"timers/{self.host_id}/Host.Functions.{function}/status"

    async def read(self, function: str) -> ScheduleStatus | None:
        """The status of a timer, or None; a damaged one is as good as none."""
        blob = self.accounts.blob(HOST_STORAGE, CONTAINER, self._name(function))
        try:
            content = await (await blob.download_blob()).readall()
            found = msgspec.json.decode(content, type=StatusBlob)
        except (ResourceNotFoundError, msgspec.DecodeError):
            return None
        return ScheduleStatus(_utc(found.last), _utc(found.next), _utc(found.last_updated))

    async def write(self, function: str, status: ScheduleStatus) -> None:
        """Replace the status of a timer; its lease has made the container."""
        blob = self.accounts.blob(HOST_STORAGE, CONTAINER, self._name(function))
        await blob.upload_blob(msgspec.json.encode(status.to_json()), overwrite=True)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def reconcile(
    status: ScheduleStatus | None, schedule: Schedule, now: datetime
) -> tuple[ScheduleStatus, bool]:
    """What a starting timer makes of its stored status: the one to keep, and whether it changed.

    The next run is computed again from the last one; if it differs, the schedule text changed and
    the timer must not count as past due.
    """
    if status is None:
        return ScheduleStatus(NEVER, _next(schedule, now), now), True
    base = next((at for at in (status.last, status.last_updated) if at != NEVER), now)
    expected = _next(schedule, base)
    if expected == status.next:
        return status, False
    if now > expected:
        base, expected = now, _next(schedule, now)
    return replace(status, last=NEVER, next=expected, last_updated=base), True


def after_run(schedule: Schedule, ran_at: datetime) -> ScheduleStatus:
    """The status to keep after a run that began at `ran_at`."""
    return ScheduleStatus(ran_at, _next(schedule, ran_at), ran_at)


def _next(schedule: Schedule, after: datetime) -> datetime:
    return schedule.next(after) or datetime.max.replace(tzinfo=UTC)
