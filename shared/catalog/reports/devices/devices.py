"""Which devices there are, which of them are not compliant, and which nobody uses any more."""

from sqlalchemy import Text as TextType
from sqlalchemy import func, literal

from shared.catalog import device_lists as lists
from shared.catalog import words
from shared.catalog.expressions import account_status, days_before, freshness
from shared.catalog.labels import ACCOUNT, FRESHNESS
from shared.catalog.table import COUNT, Table, col, report_table
from shared.catalog.union import union
from shared.core.report import Chart, Report, Sources
from shared.core.text import Text

_SYSTEM = Text("Operating system", "オペレーティング システム")
_SEEN = Text("Last seen", "最終確認")
_UNSEEN = Text("Days since last seen", "未確認日数")
_STATE = Text("In use", "使用状態")
_JOIN = Text("Join", "参加の種類")
_OWNER = Text("Owned by", "所有者の種類")
_IN_ENTRA = Text("Compliant in Entra", "Entra での準拠")
_JAIL_BROKEN = Text("Jailbroken or rooted", "脱獄・root 化")
_GRACE = Text("Grace period ends", "猶予期間の終了")
_SYNCED = Text("Synchronized from on-premises", "オンプレミス同期")


@report_table
def _devices(s: Sources) -> Table:
    """Every device of the directory, and what Intune manages besides."""
    return union(_rows(s, "entra", lists.of_entra(s)), _rows(s, "intune", lists.of_intune_only(s)))


def _rows(s: Sources, own: str, of: lists.DeviceLists) -> Table:
    entra, intune, user = of.entra.c, of.intune.c, of.users.c
    upn = func.coalesce(user.user_principal_name, intune.user_principal_name)
    system = func.coalesce(intune.operating_system, entra.operating_system)
    version = func.coalesce(intune.os_version, entra.operating_system_version)
    enabled, seen = account_status(entra.account_enabled), lists.last_seen(of)
    days, state = days_before(s.as_of, seen), lists.compliance(of)
    managed, found_in = lists.is_managed(s, of), lists.found_in(s, of)
    owner = intune.managed_device_owner_type
    return Table(
        of.source,
        col("device_name", of.name, Text("Device", "デバイス名")),
        col("user_name", user.display_name, words.USER_NAME),
        col("department", user.department, words.DEPARTMENT),
        col("operating_system", system, _SYSTEM),
        col("os_version", version, Text("Version", "バージョン")),
        col("compliance", state, words.COMPLIANCE, labels=lists.COMPLIANCE_STATE),
        col("last_seen_at", seen, _SEEN),
        col("unseen_days", days, _UNSEEN),
        col("activity_status", freshness(s, days), _STATE, labels=FRESHNESS),
        col("status", enabled, words.STATUS, labels=ACCOUNT),
        col("trust_type", entra.trust_type, _JOIN, labels=lists.TRUST),
        col("is_managed", managed, Text("Managed", "管理対象"), total=COUNT),
        col("is_encrypted", intune.is_encrypted, Text("Encrypted", "暗号化"), total=COUNT),
        col("found_in", found_in, words.FOUND_IN, labels=lists.FOUND_IN),
        col("id", of.id, words.ID),
        col("user_principal_name", upn, words.UPN),
        col("owner_type", owner, _OWNER, labels=lists.OWNERSHIP),
        col("is_compliant_in_entra", entra.is_compliant, _IN_ENTRA),
        col("grace_period_ends_at", lists.grace_period_end(of), _GRACE),
        col("jail_broken", intune.jail_broken, _JAIL_BROKEN),
        col("enrolled_at", intune.enrolled_at, Text("Enrolled", "登録日 (Intune)")),
        col("registered_at", entra.registered_at, Text("Registered", "登録日 (Entra)")),
        col("serial_number", intune.serial_number, Text("Serial number", "シリアル番号")),
        col("on_premises_sync_enabled", entra.on_premises_sync_enabled, _SYNCED),
        col("device_id", entra.device_id, Text("Device id", "デバイス ID")),
        col("list", literal(own, TextType()), Text("List", "一覧"), labels=lists.LIST),
        where=of.where,
    )


REPORT = Report(
    title=Text("Devices", "デバイス"),
    description=Text(
        "Every device that Entra or Intune knows, whether it is compliant, and when it was last seen: "
        "the later of its last sign-in (Entra, exact to two weeks) and its last report (Intune). "
        "Compliance is Intune's, else what Entra was told; empty where nobody judges the device.",
        "Entra または Intune が把握するすべてのデバイスと準拠状態、最終確認日時 (Entra の最終サインイン "
        "(約 2 週間単位) と Intune の最終同期の新しい方)。準拠状態は Intune の値を優先し、評価されていない"
        "デバイスは空欄です。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/device",
    lacks=lists.LACKS,
    table=_devices,
    row_key=("id", "list"),
    order=("device_name",),
    chart=Chart(kind="bar", across="compliance"),
    presets=lists.PRESETS,
)
