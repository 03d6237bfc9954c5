"""Tenants and what they have consented to."""

from uuid import UUID

from shared.core.access import Authority
from shared.core.coverage import TenantState
from shared.web.answers.answer import Answer, Instant


class TenantAnswer(Answer):
    """`pausedBy` says whose pause it is: the operator's is the operator's to end."""

    tenant_id: UUID
    display_name: str
    state: TenantState
    paused_by: Authority | None
    added_at: Instant
    updated_at: Instant


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
