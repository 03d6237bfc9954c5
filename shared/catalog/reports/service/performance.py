"""How well each service of Microsoft 365 does, as far as Microsoft tells."""

from sqlalchemy import ColumnElement, Double, Numeric, case, cast, func

from shared.catalog import incident_time, words
from shared.catalog.expressions import percent
from shared.catalog.labels import SERVICE_STATE, SLA
from shared.catalog.service_performance import drives, mailboxes, services
from shared.catalog.service_use import state_of
from shared.catalog.table import Table, absent, col, report_table
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.report_parameters import SLA_PER_MILLE
from shared.core.text import Text

_UPTIME = Text("Incident-free time (%)", "稼働率 (%)")
_STORAGE = Text("Storage in use (%)", "ストレージ使用率 (%)")
_RESPONSE = Text("Response (ms)", "応答時間 (ms)")
_ERRORS = Text("Errors (%)", "エラー率 (%)")
_NO_LOAD = Text(
    "Microsoft publishes no load of its servers.", "Microsoft はサーバーの負荷を公表していません。"
)


@report_table
def _performance(s: Sources) -> Table:
    rated, known = services(s), incident_time.issues_are_known(s)
    service, uptime = rated.c, rated.c.uptime
    met = cast(s.parameter(SLA_PER_MILLE), Double()) / 10
    sla = case((uptime >= met, "met"), (uptime < met, "missed"))
    open_issues = case((known, func.coalesce(service.open_issues, 0)))
    storage = case(
        (service.id == "Exchange", mailboxes(s)), (service.id == "OneDriveForBusiness", drives(s))
    )
    answered = func.round(cast(service.median_ms, Numeric), 1)
    median: ColumnElement[float] = cast(answered, Double())
    return Table(
        rated,
        col("service_name", service.service, Text("Service", "サービス名")),
        col("response_time_ms", median, _RESPONSE),
        col("uptime_percent", uptime, _UPTIME),
        col("sla_status", sla, Text("Service level", "SLA状況"), labels=SLA),
        col("error_rate_percent", percent(service.failed, service.requests), _ERRORS),
        absent("cpu_usage_percent", "float", Text("CPU (%)", "CPU使用率 (%)"), _NO_LOAD),
        absent("memory_usage_percent", "float", Text("Memory (%)", "メモリ使用率 (%)"), _NO_LOAD),
        col("storage_usage_percent", storage, _STORAGE),
        col("status", state_of(service.status), words.STATUS, labels=SERVICE_STATE),
        col("id", service.id, words.ID),
        col("open_issue_count", open_issues, Text("Open issues", "未解決の問題数")),
    )


REPORT = Report(
    title=Text("Performance analysis", "パフォーマンス分析"),
    description=Text(
        "Per service its state, its open issues and the share of the last days without an incident "
        "that Microsoft announced: 100 × (1 − minutes of incidents ÷ minutes of the period); incidents at "
        "the same time count once, advisories not at all. Storage is that of all mailboxes or drives "
        "against their limits; Microsoft tells no limit of SharePoint and Teams. Response and errors are those of "
        "Kanri's own requests to Microsoft Graph in the 24 hours before service health was last read: the median "
        "of those that were answered, and the share that had a 5xx or no answer; requests to wait (429) do not "
        "count. What nothing was asked for shows neither.",
        "サービスごとの状態、未解決の問題数、および期間中に Microsoft が公表したインシデントのない時間の割合: "
        "100 × (1 − インシデントの分数 ÷ 期間の分数)。同時のインシデントは 1 回だけ数え、アドバイザリは含みません。"
        "ストレージは全メールボックスまたは全ドライブの上限に対する割合で、SharePoint と Teams の上限は公表されていません。"
        "応答時間とエラー率は、サービス正常性を最後に読み取る前の 24 時間に Kanri が Microsoft Graph に送った要求のものです: "
        "応答があった要求の中央値と、5xx または無応答の割合。待機の要求 (429) は含みません。要求のなかったサービスは空欄です。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/serviceannouncement-list-issues",
    table=_performance,
    lacks={
        "service_issues": Text(
            "Incident-free times and open issues are missing from the report.",
            "インシデントのない時間と未解決の問題数がレポートに含まれていません。",
        )
    },
    order=("service_name",),
    chart=Chart(kind="bar", across="service_name", up=("uptime_percent",), first="smallest"),
    powershell=PowerShellFile(
        path="Analysis/Performance/PerformanceAnalysis",
        en="service_name, response_time_ms, uptime_percent, sla_status, error_rate_percent, "
        "cpu_usage_percent, memory_usage_percent, storage_usage_percent, status",
        ja="service_name, response_time_ms, uptime_percent, sla_status, error_rate_percent, "
        "cpu_usage_percent, memory_usage_percent, storage_usage_percent, status",
    ),
)
