"""Settings of a tenant in JSON."""

from typing import Annotated

from msgspec import Meta, field

from shared.core.registry import collector, datasets
from shared.core.report_parameters import THRESHOLDS, in_force
from shared.core.text import Lang
from shared.store.registers.tenant_settings import OwnSettings
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


type _Switches = Annotated[
    dict[str, bool],
    Meta(
        max_length=len(datasets()),
        extra_json_schema={"propertyNames": {"enum": [*datasets()]}},
    ),
]


class SettingsChange(Body):
    """Thresholds by name: a number sets one, null takes it back to the default. Datasets that cost
    many requests by name: true has one read, false no longer."""

    thresholds: _Thresholds = field(default_factory=dict)
    datasets: _Switches = field(default_factory=dict)


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


class SwitchAnswer(Answer):
    """A dataset that costs many requests: read if it `isOn`, and so is all that it `needs` besides.

    What it takes, before it is switched on, is told at `/collections/estimates`."""

    dataset: str
    title: str
    is_on: bool
    needs: list[str]


class SettingsAnswer(Answer):
    thresholds: list[ThresholdAnswer]
    datasets: list[SwitchAnswer]


def settings_answer(own: OwnSettings, lang: Lang) -> SettingsAnswer:
    """Return all settings as an answer; `own` are those that the tenant has set."""
    values = in_force(tuple(THRESHOLDS.values()), (), own.thresholds)
    return SettingsAnswer(
        thresholds=[
            ThresholdAnswer(
                name=name,
                description=threshold.words.of(lang),
                value=values[name],
                default=threshold.default,
                is_set=own.thresholds.get(name) == values[name],
                minimum=threshold.low,
                maximum=threshold.high,
            )
            for name, threshold in THRESHOLDS.items()
        ],
        datasets=[
            SwitchAnswer(
                dataset=spec.dataset,
                title=spec.title.of(lang),
                is_on=spec.dataset in own.switched_on,
                needs=list(spec.switches[:-1]),
            )
            for spec in map(collector, datasets())
            if spec.costly
        ],
    )
