"""Files, functions and declarations stay small enough to read in one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILE_LINES = 300
FUNCTION_LINES = 40
DECLARATION_LINES = 100
TRIGGER_LINES = 40


def _sources(*folders: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "node" not in path.parts
    )


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize(
    "path", _sources("functions", "shared", "infra"), ids=lambda path: str(path.relative_to(ROOT))
)
def test_a_file_is_short_has_a_docstring_and_short_functions(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    parts = path.relative_to(ROOT).parts
    declares = "catalog" in parts and {"collectors", "imports", "reports"} & {*parts}
    limit = DECLARATION_LINES if declares else FILE_LINES
    assert source.count("\n") <= limit
    assert ast.get_docstring(ast.parse(source)), "a module says what lives in it"
    allowed = TRIGGER_LINES if "functions" in path.parts else FUNCTION_LINES
    long = [
        f"{node.name}: {(node.end_lineno or 0) - node.lineno + 1} lines"
        for node in _functions(path)
        if (node.end_lineno or 0) - node.lineno >= allowed
    ]
    assert not long


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "base", "manager", "misc"])
def test_no_file_has_a_name_that_says_nothing(name: str) -> None:
    assert not [path for path in _sources("functions", "shared", "infra") if path.stem == name]
