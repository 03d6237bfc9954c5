"""What an operator has to know of at once: a condition over what is stored, its threshold and its runbook.

A watch is one file `shared/usecases/watches/<watch>.py` with one `WATCH`. Where Azure Monitor has an alert of
the same name (`infra/alerts`), both say the same threshold and severity; what only the platform measures has
none here.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.core.kind import Kind
from shared.core.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One thing that fires: of what (`subject`, ids and codes by name), since when, with which value."""

    since: datetime
    value: float
    subject: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch[E]:
    """One condition: fires where a value, in `unit`, is more than `threshold`.

    `severity` goes from 0, critical, to 3, informational. `name` is filled in from the file name. `look`
    returns None where nothing tells.
    """

    title: Text
    severity: int
    threshold: float
    unit: Text
    look: Callable[[E], Iterable[Firing] | None]
    name: str = field(default="", compare=False)

    @property
    def alert(self) -> str:
        """What Azure Monitor and the runbook call it."""
        return self.name.replace("_", "-")


WATCHES: Kind[Watch[Any]] = Kind("shared.usecases.watches", "WATCH", Watch, named="name")
