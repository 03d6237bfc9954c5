"""Queue messages: versioned, each with the ids that make a second delivery harmless."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.core.errors import BadMessage


class Claim(BaseModel):
    """One run of work that is to be started or gone on with: what the database claims, what the
    queue carries, and what the worker opens the run by.

    `kind` and `subject` say what is to be done (see core.work), for the tenant or, with
    `core.work.DEPLOYMENT`, for none. `run_id` names the run; `part` counts its continuations from 0.
    No field is a date: the host may rewrite date-like strings in output messages.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    version: Literal[1] = 1
    tenant_id: UUID
    subject: str = Field(min_length=1, max_length=200)
    run_id: UUID
    part: int = Field(default=0, ge=0)
    trigger: Literal["schedule", "manual", "notification", "import"] = "schedule"
    traceparent: str | None = None


def parse_claim(body: str | bytes) -> Claim:
    """Parse a message of any queue of work; BadMessage names the field and the fault."""
    try:
        return Claim.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadMessage("message_malformed", parameter=where, reason=first["msg"]) from None
