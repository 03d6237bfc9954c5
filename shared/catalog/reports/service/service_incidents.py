"""What Microsoft announced of its services, beside what Kanri found of the same service at that time."""

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    FromClause,
    Numeric,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy import Text as TextType

from shared.catalog import words
from shared.catalog.expressions import array_length
from shared.catalog.labels import ISSUE_KIND, SERVICE_STATE
from shared.catalog.service_use import state_of
from shared.catalog.services_read import datasets, services_of_datasets
from shared.catalog.table import Table, col, report_table
from shared.core.report import Chart, Preset, Report, Sources
from shared.core.text import Text

_COMMA: ColumnElement[str] = literal_column("', '")


def _meanwhile(s: Sources, issues: FromClause) -> FromClause:
    """`failed`, how many collections from the service of a row failed since it began and before it was
    over, and of which `datasets`."""
    found, of, issue = s.failures(datasets()), services_of_datasets(), issues.c
    # Said as CASE: COALESCE counts as what may leak, so below a policy it would bound no index.
    over = case((issue.ended_at.is_(None), s.as_of), else_=issue.ended_at)
    meanwhile = (of.c.service == issue.service) & found.c.finished_at.between(
        issue.started_at, over
    )
    own = select(
        cast(func.count(), BigInteger).label("failed"),
        func.string_agg(found.c.dataset.distinct(), _COMMA, type_=TextType).label("datasets"),
    )
    both = found.join(of, of.c.dataset == found.c.dataset)
    return own.select_from(both).where(meanwhile).correlate(issues).lateral()


@report_table
def _service_incidents(s: Sources) -> Table:
    issues = s.entity("service_issues")
    issue = issues.c
    lasted = func.least(issue.ended_at, s.as_of) - issue.started_at
    hours: ColumnElement[float] = cast(
        func.round(cast(func.extract("epoch", lasted) / 3600, Numeric), 2), Double()
    )
    ours = _meanwhile(s, issues)
    posts = cast(array_length(issue.posts), BigInteger)
    return Table(
        issues.join(ours, true()),
        col("service_name", issue.service, Text("Service", "サービス名")),
        col("title", issue.title, Text("Title", "タイトル")),
        col("classification", issue.classification, Text("Kind", "分類"), labels=ISSUE_KIND),
        col("state", state_of(issue.status), Text("State", "状態"), labels=SERVICE_STATE),
        col("started_at", issue.started_at, Text("Started", "開始日時")),
        col("ended_at", issue.ended_at, Text("Ended", "終了日時")),
        col("duration_hours", hours, Text("Duration (h)", "継続時間 (h)")),
        col("is_resolved", issue.is_resolved, Text("Resolved", "解決済み")),
        col(
            "own_failure_count", ours.c.failed, Text("Own failures meanwhile", "期間中の収集の失敗")
        ),
        col("own_datasets", ours.c.datasets, Text("Datasets that failed", "失敗したデータセット")),
        col("id", issue.id, words.ID),
        col("status", issue.status, Text("State in Microsoft's words", "Microsoft の状態")),
        col("feature", issue.feature, Text("Feature", "機能")),
        col("impact", issue.impact_description, Text("Impact", "影響")),
        col("post_count", posts, Text("Posts", "投稿数")),
        col("last_modified_at", issue.last_modified_at, Text("Updated", "最終更新日")),
    )


REPORT = Report(
    title=Text("Service incidents", "サービス障害"),
    description=Text(
        "Incidents and advisories that Microsoft announced of its services, and beside each how many "
        "collections of Kanri from the same service failed meanwhile because of Microsoft Graph. A failure "
        "at the same time is no proof that one came of the other.",
        "Microsoft が公表したサービスのインシデントとアドバイザリ、および同じ期間に同じサービスからの収集が Microsoft "
        "Graph 側の原因で失敗した回数。同時の失敗は因果関係を示すものではありません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/serviceannouncement-list-issues",
    table=_service_incidents,
    order=("-started_at",),
    chart=Chart(kind="bar", across="service_name"),
    presets={
        "open": Preset(
            words=Text("What is not resolved", "未解決の問題"),
            asked={"filter": "is_resolved eq false"},
        )
    },
)
