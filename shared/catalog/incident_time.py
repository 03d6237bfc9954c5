"""How long nothing was wrong with a service, by the incidents that Microsoft announced.

Advisories do not count, and incidents at the same time count once. That is pessimistic on purpose:
an incident rarely concerns everybody.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Double,
    FromClause,
    Integer,
    Numeric,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import TSTZMULTIRANGE, TSTZRANGE
from sqlalchemy.sql.selectable import ScalarSelect

from shared.core.report import Sources

_DAY = 86_400


def by_service(s: Sources, days: ColumnElement[int]) -> FromClause:
    """Return a row for each service of which an issue is known: `service`, `open_issues`, and `spans`,
    the times of its incidents within the last `days`."""
    issue = s.entity("service_issues").c
    now: ColumnElement[datetime] = s.as_of
    first = now - func.make_interval(0, 0, 0, cast(days, Integer))
    began = func.greatest(issue.started_at, first, type_=DateTime(timezone=True))
    # What has not ended goes on; an end that is still to come has not happened.
    ended = func.least(issue.ended_at, now, type_=DateTime(timezone=True))
    incident = func.lower(issue.classification) == "incident"
    span = func.tstzrange(began, ended, type_=TSTZRANGE)
    spans = func.range_agg(span, type_=TSTZMULTIRANGE).filter(incident & (began < ended))
    still_open = cast(func.count().filter(~issue.is_resolved), BigInteger)
    return (
        select(issue.service, spans.label("spans"), still_open.label("open_issues"))
        .group_by(issue.service)
        .subquery()
    )


def issues_are_known(s: Sources) -> ColumnElement[bool]:
    """Tell whether any issue is known: there always are some, so without any nobody has read them."""
    return select(s.entity("service_issues").c.id).exists()


def free_percent(incidents: FromClause, days: ColumnElement[int]) -> ColumnElement[float]:
    """Return the share of the last `days` without an incident of a service, three decimals."""
    down = func.coalesce(_seconds(incidents), literal_column("0"), type_=Numeric)
    share = func.round(100 * (1 - down / (cast(days, Numeric) * _DAY)), 3)
    return cast(share, Double())


def _seconds(incidents: FromClause) -> ScalarSelect[object]:
    span = func.unnest(incidents.c.spans, type_=TSTZRANGE).column_valued("span")
    ends = (func.upper(span), func.lower(span))
    upper, lower = (cast(end, DateTime(timezone=True)) for end in ends)
    length = func.extract("epoch", upper - lower)
    return select(cast(func.sum(length), Numeric)).scalar_subquery()
