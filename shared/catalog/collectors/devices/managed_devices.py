"""Phones and computers that Intune manages."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Get, Permission, Versions
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Managed devices", "管理対象デバイス"),
    docs="https://learn.microsoft.com/en-us/graph/api/intune-devices-manageddevice-list",
    ask=Get("deviceManagement/managedDevices", service="intune", top=1000),
    # Each device reports several times a day.
    keep=Versions(volatile=("lastSyncDateTime",)),
    columns=(
        # The deviceId of the device in Entra, not its id.
        Column("azure_ad_device_id", "azureADDeviceId", search="prefix"),
        Column("device_name", "deviceName", personal=True, search="prefix", collated=True),
        Column("user_id", "userId"),
        Column("user_principal_name", "userPrincipalName", personal=True, folded=True),
        Column("operating_system", "operatingSystem"),
        Column("os_version", "osVersion"),
        Column("compliance_state", "complianceState", never_null=True),
        Column("is_encrypted", "isEncrypted", "bool", never_null=True),
        # Text: "True", "False" or "Unknown".
        Column("jail_broken", "jailBroken"),
        Column("managed_device_owner_type", "managedDeviceOwnerType", never_null=True),
        Column("enrolled_at", "enrolledDateTime", "timestamp", never_null=True),
        Column("last_sync_at", "lastSyncDateTime", "timestamp", never_null=True),
        Column(
            "compliance_grace_period_expires_at",
            "complianceGracePeriodExpirationDateTime",
            "timestamp",
            never_null=True,
        ),
        Column("serial_number", "serialNumber", personal=True),
    ),
    person=("user_id", "user_principal_name"),
    permissions=(
        Permission(
            "DeviceManagementManagedDevices.Read.All",
            Text(
                "Read the devices that Intune manages.",
                "Intune が管理するデバイスを読み取ります。",
            ),
            covered_by=("DeviceManagementManagedDevices.ReadWrite.All",),
        ),
    ),
    every=timedelta(hours=6),
    licence="Microsoft Intune",
)
