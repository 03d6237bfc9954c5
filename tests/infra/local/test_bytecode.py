"""Bytecode is kept below `.kanri` where the machine keeps none, and else beside the sources."""

import os
import sys

import pytest

from infra.local.repository import ROOT, WORK_DIR
from tests.fixtures.children import run_child

_TELL = """
import os, sys
from infra.local.bytecode import keep_bytecode
keep_bytecode()
print(sys.dont_write_bytecode, sys.pycache_prefix, os.environ.get("PYTHONPYCACHEPREFIX"))
print("PYTHONDONTWRITEBYTECODE" in os.environ)
"""


@pytest.mark.parametrize(
    ("machine", "told"),
    [
        ({"PYTHONDONTWRITEBYTECODE": "1"}, f"False {WORK_DIR}/bytecode {WORK_DIR}/bytecode\nFalse"),
        ({}, "False None None\nFalse"),
    ],
)
def test_where_bytecode_goes(machine: dict[str, str], told: str) -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    result = run_child(
        [sys.executable, "-c", _TELL],
        cwd=ROOT,
        env={**plain, **machine},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == told
