"""The audit log as who writes it sees it: what must be told, and what is told so often and no more."""

from copy import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from shared.core.audit import AuditEvent
from shared.core.repeats import Repeats
from shared.core.work import DEPLOYMENT
from shared.store.audit.events import append, append_if_written

# A flood of refusals writes at most twice so many events in a minute, in each worker; so does one of
# input that does not fit.
_REFUSALS, _REFUSALS_EVERY = 30, timedelta(minutes=1)
_READINGS = 1000

_NEVER = datetime(1, 1, 1, tzinfo=UTC)

# What went beyond the different ones that are told, as one number, of whatever tenant.
_OTHERS = AuditEvent(
    tenant_id=DEPLOYMENT,
    at=_NEVER,
    act="others",
    result="others",
    caller="others",
    authority="unknown",
)


class AuditLog:
    """Appends to the chains of tenants; one a process, since it counts what repeats.

    A caller's reading of the same thing is told once in `readings_every`, with how often.
    """

    def __init__(self, engine: Engine, readings_every: timedelta) -> None:
        self._engine = engine
        self._refusals: Repeats[AuditEvent] = Repeats(_REFUSALS_EVERY, _REFUSALS)
        self._malformed: Repeats[AuditEvent] = Repeats(_REFUSALS_EVERY, _REFUSALS)
        self._readings: Repeats[AuditEvent] = Repeats(readings_every, _READINGS)

    def tell(self, event: AuditEvent) -> None:
        """Store `event` in a transaction of its own; StoreUnavailable if that fails."""
        append(self._engine, event)

    def tell_within(self, connection: Connection, event: AuditEvent) -> bool:
        """Store `event` as the last of a transaction that has written anything; tell whether it has."""
        return append_if_written(connection, event)

    def tell_refusal(self, event: AuditEvent) -> None:
        """Store that something was refused, unless the same was told within the minute."""
        self._tell_repeated(self._refusals, event)

    def tell_malformed(self, event: AuditEvent) -> None:
        """Store that input did not fit, unless the same was told within the minute.

        It has a share of its own: who floods the log with it hides no refusal.
        """
        self._tell_repeated(self._malformed, event)

    def tell_reading(self, event: AuditEvent) -> None:
        """Store that personal data was read, unless the same was told a little while ago."""
        self._tell_repeated(self._readings, event)

    def _tell_repeated(self, repeats: Repeats[AuditEvent], event: AuditEvent) -> None:
        kind = replace(event, at=_NEVER, request_id=None)
        due = repeats.happened(kind, event.at)
        for same, times in due[:-1]:
            append(self._engine, replace(same or _OTHERS, at=event.at, times=times))
        if due:  # The last is what happened just now, told by itself.
            append(self._engine, event)
