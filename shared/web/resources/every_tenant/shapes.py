"""A report of many tenants in JSON, and how far each of them can be trusted: worst first."""

from typing import Any, Literal
from uuid import UUID

from shared.core.coverage import State, Unread
from shared.core.text import Lang, text
from shared.core.wire import Instant
from shared.render.parts.columns import ColumnAnswer
from shared.render.parts.coverage import CoverageAnswer, coverage_answers, oldest
from shared.render.parts.parameters import ParameterAnswer, parameter_answers
from shared.usecases.read_every_tenant import TenantTold
from shared.web.shapes import Answer

# The worst first.
_WORST: tuple[State | Unread, ...] = (
    "failed",
    "not_permitted",
    "throttled",
    "partial",
    "never",
    "not_imported",
    "not_licensed",
    "off",
    "ok",
)


class TenantStanding(Answer):
    """What came of one tenant.

    `state`: answered, `rowCount` of the rows are its own; waiting, its turn comes on a later page; failed,
    it could not be read, and `code` and `detail` say why; not_reached, the time was over. `coverage` and
    `parameters` are as in the report of one tenant, empty where it could not be asked for them."""

    tenant_id: UUID
    name: str
    state: Literal["failed", "not_reached", "waiting", "answered"]
    code: str | None
    detail: str | None
    row_count: int | None
    personal_data: Literal["shown", "masked"]
    as_of: Instant | None
    age_seconds: int | None
    coverage: list[CoverageAnswer]
    parameters: list[ParameterAnswer]


class EveryTenantAnswer(Answer):
    """A page of the rows of all tenants, by the name of the tenant, then in the order that was asked for.

    `tenants` are those that this page was put together from, and those that are still to come, the worst
    first. `cursor` and `nextLink` are null on the last page; a page may be short of rows where the time was
    over before it was full."""

    report: str
    title: str
    generated_at: Instant
    as_of: Instant
    columns: list[ColumnAnswer]
    row_count: int
    rows: list[dict[str, Any]]
    tenants: list[TenantStanding]
    next_link: str | None = None
    cursor: str | None = None


def standings(told: list[TenantTold], lang: Lang) -> list[TenantStanding]:
    """Return what is told of each tenant: failed, not reached, then by their worst dataset and its age."""
    return sorted((_standing(one, lang) for one in told), key=_place)


def _standing(told: TenantTold, lang: Lang) -> TenantStanding:
    coverage = [] if told.about is None else coverage_answers(told.about)
    return TenantStanding(
        tenant_id=told.tenant.tenant_id,
        name=told.tenant.name,
        state=_state(told),
        code=told.code,
        detail=_detail(told, lang),
        row_count=told.rows,
        personal_data="shown" if told.tenant.mask_key is None else "masked",
        as_of=None if told.about is None else told.about.as_of,
        age_seconds=oldest(coverage),
        coverage=coverage,
        parameters=[] if told.about is None else parameter_answers(told.about),
    )


def _state(told: TenantTold) -> Literal["failed", "not_reached", "waiting", "answered"]:
    if told.code is not None:
        return "not_reached" if told.code == "tenant_not_reached" else "failed"
    return "waiting" if told.rows is None else "answered"


def _detail(told: TenantTold, lang: Lang) -> str | None:
    if told.error is not None:
        return told.error.message(lang)
    return None if told.code is None else text(f"every_tenant.{told.code}", lang)


def _place(one: TenantStanding) -> tuple[int, int, float, str, str]:
    ill = ("failed", "not_reached").index(one.state) if one.code is not None else 2
    states = [_WORST.index(entry.state) for entry in one.coverage]
    age = float("-inf") if one.age_seconds is None else -float(one.age_seconds)
    return ill, min(states, default=0), age, one.name, str(one.tenant_id)
