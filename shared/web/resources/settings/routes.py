"""What a tenant sets for itself: the thresholds that its reports go by."""

from collections.abc import Mapping

from shared.core.errors import BadRequest
from shared.core.report_parameters import THRESHOLDS
from shared.core.text import Lang, Text
from shared.store.registers.tenant_settings import TenantSettings
from shared.web.entity_tags import strong_tag_of
from shared.web.http import Response, json_response
from shared.web.resources import settings
from shared.web.resources.settings.shapes import SettingsAnswer, SettingsChange, settings_answer
from shared.web.route import Call, Route


def read_settings(call: Call) -> Response:
    """Return every threshold: which value it has for this tenant, and which by default."""
    own = TenantSettings(call.doors.engine).thresholds(call.tenant_id)
    return _response(own, call.lang)


def change(call: Call[SettingsChange]) -> Response:
    """Set thresholds of the tenant; what is not named stays as it is. Answers change at once."""
    wanted = call.body.thresholds
    for name, value in wanted.items():
        _check(name, value)

    def check(own: Mapping[str, int]) -> None:
        call.require_current(_tag(own))

    left = TenantSettings(call.doors.engine).change(call.tenant_id, wanted, check)
    return _response(left, call.lang)


def _check(name: str, value: int | None) -> None:
    """Raise BadRequest for what is no threshold, or no value of it."""
    threshold = THRESHOLDS.get(name)
    if threshold is None:
        known = ", ".join(THRESHOLDS)
        raise BadRequest("threshold_unknown", parameter="thresholds", value=name, known=known)
    low, high = threshold.low, threshold.high
    if value is not None and not low <= value <= high:
        raise BadRequest("number_expected", parameter=name, low=low, high=high, value=value)


def _response(own: Mapping[str, int], lang: Lang) -> Response:
    return json_response(settings_answer(own, lang), ETag=_tag(own))


def _tag(own: Mapping[str, int]) -> str:
    return strong_tag_of(sorted(own.items()))


READ = Route(
    settings.READ,
    permission="tenant:read",
    summary=Text("Read the settings of a tenant", "テナントの設定の取得"),
    handle=read_settings,
    tenant="connected",
    answer=SettingsAnswer,
    headers=("ETag",),
)
CHANGE = Route(
    settings.CHANGE,
    permission="tenant:write",
    summary=Text("Change settings of a tenant", "テナントの設定の変更"),
    handle=change,
    tenant="connected",
    changes="tenant.configure",
    guarded=True,
    body=SettingsChange,
    answer=SettingsAnswer,
    headers=("ETag",),
    refuses={400: ("number_expected", "threshold_unknown")},
)
