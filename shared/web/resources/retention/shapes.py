"""Retention in JSON."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta

from shared.core.collector import Collector, Shape
from shared.core.registry import collector, kept
from shared.core.retention import DEFAULTS, FEWEST_DAYS, MOST_DAYS, Retention, Turn
from shared.core.wire import Instant
from shared.store.datasets.retaining import Preview
from shared.store.registers.tenant_retention import in_force
from shared.web.resources.approvals.shapes import ApprovalAnswer
from shared.web.shapes import Answer, Body

type _Days = Annotated[int, Meta(ge=FEWEST_DAYS, le=MOST_DAYS)]


class PolicyBody(Body):
    """Null or left out: kept for ever, never thinned. `thinDays` and `thinTo` go together, for
    entities only."""

    keep_days: _Days | None = None
    thin_days: _Days | None = None
    thin_to: Turn | None = None


type _Policies = Annotated[
    dict[str, PolicyBody],
    Meta(
        max_length=len(kept()),
        extra_json_schema={"propertyNames": {"enum": [*kept()]}},
    ),
]


class RetentionChange(Body):
    """Policies by dataset, instead of all that are set; what is not named is as by default."""

    datasets: _Policies


class PolicyAnswer(Answer):
    """`keepDays`: what ended or happened longer ago is dropped; null keeps all. `thinDays`: of what
    ended longer ago one state a `thinTo` is kept. The default unless the tenant has set it (`isSet`).
    """

    dataset: str
    shape: Shape
    keep_days: int | None
    thin_days: int | None
    thin_to: Turn | None
    is_set: bool
    default_keep_days: int | None
    default_thin_days: int | None
    default_thin_to: Turn | None


class RetentionAnswer(Answer):
    """The policies in force; `approval` is what a change that keeps less waits for."""

    datasets: list[PolicyAnswer]
    approval: ApprovalAnswer | None = None


class PreviewEntry(Answer):
    """What would go of one dataset: `versions` that are thinned out, `rows` that are too old, about
    so many `bytes` (null: not known yet). `oldest` is the oldest instant that can be asked then, null
    before the first collection. Of what is `held` nothing goes."""

    dataset: str
    versions: int
    rows: int
    bytes: int | None
    oldest: Instant | None
    held: bool


class PreviewAnswer(Answer):
    datasets: list[PreviewEntry]


def retention_answer(
    own: Mapping[str, Retention], approval: ApprovalAnswer | None = None
) -> RetentionAnswer:
    """Return the policy of every dataset; `own` are those that the tenant has set."""
    every = [_policy(collector(name), own) for name in kept()]
    return RetentionAnswer(datasets=every, approval=approval)


def preview_answer(found: list[Preview]) -> PreviewAnswer:
    """Return what would go as an answer."""
    return PreviewAnswer(
        datasets=[
            PreviewEntry(
                dataset=one.dataset,
                versions=one.versions,
                rows=one.rows,
                bytes=one.bytes,
                oldest=one.oldest,
                held=one.held,
            )
            for one in found
        ]
    )


def _policy(one: Collector, own: Mapping[str, Retention]) -> PolicyAnswer:
    policy, default = in_force(one, own), DEFAULTS[one.shape]
    return PolicyAnswer(
        dataset=one.dataset,
        shape=one.shape,
        keep_days=policy.keep_days,
        thin_days=policy.thin_days,
        thin_to=policy.thin_to,
        is_set=one.dataset in own,
        default_keep_days=default.keep_days,
        default_thin_days=default.thin_days,
        default_thin_to=default.thin_to,
    )
