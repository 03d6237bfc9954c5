"""Each check of Kanri's own posture names a place of docs/ that is there."""

import re

import pytest

from infra.local.repository import ROOT
from shared.core.posture import CHECKS
from shared.core.registry import of

_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchors(page: str) -> set[str]:
    headings = _HEADING.findall((ROOT / page).read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", of(CHECKS))
def test_where_more_is_told_is_there(name: str) -> None:
    page, _, anchor = of(CHECKS)[name].docs.partition("#")
    assert anchor in anchors(page), of(CHECKS)[name].docs
