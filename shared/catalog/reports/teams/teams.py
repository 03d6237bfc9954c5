"""How much each person uses Teams."""

from sqlalchemy import ColumnElement, FromClause, case, func

from shared.catalog import words
from shared.catalog.labels import ACTIVE, USAGE_LEVEL
from shared.catalog.table import SUM, Table, absent, col, report_table
from shared.catalog.teams_installs import UNKNOWN_APPS, installed_apps
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.text import Text

_ATTENDED = Text("Meetings attended", "月間会議参加数")
_ORGANISED = Text("Meetings organised", "主催した会議数")
_ACTIONS = Text("Messages, calls and meetings", "アクティビティ合計")
_STORAGE = Text("Storage used (MB)", "ストレージ使用量 (MB)")
_NO_STORAGE = Text(
    "Microsoft's Teams report has no storage per user.",
    "Microsoft の Teams レポートにはユーザー別のストレージがありません。",
)
_APPS = Text("Apps used", "アプリ使用数")
_NOBODY = "a number names nobody"


@report_table
def _teams(s: Sources) -> Table:
    usage, users = s.measures("teams_user_activity"), s.entity("users")
    row, user = usage.c, users.c
    name = func.coalesce(user.display_name, row.user_principal_name)
    chats = row.team_chat_message_count + row.private_chat_message_count
    actions = chats + row.call_count + row.meeting_count
    level, status = _level(actions), _status(usage, actions)
    return Table(
        usage.outerjoin(users, user.id == row.user_id),
        col("user_name", name, words.USER_NAME),
        col("department", user.department, words.DEPARTMENT),
        col("last_activity_date", row.last_activity_date, Text("Last activity", "最終アクセス")),
        col("meetings_attended_count", row.meetings_attended_count, _ATTENDED, total=SUM),
        col("chat_message_count", chats, Text("Chat messages", "月間チャット数"), total=SUM),
        absent("storage_used_mb", "float", _STORAGE, _NO_STORAGE),
        col("app_usage_count", installed_apps(s, users), _APPS, personal=False, because=_NOBODY),
        col("usage_level", level, Text("Usage level", "利用レベル"), labels=USAGE_LEVEL),
        col("status", status, Text("Status (30 days)", "ステータス"), labels=ACTIVE),
        col("id", row.id, words.ID),
        col("user_id", row.user_id, words.USER_ID),
        col("user_principal_name", row.user_principal_name, words.UPN),
        col("meetings_organized_count", row.meetings_organized_count, _ORGANISED),
        col("call_count", row.call_count, Text("Calls", "通話数"), total=SUM),
        col("action_count", actions, _ACTIONS),
        col("is_licensed", row.is_licensed, Text("Licensed", "ライセンスあり")),
        col("report_date", row.report_date, words.REPORT_DATE),
        where=func.coalesce(row.is_deleted, False).is_(False),
    )


def _level(actions: ColumnElement[int]) -> ColumnElement[str]:
    busy, some = actions >= 100, actions >= 20
    return case((busy, "high"), (some, "medium"), (actions > 0, "low"), (actions == 0, "none"))


def _status(usage: FromClause, actions: ColumnElement[int]) -> ColumnElement[str]:
    # A date after the report's own has not happened yet; a day more is the turn of the date line.
    days = usage.c.report_date - usage.c.last_activity_date
    quiet_days = case((days >= -1, days))
    # The counts are those of 30 days: they tell where the date is missing.
    return case(
        (quiet_days <= 30, "active"),
        (quiet_days > 30, "inactive"),
        (actions > 0, "active"),
        (actions == 0, "inactive"),
    )


REPORT = Report(
    title=Text("Teams usage", "Teams使用状況"),
    description=Text(
        "Meetings, chats and calls of each user in the last 30 days. Usage level counts "
        "messages, calls and meetings: 100 or more high, 20 or more medium, 1 or more low. Apps are those "
        "installed for the user now; people without a licence are not asked about.",
        "過去 30 日間の会議、チャット、通話。利用レベルはメッセージ、通話、会議の合計で"
        "判定します (100 以上は高、20 以上は中、1 以上は低)。アプリ数は現在インストールされている数です (ライセンスのないユーザーは空欄)。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getteamsuseractivityuserdetail",
    table=_teams,
    lacks=UNKNOWN_APPS,
    # Not by name: it may come from either of two datasets, and no index orders that.
    order=("user_principal_name",),
    chart=Chart(kind="bar", across="usage_level"),
    powershell=PowerShellFile(
        path="TeamsManagement/TeamsUsage",
        en="user_name, department, LastAccess last_activity_date, "
        "MonthlyMeetingParticipation meetings_attended_count, "
        "MonthlyChatCount chat_message_count, storage_used_mb, app_usage_count, usage_level, status",
        ja="user_name, department, last_activity_date, meetings_attended_count, "
        "chat_message_count, storage_used_mb, app_usage_count, usage_level, status",
    ),
)
