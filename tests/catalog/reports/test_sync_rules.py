"""What cannot be synced: each rule on an item or a drive of its own, and all of a simulated tenant."""

from collections import Counter
from datetime import timedelta
from urllib.parse import quote, unquote, urlsplit

import pytest
from sqlalchemy import Engine

from infra.local.sandbox.tenant.libraries import Library, of_sites, personal
from shared.core import clock
from tests.catalog.reports.answers import TENANT, rows
from tests.catalog.reports.drives import keep_drives
from tests.catalog.reports.simulated import SEEDS, Stored, simulated
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

HOST = "https://contoso-my.sharepoint.com/"
SITE_DAYS = timedelta(days=2)


def at(path: str) -> str:
    """The address of a path, as SharePoint escapes it."""
    return HOST + quote(path)


# Item: the rule that it breaks.
ITEMS: dict[str, tuple[Object, str | None]] = {
    "plain": ({"name": "Plan.xlsx", "web_url": at("a/Plan.xlsx")}, None),
    "lock": ({"name": "~$Plan.xlsx", "web_url": None}, "name"),
    "tilde": ({"name": "a~$.xlsx"}, None),
    "ini": ({"name": "Desktop.INI"}, "name"),
    "store": ({"name": ".DS_Store"}, "name"),
    "dot": ({"name": ".lock"}, "name"),
    "archive": ({"name": "Old.PST"}, "extension"),
    "dotted": ({"name": "film.Mp4"}, "extension"),
    "folder": ({"name": "mail.pst", "child_count": 0}, None),
    "bare": ({"name": "pst"}, None),
    "nameless": ({"name": None}, None),
    "400": ({"name": "x", "web_url": at("日" * 398 + "/x")}, None),
    "401": ({"name": "x", "web_url": at("日" * 399 + "/x")}, "path"),
    "blanks": ({"name": "x", "web_url": at(" " * 399 + "/x")}, "path"),
    "document": (
        {"name": "a.docx", "web_url": f"{HOST}_layouts/15/Doc.aspx?file={'a' * 500}"}, None),
    "both": ({"name": "~$a.pst"}, "name"),
}  # fmt: skip


def test_items_are_told_by_the_first_rule_they_break(engine: Engine) -> None:
    excluded = [".pst", "*.MP4"]
    settings = [{"id": "sharepoint_settings", "sync_excluded_extensions": excluded}]
    collect(engine, TENANT, "sharepoint_settings", settings)
    collect(engine, TENANT, "users", [{"id": "mori", "display_name": "Mori"}])
    collect(engine, TENANT, "user_drives", [{"id": "mori/d", "user_id": "mori"}])
    collect(engine, TENANT, "sites", [{"id": "s", "display_name": "Portal"}])
    collect(engine, TENANT, "site_drives", [{"id": "s/d", "site_id": "s"}])
    for dataset, drive in (("drive_items", "mori/d"), ("site_drive_items", "s/d")):
        told = [{"id": f"{drive}/{name}", **item} for name, (item, _) in ITEMS.items()]
        collect(engine, TENANT, dataset, told)
    found = rows(engine, "syncerror")
    broken = {name: rule for name, (_, rule) in ITEMS.items() if rule}
    for drive, owner in (("mori/d", "Mori"), ("s/d", "Portal")):
        own = {key.rsplit("/", 1)[1]: row for key, row in found.items() if key.startswith(drive)}
        assert {name: row["error_type"] for name, row in own.items()} == broken
        assert {row["user_name"] for row in own.values()} == {owner}
    assert {row["error_message"] for row in found.values()} == {"name", "extension", "path"}
    assert {(row["severity"], row["affected_files_count"], row["status"], row["source"]) for row in found.values()} == {("medium", 1, "open", "proxy")}  # fmt: skip
    assert {row["file_name"] for row in found.values()} == {ITEMS[name][0]["name"] for name in broken}  # fmt: skip
    collect(engine, TENANT, "sharepoint_settings", [{"id": "sharepoint_settings"}])
    assert {row["error_type"] for row in rows(engine, "syncerror").values()} == {"name", "path"}


def test_drives_that_are_full_or_have_too_many_items_are_told(engine: Engine) -> None:
    states = ("normal", "nearing", "critical", "exceeded", None, "frozen")
    drives: list[Object] = [{"id": f"u/{state}", "quota_state": state} for state in states]
    collect(engine, TENANT, "users", [{"id": "u"}])
    collect(engine, TENANT, "sites", [{"id": "s"}])
    collect(engine, TENANT, "user_drives", drives)
    collect(engine, TENANT, "site_drives", [{"id": "s/d", "quota_state": "exceeded"}])
    day = clock.now().date() - SITE_DAYS
    for dataset in ("onedrive_usage", "sharepoint_site_usage"):
        sizes: list[Object] = [
            {"id": f"{dataset} {size}", "file_count": size} for size in (300_000, 300_001)
        ]
        collect(engine, TENANT, dataset, sizes, report_date=day)
    answered = [
        (row["error_type"], row["error_message"], row["severity"], row["affected_files_count"])
        for row in rows(engine, "syncerror").values()
    ]
    expected: Counter[tuple[object, ...]] = Counter(
        ("quota", f"quota_{state}", "high", None)
        for state in ("nearing", "critical", "exceeded", "exceeded")
    )
    expected["items", "items", "medium", 300_001] = 2
    assert Counter(answered) == expected


def breaks(item: dict[str, object]) -> bool:
    """Whether an item that was kept breaks a rule, once more."""
    name = str(item["name"])
    if name.startswith("~$") or ("file" in item and "shared" in item and name.endswith((".pst", ".jpg"))):  # fmt: skip
        return True
    url = urlsplit(str(item["webUrl"] or ""))
    return "Doc.aspx" not in url.path and len(unquote(url.path).removeprefix("/")) > 400


@pytest.mark.parametrize("seed", SEEDS)
def test_the_findings_are_those_of_the_sandbox(app_engine: Engine, seed: int) -> None:
    tenant, held = simulated(seed), Stored(app_engine)
    keep_drives(held, tenant)

    def every(library: Library) -> list[dict[str, object]]:
        return [*library.drives.items.rows(0, len(library.drives.items))]

    items = [*every(personal(tenant)), *every(of_sites(tenant))]
    found = rows(app_engine, "syncerror", tenant=held.tenant_id).values()
    names = Counter(row["file_name"] for row in found if row["error_type"] != "quota")
    assert names == Counter(item["name"] for item in items if breaks(item))
    assert {row["error_type"] for row in found} - {"quota"} == {"name", "extension", "path"}
    drives = personal(tenant).drives
    full = [at for at in range(drives.count) if drives.opened(at) and drives.drive(at, {"id": ""})["quota"]["state"] != "normal"]  # fmt: skip
    assert sum(row["error_type"] == "quota" for row in found) == len(full)


def test_what_was_imported_stands_beside_what_is_derived(engine: Engine) -> None:
    account: Object = {
        "id": "u",
        "display_name": "Mori",
        "user_principal_name": "Mori@contoso.example",
    }
    collect(engine, TENANT, "users", [account])
    collect(
        engine, TENANT, "user_drives", [{"id": "u/d", "user_id": "u", "quota_state": "exceeded"}]
    )
    told: list[Object] = [
        {"id": "a", "user_name": "mori@CONTOSO.example", "error": "The file is locked",
         "error_count": 3, "device_name": "LAPTOP-1", "seen_at": clock.now()},
        {"id": "b", "user_name": "gone@contoso.example", "error": "quota"},
    ]  # fmt: skip
    collect(engine, TENANT, "onedrive_sync_errors", told)
    found = rows(engine, "syncerror", open_ended=("error_message",))
    shown = ("user_name", "error_type", "error_message", "severity", "affected_files_count",
             "recommended_action", "source", "device_name")  # fmt: skip
    assert {own: tuple(row[name] for name in shown) for own, row in found.items()} == {
        "a": ("Mori", "reported", "The file is locked", None, 3, None, "import", "LAPTOP-1"),
        "b": ("gone@contoso.example", "reported", "quota", None, None, None, "import", None),
        "u/d/quota": ("Mori", "quota", "quota_exceeded", "high", None, "quota", "proxy", None),
    }
