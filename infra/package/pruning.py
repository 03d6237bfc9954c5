"""Leaves out the thousands of generated Graph modules that no import of ours can reach.

msgraph-sdk brings a module for every resource of Microsoft Graph: nine tenths of all files of the
package. Reachability follows every import statement, those inside functions included.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

GENERATED = "msgraph.generated"


def prune_generated(site_packages: Path, sources: list[Path]) -> int:
    """Delete files of `msgraph.generated` that `sources` do not reach; return how many.

    `sources` are the files from which reaching starts: the product and the rest of the SDK. What is
    no module goes too: an export of the whole API, 37 MB of text for the generator's own tests.
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


def _reachable(site_packages: Path, sources: list[Path]) -> set[str]:
    reached: set[str] = set()
    waiting = [name for path in sources for name in _imports(path, package="")]
    while waiting:
        name = waiting.pop()
        if name in reached or not name.startswith(GENERATED):
            continue
        path = _file_of(site_packages, name)
        if path is None:
            continue
        reached.add(name)
        waiting.append(name.rpartition(".")[0])
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        waiting.extend(_imports(path, package))
    return reached


def _imports(path: Path, package: str) -> Iterator[str]:
    """Yield each module a file may import; `from a import b` yields `a` and `a.b`."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


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
