"""The matrix of datasets and faults: what is injected where, and what has to come of it.

A cell is one run of one dataset that knows everything, against one fault. Whatever the fault, what was
known stays as it was, the ledger has the right state with the code of the cause, and no figure is false.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.core.collector import Collector, Column

NEW_MEMBER = "sandboxUnknownMember"
type Rule = dict[str, object]
type Outcome = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """What is injected, and how the run must end (any of `outcomes`).

    `column` is the one that a fault touches: there, and nowhere else, values may be other than before:
    `value`, if that is not None, or unknown.
    """

    rule: Rule
    outcomes: tuple[Outcome, ...]
    column: Column | None = None
    value: str | None = None


type Fault = Callable[[Collector], Cell | None]


def asked(spec: Collector) -> str:
    """Return where Graph is asked for the dataset: a regular expression of path and query."""
    job = spec.answer.job
    return _at(spec.ask.path if job is None else job.create)


def _at(path: str) -> str:
    parts = re.split(r"\{[^}]*\}", path)
    exact = r"[^/?']+".join(re.escape(part) for part in parts)
    return rf"^/(v1\.0|beta)/{exact}($|\?| )"


def answered(spec: Collector, *, whole: bool = False) -> str:
    """Return where its rows come from; `whole` where a broken answer breaks all that comes with it."""
    if spec.extent.reading in ("usage", "dates"):
        return "/reportsdownload/"
    if whole and spec.parent is not None:
        return r"/\$batch$"
    if spec.answer.job is not None:
        return _at(spec.ask.path)
    return asked(spec)


def _damage(kind: str, spec: Collector, *, whole: bool = False) -> Rule:
    """Return the rule that damages answers; what a job is posted to may look like what it has made."""
    rule: Rule = {"kind": kind, "path": answered(spec, whole=whole)}
    return rule if spec.answer.job is None else {**rule, "method": "GET"}


def _refused(kind: str, state: str, cause: str, **more: object) -> Fault:
    return lambda spec: Cell({"kind": kind, "path": asked(spec), **more}, ((state, cause),))


def _broken(kind: str) -> Fault:
    """What is posted to make a list may have been done."""

    def cell(spec: Collector) -> Cell:
        cause = "graph_unavailable" if spec.answer.job is None else "outcome_unknown"
        return Cell({"kind": kind, "path": asked(spec)}, (("failed", cause),))

    return cell


def _not_found(spec: Collector) -> Cell:
    rule: Rule = {"kind": "not_found", "path": asked(spec)}
    if spec.parent is None:
        return Cell(rule, (("failed", "graph_refused"),))
    return Cell(
        rule, ((_none_at_all(spec) if 404 in spec.answer.empty else ("partial", "children_gone")),)
    )


def _none_at_all(spec: Collector) -> Outcome:
    return ("partial", "list_empty") if spec.keep.closes else ("ok", None)


def _cut(spec: Collector) -> Cell:
    rule = _damage("cut", spec, whole=True)
    return Cell(rule, (("failed", "graph_unreachable"),))


def _malformed(spec: Collector) -> Cell:
    rule = _damage("malformed_json", spec, whole=True)
    if spec.extent.reading in ("usage", "dates"):
        # A file that ends inside a line; a series has its newest lines first and may be cut between two.
        return Cell(
            rule, (("partial", "rows_rejected"), ("ok", None), ("failed", "graph_malformed"))
        )
    return Cell(rule, (("failed", "graph_malformed"),))


def _empty_page(spec: Collector) -> Cell | None:
    if spec.answer.objects == 1 or spec.extent.reading in ("usage", "dates"):
        return None
    return Cell(_damage("empty_page", spec), (("ok", None),))


def _no_rows(spec: Collector) -> Cell | None:
    if spec.answer.objects == 1:
        return None
    rule = _damage("no_rows", spec)
    if spec.extent.reading == "usage":
        return Cell(rule, (("partial", "report_empty"),))
    if spec.extent.reading == "dates":
        return Cell(rule, (("partial", "report_empty"), ("ok", None)))
    return Cell(rule, (_none_at_all(spec),))


def _simple(spec: Collector, kinds: tuple[str, ...]) -> list[Column]:
    """Return the columns that a property of the object itself fills, and that make no id.

    Nor decide whether it is kept at all: one that is told otherwise is rightly gone.
    """
    made = {*spec.key, *spec.answer.names}
    made |= {getattr(spec.keep, "having", None) or ""}
    made |= {name for name, _ in getattr(spec.keep, "matching", ())}
    return [
        column
        for column in spec.columns
        if column.type in kinds
        and column.source not in made
        and not re.search(r"[{@/]", column.source)
    ]


def _malformed_row(spec: Collector) -> Cell | None:
    outcomes = (("partial", "rows_rejected"),)
    rule = _damage("wrong_type", spec)
    if spec.extent.reading in ("usage", "dates"):
        # A line with fewer cells than the header: no such file can be trusted.
        return Cell(rule, (("failed", "graph_malformed"),))
    found = _simple(spec, ("timestamp", "int", "bool", "float", "date"))
    name = next((one.source for one in found), "id" if spec.key == ("id",) else None)
    return None if name is None else Cell({**rule, "property": name}, outcomes)


def _unknown_member(spec: Collector) -> Cell | None:
    found = sorted(_simple(spec, ("text",)), key=lambda one: one.personal)
    if not found or spec.extent.reading in ("usage", "dates"):
        return None
    column = found[0]
    names = {"property": column.source, "value": NEW_MEMBER}
    rule: Rule = {**_damage("unknown_enum", spec), **names}
    return Cell(rule, (("ok", None),), column, NEW_MEMBER)


def _absent(spec: Collector) -> Cell | None:
    plain = _simple(spec, ("text", "timestamp", "int", "bool", "float", "date"))
    found = [one for one in plain if one.name != spec.event_time]
    if not found:
        return None
    column = found[-1]
    rule = {**_damage("absent", spec), "property": column.source}
    outcomes: tuple[Outcome, ...] = (("ok", None), ("partial", "columns_missing"))
    if spec.answer.objects == 1:  # it may have been all that was asked for
        outcomes = (*outcomes, ("failed", "graph_malformed"))
    return Cell(rule, outcomes, column)


def _concealed(spec: Collector) -> Cell | None:
    if spec.extent.reading not in ("usage", "dates") or not any(
        one.personal for one in spec.columns
    ):
        return None
    return Cell({"kind": "concealed_names"}, (("partial", "names_concealed"),))


FAULTS: Mapping[str, Fault] = {
    "403": _refused("missing_permission", "not_permitted", "graph_not_permitted"),
    "400 licence": _refused("unlicensed", "not_licensed", "graph_not_licensed"),
    "403 licence": _refused("missing_licence", "not_licensed", "graph_not_licensed"),
    "404": _not_found,
    "429 wait": _refused("throttle", "throttled", "graph_throttled", retry_after=300),
    "429": _refused("throttle_silent", "throttled", "graph_throttled"),
    "500": _broken("server_error"),
    "503 wait": _refused("unavailable", "throttled", "graph_busy", retry_after=300),
    "504": _broken("gateway_timeout"),
    "cut": _cut,
    "malformed": _malformed,
    "empty page": _empty_page,
    "no rows": _no_rows,
    "malformed row": _malformed_row,
    "unknown member": _unknown_member,
    "absent column": _absent,
    "concealed names": _concealed,
}


def kind_of(spec: Collector) -> tuple[object, ...]:
    """Return what tells ways of reading and keeping from each other."""
    answer, extent = spec.answer, spec.extent
    each = getattr(extent, "each", None)
    return (
        extent.reading,
        extent.tells_changes,
        each is not None and each.tells_changes,
        extent.where is not None,
        answer.objects,
        answer.each is not None,
        bool(answer.empty),
        answer.job is not None,
        spec.shape,
        spec.keep.closes,
    )
