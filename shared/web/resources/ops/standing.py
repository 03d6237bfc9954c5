"""Turns what is stored of work, parts and alerts into answers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from shared.core.registry import of
from shared.core.text import Lang, has_text, text
from shared.core.work import WORKS
from shared.usecases.check_components import Seen, Watched, worst
from shared.usecases.evidence import Evidence
from shared.usecases.read_samples import Sampled
from shared.web.resources.ops.figures import counted
from shared.web.resources.ops.shapes import (
    AlertAnswer,
    AlertsAnswer,
    BlockedAnswer,
    ComponentAnswer,
    EndedAnswer,
    FiringAnswer,
    HealthAnswer,
    MonitoringAnswer,
    OutcomeAnswer,
    SecurityAnswer,
    UnderWayAnswer,
)
from shared.web.shapes import shaped

type _State = Literal["firing", "quiet", "unknown"]

_NAMED = 100
_MALFORMED = ("400", "413", "415", "422")


def health_answer(found: Sequence[Seen], lang: Lang, now: datetime) -> HealthAnswer:
    """Return the components."""
    components = [_component(one, lang, now) for one in found]
    return HealthAnswer(state=worst(found), checked_at=now, components=components)


def alerts_answer(
    found: Sequence[Watched], runbooks: str, lang: Lang, now: datetime
) -> AlertsAnswer:
    """Return every watch; `runbooks` is where their pages are."""
    return AlertsAnswer(
        checked_at=now,
        firing=sum(bool(one.firings) for one in found),
        unknown=sum(one.firings is None for one in found),
        alerts=[_alert(one, runbooks, lang) for one in found],
    )


def monitoring_answer(evidence: Evidence, since: datetime) -> MonitoringAnswer:
    """Return how work fares. Raises StoreUnavailable."""
    ended = evidence.figures.ended(list(of(WORKS)), since)
    return MonitoringAnswer(
        checked_at=evidence.now,
        since=since,
        claimed_at=evidence.heartbeat,
        opened_at=evidence.figures.newest_start(),
        runs=[
            EndedAnswer(
                kind=kind,
                ended={one.state: one.count for one in ended if one.kind == kind},
                newest_at=max((one.newest for one in ended if one.kind == kind), default=None),
            )
            for kind in of(WORKS)
        ],
        under_way=shaped(evidence.under_way, list[UnderWayAnswer]),
        datasets=[
            OutcomeAnswer(state=one.state, cause=one.cause, count=one.count, newest_at=one.newest)
            for one in evidence.collecting
        ],
        late_datasets=len(evidence.overdue),
        dead_letters=evidence.dead_letters.count(),
    )


def security_answer(found: Sampled, evidence: Evidence, audit: Seen, lang: Lang) -> SecurityAnswer:
    """Return what was refused, and who is shut out. Raises StoreUnavailable."""
    return SecurityAnswer(
        counted=counted(found, lang, evidence.now),
        failed_sign_ins=_refused(found, "401"),
        forbidden=_refused(found, "403"),
        told_to_wait=_refused(found, "429"),
        malformed=_refused(found, *_MALFORMED),
        failed=_refused(found, *(str(status) for status in range(500, 600))),
        blocked=shaped(evidence.blocked.blocked(), list[BlockedAnswer]),
        audit_log=_component(audit, lang, evidence.now),
    )


def _refused(found: Sampled, *statuses: str) -> dict[str, int]:
    named = ((key.partition(" "), count) for key, count in found.sample.refused.items())
    return {code: count for (status, _, code), count in sorted(named) if status in statuses}


def _component(seen: Seen, lang: Lang, now: datetime) -> ComponentAnswer:
    component, look = seen.component, seen.look
    words = f"cause.{look.cause}"
    return ComponentAnswer(
        name=component.name,
        title=component.title.of(lang),
        state=look.state,
        cause=look.cause,
        detail=text(words, lang) if has_text(words) else None,
        at=look.at,
        age_seconds=None if look.at is None else round((now - look.at).total_seconds(), 3),
        how=component.how.of(lang),
        facts=dict(look.facts),
    )


def _alert(one: Watched, runbooks: str, lang: Lang) -> AlertAnswer:
    watch, firings = one.watch, one.firings or ()
    quiet: _State = "unknown" if one.firings is None else "quiet"
    return AlertAnswer(
        name=watch.alert,
        title=watch.title.of(lang),
        severity=watch.severity,
        state="firing" if firings else quiet,
        cause=one.cause,
        threshold=watch.threshold,
        measured=watch.unit.of(lang),
        runbook=f"{runbooks}/{watch.alert}.md",
        count=len(firings),
        firings=[
            FiringAnswer(subject=dict(each.subject), since=each.since, value=each.value)
            for each in firings[:_NAMED]
        ],
    )
