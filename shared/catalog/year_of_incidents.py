"""How many incidents there were in a year: Microsoft's of each service, and the tenant's own of security."""

from sqlalchemy import BigInteger, ColumnElement, Subquery, cast, func, select
from sqlalchemy.sql.selectable import ScalarSelect

from shared.core.report import Sources

_YEAR = 365
# The services in the words of Microsoft's announcements.
_NAMES = {
    "exchange": "Exchange Online",
    "onedrive": "OneDrive for Business",
    "sharepoint": "SharePoint Online",
    "teams": "Microsoft Teams",
}


def incidents(s: Sources) -> Subquery:
    """Return one row: a number for each service, and in `m365` those of security that are not part of
    another one. Null while nobody has read them to the end: none known is not none.
    """
    first = s.ago(_YEAR).as_of
    issue, own = s.entity("service_issues"), s.entity("security_incidents")
    began = issue.c.started_at.between(first, s.as_of)
    counts = {
        name: func.count().filter(
            began & (func.lower(issue.c.classification) == "incident") & (issue.c.service == told)
        )
        for name, told in _NAMES.items()
    }
    happened = own.c.created_at.between(first, s.as_of)
    kept = happened & own.c.redirect_incident_id.is_(None)
    figures = [
        _if_read(s, "service_issues", select(count).select_from(issue).scalar_subquery()).label(
            name
        )
        for name, count in counts.items()
    ]
    security = select(func.count().filter(kept)).select_from(own).scalar_subquery()
    return select(*figures, _if_read(s, "security_incidents", security).label("m365")).subquery()


def _if_read(s: Sources, dataset: str, count: ScalarSelect[int]) -> ColumnElement[int]:
    run = s.runs((dataset,)).c
    known = select(cast(count, BigInteger)).where(run.complete_at.is_not(None)).limit(1)
    return known.scalar_subquery()
