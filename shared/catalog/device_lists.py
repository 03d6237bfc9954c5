"""The two lists that a device may be in: Entra's and Intune's, and what each of them says of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    DateTime,
    FromClause,
    case,
    false,
    func,
    literal_column,
    select,
    true,
)

from shared.catalog.expressions import was_read
from shared.core.report import Preset, Sources
from shared.core.text import Text

FOUND_IN: Mapping[str, Text] = {
    "both": Text("Entra and Intune", "Entra と Intune"),
    "entra": Text("Entra only", "Entra のみ"),
    "intune": Text("Intune only", "Intune のみ"),
}
# Whose row it is. The ids of two lists: nothing says that they differ.
LIST: Mapping[str, Text] = {
    "entra": Text("Entra", "Entra"),
    "intune": Text("Intune", "Intune"),
}
# https://learn.microsoft.com/en-us/graph/api/resources/intune-devices-compliancestate
COMPLIANCE_STATE: Mapping[str, Text] = {
    "compliant": Text("Compliant", "準拠"),
    "noncompliant": Text("Not compliant", "非準拠"),
    "inGracePeriod": Text("In grace period", "猶予期間中"),
    "conflict": Text("Conflict", "競合"),
    "error": Text("Error", "エラー"),
    "unknown": Text("Not judged yet", "未評価"),
    "configManager": Text("Judged by Configuration Manager", "Configuration Manager で評価"),
}
# https://learn.microsoft.com/en-us/graph/api/resources/device
TRUST: Mapping[str, Text] = {
    "AzureAd": Text("Joined", "参加済み"),
    "ServerAd": Text("Hybrid joined", "ハイブリッド参加済み"),
    "Workplace": Text("Registered", "登録済み"),
}
OWNERSHIP: Mapping[str, Text] = {
    "company": Text("Company", "会社"),
    "personal": Text("Personal", "個人"),
    "unknown": Text("Unknown", "不明"),
}

# Intune has no nulls: the last day of the year 9999 stands for no end at all.
_ENDLESS: ColumnElement[datetime] = literal_column("TIMESTAMPTZ '9999-12-31 00:00:00Z'")


LACKS: Mapping[str, Text] = {
    "managed_devices": Text(
        "What Intune says is missing: users, encryption, and devices that Entra lacks.",
        "Intune の情報 (ユーザー、暗号化、Entra にないデバイス) がレポートに含まれていません。",
    )
}
PRESETS: Mapping[str, Preset] = {
    "not_compliant": Preset(
        words=Text("Devices that are not compliant", "準拠していないデバイス"),
        asked={
            "filter": "compliance in ('noncompliant','conflict','error')",
            "orderBy": "last_seen_at desc",
        },
    ),
    "stale": Preset(
        words=Text("Enabled devices not seen for long", "長期間確認されていない有効なデバイス"),
        asked={
            "filter": "activity_status eq 'stale' and status ne 'disabled'",
            "orderBy": "unseen_days desc",
        },
    ),
}


class DeviceLists(NamedTuple):
    """The rows of `source` that meet `where`: devices of Entra, of Intune, and their users.

    `name` and `id` are those of the list that the rows are of.
    """

    source: FromClause
    name: ColumnElement[str]
    id: ColumnElement[str]
    entra: FromClause
    intune: FromClause
    users: FromClause
    where: ColumnElement[bool] | None = None


def of_entra(s: Sources) -> DeviceLists:
    """Return every device of the directory, with what Intune says where it manages it.

    Where Intune has it twice, because it was enrolled anew, the one that reported last counts.
    """
    entra, managed, users = s.entity("devices"), s.entity("managed_devices"), s.entity("users")
    newest = select(managed).where(managed.c.azure_ad_device_id == entra.c.device_id)
    newest = newest.order_by(managed.c.last_sync_at.desc().nulls_last(), managed.c.id).limit(1)
    intune = newest.lateral("managed")
    source = entra.outerjoin(intune, true()).outerjoin(users, users.c.id == intune.c.user_id)
    return DeviceLists(source, entra.c.display_name, entra.c.id, entra, intune, users)


def of_intune_only(s: Sources) -> DeviceLists:
    """Return what Intune manages and the directory does not have."""
    entra, intune, users = s.entity("devices"), s.entity("managed_devices"), s.entity("users")
    other = s.entity("devices")
    # OFFSET keeps it a probe per row: as a join the planner would compare all with all for a page.
    same = select(other.c.id).where(other.c.device_id == intune.c.azure_ad_device_id)
    source = intune.outerjoin(entra, false()).outerjoin(users, users.c.id == intune.c.user_id)
    where = ~same.offset(0).exists()
    return DeviceLists(source, intune.c.device_name, intune.c.id, entra, intune, users, where)


def found_in(s: Sources, lists: DeviceLists) -> ColumnElement[str]:
    """Return the code of `FOUND_IN`; null of a device of one list while the other was never read."""
    entra, intune = lists.entra.c.id, lists.intune.c.id
    return case(
        (entra.is_not(None) & intune.is_not(None), "both"),
        (entra.is_not(None) & was_read(s, "managed_devices"), "entra"),
        (intune.is_not(None) & was_read(s, "devices"), "intune"),
    )


def is_managed(s: Sources, lists: DeviceLists) -> ColumnElement[bool]:
    """Tell whether somebody manages a device: as Entra was told, else whether Intune does."""
    by_intune = case(
        (lists.intune.c.id.is_not(None), true()), (was_read(s, "managed_devices"), false())
    )
    return func.coalesce(lists.entra.c.is_managed, by_intune, type_=Boolean)


def compliance(lists: DeviceLists) -> ColumnElement[str]:
    """Return Intune's state, else what Entra was told; null where nobody judges the device."""
    told = lists.entra.c.is_compliant
    return func.coalesce(
        lists.intune.c.compliance_state, case((told, "compliant"), (~told, "noncompliant"))
    )


def last_seen(lists: DeviceLists) -> ColumnElement[datetime]:
    """Return when a device signed in to Entra or reported to Intune last, whichever is later."""
    both = (lists.entra.c.last_sign_in_at, lists.intune.c.last_sync_at)
    return func.greatest(*both, type_=DateTime(timezone=True))


def grace_period_end(lists: DeviceLists) -> ColumnElement[datetime]:
    """Return until when a device that is not compliant passes for one; null if nothing ends."""
    ends = lists.intune.c.compliance_grace_period_expires_at
    return case((ends < _ENDLESS, ends))
