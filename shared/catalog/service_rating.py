"""How a service is rated by its scores in percent."""

from sqlalchemy import ColumnElement, case, func

from shared.core.report import Sources
from shared.core.report_parameters import (
    RATING_EXCELLENT_PERCENT,
    RATING_GOOD_PERCENT,
    RATING_IMPROVE_PERCENT,
)


def rating(s: Sources, *scores: ColumnElement[float]) -> ColumnElement[str]:
    """Return the code of `labels.RATING` for the mean of those scores that are known; null without."""
    known = func.nullif(func.num_nonnulls(*scores), 0)
    score = sum(func.coalesce(one, 0) for one in scores) / known
    excellent, good = s.parameter(RATING_EXCELLENT_PERCENT), s.parameter(RATING_GOOD_PERCENT)
    improve = s.parameter(RATING_IMPROVE_PERCENT)
    return case(
        (score >= excellent, "excellent"),
        (score >= good, "good"),
        (score >= improve, "improve"),
        (score < improve, "poor"),
    )
