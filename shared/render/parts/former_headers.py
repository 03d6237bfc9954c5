"""What the PowerShell tool called a column of its file."""

from collections.abc import Mapping

from shared.core.question import Question
from shared.core.report import ReportColumn
from shared.render.parts.columns import header


def former_headers(question: Question) -> Mapping[str, str]:
    """Return column id -> header of the PowerShell tool's file in the question's language."""
    legacy = question.report.legacy
    file = legacy.of(question.lang) if legacy else {}
    return {column: header for header, column in file.items()}


def former_header(question: Question, column: ReportColumn) -> str:
    """Return the header of one column; its own where the tool had none."""
    return former_headers(question).get(column.id, header(column, question.lang))
