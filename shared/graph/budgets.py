"""The budgets of Microsoft Graph by the name of their bucket (see `core.throttling`)."""

from shared.core.registry import of
from shared.core.throttling import SERVICES, Budget, Service

WRITES = "writes"  # the part of a service's buckets that only what changes something draws from


def services() -> tuple[str, ...]:
    """Return the name of every throttling service, sorted, without importing one."""
    return tuple(of(SERVICES))


def service_of(bucket: str) -> Service:
    """Return the service that a bucket belongs to; KeyError if there is none."""
    return of(SERVICES)[bucket.partition("/")[0]]


def budget_of(bucket: str, users: int | None = None) -> Budget:
    """Return the budget behind a bucket's name in a tenant of `users`; KeyError without one."""
    service = service_of(bucket)
    if bucket.partition("/")[2] != WRITES:
        return service.budget_for(users)
    if service.writes is None:
        raise KeyError(bucket)
    return service.writes


def writes_of(bucket: str) -> str | None:
    """Return the bucket that writes draw from besides; None where they are not limited apart."""
    if service_of(bucket).writes is None:
        return None
    return f"{bucket.partition('/')[0]}/{WRITES}"


_WARNS_FROM = 0.8
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0


def pause_at(share: float) -> float:
    """Return the seconds to send nothing when Graph says that so much of the limit is used.

    https://learn.microsoft.com/en-us/graph/throttling-limits#regular-responses-requests: from 0.8
    to 1.8, where 1 is all of it. What is above 0.8 flows off in that part of the 10 s window; after
    a pause there is no burst.
    """
    if share < _WARNS_FROM:
        return 0.0
    return min(max(10 * (share - _WARNS_FROM), _SHORTEST_PAUSE), _LONGEST_PAUSE)
