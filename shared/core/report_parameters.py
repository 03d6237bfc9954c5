"""The parameters that a report may take: one vocabulary, so that the same word asks the same of each.

A report takes a parameter by asking `Sources.parameter` for it; what was not asked for has the
default, the report's own (`by_default`) or the vocabulary's.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from shared.core.asked import whole_number
from shared.core.errors import BadRequest
from shared.core.text import Text

if TYPE_CHECKING:
    from shared.core.asked import Asked

_PERIOD = re.compile(r"P([0-9]{1,4})D")


@dataclass(frozen=True, slots=True)
class ReportParameter:
    """One parameter, a number of days from `low` to `high`; `is_period` says it as `P7D` (ISO 8601)."""

    name: str
    words: Text
    default: int
    low: int
    high: int
    is_period: bool = False

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


# As far back as anything is asked about: ten years.
_LONG = 3660

PERIOD = ReportParameter(
    "period",
    Text(
        "The days up to the instant that the report tells of, as P7D.",
        "レポートの対象期間 (時点までの日数)。例: P7D。",
    ),
    default=30,
    low=1,
    high=_LONG,
    is_period=True,
)
REVIEW_DAYS = ReportParameter(
    "reviewDays",
    Text(
        "Days after which what was not used or changed is to be reviewed.",
        "未使用・未更新の項目を要確認とするまでの日数。",
    ),
    default=90,
    low=1,
    high=_LONG,
)
STALE_DAYS = ReportParameter(
    "staleDays",
    Text(
        "Days after which what was not used or changed is stale.",
        "未使用・未更新の項目を長期とするまでの日数。",
    ),
    default=180,
    low=1,
    high=_LONG,
)
VOCABULARY = (PERIOD, REVIEW_DAYS, STALE_DAYS)


def read_parameters(
    asked: "Asked", taken: Sequence[ReportParameter]
) -> tuple[tuple[str, int], ...]:
    """Return the values of the parameters that a report takes, all of them, by name.

    BadRequest for a value that is none, and for a parameter that this report does not take.
    """
    names = {parameter.name for parameter in taken}
    for parameter in VOCABULARY:
        if parameter.name in asked and parameter.name not in names:
            raise BadRequest("parameter_not_of_report", parameter=parameter.name)
    return tuple((parameter.name, parameter.read(asked)) for parameter in taken)


def in_force(
    taken: Sequence[ReportParameter], given: Sequence[tuple[str, int]]
) -> Mapping[str, int]:
    """Return the value of each parameter that a report takes: the one given, else the default."""
    values = dict(given)
    return {item.name: values.get(item.name, item.default) for item in taken}
