"""Nobody asks for the type of a collector's part: the part is asked."""

import ast
import sys
from pathlib import Path

import pytest

from shared.core import collector as language
from shared.core.collector.part import Part

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "shared" / "core" / "collector"


def _parts() -> list[type[Part]]:
    found, kinds = [], [Part]
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        # A class with slots leaves the one that it was made of behind.
        if getattr(sys.modules[kind.__module__], kind.__name__) is kind:
            found.append(kind)
    return found


KINDS = _parts()
PARTS = {kind.__name__ for kind in KINDS}
FILES = sorted(
    path
    for folder in ("functions", "shared", "infra", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if not path.is_relative_to(HOME) and "node" not in path.parts
)


def told_apart(source: str) -> list[str]:
    """Return the places where the type of a part decides what is done."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("isinstance", "issubclass") and len(node.args) == 2:
                found += [(node.lineno, name) for name in _names(node.args[1])]
            elif node.func.id == "type" and node.args:
                found += [(node.lineno, name) for name in _attributes(node.args[0])]
        elif isinstance(node, ast.MatchClass):
            found += [(node.lineno, name) for name in _names(node.cls)]
    ours = PARTS | {"ask", "answer", "extent", "keep"}
    return [f"line {line}: {name}" for line, name in found if name in ours]


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _attributes(node: ast.AST) -> set[str]:
    return {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def repeated(kind: type) -> list[str]:
    """Return the properties and methods that say what the kind has from its base anyway."""
    inherited = {name: each for base in reversed(kind.__mro__[1:]) for name, each in _said(base)}
    return [name for name, each in _said(kind) if inherited.get(name) == each]


def _said(kind: type) -> list[tuple[str, object]]:
    own = ((name, each) for name, each in vars(kind).items() if not name.startswith("_"))
    members = ((name, getattr(each, "fget", each)) for name, each in own)
    codes = ((name, getattr(each, "__code__", None)) for name, each in members)
    return [(name, (code.co_code, code.co_consts[1:])) for name, code in codes if code is not None]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_part_repeats_its_base(kind: type[Part]) -> None:
    assert repeated(kind) == []


def test_the_language_is_made_of_parts() -> None:
    kinds = {"Get", "Listed", "Csv", "Whole", "Delta", "Since", "Below", "Versions", "Daily"}
    assert kinds <= PARTS & set(language.__all__)


@pytest.mark.parametrize(
    "source",
    [
        "isinstance(spec.extent, Delta)",
        "isinstance(spec.extent, Whole | Since)",
        "isinstance(spec.keep, (Events, Daily))",
        "match spec.answer:\n    case Csv(optional=x): pass",
        "READERS[type(spec.extent)]",
    ],
)
def test_telling_parts_apart_is_found(source: str) -> None:
    assert told_apart(source)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_tells_parts_apart_by_their_type(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    if "collector" in source:
        assert told_apart(source) == []
