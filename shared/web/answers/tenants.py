"""Tenants and what they have consented to."""

from datetime import datetime
from uuid import UUID

from shared.core.coverage import TenantState
from shared.web.answers.answer import Answer


class TenantAnswer(Answer):
    tenant_id: UUID
    display_name: str
    state: TenantState
    added_at: datetime
    updated_at: datetime


class TenantList(Answer):
    tenants: list[TenantAnswer]


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
