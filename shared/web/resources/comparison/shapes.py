"""A page of a comparison."""

from shared.render.json import ReportAnswer


class ComparisonAnswer(ReportAnswer):
    """A page of what differs in a report between `compared.asOf` and `asOf`, a row for each row of it.

    `change` is added, removed or changed; unread_before or unread_after where a row is on one side only
    and the other was never read to its end. `changed` names the columns that differ; each stands beside
    its value before (`<column>_before`). `coverage` and `compared.coverage` say how the datasets stood at
    either instant.
    """
