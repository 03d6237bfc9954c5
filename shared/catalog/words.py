"""The vocabulary of common columns: what several reports show is called the same in each of them."""

from shared.core.text import Text

ACTIVITY_STATE = Text("Activity", "アクティビティ状態")
CREATED = Text("Created", "作成日")
DEPARTMENT = Text("Department", "部署")
DISPLAY_NAME = Text("Display name", "表示名")
EMAIL = Text("Email", "メールアドレス")
ID = Text("Id", "ID")
LAST_USE = Text("Last use", "最終サインイン (成功)")
OBJECT_ID = Text("Object id", "オブジェクト ID")
REPORT_DATE = Text("Report date", "レポート日")
RISK_LEVEL = Text("Risk", "リスクレベル")
STATUS = Text("Status", "ステータス")
UNUSED_DAYS = Text("Days unused", "未使用日数")
UPN = Text("UPN", "ユーザープリンシパル名")
USAGE_RATE = Text("Usage (%)", "使用率")
USER_ID = Text("User id", "ユーザー ID")
USER_NAME = Text("User name", "ユーザー名")
USER_TYPE = Text("User type", "ユーザーの種類")
