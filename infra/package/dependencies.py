"""The locked dependencies as Flex Consumption needs them: Linux x86-64 wheels for Python 3.13."""

import shutil
import subprocess
import tempfile
from pathlib import Path

# Where the Python worker looks for packages that a deployment brings:
# https://learn.microsoft.com/azure/azure-functions/functions-reference-python#package-management
SITE_PACKAGES = Path(".python_packages/lib/site-packages")
PLATFORM = "x86_64-manylinux2014"
PYTHON = "3.13"
# Console scripts hold the path of the interpreter that built them; INSTALLER, REQUESTED and RECORD
# tell how and where a package was installed. Nothing at run time reads them.
_HOW_INSTALLED = ("bin", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "*.dist-info/RECORD")
# What compilers and type checkers read.
_TO_BUILD_WITH = ("**/*.c", "**/*.h", "**/*.pxd", "**/*.pyi", "**/*.pyx")
# What these test themselves with, and tables for older editions of Unicode than `store/datasets` reads.
_UNUSED = (
    *("alembic/testing", "mako/testing", "sqlalchemy/testing"),
    *(f"pyuca/allkeys-{edition}.0.txt" for edition in ("5.2", "6.3", "8.0", "9.0")),
)


def install_dependencies(root: Path, target: Path) -> None:
    """Install what uv.lock names, by hash and from wheels only, below `target`.

    Raises CalledProcessError with uv's words on stderr, for instance for a package without a wheel.
    """
    destination = target / SITE_PACKAGES
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        export = ["uv", "export", "--quiet", "--frozen", "--no-dev", "--no-emit-project"]
        subprocess.run(
            [*export, "--output-file", str(requirements)], cwd=root, check=True, timeout=900
        )
        install = ["uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        only = ["--only-binary", ":all:", "--python-platform", PLATFORM, "--python-version", PYTHON]
        where = ["--target", str(destination), "--no-compile-bytecode", "--link-mode", "copy"]
        subprocess.run(
            [*install, *only, *where, "-r", str(requirements)], cwd=root, check=True, timeout=900
        )
    for pattern in (*_HOW_INSTALLED, *_TO_BUILD_WITH, *_UNUSED):
        for path in list(destination.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
