"""Microsoft's Kusto language service in Node: parses queries against the tables of a workspace.

The columns in `tables.json` are those of https://learn.microsoft.com/azure/azure-monitor/reference/tables-index
and of Azure Resource Graph (https://learn.microsoft.com/azure/governance/resource-graph/reference/supported-tables-resources).
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from infra.local.azurite.install import node

HERE = Path(__file__).parent
TOOLS = HERE.parents[2] / ".kanri"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the language service says of one query: its findings, and the columns it returns."""

    findings: tuple[str, ...]
    columns: tuple[str, ...]


@cache
def _installed() -> Path:
    """Return the folder of the language service, installed as package-lock.json says."""
    digest = sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:8]
    target = TOOLS / f"kusto-{digest}"
    if not target.exists():
        draft = TOOLS / f"kusto-{digest}.{os.getpid()}"
        draft.mkdir(parents=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(HERE / name, draft / name)
        npm = Path(node()).parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
        subprocess.run(
            [node(), str(npm), "ci", "--ignore-scripts", "--no-progress"],
            cwd=draft,
            check=True,
            capture_output=True,
        )
        if target.exists():  # another test process was faster
            shutil.rmtree(draft)
        else:
            draft.rename(target)
    return target / "node_modules/@kusto/language-service-next"


def analyse(queries: Mapping[str, str]) -> dict[str, Analysis]:
    """Parse each query against the workspace's tables; the keys are those of `queries`."""
    tables = json.loads((HERE / "tables.json").read_text(encoding="utf-8"))
    result = subprocess.run(
        [node(), str(HERE / "check.cjs"), str(_installed())],
        input=json.dumps({"tables": tables, "queries": dict(queries)}),
        check=True,
        capture_output=True,
        text=True,
    )
    return {
        name: Analysis(tuple(answer["findings"]), tuple(answer["columns"]))
        for name, answer in json.loads(result.stdout).items()
    }
