"""What policies of Teams say, as Tenant Configuration Management extracts them, and whom they apply to."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    FromClause,
    Text,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.core.report import Sources
from shared.core.text import Text as Words

PREFIX = "microsoft.teams."
# The names of types; one that is new is shown as it is.
TYPES: Mapping[str, Words] = {
    "apppermissionpolicy": Words("App permissions", "アプリのアクセス許可"),
    "appsetuppolicy": Words("App setup", "アプリのセットアップ"),
    "callingpolicy": Words("Calling", "通話"),
    "channelspolicy": Words("Channels", "チャネル"),
    "clientconfiguration": Words("Clients (whole tenant)", "クライアント (テナント全体)"),
    "eventspolicy": Words("Events", "イベント"),
    "federationconfiguration": Words(
        "External access (whole tenant)", "外部アクセス (テナント全体)"
    ),
    "filespolicy": Words("Files", "ファイル"),
    "guestcallingconfiguration": Words("Calling of guests", "ゲストの通話"),
    "guestmeetingconfiguration": Words("Meetings of guests", "ゲストの会議"),
    "guestmessagingconfiguration": Words("Messaging of guests", "ゲストのメッセージング"),
    "meetingconfiguration": Words("Meetings (whole tenant)", "会議 (テナント全体)"),
    "meetingpolicy": Words("Meetings", "会議"),
    "messagingpolicy": Words("Messaging", "メッセージング"),
    "orgwideappsettings": Words("Apps (whole tenant)", "アプリ (テナント全体)"),
    "updatemanagementpolicy": Words("Updates", "更新"),
}
# There is one of each for all; the second, for all guests.
_WHOLE = ("clientconfiguration", "federationconfiguration", "meetingconfiguration", "orgwideappsettings")  # fmt: skip
_GUESTS = ("guestcallingconfiguration", "guestmeetingconfiguration", "guestmessagingconfiguration")

# Nobody but the organization's own lets himself in, and nobody outside takes over.
_NOT_IN_MEETINGS = (
    "AllowAnonymousUsersToStartMeeting",
    "AllowPSTNUsersToBypassLobby",
    "AllowExternalParticipantGiveRequestControl",
)


class Policies(NamedTuple):
    """Resources of Teams: `source`, the resource itself, and the accounts that each applies to."""

    source: FromClause
    resource: FromClause
    kind: ColumnElement[str]
    name: ColumnElement[str]
    target_users: ColumnElement[int]
    for_all: ColumnElement[bool]


def policies(s: Sources) -> Policies:
    """Return every policy and configuration of Teams."""
    given, held, everybody = _given(s), _held(s), _everybody(s)
    resource = s.entity("teams_configuration")
    kind = func.replace(resource.c.resource_type, literal_column(f"'{PREFIX}'"), "", type_=Text)
    name = policy_name(resource)
    wanted = literal_column("'teams'", Text).op("||", return_type=Text())(kind)
    source = resource.outerjoin(
        given, and_(given.c.kind == wanted, given.c.name == func.lower(name))
    )
    source = source.outerjoin(held, held.c.kind == wanted).join(everybody, true())
    users, guests = everybody.c.users, everybody.c.guests
    by_assignment = case(
        (func.lower(name) == "global", users - func.coalesce(held.c.number, 0)),
        else_=func.coalesce(given.c.number, 0),
    )
    target = case((kind.in_(_GUESTS), guests), (kind.in_(_WHOLE), users), else_=by_assignment)
    # Of no account at all nothing is known.
    known = case((everybody.c.number > 0, cast(target, BigInteger)))
    return Policies(source, resource, kind, name, known, kind.in_((*_GUESTS, *_WHOLE)))


def policy_name(resource: FromClause) -> ColumnElement[str]:
    """Return what a policy is called by: its identity, in which a named one is marked as a tag."""
    identity = func.nullif(said(resource, "Identity"), "")
    behind = func.regexp_replace(resource.c.name, literal_column("'^[^-]*-'"), "", type_=Text)
    own = func.regexp_replace(identity, literal_column("'^tag:'"), "", literal_column("'i'"), type_=Text)  # fmt: skip
    return func.coalesce(own, behind, type_=Text)


def said(resource: FromClause, name: str) -> ColumnElement[str]:
    """Return a property of a resource as text; null if it is not told."""
    return resource.c.properties.op("->>", return_type=Text())(literal_column(f"'{name}'"))


def switch(resource: FromClause, name: str) -> ColumnElement[bool]:
    """Return a property that is true or false; null for whatever else it is."""
    told = func.lower(said(resource, name))
    return case((told == "true", literal(True, Boolean)), (told == "false", literal(False, Boolean)))  # fmt: skip


def compliance(p: Policies) -> ColumnElement[str]:
    """Return the code of `labels.COMPLIANCE`; null for types that are not judged, or not told enough."""
    res, kind = p.resource, p.kind
    admitted = said(res, "AutoAdmittedUsers")
    meeting = _verdict(
        admitted != "Everyone", *(not_(switch(res, name)) for name in _NOT_IN_MEETINGS)
    )
    return case(
        (kind == "meetingpolicy", meeting),
        (kind == "messagingpolicy", _verdict(switch(res, "AllowSecurityEndUserReporting"))),
        (kind == "federationconfiguration", _verdict(not_(switch(res, "AllowPublicUsers")))),
    )


def _verdict(*good: ColumnElement[bool]) -> ColumnElement[str]:
    """One that is bad is enough; that all are good must be known of each."""
    return case((or_(*(not_(one) for one in good)), "non_compliant"), (and_(*good), "compliant"))


def _assigned(s: Sources) -> FromClause:
    """A row for each policy that a user holds, direct or by a group: `holder`, `kind` and `name`."""
    account = s.entity("teams_user_configurations").c
    each = func.jsonb_path_query(account.policy_assignments, literal_column("'$[*]'"))
    row = each.table_valued(column("value", JSONB)).render_derived().lateral()

    def text(path: str) -> ColumnElement[str]:
        told = row.c.value.op("#>>", return_type=Text())(literal_column(f"'{{{path}}}'"))
        return func.lower(told, type_=Text)

    kind, name = text("policyType"), text("policyAssignment,displayName")
    found = select(account.id.label("holder"), kind.label("kind"), name.label("name"))
    return found.select_from(account.id.table.join(row, true())).where(account.account_type == "user").subquery()  # fmt: skip


def _given(s: Sources) -> FromClause:
    row = _assigned(s).c
    number = func.count(row.holder.distinct()).label("number")
    return select(row.kind, row.name, number).group_by(row.kind, row.name).subquery("given")


def _held(s: Sources) -> FromClause:
    row = _assigned(s).c
    number = func.count(row.holder.distinct()).label("number")
    return select(row.kind, number).group_by(row.kind).subquery("held")


def _everybody(s: Sources) -> FromClause:
    """One row: how many accounts Teams knows, users and guests among them."""
    account = s.entity("teams_user_configurations").c
    kind = account.account_type
    numbers = (
        func.count().label("number"),
        func.count().filter(kind == "user").label("users"),
        func.count().filter(kind == "guest").label("guests"),
    )
    return select(*numbers).select_from(account.id.table).subquery("everybody")
