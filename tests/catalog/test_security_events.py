"""What is declared of events of security, of checks of posture, of integrations: all of it holds together."""

import ast

import pytest

from infra.local.repository import ROOT
from shared.core import errors
from shared.core.integration import INTEGRATIONS
from shared.core.posture import CHECKS
from shared.core.registry import of
from shared.core.security_event import SECURITY_EVENTS
from shared.web.routes import routes


def raised(kind: type[errors.KanriError]) -> set[str]:
    """The codes that the product raises as `kind`."""
    found = set()
    for path in (ROOT / "shared").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == kind.__name__ and node.args:
                found.add(ast.literal_eval(node.args[0]))
    return found


def told(*events: str) -> set[str]:
    return {code for event in events for code in of(SECURITY_EVENTS)[event].results}


def test_every_failed_sign_in_and_every_refusal_is_an_event_of_its_own() -> None:
    assert told("sign_in_failed") == raised(errors.Unauthenticated)
    refusals = told("access_refused", "own_approval_tried", "ownership_refused")
    assert refusals == raised(errors.Forbidden)


@pytest.mark.parametrize("name", of(SECURITY_EVENTS))
def test_an_event_is_told_by_acts_that_there_are(name: str) -> None:
    acts = {route.changes for route in routes()} | {route.reads for route in routes()}
    acts |= {"sign_in.block", "tenant.purge", "report.export", "room.lock"}
    event = of(SECURITY_EVENTS)[name]
    assert event.acts or event.results or event.rest
    for act in event.acts:
        verb = act.removeprefix("*")
        assert any(known is not None and known.endswith(verb) for known in acts), act


def test_one_event_is_the_rest() -> None:
    assert [e.event for e in of(SECURITY_EVENTS).values() if e.rest] == ["request_failed"]


@pytest.mark.parametrize("name", of(CHECKS))
def test_a_check_has_its_words_and_says_what_mends_it(name: str) -> None:
    check = of(CHECKS)[name]
    assert all((check.title.en, check.title.ja, check.fix.en, check.fix.ja, check.docs))


@pytest.mark.parametrize("name", of(INTEGRATIONS))
def test_an_integration_has_its_words(name: str) -> None:
    integration = of(INTEGRATIONS)[name]
    assert integration.title.en
    assert integration.title.ja
