"""Microsoft's Kusto language service: parses queries against the tables of a workspace.

The columns in `tables.json` are those of https://learn.microsoft.com/azure/azure-monitor/reference/tables-index
and of Azure Resource Graph (https://learn.microsoft.com/azure/governance/resource-graph/reference/supported-tables-resources).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from infra.local.azurite.install import node
from tests.fixtures.children import run_child
from tests.infra.node.installed import HERE, node_modules


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the language service says of one query: its findings, and the columns it returns."""

    findings: tuple[str, ...]
    columns: tuple[str, ...]


def analyse(queries: Mapping[str, str]) -> dict[str, Analysis]:
    """Parse each query against the workspace's tables; the keys are those of `queries`."""
    tables = json.loads((HERE / "tables.json").read_text(encoding="utf-8"))
    service = node_modules() / "@kusto/language-service-next"
    result = run_child(
        [node(), str(HERE / "kusto.cjs"), str(service)],
        input=json.dumps({"tables": tables, "queries": dict(queries)}),
        check=True,
        capture_output=True,
        text=True,
    )
    return {
        name: Analysis(tuple(answer["findings"]), tuple(answer["columns"]))
        for name, answer in json.loads(result.stdout).items()
    }
