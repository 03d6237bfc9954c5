"""What each licensed person did on the newest day that Microsoft has published."""

from functools import partial

from shared.catalog import words
from shared.catalog.days_activity import activity_level, days_activity, was_active
from shared.catalog.expressions import array_length, freshness, mostly
from shared.catalog.labels import ACTIVE, FRESHNESS, RISK, USAGE_LEVEL
from shared.catalog.passwords import password_age, password_risk
from shared.catalog.table import AVERAGE, SUM, Table, col, report_table
from shared.catalog.user_types import is_member
from shared.core.report import Chart, PowerShellFile, Preset, Report, Sources
from shared.core.text import Text

_ATTEMPT = Text("Last interactive attempt", "最終対話型サインイン (試行)")
_SIGN_INS = Text("Sign-ins of the day", "日次ログイン")
_MAILS = Text("Messages sent and received", "日次メール")
_ACTIONS = Text("Teams messages, calls and meetings", "Teamsアクティビティ")
_LEVEL = Text("Activity level", "アクティビティレベル")
_SCORE = Text("Activity score", "アクティビティスコア")
_AGE = Text("Password age (days)", "パスワード未変更日数")
_PASSWORD = Text("Password state", "パスワード状態")
_RISK = Text("Risk from password age", "セキュリティリスク")
_OF_ONE = "what somebody did on a day is about him"


@report_table
def _daily(s: Sources) -> Table:
    found, seen = days_activity(s), s.entity("sign_in_activity")
    user, done = found.users.c, found.done.c
    age = password_age(s, found.users)
    licensed = array_length(user.assigned_licenses) > 0
    member = is_member(user.user_type)
    own = partial(col, personal=True, because=_OF_ONE)
    return Table(
        found.source.outerjoin(seen, seen.c.id == user.id),
        col("user_name", user.display_name, words.USER_NAME),
        col("user_principal_name", user.user_principal_name, words.UPN),
        col("department", user.department, words.DEPARTMENT),
        col("job_title", user.job_title, Text("Job title", "役職")),
        col("last_sign_in_at", seen.c.last_sign_in_at, _ATTEMPT),
        own("daily_sign_in_count", done.sign_ins, _SIGN_INS, total=SUM),
        own("daily_email_count", done.mails, _MAILS, total=SUM),
        own("teams_activity_count", done.actions, _ACTIONS, total=SUM),
        own("activity_level", activity_level(s, done.score), _LEVEL, labels=USAGE_LEVEL),
        own("activity_score", done.score, _SCORE, total=AVERAGE),
        own("status", was_active(done.score), words.STATUS, labels=ACTIVE),
        col("report_date", done.day, words.REPORT_DATE),
        col("password_age_days", age, _AGE),
        col("password_status", freshness(s, age), _PASSWORD, labels=FRESHNESS),
        col("risk_level", password_risk(s, age), _RISK, labels=RISK),
        col("id", user.id, words.OBJECT_ID),
        where=user.account_enabled & mostly(member) & mostly(licensed),
    )


REPORT = Report(
    title=Text("Daily report", "日次レポート"),
    description=Text(
        "What each enabled, licensed member did on the newest day that Microsoft has published (UTC), "
        "usually the day before yesterday. The score is in percent of what is known: 20 points for a "
        "sign-in, 40 for mail (20 sent messages are all of them, five read ones count for one sent), 40 "
        "for Teams (40 messages are all of them, a call or meeting counts for five). What a user is "
        "not licensed for, and what could not be read, is left out, as is who Microsoft does not say to be a "
        "member. "
        "The tenant's figures beside those of the day before are in the report digest (preset day).",
        "有効でライセンスを持つ各メンバーの、Microsoft が公表した最新日 (UTC、通常は一昨日) の活動。"
        "スコアは判明している項目の満点に対する割合です。サインイン 20 点、メール 40 点 (送信 20 通で満点、"
        "閲覧 5 通を送信 1 通と換算)、Teams 40 点 (メッセージ 40 件で満点、通話・会議 1 件を 5 件と換算)。"
        "ライセンスのないサービスと読み取れなかった項目、Microsoft がメンバーと示していないユーザーは除きます。"
        "前日との比較は digest レポート (プリセット day) にあります。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/reportroot-getemailactivityuserdetail",
    table=_daily,
    # The score of everybody would have to be worked out to begin with the highest.
    order=("user_name",),
    chart=Chart(kind="bar", across="activity_level"),
    presets={
        "most_active": Preset(
            words=Text("Who did most", "活動の多い順"), asked={"orderBy": "activity_score desc"}
        ),
        "inactive": Preset(
            words=Text("Who did nothing", "活動のなかったユーザー"),
            asked={"filter": "status eq 'inactive'"},
        ),
    },
    powershell=PowerShellFile(
        path="Reports/Daily/DailyReport",
        en="user_name, user_principal_name, department, job_title, LastSignIn last_sign_in_at, "
        "DailyLogins daily_sign_in_count, DailyEmails daily_email_count, "
        "TeamsActivity teams_activity_count, activity_level, activity_score, status, report_date",
        ja="user_name, user_principal_name, daily_sign_in_count, daily_email_count, "
        "teams_activity_count, activity_level, activity_score, status",
    ),
)
