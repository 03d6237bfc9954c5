"""Tenants in JSON, and what they have consented to."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from msgspec import Meta

from shared.core.access import Authority
from shared.core.coverage import TenantState
from shared.core.text import Lang
from shared.core.wire import Instant
from shared.store.registers.tags import MOST
from shared.web.resources.approvals.shapes import ApprovalAnswer
from shared.web.resources.jobs.shapes import JobAnswer
from shared.web.resources.memberships.shapes import Tag
from shared.web.shapes import PLAIN, Answer, Body

if TYPE_CHECKING:
    from shared.usecases.check_consent import Consent


class NewTenant(Body):
    """Connect a tenant; without a name its own name in Entra is taken."""

    tenant_id: UUID
    display_name: Annotated[str, Meta(min_length=1, max_length=200, pattern=PLAIN)] | None = None


class TenantChange(Body):
    """Tags to add and to take away; what is named in neither list stays."""

    add_tags: Annotated[tuple[Tag, ...], Meta(max_length=MOST)] = ()
    remove_tags: Annotated[tuple[Tag, ...], Meta(max_length=MOST)] = ()


class TenantAnswer(Answer):
    """`pausedBy` says whose pause it is: the operator's is the operator's to end."""

    tenant_id: UUID
    display_name: str
    state: TenantState
    paused_by: Authority | None
    added_at: Instant
    updated_at: Instant
    tags: list[str]


class TenantList(Answer):
    tenants: list[TenantAnswer]
    cursor: str | None = None


class PermissionAnswer(Answer):
    """One permission: what it is for, which datasets want it, whether it is granted: by itself or
    by one that allows more (`grantedBy`)."""

    permission: str
    granted: bool
    granted_by: str | None
    purpose: str
    datasets: list[str]


class ConsentAnswer(Answer):
    complete: bool
    missing: list[str]
    permissions: list[PermissionAnswer]


class ConnectedTenant(Answer):
    tenant: TenantAnswer
    consent: ConsentAnswer


class PurgeAnswer(Answer):
    """What deletes the data of the removed tenant: a job, or the approval that it waits for."""

    job: JobAnswer | None = None
    approval: ApprovalAnswer | None = None


def consent_answer(consent: "list[Consent]", lang: Lang) -> ConsentAnswer:
    """Return what a tenant has consented to as an answer in `lang`."""
    return ConsentAnswer(
        complete=all(entry.granted for entry in consent),
        missing=[entry.permission for entry in consent if not entry.granted],
        permissions=[
            PermissionAnswer(
                permission=entry.permission,
                granted=entry.granted,
                granted_by=entry.granted_by,
                purpose=entry.purpose.of(lang),
                datasets=list(entry.datasets),
            )
            for entry in consent
        ],
    )
