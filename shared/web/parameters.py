"""Query parameters that several routes share."""

from shared.core import asked
from shared.core.asked import MAX_TOP
from shared.core.text import Text
from shared.web.http import Request
from shared.web.route import Parameter

TOP = Parameter(
    "top",
    Text("Rows per page, 1 to 1000; 100 if absent.", "1 ページの行数 (1～1000)。省略時は 100。"),
    {"type": "integer", "minimum": 1, "maximum": MAX_TOP, "default": 100},
    example=100,
    codes=("number_expected",),
)
CURSOR = Parameter(
    "cursor",
    Text("Position from the page before.", "前のページが返した位置。"),
    {"type": "string"},
    codes=("cursor_malformed", "cursor_foreign"),
)


def whole_number(request: Request, name: str, default: int, low: int, high: int) -> int:
    """Return the number `name`; BadRequest unless it is between `low` and `high`."""
    return asked.whole_number(request.query, name, default, low, high)


def flag(request: Request, name: str) -> bool:
    """Return the truth value `name`, false if absent."""
    return asked.flag(request.query, name)
