"""A page of figures."""

from shared.render.json import ReportAnswer


class FiguresAnswer(ReportAnswer):
    """A page of figures: a report about a window of time, counted from the tables that `coverage` names.

    `tenantId` is all zeros where they are of several tenants, or of the deployment itself.
    """
