"""A copy of the tree with one declaration of each kind more, those below `added/`."""

import os
import shutil
from pathlib import Path

from infra.local.repository import ROOT

ADDED = Path(__file__).with_name("added")

# Its module and its id: what a kind of declaration calls it.
NAMES = tuple(sorted(file.name.removesuffix(".py.txt") for file in ADDED.rglob("*.py.txt")))


def grow(tree: Path) -> None:
    """Copy the tree to the empty folder `tree` and add the declarations, nothing else."""
    # Bytecode comes along, as good as its source: times are kept. That of pytest names the tree it was
    # made in, and what another process is writing just now may be gone at any time.
    unwanted = shutil.ignore_patterns("*-pytest-*", "*.pyc.*")
    for folder in ("functions", "shared", "infra", "tests"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=unwanted)
    for file in ("pyproject.toml", "host.json", "local.settings.sample.json"):
        shutil.copy(ROOT / file, tree / file)
    for source in ADDED.rglob("*.py.txt"):
        target = tree / source.relative_to(ADDED).with_suffix("")
        assert not target.exists(), target
        assert target.parent.exists(), f"{target}: no folder is added"
        shutil.copy(source, target)


def environment(**more: str) -> dict[str, str]:
    """Return what a child in the copy finds set: nothing of the pytest that starts it."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | more
