"""The measured process of `pages`: the first page of each report, asked in every way that there is."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Label
from sqlalchemy.schema import Column

from tests.perf.measure import Figures
from tests.perf.multiply import THEN_HOURS
from tests.perf.repeat import percentile
from tests.perf.report_product import Api, whole

type Job = Mapping[str, Any]
type Ask = Callable[[], bytes]

# The first ones open the sessions, prepare the statements and settle their plans.
_WARM_UP = 12
# A question that takes longer than that for all its requests is asked less often.
_SECONDS = 4.0
# Who asks less often is in no earnest.
_IN_EARNEST = 10
# What takes longer than so many ms does not become any faster.
_SLOW = 1000
# What no row has: everything is read, and nothing found.
_NOWHERE: Mapping[str, str] = {"text": "'none-such'", "int": "-1", "float": "-1", "bool": "true"}

NOW, THEN, FILTER, PRESET = "now", "then", "filter", "preset"
CHANGES, FILE = "changes", "file"


def page_times(job: Job) -> Figures:
    """Return the p50 and p99 in ms of each report's first 100 rows, as `p50/<way>/<report>`.

    The ways are now, as of an instant of the past, by a filter on a computed column that no row meets
    and by a preset (of both the slowest one), compared with the past; `file` is the whole report now.
    """
    from shared.core.clock import now
    from shared.core.registry import report

    api, requests = Api(job), int(job["requests"])
    instant = (now() - timedelta(hours=THEN_HOURS)).isoformat().replace("+00:00", "Z")
    figures: Figures = {}
    for key in asked_reports(requests):
        assert b'"rowCount"' in whole(api.report(key, top="100")), key
        filters = {one: _page(api, key, filter=one) for one in computed(key)}
        presets = {one: _page(api, key, preset=one) for one in report(key).presets}
        named: dict[str, tuple[str, Ask] | None] = {
            NOW: ("", _page(api, key)),
            THEN: ("", _page(api, key, asOf=instant)),
            FILTER: _slowest(filters),
            PRESET: _slowest(presets),
            FILE: ("", partial(_file, api, key)),
            CHANGES: ("", partial(_changes, api, key, instant)),
        }
        for way, question in named.items():
            if question is None:
                continue
            name, ask = question
            spans = _asked(ask, requests)
            told = {"p50": percentile(spans, 0.5), "p99": percentile(spans, 0.99)}
            figures |= {f"{figure}/{way}/{key}": value for figure, value in told.items()}
            print(
                f"{key} {way} {name}: " + ", ".join(f"{k} {v:.1f}" for k, v in told.items()),
                file=sys.stderr,
                flush=True,
            )
    return figures


def _file(api: Api, key: str) -> bytes:
    return whole(api.report(key, format="csv"))


def _changes(api: Api, key: str, since: str) -> bytes:
    return whole(api.changes(key, top="100", since=since))


def asked_reports(requests: int) -> Sequence[str]:
    """Return the reports that are asked: all, or a few where so few requests are made that it is a trial."""
    from shared.core.registry import report_keys

    return report_keys() if requests >= _IN_EARNEST else report_keys()[:: len(report_keys()) // 4]


def computed(key: str) -> Iterator[str]:
    """Yield a filter for each column of a report that no dataset stores as it is."""
    from shared.core.registry import collector, report
    from shared.store.answers.parts import parts_of
    from shared.store.answers.sources import built

    _, query = built(report(key).query, collector, current=True)
    for column in report(key).columns:
        if column.unavailable is not None or column.type not in _NOWHERE:
            continue
        values = [part.selected_columns[column.id] for part in parts_of(query)]
        plain = [value.element if isinstance(value, Label) else value for value in values]
        if not all(isinstance(value, Column) for value in plain):
            yield f"{column.id} eq {_NOWHERE[column.type]}"


def _page(api: Api, key: str, **query: str) -> Ask:
    return lambda: whole(api.report(key, top="100", **query))


def _slowest(asks: Mapping[str, Ask]) -> tuple[str, Ask] | None:
    """Return the question that takes the longest at its second time; None if there is none."""
    taken: dict[str, float] = {}
    for name, ask in asks.items():
        body = ask()
        if b'"question_slow"' in body:
            return name, ask  # nothing takes longer than all the time that there is
        assert b'"rowCount"' in body, (name, body)
        taken[name] = _took(ask)
    return (slowest := max(taken, key=taken.__getitem__), asks[slowest]) if taken else None


def _asked(ask: Ask, requests: int) -> list[float]:
    """Return what each request took, in ms, the fastest first."""
    first, begun, spans = _took(ask), time.perf_counter(), list[float]()
    warm_up = 0 if first > _SLOW else min(requests, _WARM_UP)
    for number in range(requests + warm_up):
        if spans and time.perf_counter() - begun > _SECONDS:
            break
        took = _took(ask)
        if number >= warm_up:
            spans.append(took)
    return sorted(spans)


def _took(ask: Ask) -> float:
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000
