"""What a kind of work declares, when it is due, and how one message of it can end.

Any work goes the same way: due, claimed, sent, opened under a lease with a fence, gone on with from a
place that the worker returns, ended in the ledger, and set aside with its cause when nothing helps.
A kind of work is one file `usecases/<kind>.py` with one `WORK`; `usecases.receive` and
`usecases.dispatch` do the rest.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from msgspec import Struct

from shared.core.coverage import State
from shared.core.errors import KanriError
from shared.core.kind import Kind

if TYPE_CHECKING:
    from shared.core.messages import Claim

# Work of no tenant belongs to the deployment. A primary key holds no NULL, and no tenant has this id.
DEPLOYMENT = UUID(int=0)

_SOON = timedelta(minutes=30)


class Every(Struct, frozen=True):
    """Due `interval` after its last start, and at once if it never ran."""

    interval: timedelta


class At(Struct, frozen=True):
    """Due when a cron expression comes round in a time zone. One that is missed is made up for once."""

    cron: str
    zone: str = "UTC"

    def next_after(self, moment: datetime) -> datetime:
        """Return the next time it is due, in UTC."""
        from shared.core.cron import Cron

        return Cron(self.cron, self.zone).next_after(moment)


class After(Struct, frozen=True):
    """Due once each of the tenant's `datasets` has been read, and `interval` after its last start.

    The run that reads the last of them sends it at once.
    """

    datasets: tuple[str, ...]
    interval: timedelta


type Cadence = Every | At | After


def retry_at(cadence: Cadence | None, now: datetime) -> datetime | None:
    """Return when a run that failed is due again: not as late as a daily schedule says."""
    match cadence:
        case Every(interval) | After(_, interval):
            return now + min(_SOON, interval)
        case At():
            return min(now + _SOON, cadence.next_after(now))
        case None:
            return None


def due_next(cadence: Cadence | None, now: datetime) -> datetime | None:
    """Return when a run that ended well is due again; None leaves it to the interval, or to events."""
    return cadence.next_after(now) if isinstance(cadence, At) else None


class Outgoing(Struct, frozen=True):
    """One message that a transaction has decided on, and the queue it goes to."""

    queue: str
    message: "Claim"


class GoesOn(Struct, frozen=True, kw_only=True):
    """The time was up: the run goes on in a message that follows, from `place`.

    None: from the place that was saved last, together with what had been stored.
    """

    place: Mapping[str, object] | None = None


class PutOff(Struct, frozen=True, kw_only=True):
    """To wait may help: the run goes on after `until`.

    A run that got no further in this part (`moved`) is put off until `patience` after its start;
    then it ends as `instead` says.
    """

    until: datetime
    cause: KanriError
    patience: timedelta
    instead: "Ended"
    moved: bool = False


class Ended(Struct, frozen=True, kw_only=True):
    """The run is over. `place` is where the next one starts from, if this one was `ok` or may be
    followed on (`go_on`); None: the place that was saved last.

    `cause` is a text key below `error.`, `detail` its words. `next_due` None leaves it to the
    cadence; with `retry` the run is due again soon. The rest is for the ledger: `window` is the time that events
    were asked for, `final_until` up to when they will not be read again, `healed` what a full round
    changed.
    """

    state: State
    cause: str | None = None
    detail: str | None = None
    place: Mapping[str, object] | None = None
    next_due: datetime | None = None
    retry: bool = False
    go_on: bool = False
    window: tuple[datetime, datetime] | None = None
    final_until: datetime | None = None
    healed: int | None = None


type Outcome = GoesOn | PutOff | Ended


class Work[R, D](Struct, frozen=True, kw_only=True):
    """One kind of work. `kind` is filled in by the registry from the file name. `R` is the run that a worker holds (store.work), `D` what it goes through.

    `schedule` maps each subject to its cadence; without one the subjects come by event and are not
    known beforehand. `of_tenant` False: the work is the deployment's. `names` is what a subject is
    called in logs and errors. `measure` tells monitoring how a run ended. `changes` is
    what the audit log calls work that changes a tenant, `noun.verb`. Kinds share few queues: each
    queue function is a scale group with database sessions of its own.
    """

    run: Callable[[R, D], Awaitable[Outcome]]
    schedule: Callable[[], Mapping[str, Cadence]] | None = None
    queue: str = "collect"
    of_tenant: bool = True
    names: str = "subject"
    measure: Callable[[R, Ended, datetime], None] | None = None
    changes: str | None = None
    kind: str = ""

    def cadence(self, subject: str) -> Cadence | None:
        """Return when `subject` is due; None if it comes by event."""
        return None if self.schedule is None else self.schedule().get(subject)

    def knows(self, subject: str) -> bool:
        """Tell whether there is such a subject: a later version may have dropped it."""
        return self.schedule is None or subject in self.schedule()


type AnyWork = Work[Any, Any]

WORKS: Kind[AnyWork] = Kind("shared.usecases", "WORK", Work, named="kind", among_others=True)
