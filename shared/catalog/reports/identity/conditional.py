"""Which Conditional Access policies exist, whom they target and what they demand."""

from sqlalchemy import ColumnElement, Select, case, false, func, select
from sqlalchemy.sql.selectable import ScalarSelect

from shared.catalog.expressions import items, joined, listed
from shared.catalog.labels import POLICY_EFFECT, POLICY_STATE
from shared.catalog.policy_parts import (
    IN_FORCE,
    details,
    effect,
    further_conditions,
    grants,
    unknown_to_us,
)
from shared.core.report import LegacyFile, Report, Sources
from shared.core.report import ReportColumn as Column
from shared.core.text import Text


def _query(sources: Sources) -> Select[tuple[object, ...]]:
    policies = sources.entity("conditional_access_policies")
    policy = policies.c
    conditions, grant, session = policy.conditions, policy.grant_controls, policy.session_controls
    applications = (
        listed(conditions, "$.applications.includeApplications[*]"),
        listed(conditions, "$.applications.includeUserActions[*]"),
        listed(conditions, "$.applications.includeAuthenticationContextClassReferences[*]"),
    )
    sign_in_risk = listed(conditions, "$.signInRiskLevels[*]")
    user_risk = listed(conditions, "$.userRiskLevels[*]")
    in_force = listed(session, IN_FORCE)
    unknown = unknown_to_us(conditions, grant, session)
    return select(
        policy.display_name.label("policy_name"),
        policy.state.label("status"),
        _people(sources, conditions, "include").label("target_users"),
        joined(*applications).label("target_applications"),
        further_conditions(sources, conditions).label("conditions"),
        joined(*grants(grant), in_force).label("access_controls"),
        joined(sign_in_risk, user_risk).label("risk_level"),
        policy.created_at,
        policy.modified_at.label("updated_at"),
        _application_count(conditions).label("application_count"),
        policy.id,
        _people(sources, conditions, "exclude").label("excluded_users"),
        listed(conditions, "$.applications.excludeApplications[*]").label("excluded_applications"),
        listed(grant, "$.operator").label("control_operator"),
        effect(conditions, grant, in_force, unknown).label("effect"),
        sign_in_risk.label("sign_in_risk_levels"),
        user_risk.label("user_risk_levels"),
        details(grant).label("grant_details"),
        details(session).label("session_controls"),
        unknown.label("unknown_parts"),
    ).select_from(policies)


def _people(sources: Sources, conditions: ColumnElement[object], side: str) -> ColumnElement[str]:
    """Names of users, groups and roles; the id where the object is not known (any more)."""
    users, groups = sources.entity("users"), sources.entity("groups")
    roles = sources.entity("role_definitions")
    keys = " || ".join(f'@.key == "{side}{kind}"' for kind in ("Users", "Groups", "Roles"))
    named = '$.users ? (@.type() == "object")'
    who = items(conditions, f"{named}.keyvalue() ? ({keys}).value[*]")
    # Looked up one by one: a join would read every user of the tenant for the few that are named.
    found = (
        select(named.c.display_name).where(named.c.id == who.c.item).limit(1).scalar_subquery()
        for named in (users, groups, roles)
    )
    by_template = roles.c.template_id == who.c.item
    template = select(roles.c.display_name).where(by_template).limit(1).scalar_subquery()
    name = func.coalesce(*found, template, who.c.item)
    names = select(func.string_agg(name, ", ")).select_from(who).scalar_subquery()
    guests = f"$.users.{side}GuestsOrExternalUsers.guestOrExternalUserTypes"
    return joined(names, listed(conditions, guests))


def _application_count(conditions: ColumnElement[object]) -> ScalarSelect[int]:
    """How many applications are named; null if the policy covers all or a whole suite."""
    named = items(conditions, "$.applications.includeApplications[*]").c.item
    suites = named.in_(("All", "Office365", "MicrosoftAdminPortals"))
    count = func.count().filter(named != "None")
    return select(case((~func.coalesce(func.bool_or(suites), false()), count))).scalar_subquery()


REPORT = Report(
    title=Text("Conditional Access", "条件付きアクセス"),
    description=Text(
        "Conditional Access policies with target, conditions and controls in readable form. What "
        "this report does not know is shown in Microsoft's words, and the effect is then unknown.",
        "条件付きアクセス ポリシーの対象、条件、制御を読みやすい形で示します。未知の項目は "
        "Microsoft の名称のまま表示し、その場合の効果は「不明」とします。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/conditionalaccesspolicy",
    needs=("conditional_access_policies", "users", "groups", "role_definitions", "named_locations"),
    columns=(
        Column("policy_name", "text", "Policy name", "ポリシー名"),
        Column(
            "status",
            "text",
            "Status",
            "状態",
            labels=POLICY_STATE,
        ),
        Column("target_users", "text", "Target users", "対象ユーザー", personal=True),
        Column("target_applications", "text", "Applications", "対象アプリケーション"),
        Column("conditions", "text", "Conditions", "条件"),
        Column("access_controls", "text", "Controls", "制御アクション"),
        Column("risk_level", "text", "Risk levels", "リスクレベル"),
        Column("created_at", "timestamp", "Created", "作成日"),
        Column("updated_at", "timestamp", "Updated", "最終更新日"),
        Column("application_count", "int", "Number of applications", "対象アプリ数"),
        Column("id", "text", "Policy id", "ポリシー ID"),
        Column("excluded_users", "text", "Excluded users", "対象外ユーザー", personal=True),
        Column("excluded_applications", "text", "Excluded applications", "対象外アプリケーション"),
        Column("control_operator", "text", "Controls combined by", "制御の組み合わせ"),
        Column("effect", "text", "Effect when on", "有効時の効果", labels=POLICY_EFFECT),
        Column("sign_in_risk_levels", "text", "Sign-in risk levels", "サインイン リスク"),
        Column("user_risk_levels", "text", "User risk levels", "ユーザー リスク"),
        Column("grant_details", "text", "Grant controls in detail", "許可制御の詳細"),
        Column("session_controls", "text", "Session controls in detail", "セッション制御の詳細"),
        Column("unknown_parts", "text", "Unknown to this report", "未知の項目"),
    ),
    legacy=LegacyFile(
        en=(
            "PolicyName policy_name, Status status, TargetUsers target_users, "
            "TargetApplications target_applications, Conditions conditions, "
            "AccessControls access_controls, CreationDate created_at, LastUpdated updated_at, "
            "ApplicationCount application_count"
        ),
        ja=(
            "ポリシー名 policy_name, 状態 status, 対象ユーザー target_users, "
            "対象アプリケーション target_applications, 制御アクション access_controls, "
            "リスクレベル risk_level, 最終更新日 updated_at"
        ),
    ),
    query=_query,
    row_key=("id",),
    order=("policy_name",),
)
