"""Every place that docs/architecture.md names is there: under "Where is ...", in its pictures, in its text."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.repository import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
# What they show goes from box to box, so each says where it is.
STEP_BY_STEP = ("One collection", "Any other work", "A report request")

_PATH = re.compile(r"(?:[a-z_]+/)+(?:[a-z_]+\.py)?")
_PICTURE = re.compile(r"```mermaid\n(.*?)```", re.DOTALL)
# A box is a rectangle; what is rounded is somebody else, what is a drum is storage.
_BOX = re.compile(r'(?<!subgraph )\b\w+\[(?!\()"?(.*?)"?\]')
_IN_A_BOX = re.compile(r"((?:[a-z_]+/)+(?:[a-z_]+\.py)?)(?:: (\w+(?:, \w+)*))?")


def section(title: str) -> str:
    """Return what stands under a heading that begins with `title`."""
    [found] = re.findall(
        rf"^## {re.escape(title)}.*?\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE
    )
    return str(found)


def in_table() -> Iterator[tuple[str, str]]:
    """Yield file and name; a name belongs to the file before it in its cell."""
    for line in section("Where is ...").splitlines():
        if not line.startswith("| ") or line.startswith("| |"):
            continue
        path = ""
        for told in re.findall(r"`([^`]+)`", line.split(" | ")[1]):
            if _PATH.fullmatch(told):
                path = told
                yield path, ""
            else:
                yield path, told


def in_pictures() -> Iterator[tuple[str, str]]:
    for picture in _PICTURE.findall(PAGE.replace("<br/>", "\n")):
        for path, names in _IN_A_BOX.findall(picture):
            yield path, ""
            for name in filter(None, names.split(", ")):
                yield path, name


def in_text() -> Iterator[tuple[str, str]]:
    """Yield files and folders; what a layer is made of is named below it."""
    layers = section("The layers")
    for line in layers.splitlines():
        layer, *parts = re.findall(r"`([a-z_/]+)`", line) or [""]
        yield from ((layer + part, "") for part in parts if part.endswith("/"))
    for told in re.findall(r"`([^`\n]+)`", _PICTURE.sub("", PAGE.replace(layers, ""))):
        if _PATH.fullmatch(told):
            yield told, ""


def found(path: str) -> Path:
    """Return where it is: below the root, or below `shared/` as most is."""
    below = [ROOT / path, ROOT / "shared" / path]
    assert any(place.exists() for place in below), f"there is no {path}"
    return next(place for place in below if place.exists())


def test_there_are_places() -> None:
    assert len(set(in_table())) > 100
    assert len(set(in_pictures())) > 50
    assert len(set(in_text())) > 50


@pytest.mark.parametrize(("path", "name"), sorted({*in_table(), *in_pictures(), *in_text()}))
def test_what_the_page_names_is_there(path: str, name: str) -> None:
    place = found(path)
    if name.startswith("*"):
        assert list((ROOT / "shared").rglob(name))
    elif name:
        files = place.rglob("*.py") if place.is_dir() else [place]
        defined = rf"^\s*(?:async def|def|class|type) {name}\b|^{name}\b.* = |^    {name}: "
        sources = (file.read_text(encoding="utf-8") for file in files)
        assert any(re.search(defined, source, re.MULTILINE) for source in sources), (
            f"{path} defines no {name}"
        )


@pytest.mark.parametrize("title", STEP_BY_STEP)
def test_every_box_of_a_picture_names_its_file(title: str) -> None:
    boxes = [box for picture in _PICTURE.findall(section(title)) for box in _BOX.findall(picture)]
    assert len(boxes) > 5
    assert not [box for box in boxes if _IN_A_BOX.search(box.replace("<br/>", "\n")) is None]
