"""Messages that were set aside after the last try."""

from collections.abc import Iterable

from shared.core.text import Text
from shared.core.watch import Firing, Watch
from shared.usecases.evidence import Evidence


def look(evidence: Evidence) -> Iterable[Firing]:
    """Return queue and cause of those of the last window."""
    return [
        Firing(since=one.first, value=one.count, subject={"queue": one.queue, "cause": one.cause})
        for one in evidence.letters()
    ]


WATCH = Watch(
    title=Text("Messages were set aside", "処理できないメッセージ"),
    severity=2,
    threshold=0,
    unit=Text("messages in 15 minutes", "15 分間の件数"),
    look=look,
)
