"""What of the audit log is an event of security, and how much it matters.

One is a file `shared/catalog/security_events/<event>.py` with one `EVENT`; the id is the file name. An
audit event is the first that fits it, in the order of ids; some are none.
"""

from dataclasses import dataclass, field
from typing import Literal

from shared.core.kind import Kind
from shared.core.text import Text

type Severity = Literal["info", "low", "medium", "high"]

SEVERITIES: dict[Severity, Text] = {
    "info": Text("Information", "情報"),
    "low": Text("Low", "低"),
    "medium": Text("Medium", "中"),
    "high": Text("High", "高"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityEvent:
    """Declaration of one. `event` is filled in by the registry.

    It fits audit events with one of `acts` (`noun.verb`; `*.verb` for every noun) and one of
    `results` (`done` or error codes); empty means any. The one of the `rest` fits whatever came to
    nothing and fits no other. `breach`: something was turned away or went against a rule, so that it
    counts among what went wrong.
    """

    title: Text
    severity: Severity
    acts: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    rest: bool = False
    breach: bool = False
    event: str = field(default="", compare=False)


SECURITY_EVENTS = Kind("shared.catalog.security_events", "EVENT", SecurityEvent, named="event")
