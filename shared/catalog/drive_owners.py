"""Whose a drive is: the person of a OneDrive, the site of a library. One row with his or its name."""

from sqlalchemy import ColumnElement, FromClause, select

from shared.core.collector import collated
from shared.core.report import Sources

_NAME = "display_name"


def person_behind(s: Sources, drive: ColumnElement[str]) -> FromClause:
    """Return the `display_name` of the user whose drive has that id in `user_drives`."""
    drives, users = s.entity("user_drives"), s.entity("users")
    joined = drives.join(users, users.c.id == drives.c.user_id)
    return _named(users, joined, drives.c.id == drive)


def site_behind(s: Sources, drive: ColumnElement[str]) -> FromClause:
    """Return the `display_name` of the site whose library has that id in `site_drives`."""
    drives, sites = s.entity("site_drives"), s.entity("sites")
    joined = drives.join(sites, sites.c.id == drives.c.site_id)
    return _named(sites, joined, drives.c.id == drive)


def _named(owners: FromClause, joined: FromClause, same: ColumnElement[bool]) -> FromClause:
    """A probe per row, whatever the planner believes of tables that were filled a moment ago."""
    names = (owners.c[_NAME], owners.c[collated(_NAME)])
    return select(*names).select_from(joined).where(same).limit(1).lateral()
