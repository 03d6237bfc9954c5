"""What Kanri can collect."""

from typing import Literal

from shared.core.report import ValueType
from shared.web.answers.answer import Answer


class DatasetColumn(Answer):
    id: str
    type: ValueType
    personal: bool


class DatasetAnswer(Answer):
    dataset: str
    title: str
    docs: str
    shape: Literal["entity", "event", "measure"]
    every_seconds: int
    licence: str | None
    permissions: list[str]
    columns: list[DatasetColumn]


class DatasetList(Answer):
    datasets: list[DatasetAnswer]
