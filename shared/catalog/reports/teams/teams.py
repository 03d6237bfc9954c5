"""How much each person uses Teams."""

from sqlalchemy import Select, case, func, select

from shared.catalog.expressions import nothing
from shared.core.report import LegacyFile, Report, Sources
from shared.core.report import ReportColumn as Column
from shared.core.text import Text


def _query(sources: Sources) -> Select[tuple[object, ...]]:
    usage, users = sources.measures("teams_user_activity"), sources.entity("users")
    row, user = usage.c, users.c
    chats = row.team_chat_message_count + row.private_chat_message_count
    actions = chats + row.call_count + row.meeting_count
    # A date after the report's own has not happened yet; a day more is the turn of the date line.
    days = row.report_date - row.last_activity_date
    quiet_days = case((days >= -1, days))
    return (
        select(
            func.coalesce(user.display_name, row.user_principal_name).label("user_name"),
            user.department,
            row.last_activity_date,
            row.meetings_attended_count,
            chats.label("chat_message_count"),
            nothing("float").label("storage_used_mb"),
            nothing("int").label("app_usage_count"),
            case(
                (actions >= 100, "high"),
                (actions >= 20, "medium"),
                (actions > 0, "low"),
                (actions == 0, "none"),
            ).label("usage_level"),
            # The counts are those of 30 days: they tell where the date is missing.
            case(
                (quiet_days <= 30, "active"),
                (quiet_days > 30, "inactive"),
                (actions > 0, "active"),
                (actions == 0, "inactive"),
            ).label("status"),
            row.id,
            row.user_id,
            row.user_principal_name,
            row.meetings_organized_count,
            row.call_count,
            actions.label("action_count"),
            row.is_licensed,
            row.report_date,
        )
        .select_from(usage.outerjoin(users, user.id == row.user_id))
        .where(func.coalesce(row.is_deleted, False).is_(False))
    )


REPORT = Report(
    title=Text("Teams usage", "Teams使用状況"),
    description=Text(
        "Meetings, chats and calls of each user in the last 30 days. Usage level counts "
        "messages, calls and meetings: 100 or more high, 20 or more medium, 1 or more low.",
        "過去 30 日間の会議、チャット、通話。利用レベルはメッセージ、通話、会議の合計で"
        "判定します (100 以上は高、20 以上は中、1 以上は低)。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getteamsuseractivityuserdetail",
    needs=("teams_user_activity", "users"),
    columns=(
        Column("user_name", "text", "User name", "ユーザー名", personal=True),
        Column("department", "text", "Department", "部署"),
        Column(
            "last_activity_date",
            "date",
            "Last activity",
            "最終アクセス",
            personal=True,
        ),
        Column("meetings_attended_count", "int", "Meetings attended", "月間会議参加数"),
        Column("chat_message_count", "int", "Chat messages", "月間チャット数"),
        Column(
            "storage_used_mb",
            "float",
            "Storage used (MB)",
            "ストレージ使用量 (MB)",
            unavailable=Text(
                "Microsoft's Teams report has no storage per user.",
                "Microsoft の Teams レポートにはユーザー別のストレージがありません。",
            ),
        ),
        Column(
            "app_usage_count",
            "int",
            "Apps used",
            "アプリ使用数",
            unavailable=Text(
                "Microsoft's Teams report has no apps per user.",
                "Microsoft の Teams レポートにはユーザー別のアプリ数がありません。",
            ),
        ),
        Column(
            "usage_level",
            "text",
            "Usage level",
            "利用レベル",
            labels={
                "high": Text("High", "高"),
                "medium": Text("Medium", "中"),
                "low": Text("Low", "低"),
                "none": Text("None", "なし"),
            },
        ),
        Column(
            "status",
            "text",
            "Status (30 days)",
            "ステータス",
            labels={
                "active": Text("Active", "アクティブ"),
                "inactive": Text("Inactive", "非アクティブ"),
            },
        ),
        Column("id", "text", "Id", "ID"),
        Column("user_id", "text", "User id", "ユーザー ID"),
        Column("user_principal_name", "text", "UPN", "ユーザープリンシパル名", personal=True),
        Column("meetings_organized_count", "int", "Meetings organised", "主催した会議数"),
        Column("call_count", "int", "Calls", "通話数"),
        Column("action_count", "int", "Messages, calls and meetings", "アクティビティ合計"),
        Column("is_licensed", "bool", "Licensed", "ライセンスあり"),
        Column("report_date", "date", "Report date", "レポート日"),
    ),
    legacy=LegacyFile(
        en=(
            "UserName user_name, Department department, LastAccess last_activity_date, "
            "MonthlyMeetingParticipation meetings_attended_count, "
            "MonthlyChatCount chat_message_count, StorageUsedMB storage_used_mb, "
            "AppUsageCount app_usage_count, UsageLevel usage_level, Status status"
        ),
        ja=(
            "ユーザー名 user_name, 部署 department, 最終アクセス last_activity_date, "
            "月間会議参加数 meetings_attended_count, 月間チャット数 chat_message_count, "
            "ストレージ使用量 (MB) storage_used_mb, アプリ使用数 app_usage_count, "
            "利用レベル usage_level, ステータス status"
        ),
    ),
    query=_query,
    row_key=("id",),
    # Not by name: it may come from either of two datasets, and no index orders that.
    order=("user_principal_name",),
)
