"""What holds of every declaration, whatever its kind: where it lies, what it is called, what it is."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.local.repository import ROOT
from shared.core.declarations import Declarations, of
from shared.core.errors import NotFound
from shared.core.kind import Kind
from tests.catalog.kinds import every_kind

KINDS = every_kind()
EVERY = [(kind, name) for kind in KINDS for name in of(kind)]

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.package)
each_one = pytest.mark.parametrize(("kind", "name"), EVERY, ids=[name for _, name in EVERY])


def test_there_are_kinds() -> None:
    assert len(KINDS) >= 4


@each_kind
def test_a_kind_has_declarations_and_one_instance_of_each(kind: Kind[Any]) -> None:
    found = of(kind)
    assert len(found) == len(list(found)) == len(found.values()) > 0
    assert of(kind) is found
    for name in found:
        assert found[name] is found[name]
        assert name in found


@each_kind
def test_what_nobody_declares_is_none_of_them(kind: Kind[Any]) -> None:
    found = of(kind)
    assert "nothing_of_the_kind" not in found
    assert found.get("nothing_of_the_kind") is None
    with pytest.raises(KeyError):
        found["nothing_of_the_kind"]
    if kind.unknown:
        with pytest.raises(NotFound) as refused:
            found.asked_for("nothing_of_the_kind")
        assert "nothing_of_the_kind" in refused.value.message("ja")


@each_one
def test_a_declaration_is_called_as_its_file_and_says_what_it_is(
    kind: Kind[Any], name: str
) -> None:
    found, file = of(kind)[name], of(kind).files[name]
    assert isinstance(found, kind.of)
    assert getattr(found, kind.named) == name == file.stem
    module = ast.parse(file.read_text("utf-8"))
    assert ast.get_docstring(module), file
    assigned = [line for line in module.body if kind.attribute in ast.unparse(line).split(" = ")[0]]
    assert len(assigned) == 1, f"{file}: one {kind.attribute} a file"


@each_kind
def test_ids_are_known_without_importing_a_declaration(kind: Kind[Any]) -> None:
    """In a process of its own; a cold start asks for few."""
    program = (
        "import sys, importlib\n"
        "from shared.core.registry import of\n"
        "from tests.catalog.kinds import every_kind\n"
        f"[kind] = [kind for kind in every_kind() if kind.package == {kind.package!r}]\n"
        "names = list(of(kind))\n"
        "assert names\n"
        "assert not [m for m in sys.modules if m.startswith(kind.package + '.')]\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)


def test_two_files_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for area in ("here", "there"):
        (tmp_path / "things" / area).mkdir(parents=True)
        (tmp_path / "things" / area / "one.py").write_text("THING = 1\n")
    monkeypatch.setattr("shared.core.declarations._ROOT", tmp_path)
    with pytest.raises(ValueError, match="are called one"):
        Declarations(Kind("things", "THING", int, named="name", areas=True))


def test_a_file_that_declares_something_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stray_things").mkdir()
    (tmp_path / "stray_things" / "one.py").write_text("THING = 'a text'\n")
    monkeypatch.setattr("shared.core.declarations._ROOT", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TypeError, match="THING is no int"):
        Declarations(Kind("stray_things", "THING", int, named="name"))["one"]
