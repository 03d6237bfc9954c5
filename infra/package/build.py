"""Puts the package together: product, dependencies, bytecode, archive."""

import tempfile
from pathlib import Path

from infra.package.archive import Package, write_archive
from infra.package.bytecode import compile_tree
from infra.package.dependencies import SITE_PACKAGES, install_dependencies
from infra.package.product import copy_product
from infra.package.pruning import prune_generated


def fill(root: Path, folder: Path) -> None:
    """Lay out in `folder` what the package of the repository `root` holds."""
    copy_product(root, folder)
    install_dependencies(root, folder)
    site_packages = folder / SITE_PACKAGES
    product = [path for path in folder.rglob("*.py") if site_packages not in path.parents]
    prune_generated(site_packages, product)
    compile_tree(folder)


def build(root: Path, out: Path) -> Package:
    """Build the package of the repository `root` as the zip `out`; the same tree, the same bytes."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "package"
        folder.mkdir()
        fill(root, folder)
        return write_archive(folder, out)
