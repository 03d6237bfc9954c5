"""The newest secure score: what each control has of what it could have, and each service of Microsoft 365."""

from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Numeric,
    Subquery,
    case,
    cast,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import JSONB

from shared.catalog.expressions import percent
from shared.catalog.service_use import beside
from shared.core.report import Sources

# What Microsoft calls a service in its controls, in lower case; it has one name for all files.
_SERVICES = {"exchange": "exo", "onedrive": "spo", "sharepoint": "spo", "teams": "ms teams"}


def compliance(s: Sources) -> Subquery:
    """Return one row: points in percent of those there are, per service and in the whole, `m365`."""
    controls, score = s.entity("secure_score_controls"), control_scores(s)
    control, whole = controls.c, _newest(s).c
    known = score.c.score.is_not(None) & control.max_score.is_not(None)
    counts = known & func.coalesce(control.deprecated, False).is_(False)

    def of(name: str) -> ColumnElement[float]:
        own = counts & (func.lower(control.service) == name)
        return _share(func.sum(score.c.score).filter(own), func.sum(control.max_score).filter(own))

    rates = (of(told).label(name) for name, told in _SERVICES.items())
    joined = controls.join(score, score.c.name == control.id)
    services = select(*rates).select_from(joined).subquery()
    all_of_it = select(func.max(_share(whole.current_score, whole.max_score)).label("m365"))
    every = all_of_it.subquery()
    return select(*services.c, every.c.m365).select_from(beside(services, every)).subquery()


def newest_share(s: Sources, until: ColumnElement[datetime]) -> Subquery:
    """Return one row: `share`, the points of the newest score up to an instant in percent of those there are."""
    event = s.events("secure_scores").c
    newest = select(event.current_score, event.max_score).where(event.created_at <= until)
    last = newest.order_by(event.created_at.desc()).limit(literal_column("1")).subquery().c
    return select(func.max(_share(last.current_score, last.max_score)).label("share")).subquery()


def _share(part: ColumnElement[float], whole: ColumnElement[float]) -> ColumnElement[float]:
    return percent(cast(part, Numeric), cast(whole, Numeric))


def control_scores(s: Sources) -> FromClause:
    """`name` and `score` of each control in the newest secure score."""
    newest_row = _newest(s)
    each = func.jsonb_path_query(newest_row.c.control_scores, literal_column("'$[*]'"))
    item = each.table_valued(column("value", JSONB)).render_derived().lateral().c.value
    points = item.op("->")("score")
    # What is no number is unknown; a cast would end the report.
    score = case((func.jsonb_typeof(points) == "number", cast(points, Numeric)))
    name = item.op("->>", return_type=TextType())("controlName")
    return (
        select(name.label("name"), func.max(cast(score, Double)).label("score"))
        .select_from(newest_row)
        .group_by(name)
        .subquery("scores")
    )


def _newest(s: Sources) -> FromClause:
    event = s.events("secure_scores").c
    newest = select(event.control_scores, event.current_score, event.max_score)
    return newest.order_by(event.created_at.desc()).limit(literal_column("1")).subquery()
