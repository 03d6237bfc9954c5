"""How Teams is set up: each policy, how many it applies to, and whether it is as it should be."""

from sqlalchemy import case, false, true

from shared.catalog import teams_policies as teams
from shared.catalog import words
from shared.catalog.labels import COMPLIANCE
from shared.catalog.table import Table, col, report_table
from shared.core.report import Chart, PowerShellFile, Preset, Report, Sources
from shared.core.text import Text

_USE = {"active": Text("Active", "有効"), "unused": Text("Unused", "未使用")}
_TARGETS = Text("Users it applies to", "対象ユーザー数")
_MESSAGING = Text("Messaging allowed", "メッセージング許可")
_FILES = Text("File sharing allowed", "ファイル共有許可")
_RECORDING = Text("Recording allowed", "会議録画許可")
_UPDATED = Text("Last changed", "最終更新日")
_TENANT_WIDE = Text("For everybody", "テナント全体")


@report_table
def _settings(s: Sources) -> Table:
    found = teams.policies(s)
    kind, resource, users = found.kind, found.resource, found.target_users
    changed = s.changes("teams_configuration")
    status = case((found.for_all, "active"), (users > 0, "active"), (users == 0, "unused"))
    chat = teams.switch(resource, "AllowUserChat")
    messaging = case((kind.in_(("messagingpolicy", "guestmessagingconfiguration")), chat))
    entry = teams.said(resource, "NativeFileEntryPoints")
    files = case(
        ((kind == "filespolicy") & (entry == "Enabled"), true()),
        ((kind == "filespolicy") & (entry == "Disabled"), false()),
    )
    recording = case((kind == "meetingpolicy", teams.switch(resource, "AllowCloudRecording")))
    return Table(
        found.source.join(changed, changed.c.id == resource.c.id),
        col("policy_name", found.name, Text("Policy", "ポリシー名")),
        col("policy_type", kind, Text("Type", "ポリシータイプ"), labels=teams.TYPES),
        col("target_users_count", users, _TARGETS),
        col("status", status, words.STATUS, labels=_USE),
        col("messaging_allowed", messaging, _MESSAGING),
        col("file_sharing_allowed", files, _FILES),
        col("recording_allowed", recording, _RECORDING),
        col("updated_at", changed.c.changed_at, _UPDATED),
        col("compliance", teams.compliance(found), words.COMPLIANCE, labels=COMPLIANCE),
        col("id", resource.c.id, words.ID),
        col("is_tenant_wide", found.for_all, _TENANT_WIDE),
        where=resource.c.resource_type.startswith(teams.PREFIX),
    )


REPORT = Report(
    title=Text("Teams settings", "Teams設定分析"),
    description=Text(
        "One row per policy or configuration of Teams. A policy applies to the users who hold it, the "
        "global one to those who hold no other of its type, a configuration to all users, or all guests. "
        "Last changed is when Kanri found it changed; empty until then, as Microsoft keeps no date. "
        "Compliant: meetings do not admit everyone, anonymous people do not start them, callers do not "
        "bypass the lobby, external people are not given control; users may report messages; "
        "Skype users outside are not let in. Other types are not judged.",
        "Teams のポリシーまたは構成ごとに 1 行。ポリシーは割り当てられたユーザー、グローバル ポリシーは同種の"
        "割り当てがないユーザー、構成は全ユーザー (ゲスト用は全ゲスト) に適用されます。最終更新日は変更を検出した"
        "日時で、それまでは空欄です (Microsoft は日付を保持しません)。準拠の条件: 会議が全員を自動許可しない、匿名"
        "ユーザーが開始できない、電話参加者がロビーを迂回できない、外部参加者に制御を渡せない、ユーザーがメッセージを"
        "報告できる、外部の Skype ユーザーを許可しない。その他の種類は判定しません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/configurationsnapshotjob",
    table=_settings,
    order=("policy_type", "policy_name"),
    chart=Chart(kind="bar", across="compliance"),
    lacks={
        "teams_user_configurations": Text(
            "How many users a policy applies to is not known.",
            "ポリシーの対象ユーザー数を取得できていません。",
        ),
    },
    presets={
        "not_compliant": Preset(
            words=Text("Policies that are not compliant", "非準拠のポリシー"),
            asked={"filter": "compliance eq 'non_compliant'"},
        ),
        "unused": Preset(
            words=Text("Policies that nobody has", "未使用のポリシー"),
            asked={"filter": "status eq 'unused'"},
        ),
    },
    powershell=PowerShellFile(
        path="TeamsManagement/TeamsSettingsAnalysis",
        en="policy_name, policy_type, target_users_count, status, "
        "MessagingPermission messaging_allowed, FileSharingPermission file_sharing_allowed, "
        "MeetingRecordingPermission recording_allowed, LastUpdated updated_at, compliance",
        ja="policy_name, policy_type, target_users_count, status, messaging_allowed, "
        "file_sharing_allowed, recording_allowed, updated_at, compliance",
    ),
)
