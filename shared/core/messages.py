"""Queue messages: versioned, each with the ids that make a second delivery harmless."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.core.errors import BadMessage

COLLECT_QUEUE = "collect"


class CollectMessage(BaseModel):
    """Run (or go on with) one collector for one tenant.

    `run_id` names the run; `part` counts its continuations from 0. No field is a date: the host may
    rewrite date-like strings in output messages.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["collect"] = "collect"
    version: Literal[1] = 1
    tenant_id: UUID
    dataset: str = Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")
    run_id: UUID
    part: int = Field(default=0, ge=0)
    trigger: Literal["schedule", "manual", "notification"] = "schedule"
    traceparent: str | None = None


def parse_collect(body: str | bytes) -> CollectMessage:
    """Parse a message of the collect queue; BadMessage names the field and the fault."""
    try:
        return CollectMessage.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadMessage("message_malformed", parameter=where, reason=first["msg"]) from None
