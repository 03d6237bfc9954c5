"""The list of reports. What a report itself looks like is the business of its format."""

from shared.render.parts.columns import ColumnAnswer
from shared.web.shapes import Answer


class ReportEntry(Answer):
    """One report; `permission` is what it takes to read it, besides `report:read`."""

    report: str
    title: str
    description: str
    docs: str
    permission: str
    datasets: list[str]
    columns: list[ColumnAnswer]


class ReportList(Answer):
    reports: list[ReportEntry]
