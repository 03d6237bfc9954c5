"""The two lists that an application may be in: what may act in the tenant, what is registered in it."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    FromClause,
    String,
    case,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from shared.catalog.application_credentials import credentials
from shared.catalog.application_rights import Rights, no_rights, rights
from shared.catalog.expressions import was_read
from shared.core.report import Preset, Sources
from shared.core.text import Text

FOUND_IN: Mapping[str, Text] = {
    "both": Text("Registered and in use here", "登録と利用"),
    "principals": Text("In use here", "利用のみ"),
    "registrations": Text("Registered, never used here", "登録のみ"),
}
# Whose row it is. The ids of two lists: nothing says that they differ.
LIST: Mapping[str, Text] = {
    "principals": Text("Service principals", "サービス プリンシパル"),
    "registrations": Text("App registrations", "アプリの登録"),
}
ORIGIN: Mapping[str, Text] = {
    "own": Text("This tenant", "自テナント"),
    "other": Text("Another organization", "他組織"),
    "microsoft": Text("Microsoft", "Microsoft"),
    "managed_identity": Text("Managed identity", "マネージド ID"),
}
LACKS: Mapping[str, Text] = {
    "applications": Text(
        "Credentials and owners of registered applications are missing from the report.",
        "登録アプリケーションの資格情報と所有者がレポートに含まれていません。",
    ),
    "application_owners": Text(
        "Owners are missing from the report.", "所有者がレポートに含まれていません。"
    ),
    "app_role_assignments": Text(
        "Application permissions are missing from the report.",
        "アプリケーションの許可がレポートに含まれていません。",
    ),
    "oauth2_permission_grants": Text(
        "Delegated permissions are missing from the report.",
        "委任されたアクセス許可がレポートに含まれていません。",
    ),
}
PRESETS: Mapping[str, Preset] = {
    "expiring": Preset(
        words=Text("Credentials that have expired or soon will", "期限切れ・期限間近の資格情報"),
        asked={
            "filter": "credential_state in ('expired','expiring')",
            "orderBy": "next_credential_ends_at",
        },
    ),
    "far_reaching": Preset(
        words=Text(
            "Others' applications that may write", "書き込みを許可された他組織のアプリケーション"
        ),
        asked={"filter": "consent_level in ('high','medium') and origin eq 'other'"},
    ),
    "ownerless": Preset(
        words=Text(
            "Own applications that nobody owns", "所有者のいない自テナントのアプリケーション"
        ),
        asked={"filter": "owner_count eq 0"},
    ),
}
# The tenants in which Microsoft registers its applications.
_MICROSOFT = (
    "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
    "72f988bf-86f1-41af-91ab-2d7cd011db47",
)


class ApplicationLists(NamedTuple):
    """The rows of `source` that meet `where`; `who` is the list that knows their names and ids."""

    source: FromClause
    who: FromClause
    principals: FromClause
    registrations: FromClause
    owners: FromClause
    rights: Rights
    where: ColumnElement[bool] | None = None


def in_use(s: Sources) -> ApplicationLists:
    """Return every service principal, with its registration where it is of this tenant."""
    principals, registrations = s.entity("service_principals"), s.entity("applications")
    same = registrations.c.app_id == principals.c.app_id
    held, owners = rights(s, principals), _owners(s, registrations)
    source = held.source.outerjoin(registrations, same).join(owners, true())
    return ApplicationLists(source, principals, principals, registrations, owners, held)


def registered_only(s: Sources) -> ApplicationLists:
    """Return what is registered and has no service principal in this tenant."""
    registrations, other = s.entity("applications"), s.entity("service_principals")
    none, held, owners = s.entity("service_principals"), no_rights(), _owners(s, registrations)
    # OFFSET keeps it a probe per row: as a join the planner would compare all with all for a page.
    same = select(other.c.id).where(other.c.app_id == registrations.c.app_id)
    source = registrations.outerjoin(none, false()).outerjoin(held.source, false())
    source = source.join(owners, true())
    where = ~same.offset(0).exists()
    return ApplicationLists(source, registrations, none, registrations, owners, held, where)


def _owners(s: Sources, registrations: FromClause) -> FromClause:
    """One row: `count` and `names`."""
    owner = s.entity("application_owners").c
    name = func.coalesce(owner.display_name, owner.user_principal_name, owner.principal_id)
    in_order: ColumnElement[str] = aggregate_order_by(literal_column("', '"), name.collate("C"))
    names = func.string_agg(name, in_order, type_=String).label("names")
    of_it = owner.parent_id == registrations.c.id
    return select(func.count().label("count"), names).where(of_it).lateral("owners")


def held_credentials(s: Sources, lists: ApplicationLists) -> FromClause:
    """Return the secrets and certificates of both lists, null of what is not known of both."""
    both = (lists.registrations.c, lists.principals.c)
    secrets = (one.password_credentials for one in both)
    known = knows_credentials(s, lists)
    return credentials(s, *secrets, *(one.key_credentials for one in both), known=known)


def owner_count(s: Sources, lists: ApplicationLists) -> ColumnElement[int]:
    """Return how many own it; null for what is registered elsewhere, or where no owner is known."""
    known = select(literal(1)).select_from(s.entity("application_owners")).exists()
    return case((lists.registrations.c.id.is_not(None) & known, lists.owners.c.count))


def found_in(s: Sources, lists: ApplicationLists) -> ColumnElement[str]:
    """Return the code of `FOUND_IN`; null of what is in one list while the other was never read."""
    used, registered = (one.c.id.is_not(None) for one in (lists.principals, lists.registrations))
    return case(
        (used & registered, "both"),
        (used & was_read(s, "applications"), "principals"),
        (registered & was_read(s, "service_principals"), "registrations"),
    )


def knows_credentials(s: Sources, lists: ApplicationLists) -> ColumnElement[bool]:
    """Tell whether all credentials are known that there can be in this tenant: those of a registration
    are not while nobody has read the registrations, unless it lies elsewhere."""
    elsewhere = func.coalesce(origin(s, lists) != "own", False, type_=Boolean)
    return or_(lists.registrations.c.id.is_not(None), elsewhere, was_read(s, "applications"))


def origin(s: Sources, lists: ApplicationLists) -> ColumnElement[str]:
    """Return the code of `ORIGIN`; null if Microsoft does not say who registered it."""
    principal, home = lists.principals.c, s.entity("organization").c
    owner = principal.app_owner_organization_id
    same = select(literal(1)).where(home.id == owner)
    here = same.correlate(lists.principals).exists()
    return case(
        (lists.registrations.c.id.is_not(None), "own"),
        (principal.service_principal_type == "ManagedIdentity", "managed_identity"),
        (owner.in_(_MICROSOFT), "microsoft"),
        (here, "own"),
        (owner.is_not(None), "other"),
    )
