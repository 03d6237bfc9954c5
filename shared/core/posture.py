"""What a check of Kanri's own posture declares, and what it finds.

A check is one file `shared/usecases/posture/<check>.py` with one `CHECK`. It looks at what is stored and
set, asks nobody outside, and says pass or fail only of what it has seen: what cannot be known is unknown.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from shared.core.kind import Kind
from shared.core.security_event import Severity
from shared.core.text import Text

type Status = Literal["pass", "fail", "unknown"]

STATUSES: tuple[Status, ...] = ("pass", "fail", "unknown")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, and why it says so; `about` are ids or names of settings, no secret.

    `tenant_id` is the tenant that it is of, None for the deployment.
    """

    status: Status
    why: Text
    about: tuple[str, ...] = ()
    tenant_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check[D]:
    """One check. `check` is filled in by the registry from the file name; `D` is what it looks through.

    `look` returns one finding of the deployment, or, `of_tenants`, one of each tenant. `docs` is where
    the page lies that says more, in the repository.
    """

    title: Text
    severity: Severity
    look: Callable[[D], Iterable[Finding]]
    fix: Text
    docs: str
    of_tenants: bool = False
    check: str = field(default="", compare=False)


type AnyCheck = Check[Any]

CHECKS: Kind[AnyCheck] = Kind("shared.usecases.posture", "CHECK", Check, named="check")
