"""Every error that an answer can tell stands in the description of the API, and none that nobody tells."""

from pathlib import Path

import grimp

from infra.local.repository import ROOT
from shared.core import errors
from shared.web.openapi_problems import refusals
from shared.web.routes import routes
from tests.rules.raised_codes import CLASSES, raised_codes

# What ends a part of work that a queue has begun: no request waits for it.
OF_QUEUES = {"BadMessage", "DeltaExpired", "OutcomeUnknown", "Superseded"}
# What keeps an app from starting.
OF_SETTINGS = {"BadSetting"}
UNHEARD = OF_QUEUES | OF_SETTINGS
# Of files that a collection downloads.
OF_COLLECTING = {"download_not_kept"}


def documented() -> set[str]:
    return {code for route in routes() for codes in refusals(route).values() for code in codes}


def reached() -> list[Path]:
    """The files that answering a request can reach, whenever they import each other."""
    graph = grimp.build_graph("shared", exclude_type_checking_imports=True, cache_dir=None)
    of_web = graph.find_upstream_modules("shared.web", as_package=True)
    modules = {*of_web, *graph.find_descendants("shared.web")}
    paths = (ROOT.joinpath(*module.split(".")) for module in modules)
    return [path / "__init__.py" if path.is_dir() else path.with_suffix(".py") for path in paths]


def test_every_error_that_an_answer_can_tell_is_documented() -> None:
    known = documented() | OF_COLLECTING
    found = [raised for raised in raised_codes(reached()) if raised.kind not in UNHEARD]
    assert len(found) > 100
    assert [raised for raised in found if raised.code not in known] == []


def test_every_kind_of_the_tree_that_an_answer_can_tell_has_a_documented_status() -> None:
    kinds = {vars(errors)[kind] for kind in CLASSES - UNHEARD}
    statuses = {status for route in routes() for status in refusals(route)}
    assert {kind.status for kind in kinds} == statuses


def test_no_error_is_documented_that_nobody_tells() -> None:
    files = list((ROOT / "shared").rglob("*.py"))
    declaring = ("openapi_problems.py", "routes.py")
    others = [file.read_text(encoding="utf-8") for file in files if file.name not in declaring]
    told = {raised.code for raised in raised_codes(files)}
    silent = [
        code
        for code in sorted(documented() - told)
        if not any(f'"{code}"' in source for source in others)
    ]
    assert silent == []
