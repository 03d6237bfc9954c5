"""Workbooks load, ask something in every part, and use every parameter they offer."""

import json
import re

import pytest

from tests.infra.declarations import (
    WORKBOOKS,
    bicep,
    workbook_items,
    workbook_parameters,
    workbook_queries,
)

NAMES = sorted(path.stem for path in WORKBOOKS.glob("*.json"))


def test_there_is_one_for_operations_and_one_for_the_sla() -> None:
    assert NAMES == ["operations", "sla"]


@pytest.mark.parametrize("name", NAMES)
def test_every_part_has_a_name_of_its_own_and_content(name: str) -> None:
    items = workbook_items(name)
    names = [item["name"] for item in items]
    assert len(names) == len(set(names))
    for item in items:
        if item["type"] == 3:
            assert item["content"]["query"].strip(), item["name"]
            assert item["content"]["title"], item["name"]
        if item["type"] == 1:
            assert item["content"]["json"].strip(), item["name"]


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_is_used_and_every_used_one_is_offered(name: str) -> None:
    offered = {parameter["name"] for parameter in workbook_parameters(name)}
    used: set[str] = set()
    for item in workbook_items(name):
        content = item["content"]
        if item["type"] == 3:
            used |= {content.get("timeContextFromParameter", "TimeRange")}
            used |= set(re.findall(r"\{([A-Z][A-Za-z]*)(?::\w+)?\}", content["query"]))
            used |= set(
                re.findall(r"\{([A-Z][A-Za-z]*)\}", "".join(content["crossComponentResources"]))
            )
    assert used == offered


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_bound_to_one_subscription(name: str) -> None:
    text = json.dumps([workbook_items(name), workbook_queries(name)])
    assert "/subscriptions/" not in text
    placeholders = set(re.findall(r"\{([a-z][A-Za-z]*)\}", text))
    assert placeholders <= set(re.findall(r"'\{(\w+)\}'", bicep("modules/workbook.bicep")))
