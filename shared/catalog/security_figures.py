"""What the checks of the security report count: how many there are, and how many are as they should be.

Each function returns one row. A figure is null where nothing is known that it could be counted from:
nobody is passed or failed by data that was not read.
"""

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Label,
    Subquery,
    and_,
    case,
    cast,
    func,
    or_,
    select,
)

from shared.catalog.activity import last_use
from shared.catalog.expressions import days_before, has
from shared.catalog.role_holdings import role_holders
from shared.catalog.user_types import is_guest, is_member
from shared.core.report import Sources
from shared.core.report_parameters import (
    ALERT_HOURS,
    GLOBAL_ADMINS,
    PASSWORD_MEDIUM_DAYS,
    PERIOD,
    REVIEW_DAYS,
)

# https://learn.microsoft.com/en-us/entra/identity/role-based-access-control/permissions-reference
_GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
_LEGACY_CONSENT = "ManagePermissionGrantsForSelf.microsoft-user-default-legacy"


def _pair(name: str, good: ColumnElement[bool], among: ColumnElement[bool]) -> list[Label[int]]:
    """Return `<name>_all`, how many there are, and `<name>_good`, how many of them are good."""
    return [
        cast(func.count().filter(among), BigInteger).label(f"{name}_all"),
        cast(func.count().filter(among & good), BigInteger).label(f"{name}_good"),
    ]


def people(s: Sources) -> Subquery:
    """Count enabled accounts: a second factor, the age of the password, the last successful sign-in."""
    users, activity = s.entity("users"), s.entity("sign_in_activity")
    # Of all there are, out of an index that holds what is counted.
    registered = s.counted("user_registration_details")
    user, row = users.c, registered.c
    member = user.account_enabled & is_member(user.user_type)
    guest = user.account_enabled & is_guest(user.user_type)
    age = days_before(s.as_of, user.last_password_change_at)
    # Who never signed in successfully is known by Microsoft's answer for him.
    unused = days_before(s.as_of, last_use(activity))
    answered = activity.c.id.is_not(None)
    used = func.coalesce(unused <= s.parameter(REVIEW_DAYS), False)
    young = age <= s.parameter(PASSWORD_MEDIUM_DAYS)
    joined = users.outerjoin(activity, activity.c.id == user.id).outerjoin(
        registered, row.id == user.id
    )
    return (
        select(
            *_pair("mfa_members", row.is_mfa_registered, member & row.id.is_not(None)),
            *_pair("password_age", young, member & age.is_not(None)),
            *_pair("member_sign_ins", used, member & answered),
            *_pair("guest_sign_ins", used, guest & answered),
        )
        .select_from(joined)
        .subquery("people")
    )


def role_holders_of(s: Sources) -> Subquery:
    """Count people who hold a directory role, or may activate one: a second factor, Global Administrators."""
    found = role_holders(s)
    user, registration = found.users.c, found.registration.c
    there = user.account_enabled & registration.id.is_not(None)
    each = (
        select(
            user.id,
            func.bool_or(there).label("known"),
            func.bool_or(registration.is_mfa_registered).label("registered"),
            func.bool_or(found.holdings.c.role_definition_id == _GLOBAL_ADMINISTRATOR).label("top"),
        )
        .select_from(found.source)
        .where(user.account_enabled)
        .group_by(user.id)
        .subquery("holders")
    )
    top = cast(func.count().filter(each.c.top), BigInteger)
    most = s.parameter(GLOBAL_ADMINS)
    return select(
        *_pair("mfa_admins", each.c.registered, each.c.known),
        top.label("global_admins_all"),
        func.least(top, most, type_=BigInteger).label("global_admins_good"),
    ).subquery("role_holders")


def policies(s: Sources) -> Subquery:
    """Tell whether Conditional Access blocks old protocols and asks everybody for a second factor.

    Security defaults do both, and are off as soon as a policy is on: without one nothing is known.
    """
    row = s.entity("conditional_access_policies").c
    on = row.state == "enabled"
    everybody = has(row.conditions, '$.users.includeUsers[*] ? (@ == "All")')
    old = and_(
        *(
            has(row.conditions, f'$.clientAppTypes[*] ? (@ == "{kind}")')
            for kind in ("exchangeActiveSync", "other")
        )
    )
    blocks = has(row.grant_controls, '$.builtInControls[*] ? (@ == "block")')
    asks = or_(
        has(row.grant_controls, '$.builtInControls[*] ? (@ == "mfa")'),
        has(row.grant_controls, "$.authenticationStrength ? (@ != null)"),
    )
    return select(
        *_yes_or_no("legacy_authentication", func.bool_or(on & everybody & old & blocks), on),
        *_yes_or_no("mfa_policy", func.bool_or(on & everybody & asks), on),
    ).subquery("policies")


def _yes_or_no(
    name: str, fulfilled: ColumnElement[bool], among: ColumnElement[bool]
) -> list[Label[int]]:
    known = func.coalesce(func.bool_or(among), False)
    return [
        cast(case((known, 1)), BigInteger).label(f"{name}_all"),
        cast(case((known, cast(fulfilled, Integer))), BigInteger).label(f"{name}_good"),
    ]


def risks(s: Sources) -> Subquery:
    """Count the users of whom a risk is known, and those of whom none is left."""
    row = s.entity("risky_users").c
    there = func.coalesce(row.is_deleted, False).is_(False)
    settled = row.risk_state.not_in(("atRisk", "confirmedCompromised"))
    return select(*_pair("risky_users", settled, there & row.risk_state.is_not(None))).subquery(
        "risks"
    )


def devices(s: Sources) -> Subquery:
    """Count devices that Intune manages: compliant, encrypted. A state that says nothing counts for none."""
    row = s.entity("managed_devices").c
    told = row.compliance_state.not_in(("unknown", "configManager"))
    encrypted = row.is_encrypted.is_not(None)
    return select(
        *_pair("device_compliance", row.compliance_state == "compliant", told),
        *_pair("device_encryption", row.is_encrypted, encrypted),
    ).subquery("devices")


def tenant_policy(s: Sources) -> Subquery:
    """Tell whether guests are invited by few, and apps consented to by administrators or within limits."""
    row = s.entity("authorization_policy").c
    rights = row.default_user_role_permissions
    legacy = has(rights, f'$.permissionGrantPoliciesAssigned[*] ? (@ == "{_LEGACY_CONSENT}")')
    inviting, told = row.allow_invites_from, row.id.is_not(None)
    return select(
        *_yes_or_no("invitations", func.bool_or(inviting != "everyone"), inviting.is_not(None)),
        *_yes_or_no("user_consent", func.bool_or(~legacy), told & rights.is_not(None)),
    ).subquery("tenant_policy")


def alerts(s: Sources) -> Subquery:
    """Count the high alerts of the period whose time to be resolved is over, and those resolved in it."""
    row = s.entity("security_alerts").c
    within = func.make_interval(0, 0, 0, 0, cast(s.parameter(ALERT_HOURS), Integer))
    first = s.as_of - func.make_interval(0, 0, 0, cast(s.parameter(PERIOD), Integer))
    in_time = func.coalesce(row.resolved_at <= row.created_at + within, False)
    over = in_time | (row.created_at <= s.as_of - within)
    high = (func.lower(row.severity) == "high") & (row.created_at > first)
    return select(*_pair("high_alerts", in_time, high & over)).subquery("alerts")


def figures(s: Sources) -> tuple[FromClause, ...]:
    """Return the rows of all of them."""
    return (
        people(s),
        role_holders_of(s),
        policies(s),
        risks(s),
        devices(s),
        tenant_policy(s),
        alerts(s),
    )
