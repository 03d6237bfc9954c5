"""How well each service of Microsoft 365 does, as far as Microsoft tells."""

from sqlalchemy import Double, case, cast, func, literal_column, select
from sqlalchemy.sql.selectable import ScalarSelect

from shared.catalog import incident_time, words
from shared.catalog.expressions import percent
from shared.catalog.labels import SERVICE_STATE, SLA
from shared.catalog.service_use import state_of
from shared.catalog.table import Table, absent, col, report_table
from shared.core.report import Chart, PowerShellFile, Report, Sources
from shared.core.report_parameters import PERIOD, SLA_PER_MILLE
from shared.core.text import Text

_UPTIME = Text("Incident-free time (%)", "稼働率 (%)")
_STORAGE = Text("Storage in use (%)", "ストレージ使用率 (%)")
_NOT_KEPT = Text(
    "How long Microsoft Graph takes is measured by telemetry and not kept by service and tenant.",
    "Microsoft Graph の応答はテレメトリで計測しており、サービスとテナントごとには保存していません。",
)
_NO_LOAD = Text(
    "Microsoft publishes no load of its servers.", "Microsoft はサーバーの負荷を公表していません。"
)


@report_table
def _performance(s: Sources) -> Table:
    health, days = s.entity("service_health"), s.parameter(PERIOD)
    incidents = incident_time.by_service(s, days)
    known = incident_time.issues_are_known(s)
    free = case((known, incident_time.free_percent(incidents, days)))
    joined = health.outerjoin(incidents, incidents.c.service == health.c.service)
    # OFFSET makes the share a column, which is compared several times.
    own = select(*health.c, incidents.c.open_issues, free.label("uptime")).select_from(joined)
    rated = own.offset(literal_column("0")).subquery("rated")
    service, uptime = rated.c, rated.c.uptime
    met = cast(s.parameter(SLA_PER_MILLE), Double()) / 10
    sla = case((uptime >= met, "met"), (uptime < met, "missed"))
    open_issues = case((known, func.coalesce(service.open_issues, 0)))
    storage = case(
        (service.id == "Exchange", _mailboxes(s)), (service.id == "OneDriveForBusiness", _drives(s))
    )
    return Table(
        rated,
        col("service_name", service.service, Text("Service", "サービス名")),
        absent("response_time_ms", "float", Text("Response (ms)", "応答時間 (ms)"), _NOT_KEPT),
        col("uptime_percent", uptime, _UPTIME),
        col("sla_status", sla, Text("Service level", "SLA状況"), labels=SLA),
        absent("error_rate_percent", "float", Text("Errors (%)", "エラー率 (%)"), _NOT_KEPT),
        absent("cpu_usage_percent", "float", Text("CPU (%)", "CPU使用率 (%)"), _NO_LOAD),
        absent("memory_usage_percent", "float", Text("Memory (%)", "メモリ使用率 (%)"), _NO_LOAD),
        col("storage_usage_percent", storage, _STORAGE),
        col("status", state_of(service.status), words.STATUS, labels=SERVICE_STATE),
        col("id", service.id, words.ID),
        col("open_issue_count", open_issues, Text("Open issues", "未解決の問題数")),
    )


def _mailboxes(s: Sources) -> ScalarSelect[float]:
    box = s.measures("mailbox_usage").c
    used, limit = box.storage_used_bytes, box.prohibit_send_receive_quota_bytes
    there = func.coalesce(box.is_deleted, False).is_(False) & used.is_not(None) & (limit > 0)
    return select(percent(func.sum(used), func.sum(limit))).where(there).scalar_subquery()


def _drives(s: Sources) -> ScalarSelect[float]:
    drive = s.measures("onedrive_usage").c
    used, limit = drive.storage_used_bytes, drive.storage_allocated_bytes
    there = func.coalesce(drive.is_deleted, False).is_(False) & used.is_not(None) & (limit > 0)
    return select(percent(func.sum(used), func.sum(limit))).where(there).scalar_subquery()


REPORT = Report(
    title=Text("Performance analysis", "パフォーマンス分析"),
    description=Text(
        "Per service its state, its open issues and the share of the last days without an incident "
        "that Microsoft announced: 100 × (1 − minutes of incidents ÷ minutes of the period); incidents at "
        "the same time count once, advisories not at all. Storage is that of all mailboxes or drives "
        "against their limits; Microsoft tells no limit of SharePoint and Teams.",
        "サービスごとの状態、未解決の問題数、および期間中に Microsoft が公表したインシデントのない時間の割合: "
        "100 × (1 − インシデントの分数 ÷ 期間の分数)。同時のインシデントは 1 回だけ数え、アドバイザリは含みません。"
        "ストレージは全メールボックスまたは全ドライブの上限に対する割合で、SharePoint と Teams の上限は公表されていません。",
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
    chart=Chart(kind="bar", across="service_name", up=("uptime_percent",)),
    powershell=PowerShellFile(
        en="service_name, response_time_ms, uptime_percent, sla_status, error_rate_percent, "
        "cpu_usage_percent, memory_usage_percent, storage_usage_percent, status",
        ja="service_name, response_time_ms, uptime_percent, sla_status, error_rate_percent, "
        "cpu_usage_percent, memory_usage_percent, storage_usage_percent, status",
    ),
)
