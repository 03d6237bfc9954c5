"""What of Kanri was tried in this tenant, and how that went: every collection and every permission."""

from shared.catalog import self_test
from shared.catalog.table import Table, report_table
from shared.catalog.union import union
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.text import Text


@report_table
def _test(s: Sources) -> Table:
    parts = (self_test.settings(s), self_test.collections(s), self_test.grants(s))
    return union(*parts, self_test.platform(s))


REPORT = Report(
    title=Text("Self-test", "テスト実行"),
    description=Text(
        "How the last collection of every dataset went, whether every permission was granted when that was "
        "last looked at, whether Microsoft conceals names, and how each part of the service was (database, "
        "storage, queues, keys ...), which is looked at every quarter of an hour. Reading it runs nothing: "
        "collections run by their schedule, permissions are looked at when the consent of the tenant is asked for.",
        "各データセットの最後の収集結果、最後に確認したアクセス許可の付与状況、および名前の匿名化の有無。このレポートの"
        "表示だけでは何も実行されません。収集はスケジュールに従い、アクセス許可はテナントの同意の確認時に調べます。"
        "サービスの各部分 (データベース、ストレージ、キュー、キーなど) の状態は 15 分ごとに調べたものです。",
    ),
    table=_test,
    order=("category", "test_id"),
    chart=Chart(kind="bar", across="result"),
    powershell=PowerShellFile(
        path="General/TestExecution",
        en="テストID test_id, テスト名 test_name, カテゴリ category, 優先度 priority, 実行状態 run_state, "
        "結果 result, 実行時間 (s) duration_s, エラーメッセージ error_message, 最終実行日時 last_run_at",
        ja="test_id, test_name, category, priority, run_state, result, duration_s, error_message, "
        "last_run_at",
    ),
)
