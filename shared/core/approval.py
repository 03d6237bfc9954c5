"""What an action that may need a second person declares, and the effect that he approves of.

An action is one file `shared/usecases/actions/<action>.py` with one `ACTION`. What it would do,
exactly, it says itself; when that takes a second person, who that may be and what he sees is the same
for all (`usecases.ask_approval`, `usecases.decide_approval`).
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.core.kind import Kind
from shared.core.text import Text
from shared.core.work import Outgoing

# What an action is asked for with: ids, never a secret.
type Params = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an action would do now.

    `tenants` None: every tenant, those to come included. `objects` is how many objects it changes
    or deletes, `counts` of what. `privileged` are rights or targets that give power over others.
    `items` name what a person must have read.
    """

    tenants: tuple[UUID, ...] | None
    objects: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    privileged: tuple[str, ...] = ()
    items: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return it as JSON knows it."""
        return {
            "tenants": None if self.tenants is None else sorted(str(one) for one in self.tenants),
            "objects": self.objects,
            "counts": dict(sorted(self.counts.items())),
            "privileged": sorted(self.privileged),
            "items": list(self.items),
        }

    @property
    def digest(self) -> str:
        """Return what the effect is approved by: it changes with everything that is told of it."""
        return digest_of(self.told())


def digest_of(told: Mapping[str, Any]) -> str:
    """Return the digest of an effect that was told as JSON, in hexadecimal digits."""
    import msgspec

    return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


@dataclass(frozen=True, slots=True)
class Limits:
    """From how many tenants, objects or privileged targets on an action takes a second person."""

    tenants: int
    objects: int
    privileged: int

    def many(self, tenants: Collection[UUID] | None) -> bool:
        """Tell whether they are so many. Every tenant (None) is more than any number."""
        return tenants is None or len(tenants) >= self.tenants

    def reached_by(self, effect: Effect) -> bool:
        """Tell whether the effect is that large."""
        return (
            self.many(effect.tenants)
            or effect.objects >= self.objects
            or len(effect.privileged) >= self.privileged
        )


@dataclass(frozen=True, slots=True)
class CarriedOut:
    """What came of an action: messages that are to be sent, and the job that goes on with it."""

    messages: tuple[Outgoing, ...] = ()
    job_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action[D]:
    """One action. `action` is filled in by the registry from the file name; `D` is the store's engine.

    `effect` says what it would do now, and raises what stands in its way. `carry_out` does it: for
    whom (`requested_by`), and when. `call_off` takes back what was prepared, where it is never done.
    All of them run within the transaction of the decision.
    """

    title: Text
    effect: Callable[[D, Params], Effect]
    carry_out: Callable[[D, Params, str, datetime], CarriedOut]
    call_off: Callable[[D, Params], None] | None = None
    action: str = field(default="", compare=False)


type AnyAction = Action[Any]

ACTIONS: Kind[AnyAction] = Kind("shared.usecases.actions", "ACTION", Action, named="action")
