"""Legal holds in JSON."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shared.core.registry import kept
from shared.core.wire import Instant
from shared.store.registers.legal_holds import LegalHold
from shared.web.resources.approvals.shapes import ApprovalAnswer
from shared.web.shapes import PLAIN, Answer, Body

type _Dataset = Annotated[str, Meta(extra_json_schema={"enum": [*kept()]})]
type _Datasets = Annotated[list[_Dataset], Meta(min_length=1, max_length=len(kept()))]


class NewLegalHold(Body):
    """Why, and which datasets are held; null or left out: all, those to come included."""

    reason: Annotated[str, Meta(min_length=1, max_length=500, pattern=PLAIN)]
    datasets: _Datasets | None = None


class LegalHoldAnswer(Answer):
    """One hold; it lasts until `liftedAt`. Keys and tokens are named as in the log. `approval` is what
    lifting it waits for."""

    hold_id: UUID
    datasets: list[str] | None
    reason: str
    placed_by: str
    placed_at: Instant
    lifted_by: str | None
    lifted_at: Instant | None
    approval: ApprovalAnswer | None = None


class LegalHoldList(Answer):
    holds: list[LegalHoldAnswer]


def hold_answer(hold: LegalHold, approval: ApprovalAnswer | None = None) -> LegalHoldAnswer:
    """Return a hold of the store as an answer."""
    return LegalHoldAnswer(
        hold_id=hold.hold_id,
        datasets=None if hold.datasets is None else [*hold.datasets],
        reason=hold.reason,
        placed_by=hold.placed_by,
        placed_at=hold.placed_at,
        lifted_by=hold.lifted_by,
        lifted_at=hold.lifted_at,
        approval=approval,
    )
