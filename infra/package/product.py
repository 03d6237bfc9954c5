"""Which files of the repository are the product: tracked by git and not named by `.funcignore`."""

import fnmatch
import shutil
import subprocess
from pathlib import Path


def product_files(root: Path) -> list[str]:
    """Return the paths, relative to `root`, that are shipped, sorted.

    Understands the patterns that our `.funcignore` uses: `name/` for folders, `*.ext` and plain
    names for files at any depth. Raises CalledProcessError outside a git work tree.
    """
    patterns = (root / ".funcignore").read_text(encoding="utf-8").split()
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True, timeout=60
    ).stdout.split("\0")
    return sorted(name for name in tracked if name and not _ignored(name, patterns))


def _ignored(name: str, patterns: list[str]) -> bool:
    *folders, _ = parts = name.split("/")
    return any(
        fnmatch.fnmatch(part, pattern.removeprefix("**/").rstrip("/"))
        for pattern in patterns
        for part in (folders if pattern.endswith("/") else parts)
    )


def copy_product(root: Path, target: Path) -> None:
    """Copy the product's files into `target`, keeping their paths."""
    for name in product_files(root):
        destination = target / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, destination)
