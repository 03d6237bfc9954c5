"""Query parameters that several routes share."""

from shared.core import asked
from shared.core.asked import MAX_TOP
from shared.core.text import Text
from shared.web.http import Request
from shared.web.route import Parameter


def top(of: Text, default: int = 100, most: int = MAX_TOP) -> Parameter:
    """Return the parameter that says how many entries a page has; `of` says what they are."""
    return Parameter(
        "top",
        Text(
            f"{of.en} per page, 1 to {most}; {default} if absent.",
            f"1 ページの{of.ja}数 (1～{most})。省略時は {default}。",
        ),
        {"type": "integer", "minimum": 1, "maximum": most, "default": default},
        example=default,
        codes=("number_expected",),
    )


TOP = top(Text("Rows", "行"))
CURSOR = Parameter(
    "cursor",
    Text("Position from the page before.", "前のページが返した位置。"),
    {"type": "string", "pattern": "^[A-Za-z0-9_-]*$"},
    codes=("cursor_malformed", "cursor_foreign"),
)


def whole_number(request: Request, name: str, default: int, low: int, high: int) -> int:
    """Return the number `name`; BadRequest unless it is between `low` and `high`."""
    return asked.whole_number(request.query, name, default, low, high)


def flag(request: Request, name: str) -> bool:
    """Return the truth value `name`, false if absent."""
    return asked.flag(request.query, name)
