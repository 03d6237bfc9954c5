"""What subjects hold by their memberships, as one expression of SQL: it goes along with other questions.

A role is looked up as it stands now, and a tag as the tenants have it now: what is changed counts with
the next request, on every instance.
"""

from collections.abc import Collection, Mapping, Sequence
from copy import replace
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Engine

from shared.core import clock
from shared.core.access import Hold, Subject, known_permissions
from shared.core.found_tenant import FoundTenant
from shared.store.registers.found_tenants import FOUND_TENANT, found_tenant
from shared.store.registers.known_access import LONGEST
from shared.store.session.sessions import ask_as_operator

_NEVER = datetime.max.replace(tzinfo=UTC)

# An array of JSON, null if there is none. What comes before says which memberships `m`, with %(now)s.
HELD_BY: LiteralString = """
    SELECT jsonb_agg(jsonb_build_object(
        'role', m.role,
        'until', m.expires_at,
        'tag', m.scope_tag,
        'tenants', CASE
            WHEN m.scope_tenant IS NOT NULL THEN jsonb_build_array(m.scope_tenant)
            WHEN m.scope_tag IS NOT NULL THEN (
                SELECT coalesce(jsonb_agg(tagged.tenant_id), '[]') FROM kanri.tenants tagged
                WHERE tagged.tags @> ARRAY[m.scope_tag] AND tagged.state <> 'removed'
            )
        END,
        'permissions', (SELECT to_jsonb(r.permissions) FROM kanri.roles r WHERE r.role = m.role)
    ))
    FROM kanri.memberships m
    WHERE (m.expires_at IS NULL OR m.expires_at > %(now)s) AND
"""


def end_of(found: Sequence[Mapping[str, Any]] | None) -> datetime:
    """Return when the first of what an answer of HELD_BY says ends by itself; datetime.max if none does."""
    ends = (one["until"] for one in found or ())
    return min(map(datetime.fromisoformat, filter(None, ends)), default=_NEVER)


def holds_of(
    found: Sequence[Mapping[str, Any]] | None, within: UUID | None = None
) -> tuple[Hold, ...]:
    """Return what an answer of HELD_BY says; nothing beyond the tenant `within`, if one is named."""
    held = tuple(_hold(one) for one in found or ())
    if within is None:
        return held
    own = frozenset({within})
    return tuple(replace(hold, tenants=own) for hold in held if hold.covers(within))


_OF_TOKEN: LiteralString = """
    SELECT kanri.access_version() AS version, {found_tenant} AS tenant,
        EXISTS (
            SELECT FROM kanri.memberships
            WHERE subject_kind = 'group' AND subject_directory = %(directory)s
        ) AS groups_matter,
        ({held_by} m.subject_directory = %(directory)s AND (
            m.subject_kind = %(kind)s AND m.subject_id = %(subject)s
            OR m.subject_kind = 'group' AND m.subject_id = ANY(%(groups)s)
        )) AS held
""".replace("{held_by}", HELD_BY).replace("{found_tenant}", FOUND_TENANT)


class TokenStanding(Struct, frozen=True):
    """What is kept of who sends a token: the tenant that he asks about, what he holds.

    `groups_matter` tells whether any group of his directory holds anything. All of it is right
    until `until`, as long as `version` is that of `known_access`.
    """

    tenant: FoundTenant | None
    groups_matter: bool
    holds: tuple[Hold, ...]
    version: int
    until: datetime


def standing_of(
    engine: Engine,
    subject: Subject,
    groups: Collection[UUID],
    tenant_id: UUID | None,
    within: UUID | None,
) -> TokenStanding:
    """Return what a subject and the groups of its directory hold, in one round trip.

    With `within` nothing beyond that tenant.
    """
    now = clock.now()
    values = {
        "tenant": tenant_id,
        "directory": subject.directory,
        "kind": subject.kind,
        "subject": subject.id,
        "groups": list(groups),
        "now": now,
    }
    [found] = ask_as_operator(engine, _OF_TOKEN, values)
    return TokenStanding(
        found_tenant(found.tenant),
        found.groups_matter,
        holds_of(found.held, within),
        found.version,
        min(now + LONGEST, end_of(found.held)),
    )


def _hold(found: Mapping[str, Any]) -> Hold:
    from shared.core.role_permissions import ROLE_PERMISSIONS

    role, tenants = found["role"], found["tenants"]
    built_in = ROLE_PERMISSIONS.get(role)
    return Hold(
        known_permissions(found["permissions"] or ()) if built_in is None else built_in,
        None if tenants is None else frozenset(map(UUID, tenants)),
        "membership",
        role,
        found["tag"],
    )
