"""How each service of Microsoft 365 does: its incidents, how Graph answered for it, its storage."""

from sqlalchemy import case, func, literal_column, select
from sqlalchemy.sql.selectable import ScalarSelect, Subquery

from shared.catalog import incident_time
from shared.catalog.expressions import percent
from shared.core import registry
from shared.core.report import Sources
from shared.core.report_parameters import PERIOD
from shared.core.throttling import SERVICES


def services(s: Sources) -> Subquery:
    """The services with their incidents, the share of time without, and how Graph answered for them."""
    health, days = s.entity("service_health"), s.parameter(PERIOD)
    incidents = incident_time.by_service(s, days)
    answers = s.answers("service_health", _asked())
    free = case((incident_time.issues_are_known(s), incident_time.free_percent(incidents, days)))
    told = (answers.c.median_ms, answers.c.requests, answers.c.failed)
    joined = health.outerjoin(incidents, incidents.c.service == health.c.service)
    joined = joined.outerjoin(answers, answers.c.subject == health.c.id)
    own = select(*health.c, incidents.c.open_issues, free.label("uptime"), *told).select_from(
        joined
    )
    # OFFSET makes the share a column, which is compared several times.
    return own.offset(literal_column("0")).subquery("rated")


def _asked() -> dict[str, list[str]]:
    """The throttling services of each service of Microsoft 365 that Kanri asks."""
    asked: dict[str, list[str]] = {}
    for name, service in registry.of(SERVICES).items():
        for health in service.health:
            asked.setdefault(health, []).append(name)
    return asked


def mailboxes(s: Sources) -> ScalarSelect[float]:
    """What all mailboxes hold, in percent of their limits."""
    box = s.measures("mailbox_usage").c
    used, limit = box.storage_used_bytes, box.prohibit_send_receive_quota_bytes
    there = func.coalesce(box.is_deleted, False).is_(False) & used.is_not(None) & (limit > 0)
    return select(percent(func.sum(used), func.sum(limit))).where(there).scalar_subquery()


def drives(s: Sources) -> ScalarSelect[float]:
    """What all drives hold, in percent of their limits."""
    drive = s.measures("onedrive_usage").c
    used, limit = drive.storage_used_bytes, drive.storage_allocated_bytes
    there = func.coalesce(drive.is_deleted, False).is_(False) & used.is_not(None) & (limit > 0)
    return select(percent(func.sum(used), func.sum(limit))).where(there).scalar_subquery()
