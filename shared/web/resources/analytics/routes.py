"""Figures over time, counted from the ledger, the audit log and the dead letters."""

from shared.core.errors import BadRequest
from shared.core.text import Text
from shared.web.figures import HEADERS, PARAMETERS, REFUSES, answer_figures
from shared.web.http import Response
from shared.web.resources import analytics
from shared.web.resources.analytics.shapes import FiguresAnswer
from shared.web.route import Call, Parameter, Route


def runs(call: Call) -> Response:
    """Return how runs of work ended, by hour or day: how many, success rate, how long, how many rows.

    A bucket in which no run ended has no row. Before `since` of the coverage nothing is known.
    """
    from shared.store.figures.runs import runs_report

    return answer_figures(call, runs_report(_groups(call, "tenant")), ("ledger",), ("groupBy",))


def trends(call: Call) -> Response:
    """Return success rates of the period beside those of the period of the same length before it.

    Where the ledger does not reach back to its beginning, what was before is null.
    """
    from shared.store.figures.trends import trends_report

    report = trends_report(_groups(call, "tenant,subject"))
    return answer_figures(call, report, ("ledger",), ("groupBy",))


def breaches(call: Call) -> Response:
    """Return what went wrong, by hour or day and tenant: runs, rejected rows, data that was
    not read in time, requests, messages."""
    from shared.store.figures.breaches import BREACHES as REPORT

    return answer_figures(call, REPORT, ("ledger", "audit_events", "dead_letters"))


def _groups(call: Call, usual: str) -> tuple[str, ...]:
    """What is told apart, in the order of the columns whatever the order it was named in."""
    from shared.store.figures.runs import GROUPS

    text = call.request.query.get("groupBy", usual)
    named = set() if text == "none" else {name.strip() for name in text.split(",")}
    if not named <= GROUPS.keys():
        allowed = ", ".join((*GROUPS, "none"))
        raise BadRequest("value_not_allowed", parameter="groupBy", value=text, allowed=allowed)
    return tuple(name for name in GROUPS if name in named)


def _group_by(usual: str) -> Parameter:
    one = "(tenant|kind|subject)"
    return Parameter(
        "groupBy",
        Text(
            "What is told apart: tenant, kind, subject, with commas between them, or none.",
            "集計の単位: tenant、kind、subject をコンマ区切りで指定、または none。",
        ),
        {"type": "string", "pattern": f"^({one}(,{one})*|none)$", "default": usual},
        example=usual,
    )


RUNS = Route(
    analytics.RUNS,
    permission="analytics:read",
    summary=Text("How do runs end over time?", "実行結果の推移"),
    handle=runs,
    parameters=(*PARAMETERS, _group_by("tenant")),
    answer=FiguresAnswer,
    also=(304,),
    headers=HEADERS,
    refuses=REFUSES,
)
TRENDS = Route(
    analytics.TRENDS,
    permission="analytics:read",
    summary=Text("How do success rates change?", "成功率の傾向"),
    handle=trends,
    parameters=(*PARAMETERS, _group_by("tenant,subject")),
    answer=FiguresAnswer,
    also=(304,),
    headers=HEADERS,
    refuses=REFUSES,
)
BREACHES = Route(
    analytics.BREACHES,
    permission="analytics:read",
    summary=Text("What goes wrong over time?", "違反と失敗の推移"),
    handle=breaches,
    parameters=PARAMETERS,
    answer=FiguresAnswer,
    also=(304,),
    headers=HEADERS,
    refuses=REFUSES,
)
