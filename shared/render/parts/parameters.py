"""By which periods and thresholds the rows of an answer were judged, and who said so."""

from typing import Literal

from msgspec import Struct

from shared.core.format import About


class ParameterAnswer(Struct, rename="camel"):
    """One parameter of the report: its `value`, what it is for, and where the value is from.

    It was asked for, or it is the tenant's own setting, or the default."""

    name: str
    value: str
    description: str
    source: Literal["asked", "tenant", "default"]


def parameter_answers(about: About) -> list[ParameterAnswer]:
    """Return the parameters of the report with the values of this answer."""
    values, asked = dict(about.parameters), dict(about.question.parameters)
    return [
        ParameterAnswer(
            name=taken.name,
            value=taken.written(values[taken.name]),
            description=taken.words.of(about.question.lang),
            source="asked"
            if taken.name in asked
            else "default"
            if values[taken.name] == taken.default
            else "tenant",
        )
        for taken in about.question.report.parameters
    ]


def parameters_line(about: About) -> str:
    """Return `name=value` for each parameter, with ", " between them."""
    return ", ".join(f"{entry.name}={entry.value}" for entry in parameter_answers(about))
