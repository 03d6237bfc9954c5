"""Everything about one thing lies in one area, whatever kind of declaration it is."""

import ast
from pathlib import Path

import pytest

from shared.catalog import graph_permissions
from shared.core.collector import Permission
from shared.core.registry import collector, datasets, is_imported, report, report_keys

CATALOGUE = Path(__file__).resolve().parents[2] / "shared/catalog"


def meanings() -> dict[str, dict[str, str | None]]:
    """What each area says of itself, by area and kind."""
    found: dict[str, dict[str, str | None]] = {}
    for folder in (path.parent for path in CATALOGUE.glob("*/*/__init__.py")):
        said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))
        found.setdefault(folder.name, {})[folder.parent.name] = said
    return found


@pytest.mark.parametrize("area", meanings())
def test_an_area_means_the_same_in_every_kind(area: str) -> None:
    said = set(meanings()[area].values())
    assert len(said) == 1
    [meaning] = said
    assert meaning
    assert "\n" not in meaning


def test_two_areas_do_not_mean_the_same() -> None:
    said = [next(iter(kinds.values())) for kinds in meanings().values()]
    assert len(set(said)) == len(said)


def test_every_folder_of_declarations_is_an_area() -> None:
    folders = {file.parent for file in CATALOGUE.glob("*/*/*.py")}
    assert {folder.name for folder in folders} == set(meanings())
    assert all((folder / "__init__.py").exists() for folder in folders)


@pytest.mark.parametrize("key", report_keys())
def test_a_report_lies_in_the_area_of_a_dataset_it_reads(key: str) -> None:
    """Not of the first it asks for: what is told of may be joined to what tells whose it is."""
    read = {name for name in report(key).needs if not is_imported(name)}
    assert area_of("reports", key) in {area_of("collectors", name) for name in read}


def area_of(kind: str, name: str) -> str:
    [file] = CATALOGUE.joinpath(kind).glob(f"*/{name}.py")
    return file.parent.name


def test_a_permission_stands_apart_only_if_several_collectors_need_it() -> None:
    shared = {item for item in vars(graph_permissions).values() if isinstance(item, Permission)}
    declared = [collector(name).permissions for name in datasets()]
    alone = {one.name for one in shared if sum(one in each for each in declared) < 2}
    assert not alone
