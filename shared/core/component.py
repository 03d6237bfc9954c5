"""What the service is made of, and how each part says whether it does its work.

A component is one file `shared/usecases/components/<component>.py` with one `COMPONENT`. It looks at what
is stored or at hand (`usecases.evidence`), and never waits for anybody outside: what Microsoft or storage
last did for us is told by the runs that asked them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shared.core.kind import Kind
from shared.core.text import Text

# `degraded`: it works in part, or did not lately; `unknown`: nothing tells.
type Condition = Literal["ok", "degraded", "failing", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of a component. `cause` is an error code, `at` when it was so, None if nothing tells.

    `facts` are counts and instants by name.
    """

    state: Condition
    at: datetime | None
    cause: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component[E]:
    """One component; `how` says what its state is taken from. `name` is filled in from the file name."""

    title: Text
    how: Text
    look: Callable[[E], Look]
    name: str = field(default="", compare=False)


COMPONENTS: Kind[Component[Any]] = Kind(
    "shared.usecases.components", "COMPONENT", Component, named="name"
)
