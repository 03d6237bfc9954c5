"""Devices that Entra knows: joined, registered or synchronized, managed or not."""

from datetime import timedelta

from shared.core.collector import Collector, Column, Delta, Get, Permission, Versions
from shared.core.text import Text

COLLECTOR = Collector(
    title=Text("Devices", "デバイス"),
    docs="https://learn.microsoft.com/en-us/graph/api/device-delta",
    ask=Get("devices/delta", page_size=999),
    extent=Delta(),
    # Every device that is in use moves it every other week.
    keep=Versions(volatile=("approximateLastSignInDateTime",)),
    columns=(
        # What Intune calls azureADDeviceId; `id` is that of the directory object.
        Column("device_id", "deviceId", search="prefix"),
        Column(
            "display_name",
            "displayName",
            personal=True,
            whose="anybody",
            search="prefix",
            collated=True,
        ),
        Column("account_enabled", "accountEnabled", "bool"),
        Column("operating_system", "operatingSystem"),
        Column("operating_system_version", "operatingSystemVersion"),
        # Workplace (registered), AzureAd (joined) or ServerAd (hybrid).
        Column("trust_type", "trustType"),
        # Null where nothing manages the device.
        Column("is_compliant", "isCompliant", "bool"),
        Column("is_managed", "isManaged", "bool"),
        Column("last_sign_in_at", "approximateLastSignInDateTime", "timestamp"),
        Column("registered_at", "registrationDateTime", "timestamp"),
        Column("on_premises_sync_enabled", "onPremisesSyncEnabled", "bool"),
    ),
    permissions=(
        Permission(
            "Device.Read.All",
            Text(
                "Read the devices of the directory.",
                "ディレクトリのデバイスを読み取ります。",
            ),
            covered_by=("Directory.Read.All", "Directory.ReadWrite.All"),
        ),
    ),
    every=timedelta(hours=6),
)
