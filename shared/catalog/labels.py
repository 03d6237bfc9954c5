"""The words for coded values that several reports share, in the vocabulary of the PowerShell tool.

Codes of Microsoft's come from open lists: one that has no word here is shown as it is, and nothing
that would depend on its meaning is said.
"""

from collections.abc import Mapping

from shared.core.text import Text

ACCOUNT: Mapping[str, Text] = {
    "enabled": Text("Enabled", "有効"),
    "disabled": Text("Disabled", "無効"),
}

LICENSED: Mapping[str, Text] = {
    "licensed": Text("Licensed", "ライセンスあり"),
    "unlicensed": Text("No licence", "ライセンスなし"),
}

# State of a licence: https://learn.microsoft.com/en-us/graph/api/resources/subscribedsku
CAPABILITY: Mapping[str, Text] = {
    "Enabled": Text("Enabled", "有効"),
    "Warning": Text("In grace period", "猶予期間中"),
    "Suspended": Text("Suspended", "停止中"),
    "Deleted": Text("Deleted", "削除済み"),
    "LockedOut": Text("Locked out", "ロックアウト"),
}

# Share of the usable units that is assigned: from 95, from 80, from 50 percent, less.
LICENCE_USE: Mapping[str, Text] = {
    "full": Text("Fully used", "フル使用"),
    "high": Text("High use", "高使用"),
    "medium": Text("Medium use", "中使用"),
    "low": Text("Low use", "低使用"),
}

# Days since something last happened: up to 90, up to 180, longer, unless the question says others.
FRESHNESS: Mapping[str, Text] = {
    "normal": Text("Normal", "通常"),
    "review": Text("Review", "要確認"),
    "stale": Text("Not updated for long", "長期未更新"),
}

RISK: Mapping[str, Text] = {
    "none": Text("None", "なし"),
    "low": Text("Low", "低"),
    "medium": Text("Medium", "中"),
    "high": Text("High", "高"),
    "hidden": Text("Hidden (needs Entra ID P2)", "非表示 (Entra ID P2 が必要)"),
}

MFA: Mapping[str, Text] = {
    "registered": Text("Registered", "設定済み"),
    "not_registered": Text("Not registered", "未設定"),
    "unknown": Text("Unknown", "不明"),
}

CAPACITY: Mapping[str, Text] = {
    "normal": Text("Normal", "正常"),
    "warning": Text("Warning", "警告"),
    "attention": Text("Attention", "要注意"),
    "full": Text("Out of space", "容量不足"),
}

COMPLIANCE: Mapping[str, Text] = {
    "compliant": Text("Compliant", "準拠"),
    "non_compliant": Text("Not compliant", "非準拠"),
}

# From 95, from 80 percent, less, unless the question says others.
COMPLIANCE_STATE: Mapping[str, Text] = {
    "compliant": Text("Compliant", "準拠"),
    "warning": Text("Warning", "警告"),
    "non_compliant": Text("Not compliant", "非準拠"),
}

# No second factor, one, two or more.
MFA_RATING: Mapping[str, Text] = {
    "dangerous": Text("Dangerous", "危険"),
    "good": Text("Good", "良好"),
    "excellent": Text("Excellent", "優秀"),
}

POLICY_STATE: Mapping[str, Text] = {
    "enabled": Text("On", "有効"),
    "disabled": Text("Off", "無効"),
    "enabledForReportingButNotEnforced": Text("Report-only", "レポート専用"),
}

# What a Conditional Access policy does where it is on.
POLICY_EFFECT: Mapping[str, Text] = {
    "blocks_everyone": Text("Blocks every sign-in", "すべてのサインインをブロック"),
    "blocks": Text("Blocks what it targets", "対象をブロック"),
    "grants": Text("Demands controls", "制御を要求"),
    "session": Text("Limits the session only", "セッションのみ制限"),
    "none": Text("No control", "制御なし"),
    "unknown": Text("Unknown", "不明"),
}

# Microsoft 365 as a whole, and the services that its usage reports tell apart.
SERVICE: Mapping[str, Text] = {
    "m365": Text("Microsoft 365", "全体"),
    "exchange": Text("Exchange", "Exchange"),
    "onedrive": Text("OneDrive", "OneDrive"),
    "sharepoint": Text("SharePoint", "SharePoint"),
    "teams": Text("Teams", "Teams"),
}

# From 5 percent up or down; between them flat.
TREND: Mapping[str, Text] = {
    "up": Text("Up", "増加"),
    "down": Text("Down", "減少"),
    "flat": Text("Flat", "横ばい"),
}

# What is paid for and used, and how well it is set up: from 80, from 60, from 40, less.
RATING: Mapping[str, Text] = {
    "excellent": Text("Excellent", "優良"),
    "good": Text("Good", "良好"),
    "improve": Text("To be improved", "要改善"),
    "poor": Text("Poor", "不良"),
}

SERVICE_STATE: Mapping[str, Text] = {
    "normal": Text("Normal", "正常"),
    "warning": Text("Warning", "警告"),
    "abnormal": Text("Interrupted", "異常"),
}

ISSUE_KIND: Mapping[str, Text] = {
    "incident": Text("Incident", "インシデント"),
    "advisory": Text("Advisory", "アドバイザリ"),
}

# Time without incidents against what was agreed.
SLA: Mapping[str, Text] = {
    "met": Text("Met", "達成"),
    "missed": Text("Missed", "未達"),
}

# How much somebody did: of messages, calls and meetings of 30 days 100, 20, one, none; of a day's
# activity score 60, 30, more than 0, 0.
USAGE_LEVEL: Mapping[str, Text] = {
    "high": Text("High", "高"),
    "medium": Text("Medium", "中"),
    "low": Text("Low", "低"),
    "none": Text("None", "なし"),
}

ACTIVE: Mapping[str, Text] = {
    "active": Text("Active", "アクティブ"),
    "inactive": Text("Inactive", "非アクティブ"),
}

# Who holds a role: https://learn.microsoft.com/en-us/graph/api/resources/directoryobject
PRINCIPAL: Mapping[str, Text] = {
    "user": Text("User", "ユーザー"),
    "group": Text("Group", "グループ"),
    "servicePrincipal": Text("Application", "アプリケーション"),
}

# Where a test of the self-test belongs: an area of the catalogue, or what is no dataset.
AREA: Mapping[str, Text] = {
    "applications": Text("Applications", "アプリケーション"),
    "devices": Text("Devices", "デバイス"),
    "exchange": Text("Exchange", "Exchange"),
    "identity": Text("Identity", "ID"),
    "licensing": Text("Licences", "ライセンス"),
    "onedrive": Text("OneDrive", "OneDrive"),
    "permission": Text("Permission", "アクセス許可"),
    "platform": Text("Platform", "プラットフォーム"),
    "security": Text("Security", "セキュリティ"),
    "service": Text("Service", "サービス"),
    "setting": Text("Setting", "設定"),
    "teams": Text("Teams", "Teams"),
}

PRIORITY: Mapping[str, Text] = {
    "high": Text("High", "高"),
    "medium": Text("Medium", "中"),
}

RUN_STATE: Mapping[str, Text] = {
    "done": Text("Done", "実行済み"),
    "never": Text("Never", "未実行"),
}

RUN_RESULT: Mapping[str, Text] = {
    "success": Text("Success", "成功"),
    "warning": Text("Warning", "警告"),
    "failure": Text("Failure", "失敗"),
    "not_licensed": Text("Not licensed", "ライセンスなし"),
    "off": Text("Off", "無効"),
}
