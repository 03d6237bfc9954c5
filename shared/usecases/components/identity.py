"""Entra: a dataset that is read was read with a token of it."""

from datetime import timedelta

from shared.core.component import Component, Look
from shared.core.text import Text
from shared.usecases.evidence import Evidence

_SILENCE = timedelta(hours=2)


def look(evidence: Evidence) -> Look:
    """Return whether Entra gives tokens, and for how many datasets it last did not."""
    good = [one for one in evidence.collecting if one.state in ("ok", "partial")]
    bad = [one for one in evidence.collecting if _of_entra(one.cause)]
    given = max((one.newest for one in good), default=None)
    failed = max(bad, key=lambda one: one.newest, default=None)
    facts = {"refusedDatasets": sum(one.count for one in bad)}
    if failed is not None and (given is None or failed.newest > given):
        return Look(state="failing", at=failed.newest, cause=failed.cause, facts=facts)
    if given is None or evidence.now - given > _SILENCE:
        return Look(state="unknown", at=given, facts=facts)
    if failed is not None:
        return Look(state="degraded", at=given, cause=failed.cause, facts=facts)
    return Look(state="ok", at=given, facts=facts)


def _of_entra(cause: str | None) -> bool:
    return cause is not None and cause.startswith(("entra_", "credential_"))


COMPONENT = Component(
    title=Text("Entra ID", "Entra ID"),
    how=Text(
        "The last token that a collection got, or failed to get, for Microsoft Graph.",
        "Microsoft Graph 用トークンの最後の取得結果。",
    ),
    look=look,
)
