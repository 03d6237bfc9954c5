"""What each service stores, from Microsoft's counts of each day."""

from sqlalchemy import BigInteger, ColumnElement, FromClause, Subquery, cast, func, select

from shared.catalog.expressions import known_sum
from shared.catalog.service_use import beside
from shared.core.report import Sources
from shared.core.text import Text

NO_STORAGE = {
    dataset: Text(
        f"The storage of {name} is missing, also from the whole.",
        f"{name} のストレージが不足しており、全体にも含まれません。",
    )
    for dataset, name in (
        ("mailbox_storage", "Exchange"),
        ("onedrive_storage", "OneDrive"),
        ("sharepoint_storage", "SharePoint"),
    )
}


def stored(s: Sources, back: int | ColumnElement[int] = 0) -> FromClause:
    """One row with the newest number of bytes of each service that stores any, and of all of them.

    With `back` those of that many days before the newest.
    """
    boxes = _of_all(s.measures("mailbox_storage", back))
    drives = _by_type(s.measures("onedrive_storage", back))
    sites = _by_type(s.measures("sharepoint_storage", back))
    parts = {"exchange": boxes.c.bytes, "onedrive": drives.c.bytes, "sharepoint": sites.c.bytes}
    whole = known_sum(*parts.values()).label("m365")
    columns = (part.label(name) for name, part in parts.items())
    return select(*columns, whole).select_from(beside(boxes, drives, sites)).subquery()


def _of_all(row: FromClause) -> Subquery:
    return select(func.max(row.c.storage_used_bytes).label("bytes")).select_from(row).subquery()


def _by_type(row: FromClause) -> Subquery:
    """Of several types of sites either the line of all of them or the sum of the others, never both."""
    used, is_all = row.c.storage_used_bytes, func.lower(row.c.site_type) == "all"
    others = cast(func.sum(used).filter(func.coalesce(~is_all, True)), BigInteger)
    found = func.coalesce(func.max(used).filter(is_all), others)
    return select(found.label("bytes")).select_from(row).subquery()
