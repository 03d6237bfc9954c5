"""The words of the reports on what is shared, and the rules and presets that both of them go by."""

from collections.abc import Mapping

from shared.core.report import Preset
from shared.core.text import Text

ACCESS = Text("Access", "アクセス権限")
FILE_NAME = Text("File", "ファイル名")
FILE_TYPE = Text("File type", "ファイルタイプ")
ITEM_URL = Text("Address of the file", "ファイルの URL")
LAST_ACCESS = Text("Last access", "最終アクセス")
LINK_SCOPE = Text("Link for", "リンクの対象")
LINK_STATE = Text("State", "共有の状態")
NOT_WHO = "how something is shared names nobody"
OWNER = Text("Owner", "所有者")
PLACE = Text("Place", "場所")
SHARED_SINCE = Text("Shared since", "共有開始日")
NO_ACCESS_TIME = Text(
    "Microsoft Graph does not tell when a shared file was opened; audit records name files by path, Graph "
    "by address.",
    "共有ファイルの最終アクセス日時は Microsoft Graph から取得できません (監査レコードはパス、Graph は URL でファイルを示します)。",
)
NO_DOWNLOADS = Text(
    "Microsoft Graph does not count downloads of a shared file.",
    "共有ファイルのダウンロード数は Microsoft Graph から取得できません。",
)
RULES = Text(
    "A share is anonymous if its link opens for anyone, organization if for everybody within, external if "
    "somebody it was given to is a guest or has an address outside the tenant's verified domains, else "
    "internal. Risk: high if anyone or somebody external may edit; medium if they may view, or the file is "
    "larger than 10 MB (a setting); else low, as is what has expired or the tenant's settings block. Who is "
    "in a group is not looked at. What of the drives was not read yet is missing: see the coverage.",
    "共有タイプ: 誰でも開けるリンクは匿名リンク、組織内の全員が開けるものは組織内リンク、共有相手にゲストまたは検証済みドメイン外の"
    "アドレスがあれば外部、それ以外は社内。リスク: 匿名または外部に編集を許可していれば高、閲覧のみ、またはファイルが 10 MB "
    "(設定可) を超えれば中、それ以外および期限切れ・テナントの設定で無効なものは低。グループのメンバーは判定しません。"
    "未取得のドライブの共有は含まれません (カバレッジを参照)。",
)
PRESETS: Mapping[str, Preset] = {
    "anyone": Preset(
        words=Text("Links open to anyone", "誰でも開けるリンク"),
        asked={"filter": "link_scope eq 'anonymous' and link_state eq 'active'"},
    ),
    "high_risk": Preset(
        words=Text("Shares of high risk", "リスクの高い共有"),
        asked={"filter": "risk_level eq 'high'"},
    ),
}
