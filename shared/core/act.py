"""The act under way: who does what, from where; whoever does it tells what it changes.

The front door (or the engine of work) begins an act; the store writes its audit event into the first
transaction of the act that writes anything. What the event says beside is told on the way by `tell`,
from wherever it is known, at the latest before that transaction ends.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from msgspec import Struct, field


class Told(Struct):
    """What has been told of an act: the tenant it changes, on what, and how that was and is.

    Ids, states and numbers: no secret, and of people only what says who.
    """

    tenant_id: UUID | None = None
    target: str | None = None
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)


_told: ContextVar[Told | None] = ContextVar("kanri_act_told", default=None)


@contextmanager
def listening() -> Iterator[Told]:
    """Take down what is told in the block."""
    told = Told()
    token = _told.set(told)
    try:
        yield told
    finally:
        _told.reset(token)


def tell(
    *,
    tenant_id: UUID | None = None,
    target: str | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Say of the act under way what it changes; nothing where there is none. Tellings add up."""
    told = _told.get()
    if told is None:
        return
    told.tenant_id = tenant_id or told.tenant_id
    told.target = target or told.target
    told.before.update(before or {})
    told.after.update(after or {})
