"""The error codes that files raise, read from their source."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from shared.core import errors

CLASSES = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.KanriError)
} | {"BadSetting"}


class Raised(NamedTuple):
    """A code, the name of the class that it is raised as, and where: file:line."""

    code: str
    kind: str
    at: str


def raised_codes(files: Iterable[Path]) -> Iterator[Raised]:
    """Yield every error of ours that is made with a code that stands there."""
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else None
            name = node.func.id if isinstance(node.func, ast.Name) else name
            first = node.args[0]
            if name in CLASSES and isinstance(first, ast.Constant):
                yield Raised(str(first.value), name, f"{path}:{node.lineno}")
