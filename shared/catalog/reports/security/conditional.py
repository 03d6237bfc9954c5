"""Which Conditional Access policies exist, whom they target and what they demand."""

from shared.catalog import policy_parts, words
from shared.catalog.expressions import joined, listed
from shared.catalog.labels import POLICY_EFFECT, POLICY_STATE
from shared.catalog.policy_targets import application_count, named_people
from shared.catalog.table import Table, col, report_table
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.text import Text

_NUMBER = Text("Number of applications", "対象アプリ数")
_EXCLUDED = Text("Excluded applications", "対象外アプリケーション")
_COMBINED = Text("Controls combined by", "制御の組み合わせ")
_SESSION = Text("Session controls in detail", "セッション制御の詳細")


@report_table
def _conditional(s: Sources) -> Table:
    policies = s.entity("conditional_access_policies")
    policy = policies.c
    conditions, grant, session = policy.conditions, policy.grant_controls, policy.session_controls
    named = ("Applications", "UserActions", "AuthenticationContextClassReferences")
    targets = joined(*(listed(conditions, f"$.applications.include{kind}[*]") for kind in named))
    excluded = listed(conditions, "$.applications.excludeApplications[*]")
    sign_in_risk = listed(conditions, "$.signInRiskLevels[*]")
    user_risk = listed(conditions, "$.userRiskLevels[*]")
    in_force = listed(session, policy_parts.IN_FORCE)
    unknown = policy_parts.unknown_to_us(conditions, grant, session)
    result = policy_parts.effect(conditions, grant, in_force, unknown)
    people, others = (named_people(s, conditions, side) for side in ("include", "exclude"))
    further = policy_parts.further_conditions(s, conditions)
    controls, granted = joined(*policy_parts.grants(grant), in_force), policy_parts.details(grant)
    return Table(
        policies,
        col("policy_name", policy.display_name, Text("Policy name", "ポリシー名")),
        col("status", policy.state, Text("Status", "状態"), labels=POLICY_STATE),
        col("target_users", people, Text("Target users", "対象ユーザー")),
        col("target_applications", targets, Text("Applications", "対象アプリケーション")),
        col("conditions", further, Text("Conditions", "条件")),
        col("access_controls", controls, Text("Controls", "制御アクション")),
        col("risk_level", joined(sign_in_risk, user_risk), Text("Risk levels", "リスクレベル")),
        col("created_at", policy.created_at, words.CREATED),
        col("updated_at", policy.modified_at, Text("Updated", "最終更新日")),
        col("application_count", application_count(conditions), _NUMBER),
        col("id", policy.id, Text("Policy id", "ポリシー ID")),
        col("excluded_users", others, Text("Excluded users", "対象外ユーザー")),
        col("excluded_applications", excluded, _EXCLUDED),
        col("control_operator", listed(grant, "$.operator"), _COMBINED),
        col("effect", result, Text("Effect when on", "有効時の効果"), labels=POLICY_EFFECT),
        col("sign_in_risk_levels", sign_in_risk, Text("Sign-in risk levels", "サインイン リスク")),
        col("user_risk_levels", user_risk, Text("User risk levels", "ユーザー リスク")),
        col("grant_details", granted, Text("Grant controls in detail", "許可制御の詳細")),
        col("session_controls", policy_parts.details(session), _SESSION),
        col("unknown_parts", unknown, Text("Unknown to this report", "未知の項目")),
    )


REPORT = Report(
    title=Text("Conditional Access", "条件付きアクセス"),
    description=Text(
        "Conditional Access policies with target, conditions and controls in readable form. What "
        "this report does not know is shown in Microsoft's words, and the effect is then unknown.",
        "条件付きアクセス ポリシーの対象、条件、制御を読みやすい形で示します。未知の項目は "
        "Microsoft の名称のまま表示し、その場合の効果は「不明」とします。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/conditionalaccesspolicy",
    table=_conditional,
    order=("policy_name",),
    chart=Chart(kind="bar", across="status"),
    powershell=PowerShellFile(
        path="EntraIDManagement/ConditionalAccess",
        en="policy_name, status, target_users, target_applications, conditions, access_controls, "
        "CreationDate created_at, LastUpdated updated_at, application_count",
        ja="policy_name, status, target_users, target_applications, access_controls, risk_level, "
        "updated_at",
    ),
)
