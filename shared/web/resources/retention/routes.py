"""How long a tenant's datasets are kept, and what the next run would take away."""

from collections.abc import Mapping

from shared.core.errors import BadRequest
from shared.core.registry import collector
from shared.core.retention import Retention
from shared.core.text import Text
from shared.store.datasets.retaining import Retaining
from shared.store.registers.tenant_retention import TenantRetention
from shared.web.entity_tags import strong_tag_of
from shared.web.http import Response, json_response
from shared.web.resources import retention
from shared.web.resources.approvals.shapes import approval_answer, approval_link
from shared.web.resources.retention.shapes import (
    PolicyBody,
    PreviewAnswer,
    RetentionAnswer,
    RetentionChange,
    preview_answer,
    retention_answer,
)
from shared.web.route import Call, Route


def read_retention(call: Call) -> Response:
    """Return the policy of every dataset: the tenant's own, else the default of its kind."""
    own = TenantRetention(call.doors.engine).of(call.tenant_id)
    return json_response(retention_answer(own), ETag=_tag(own))


def replace(call: Call[RetentionChange]) -> Response:
    """Set the policies; what is not named goes back to the default. The next night goes by them.

    What keeps less of any dataset than before may have to wait for a second person.
    """
    from shared.usecases.change_retention import change_retention

    wanted = {name: _policy(name, given) for name, given in call.body.datasets.items()}

    def check(own: Mapping[str, Retention]) -> None:
        call.require_current(_tag(own))

    engine, settings = call.doors.engine, call.doors.settings()
    waiting = change_retention(
        engine, settings, call.tenant_id, wanted, call.caller, call.now, check
    )
    if waiting is None:
        return json_response(retention_answer(wanted), ETag=_tag(wanted))
    own = TenantRetention(engine).of(call.tenant_id)
    answer = retention_answer(own, approval_answer(waiting, call.lang, call.now))
    link = approval_link(waiting.approval_id, call)
    return json_response(answer, 202, ETag=_tag(own), Location=link)


def preview(call: Call) -> Response:
    """Count what the next run would take away by the policies in force; nothing is deleted."""
    found = Retaining(call.doors.engine, call.tenant_id).preview(call.now)
    return json_response(preview_answer(found))


def _policy(dataset: str, given: PolicyBody) -> Retention:
    """Return the policy that is given; NotFound for no dataset, BadRequest for half a thinning."""
    shape = collector(dataset).shape
    if (given.thin_days is None) != (given.thin_to is None):
        raise BadRequest("thinning_half", parameter=f"datasets.{dataset}")
    if given.thin_to is not None and shape != "entity":
        raise BadRequest("thinning_of_no_entity", parameter=f"datasets.{dataset}", shape=shape)
    return Retention(keep_days=given.keep_days, thin_days=given.thin_days, thin_to=given.thin_to)


def _tag(own: Mapping[str, Retention]) -> str:
    return strong_tag_of(sorted((name, repr(policy)) for name, policy in own.items()))


READ = Route(
    retention.READ,
    permission="retention:read",
    summary=Text("How long is each dataset kept?", "保持期間の取得"),
    handle=read_retention,
    tenant="connected",
    answer=RetentionAnswer,
    headers=("ETag",),
)
REPLACE = Route(
    retention.REPLACE,
    permission="retention:write",
    summary=Text("Set how long datasets are kept", "保持期間の設定"),
    handle=replace,
    tenant="connected",
    changes="retention.set",
    guarded=True,
    body=RetentionChange,
    answer=RetentionAnswer,
    also=(202,),
    headers=("ETag", "Location"),
    refuses={400: ("thinning_half", "thinning_of_no_entity"), 404: ("dataset_unknown",)},
)
PREVIEW = Route(
    retention.PREVIEW,
    permission="retention:read",
    summary=Text("What would the next run take away?", "次回削除される履歴の確認"),
    handle=preview,
    tenant="connected",
    share="administration",
    answer=PreviewAnswer,
)
