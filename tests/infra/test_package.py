"""The deployment package: the same tree gives the same bytes, compiled, without development files."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from infra.package.archive import Package, write_archive
from infra.package.build import build
from infra.package.bytecode import compile_tree
from infra.package.product import product_files
from infra.package.pruning import prune_generated
from tests.app_bindings import app_bindings
from tests.fixtures.children import child_process, run_child
from tests.fixtures.memory_folder import memory_folder, temporary_files_in
from tests.infra.declarations import ROOT
from tests.perf import bench_package
from tests.perf.smoke import SMALL, judge

UNCHECKED_HASH = b"\x01\x00\x00\x00"  # PEP 552: flags after the magic number


CHECKER = ROOT.parent / "shared/tools/functions_check/check.py"
_BUILD = "import sys, pathlib, infra.package.build as b; b.build(*map(pathlib.Path, sys.argv[1:]))"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Package, Path]]:
    """Two builds of one commit at the same time: here, and in a process that has loaded nothing."""
    with memory_folder(tmp_path_factory.mktemp("package")) as folder:
        clone, again = folder / "clone", folder / "again.zip"
        run_child(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        words = [sys.executable, "-c", _BUILD, str(clone), str(again)]
        with temporary_files_in(folder), child_process(words, cwd=ROOT) as other:
            package = build(clone, folder / "package.zip")
            assert other.wait(300) == 0
        yield package, again


@pytest.fixture(scope="module")
def unpacked(packages: tuple[Package, Path]) -> Path:
    """The package in an empty folder, as Azure mounts it."""
    folder = packages[0].path.parent / "unpacked"
    with zipfile.ZipFile(packages[0].path) as archive:
        archive.extractall(folder)
    return folder


@pytest.mark.slow
def test_a_commit_gives_the_same_bytes_whatever_its_builder_has_loaded(
    packages: tuple[Package, Path],
) -> None:
    package, again = packages
    assert package.path.read_bytes() == again.read_bytes()
    assert package.sha256 == sha256(again.read_bytes()).hexdigest()


@pytest.mark.slow
@pytest.mark.skipif(not CHECKER.exists(), reason="functions_check is not beside the tree")
def test_the_unpacked_package_is_indexed_by_microsofts_worker(
    unpacked: Path, tmp_path: Path
) -> None:
    """An interpreter with the worker's runtime only: everything else comes from the package."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    [runtime] = re.findall(r'"(azure-functions-runtime==[\d.]+)"', project)
    python = tmp_path / "worker/bin/python"
    for step in (
        ["uv", "venv", "--quiet", "--python", sys.executable, str(tmp_path / "worker")],
        ["uv", "pip", "install", "--quiet", "--python", str(python), runtime],
    ):
        run_child(step, check=True)
    options = ["--plan", "flex", "--settings", str(ROOT / "local.settings.sample.json")]
    result = run_child(
        [sys.executable, str(CHECKER), str(unpacked), "--python", str(python), *options],
        capture_output=True,
        text=True,
    )
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one for one in found if one.get("rule") == "module-shadowed"] == []
    assert (result.returncode, found[-1]["errors"]) == (0, 0)
    assert found[-1]["functions"] == len({name for name, _ in app_bindings()})


@pytest.mark.slow
def test_everything_is_compiled_and_never_checked_against_its_source(
    packages: tuple[Package, Path],
) -> None:
    with zipfile.ZipFile(packages[0].path) as archive:
        names = set(archive.namelist())
        sources = {name for name in names if name.endswith(".py")}
        for name in sources:
            folder, _, file = name.rpartition("/")
            compiled = f"{folder}/__pycache__/{file[:-3]}.cpython-313.pyc".lstrip("/")
            assert archive.read(compiled)[4:8] == UNCHECKED_HASH
    assert "function_app.py" in sources
    assert ".python_packages/lib/site-packages/azure/functions/__init__.py" in sources


@pytest.mark.perf
@pytest.mark.slow
def test_its_benchmark_prints_a_ratio(packages: tuple[Package, Path]) -> None:
    judge(bench_package.index(packages[0], SMALL))


@pytest.mark.slow
def test_nothing_of_development_is_inside(packages: tuple[Package, Path]) -> None:
    with zipfile.ZipFile(packages[0].path) as archive:
        names = archive.namelist()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    tops = {name.split("/")[0] for name in names}
    assert tops == {
        ".python_packages",
        "__pycache__",
        "function_app.py",
        "functions",
        "host.json",
        "requirements.txt",
        "shared",
    }
    installed = {name.split("/")[3] for name in names if name.startswith(".python_packages/")}
    assert installed.isdisjoint({"pytest", "mypy", "hypothesis", "uvicorn", "bin", "typer"})
    left_out = ("/RECORD", "/INSTALLER", ".c", ".h", ".pxd", ".pyi", ".pyx")
    assert not [name for name in names if name.endswith(left_out) or "/testing/" in name]
    tables = [name.rpartition("/")[2] for name in names if "/pyuca/allkeys" in name]
    assert tables == ["allkeys-10.0.0.txt"]


@pytest.mark.slow
def test_the_unpacked_package_imports_with_nothing_else_installed(unpacked: Path) -> None:
    site_packages = unpacked / ".python_packages/lib/site-packages"
    code = (
        "import sys, importlib.machinery; sys.path[:0] = sys.argv[1:];"
        # Whatever has no valid bytecode cannot be imported.
        "importlib.machinery.SourceFileLoader.source_to_code = None;"
        "import function_app, msgraph.graph_request_adapter, azure.identity;"
        "import shared.graph.client, shared.store.datasets.loading, shared.usecases.receive;"
        "from msgraph.generated.models.o_data_errors.o_data_error import ODataError;"
        "ODataError().get_field_deserializers();"
        "print(function_app.__cached__)"
    )
    result = run_child(
        [sys.executable, "-I", "-S", "-c", code, str(unpacked), str(site_packages)],
        capture_output=True,
        text=True,
        check=True,
        cwd=unpacked,
    )
    assert result.stdout.strip().endswith("__pycache__/function_app.cpython-313.pyc")


def test_only_the_product_is_shipped() -> None:
    shipped = product_files(ROOT)
    tops = {name.split("/")[0] for name in shipped}
    assert tops == {"function_app.py", "functions", "host.json", "requirements.txt", "shared"}
    assert {
        "shared/core/texts.toml",
        "shared/web/resources/keys/texts.toml",
        "shared/store/schema/migrations/env.py",
    } <= set(shipped)


def test_an_archive_depends_on_names_and_contents_only(tmp_path: Path) -> None:
    for number, mode in ((1, 0o644), (2, 0o755)):
        folder = tmp_path / str(number)
        (folder / "b").mkdir(parents=True)
        for name in ("b/two.txt", "a.txt") if number == 1 else ("a.txt", "b/two.txt"):
            (folder / name).write_text(name, encoding="utf-8")
            (folder / name).chmod(mode)
    first = write_archive(tmp_path / "1", tmp_path / "1.zip")
    second = write_archive(tmp_path / "2", tmp_path / "2.zip")
    assert first.sha256 == second.sha256
    assert (first.files, first.unpacked) == (2, len("b/two.txt") + len("a.txt"))
    (tmp_path / "2" / "a.txt").write_text("changed", encoding="utf-8")
    assert write_archive(tmp_path / "2", tmp_path / "3.zip").sha256 != first.sha256


SDK = {
    "msgraph/__init__.py": "from .client import Client\n",
    "msgraph/client.py": "from .generated.base import Base\n",
    "msgraph/adapter.py": "",
    "msgraph/generated/__init__.py": "",
    "msgraph/generated/base.py": (
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from .users import Users\n"
        "class Base:\n    def users(self):\n        from .users import Users\n"
    ),
    "msgraph/generated/users.py": "from .models.user import User\n",
    "msgraph/generated/models/__init__.py": "",
    "msgraph/generated/models/user.py": "def f():\n    from .group import Group\n",
    "msgraph/generated/models/group.py": "from ..shared import X\n",
    "msgraph/generated/models/device.py": "",
    "msgraph/generated/shared.py": "",
    "msgraph/generated/export.txt": "",
}


@pytest.mark.parametrize(
    ("source", "gone"),
    [
        # The package itself always loads its client, which loads the base, which loads no more.
        ("from msgraph.adapter import A", {"users", "models/user", "models/group", "shared"}),
        ("def f():\n    from msgraph.generated.models.user import User", {"users"}),
        ("from msgraph.generated.models import group", {"users", "models/user"}),
        ("from msgraph import Client", set()),
    ],
)
def test_pruning_keeps_what_an_import_reaches(tmp_path: Path, source: str, gone: set[str]) -> None:
    for name, text in SDK.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    ours = tmp_path / "ours.py"
    ours.write_text(source, encoding="utf-8")
    removed = prune_generated(tmp_path, [ours])
    left = {p.relative_to(tmp_path).as_posix() for p in (tmp_path / "msgraph").rglob("*.*")}
    expected = {f"msgraph/generated/{name}.py" for name in gone} | {
        "msgraph/generated/export.txt",
        "msgraph/generated/models/device.py",
    }
    if "models" not in source and source != "from msgraph import Client":
        expected.add("msgraph/generated/models/__init__.py")
    assert set(SDK) - left == expected
    assert removed == len(expected)


def test_what_is_no_python_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def", encoding="utf-8")
    with pytest.raises(subprocess.CalledProcessError):
        compile_tree(tmp_path)
