"""What people did with files, mail settings and apps, from the unified audit log."""

from datetime import timedelta

from shared.core.collector import (
    FROM,
    UNTIL,
    Collector,
    Column,
    Events,
    Get,
    Job,
    LookBack,
    Permission,
    Slices,
)
from shared.core.text import Text

_OPERATIONS = (
    "FileAccessed",
    "FileDownloaded",
    "AnonymousLinkUsed",
    "SharingSet",
    "New-InboxRule",
    "Set-InboxRule",
    "Set-Mailbox",
    "AppInstalled",
    "AppUninstalled",
)

COLLECTOR = Collector(
    title=Text("Audit records", "監査レコード"),
    docs="https://learn.microsoft.com/en-us/graph/api/security-auditcoreroot-post-auditlogqueries",
    ask=Get("security/auditLog/queries/{job}/records", service="general", top=1000),
    # Queries are left where they are: DELETE answers 404. serviceFilters has two spellings.
    answer=Job(
        create="security/auditLog/queries",
        body=(
            ("@odata.type", "#microsoft.graph.security.auditLogQuery"),
            ("displayName", "kanri"),
            ("filterStartDateTime", FROM),
            ("filterEndDateTime", UNTIL),
            ("operationFilters", _OPERATIONS),
        ),
        poll="security/auditLog/queries/{job}",
        exceeded="isRecordCountLimitExceeded",
    ),
    # Records arrive up to a day late. A slice is a job to wait for: one a run, halved if it is too much.
    extent=Slices(
        span=timedelta(days=8),
        overlap=timedelta(days=1),
        look_backs=(LookBack(every=timedelta(days=7), reach=timedelta(days=8)),),
    ),
    keep=Events(),
    columns=(
        Column("created_at", "createdDateTime", "timestamp", never_null=True),
        Column("audit_log_record_type", "auditLogRecordType"),
        Column("operation", "operation"),
        Column("service", "service"),
        Column("user_id", "userId", personal=True),
        Column("user_principal_name", "userPrincipalName", personal=True, folded=True),
        Column("user_type", "userType"),
        Column("client_ip", "clientIp", personal=True),
        Column("object_id", "objectId", personal=True, whose="anybody"),
        Column("audit_data", "auditData", "json", personal=True, whose="anybody"),
    ),
    person=("user_id", "user_principal_name"),
    permissions=(
        Permission(
            "AuditLogsQuery.Read.All",
            Text("Search the unified audit log.", "統合監査ログを検索します。"),
        ),
    ),
    every=timedelta(hours=24),
    licence="Microsoft Purview Audit",
)
