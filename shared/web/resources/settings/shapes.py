"""Settings of a tenant in JSON."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from shared.core.report_parameters import THRESHOLDS, in_force
from shared.core.text import Lang
from shared.web.shapes import Answer, Body

# Checked by the handler, which can say what there is; here for the description of the API.
_SETTABLE = {
    name: {"type": ["integer", "null"], "minimum": threshold.low, "maximum": threshold.high}
    for name, threshold in THRESHOLDS.items()
}
type _Thresholds = Annotated[
    dict[str, int | None],
    Meta(
        max_length=len(THRESHOLDS),
        extra_json_schema={"propertyNames": {"enum": [*THRESHOLDS]}, "properties": _SETTABLE},
    ),
]


class SettingsChange(Body):
    """Thresholds by name: a number sets one, null takes it back to the default."""

    thresholds: _Thresholds


class ThresholdAnswer(Answer):
    """One threshold: the `value` that reports go by unless they are asked with another one.

    It is the `default` unless the tenant has set its own (`isSet`)."""

    name: str
    description: str
    value: int
    default: int
    is_set: bool
    minimum: int
    maximum: int


class SettingsAnswer(Answer):
    thresholds: list[ThresholdAnswer]


def settings_answer(own: Mapping[str, int], lang: Lang) -> SettingsAnswer:
    """Return all settings as an answer; `own` are the thresholds that the tenant has set."""
    values = in_force(tuple(THRESHOLDS.values()), (), own)
    return SettingsAnswer(
        thresholds=[
            ThresholdAnswer(
                name=name,
                description=threshold.words.of(lang),
                value=values[name],
                default=threshold.default,
                is_set=own.get(name) == values[name],
                minimum=threshold.low,
                maximum=threshold.high,
            )
            for name, threshold in THRESHOLDS.items()
        ]
    )
