"""Leaves out the thousands of generated Graph modules that no import of ours can reach.

msgraph-sdk brings a module for every resource of Microsoft Graph: nine tenths of all files of the
package. What the product imports is followed through every import statement, those inside functions
included; what is only loaded along with it (a parent package and what that loads) through the
statements that run at its import. So `from msgraph import GraphServiceClient` would keep
everything.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

SDK = "msgraph"
GENERATED = "msgraph.generated"


def prune_generated(site_packages: Path, sources: Iterable[Path]) -> int:
    """Delete files of `msgraph.generated` that `sources` do not reach; return how many.

    `sources` are the files of the product. What is no module goes too: an export of the whole API,
    37 MB of text for the generator's own tests.
    """
    reached = _reachable(site_packages, sources)
    folder = site_packages / GENERATED.replace(".", "/")
    removed = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file() and _module_name(site_packages, path) not in reached:
            path.unlink()
            removed += 1
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return removed


def _reachable(site_packages: Path, sources: Iterable[Path]) -> set[str]:
    """Return the modules of the SDK that `sources` can load; whole says how a module is followed."""
    reached: dict[str, bool] = {}
    waiting = [(name, True) for path in sources for name in _imports(path, "", whole=True)]
    while waiting:
        name, whole = waiting.pop()
        if name.split(".")[0] != SDK or reached.get(name) or reached.get(name) is whole:
            continue
        path = _file_of(site_packages, name)
        if path is None:  # a name that a module defines, not a module
            continue
        reached[name] = whole
        parent = name.rpartition(".")[0]
        package = name if path.name == "__init__.py" else parent
        waiting.append((parent, False))
        waiting.extend((found, whole) for found in _imports(path, package, whole=whole))
    return set(reached)


def _imports(path: Path, package: str, *, whole: bool) -> Iterator[str]:
    """Yield each module that the file may import; `from a import b` yields `a` and `a.b`."""
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree) if whole else _run_at_import(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _run_at_import(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run when the module is loaded: no function, nothing for type checkers."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _run_at_import(node)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if node.level == 0:
        return node.module or ""
    above = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _file_of(site_packages: Path, name: str) -> Path | None:
    stem = site_packages / name.replace(".", "/")
    for path in (stem / "__init__.py", stem.with_name(stem.name + ".py")):
        if path.is_file():
            return path
    return None


def _module_name(site_packages: Path, path: Path) -> str:
    if path.suffix != ".py":
        return ""
    parts = path.relative_to(site_packages).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
