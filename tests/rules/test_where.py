"""Every place that docs/architecture.md names under "Where is ..." is there."""

import re

import pytest

from infra.local.repository import ROOT

_PLACE = re.compile(r"`([a-z_]+/[a-z_/]+(?:\.py|/))`(?: `(\w+)`)?")


def places() -> list[tuple[str, str]]:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    table = page.split("## Where is ...")[1].split("\n## ")[0]
    return _PLACE.findall(table)


def test_there_are_places() -> None:
    assert len(places()) > 15


@pytest.mark.parametrize(("file", "name"), places())
def test_what_the_page_names_is_there(file: str, name: str) -> None:
    path = ROOT / "shared" / file
    assert path.exists()
    if name:
        source = path.read_text(encoding="utf-8")
        defined = rf"^\s*(?:async def|def|class) {name}\b|^{name}\b.* = "
        assert re.search(defined, source, re.MULTILINE), f"{file} defines no {name}"
