"""The figures of a year beside those of the year before, as they were known at its end."""

from sqlalchemy import ColumnElement, FromClause

from shared.catalog.secure_score import compliance
from shared.catalog.service_use import beside, change, of_service
from shared.catalog.table import Col, col
from shared.catalog.year_of_incidents import incidents
from shared.core.report import Sources
from shared.core.text import Text

_YEAR = 365


class YearBefore:
    """What there was a year ago: `figures` to stand beside the rows, `columns` of the service of a row.

    All are null before own history reaches back so far.
    """

    def __init__(self, s: Sources, published: FromClause) -> None:
        """`published` are the numbers of active users that Microsoft published for that day."""
        then = s.ago(_YEAR)
        self._published, self._score, self._incidents = published, compliance(then), incidents(then)
        self.figures = beside(published, self._score, self._incidents)

    def growth(
        self, service: ColumnElement[str], active: ColumnElement[int]
    ) -> ColumnElement[float]:
        """Return by how many percent there are more active users than then; null before a full year."""
        return change(active, of_service(service, self._published, "_active"))

    def columns(self, service: ColumnElement[str], active: ColumnElement[int]) -> tuple[Col, ...]:
        """Return what growth compares, and the score and the incidents of then."""
        return (
            col(
                "active_30_days", active, Text("Active in 30 days", "30 日間のアクティブユーザー数")
            ),
            col(
                "active_30_days_year_before",
                of_service(service, self._published, "_active"),
                Text("Active in 30 days a year before", "30 日間のアクティブユーザー数 (前年)"),
            ),
            col(
                "security_score_year_before",
                of_service(service, self._score),
                Text("Secure score a year before (%)", "セキュリティスコア (前年)"),
            ),
            col(
                "incident_count_year_before",
                of_service(service, self._incidents),
                Text("Incidents in the year before", "インシデント数 (前年)"),
            ),
        )
