"""The keys that seal: a shared secret is read and opened now."""

from shared.core.component import Component, Look
from shared.core.errors import SealBroken
from shared.core.text import Text
from shared.usecases.evidence import Evidence


def look(evidence: Evidence) -> Look:
    """Return whether what is sealed opens."""
    try:
        evidence.secrets.cursor_key  # noqa: B018  (reading it opens it)
    except SealBroken as error:
        return Look(state="failing", at=evidence.now, cause=error.code)
    return Look(state="ok", at=evidence.now)


COMPONENT = Component(
    title=Text("Sealing keys", "封印キー"),
    how=Text(
        "A secret that all instances share is read and opened now.",
        "全インスタンスで共有する秘密を読み出して開封 (現時点)。",
    ),
    look=look,
)
