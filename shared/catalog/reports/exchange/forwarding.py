"""Which mailboxes send mail on to addresses outside, by rules of their inboxes."""

from sqlalchemy import case, or_, true

from shared.catalog import words
from shared.catalog.expressions import account_status
from shared.catalog.inbox_rules import applies_to_all, deletes_message, sent_outside
from shared.catalog.labels import ACCOUNT, RISK
from shared.catalog.mail import own_domains
from shared.catalog.table import COUNT, SUM, Table, absent, col, report_table
from shared.core.report import Chart, Preset, Report, Sources
from shared.core.text import Text

_BOX = {
    "user": Text("User", "ユーザー"),
    "linked": Text("Linked", "リンク"),
    "shared": Text("Shared", "共有"),
    "room": Text("Room", "会議室"),
    "equipment": Text("Equipment", "備品"),
    "others": Text("Other", "その他"),
}
_STATE = {
    "enabled": Text("On", "有効"),
    "disabled": Text("Off", "無効"),
    "error": Text("In error", "エラー"),
}
_NO_ADDRESS = Text(
    "Microsoft Graph does not show the forwarding address of a mailbox; see audit records of Set-Mailbox.",
    "メールボックスの転送先アドレスは Microsoft Graph から取得できません。Set-Mailbox の監査レコードを参照してください。",
)
_DIRECT = Text("Forwarding address", "転送先アドレス (メールボックス)")


@report_table
def _forwarding(s: Sources) -> Table:
    rules, users = s.entity("inbox_rules"), s.entity("users")
    boxes = s.entity("mailbox_settings")
    rule, user, box = rules.c, users.c, boxes.c
    outside = sent_outside(rule.actions, own_domains(s)).c
    state = case(
        (rule.has_error, "error"), (rule.is_enabled, "enabled"), (~rule.is_enabled, "disabled")
    )
    deletes, everything = deletes_message(rule.actions), applies_to_all(rule.conditions)
    works = state == "enabled"
    risk = case(
        (works & or_(deletes, everything), "high"), (works, "medium"), (state.is_not(None), "low")
    )
    joined = rules.join(outside.number.table, true())
    joined = joined.outerjoin(users, user.id == rule.user_id)
    return Table(
        joined.outerjoin(boxes, box.id == rule.user_id),
        col("user_name", user.display_name, words.USER_NAME),
        col("user_principal_name", user.user_principal_name, words.UPN),
        col("department", user.department, words.DEPARTMENT),
        col("account_status", account_status(user.account_enabled), Text("Account", "アカウント"), labels=ACCOUNT),
        col("mailbox_type", box.user_purpose, Text("Mailbox type", "メールボックス種別"), labels=_BOX),
        col("rule_name", rule.display_name, Text("Rule", "ルール名")),
        col("rule_state", state, Text("Rule state", "ルールの状態"), labels=_STATE),
        col("forwards_to", outside.addresses, Text("Forwards to", "転送先")),
        col("outside_count", outside.number, Text("Addresses outside", "外部アドレス数"), total=SUM, personal=False, because="a number names nobody"),
        col("deletes_message", deletes, Text("Deletes the message", "メッセージを削除"), total=COUNT, personal=False, because="what a rule does names nobody"),
        col("forwards_everything", everything, Text("Forwards everything", "すべて転送"), total=COUNT, personal=False, because="what a rule does names nobody"),
        col("risk_level", risk, words.RISK_LEVEL, labels=RISK, personal=False, because="what a rule does names nobody"),
        absent("forwarding_address", "text", _DIRECT, _NO_ADDRESS),
        col("id", rule.id, words.ID),
        col("user_id", rule.user_id, words.USER_ID),
        where=outside.number > 0,
    )  # fmt: skip


REPORT = Report(
    title=Text("Mailboxes that forward outside", "外部へ転送するメールボックス"),
    description=Text(
        "One row per inbox rule that forwards, redirects or attaches mail to an address outside the "
        "tenant's verified domains. The risk is high if the rule is on and applies to all mail or deletes "
        "the message, medium if it is on, else low. Rules hidden from Outlook, and forwarding set on the "
        "mailbox itself, are not shown by Microsoft Graph.",
        "テナントの検証済みドメイン以外のアドレスへ転送・リダイレクト・添付転送する受信トレイのルールごとに 1 行。"
        "リスクは、有効なルールがすべてのメールを対象とするかメッセージを削除する場合は高、有効なら中、それ以外は低です。"
        "Outlook で非表示のルールとメールボックス自体の転送設定は Microsoft Graph では取得できません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/messageruleactions",
    table=_forwarding,
    order=("user_name",),
    chart=Chart(kind="bar", across="risk_level"),
    lacks={
        "domains": Text(
            "Which domains are the tenant's own is not fully known: addresses within may be shown as outside.",
            "テナントのドメインを完全に取得できていないため、内部のアドレスが外部として表示されることがあります。",
        ),
    },
    presets={
        "active": Preset(
            words=Text("Rules that are on", "有効なルール"),
            asked={"filter": "rule_state eq 'enabled'"},
        ),
    },
)
