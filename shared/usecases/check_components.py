"""Asks every component how it does, and every watch whether it fires, each once and in bounded time."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.core.component import COMPONENTS, Component, Condition, Look
from shared.core.errors import StoreUnavailable
from shared.core.registry import of
from shared.core.watch import WATCHES, Firing, Watch
from shared.usecases.evidence import Evidence

_FIRST = "database"
# From what matters least to what matters most.
_WORSE: Sequence[Condition] = ("ok", "unknown", "degraded", "failing")


@dataclass(frozen=True, slots=True)
class Seen:
    """One component, and what was seen of it."""

    component: Component[Evidence]
    look: Look


@dataclass(frozen=True, slots=True)
class Watched:
    """One watch, and what fires; None where nothing tells. `cause` is an error code, if that is why."""

    watch: Watch[Evidence]
    firings: Sequence[Firing] | None
    cause: str | None = None


def check_components(evidence: Evidence) -> list[Seen]:
    """Return every component, the database first: without it the others are unknown, and not asked."""
    components = of(COMPONENTS)
    first = components[_FIRST]
    found = [Seen(first, first.look(evidence))]
    for name, component in components.items():
        if name != _FIRST:
            found.append(Seen(component, _looked(component, evidence, found[0].look)))
    return found


def check_component(name: str, evidence: Evidence) -> Seen:
    """Return one component by name."""
    component = of(COMPONENTS)[name]
    return Seen(component, _looked(component, evidence, Look(state="ok", at=None)))


def worst(found: Sequence[Seen]) -> Condition:
    """Return the state of the whole: that of the component which is worst off."""
    return max((one.look.state for one in found), key=_WORSE.index)


def check_watches(evidence: Evidence) -> list[Watched]:
    """Return every watch: those that fire first, the gravest of them first. Raises nothing."""
    found = [_watched(watch, evidence) for watch in of(WATCHES).values()]
    return sorted(found, key=lambda one: (not one.firings, one.watch.severity, one.watch.name))


def _looked(component: Component[Evidence], evidence: Evidence, database: Look) -> Look:
    if database.state == "failing":
        return Look(state="unknown", at=None, cause=database.cause)
    try:
        return component.look(evidence)
    except StoreUnavailable as error:
        return Look(state="unknown", at=None, cause=error.code)


def _watched(watch: Watch[Evidence], evidence: Evidence) -> Watched:
    try:
        firings = watch.look(evidence)
    except StoreUnavailable as error:
        return Watched(watch, None, error.code)
    return Watched(watch, None if firings is None else list(firings))
