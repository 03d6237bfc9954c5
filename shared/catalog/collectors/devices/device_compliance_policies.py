"""What Intune wants of a device before it counts as compliant, and to whom that applies."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Device compliance policies", "デバイス コンプライアンス ポリシー"),
    docs="https://learn.microsoft.com/en-us/graph/api/intune-deviceconfig-devicecompliancepolicy-list",
    # The demands themselves are properties of the derived types: they are in the whole object.
    ask=Get(
        "deviceManagement/deviceCompliancePolicies",
        service="intune",
        selects=False,
        expand=("assignments",),
    ),
    columns=(
        Column("type", "@odata.type"),
        Column("display_name", "displayName", never_null=True),
        Column("description", "description"),
        Column("version", "version", "int", never_null=True),
        Column("created_at", "createdDateTime", "timestamp", never_null=True),
        Column("last_modified_at", "lastModifiedDateTime", "timestamp", never_null=True),
        # Without any it has no effect.
        Column("assignments", "assignments", "json"),
    ),
    permissions=(
        Permission(
            "DeviceManagementConfiguration.Read.All",
            Text(
                "Read the policies of Intune.",
                "Intune のポリシーを読み取ります。",
            ),
            covered_by=("DeviceManagementConfiguration.ReadWrite.All",),
        ),
    ),
    every=timedelta(hours=24),
    licence="Microsoft Intune",
)
