"""One parameter that a report may take, and how its value is written and read."""

import re
from copy import replace
from typing import TYPE_CHECKING

from msgspec import Struct

from shared.core.asked import whole_number
from shared.core.errors import BadRequest
from shared.core.text import Text

if TYPE_CHECKING:
    from shared.core.asked import Asked

_PERIOD = re.compile(r"P([0-9]{1,4})D")


class ReportParameter(Struct, frozen=True):
    """One parameter, a whole number from `low` to `high`, of days, per cent or things as `words` say.

    `is_period` says it as `P7D` (ISO 8601); of a threshold (`is_threshold`) a tenant's own setting
    goes before the default.
    """

    name: str
    words: Text
    default: int
    low: int
    high: int
    is_period: bool = False
    is_threshold: bool = False

    def by_default(self, days: int) -> "ReportParameter":
        """Return the parameter with another default."""
        return replace(self, default=days)

    def written(self, days: int) -> str:
        """Return a value as it is asked for."""
        return f"P{days}D" if self.is_period else str(days)

    def read(self, asked: "Asked") -> int:
        """Return the value asked for, the default if none; BadRequest for any other text."""
        text = asked.get(self.name)
        if text is None or not self.is_period:
            return whole_number(asked, self.name, self.default, self.low, self.high)
        found = _PERIOD.fullmatch(text)
        if found is None or not self.low <= int(found[1]) <= self.high:
            low, high = self.written(self.low), self.written(self.high)
            raise BadRequest("period_expected", parameter=self.name, low=low, high=high, value=text)
        return int(found[1])
