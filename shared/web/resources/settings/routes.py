"""What a tenant sets for itself: the thresholds that its reports go by, and which
datasets that cost many requests are read."""

from shared.core.errors import BadRequest
from shared.core.registry import collector
from shared.core.report_parameters import THRESHOLDS
from shared.core.text import Lang, Text
from shared.store.registers.tenant_settings import OwnSettings, TenantSettings
from shared.web.entity_tags import strong_tag_of
from shared.web.http import Response, json_response
from shared.web.resources import settings
from shared.web.resources.settings.shapes import SettingsAnswer, SettingsChange, settings_answer
from shared.web.route import Call, Route


def read_settings(call: Call) -> Response:
    """Return every threshold and costly dataset: what it is for this tenant, and by default."""
    return _response(TenantSettings(call.doors.engine).of(call.tenant_id), call.lang)


def change(call: Call[SettingsChange]) -> Response:
    """Set thresholds of the tenant, switch costly datasets on and off; what is not named stays.

    Answers change at once; a dataset is read, or said to be off, within minutes.
    """
    from shared.usecases.change_settings import change_settings

    thresholds, switches = call.body.thresholds, call.body.datasets
    for name, value in thresholds.items():
        _check(name, value)
    for name in switches:
        if not collector(name).costly:
            raise BadRequest("dataset_always_read", parameter=f"datasets.{name}", value=name)

    def check(own: OwnSettings) -> None:
        call.require_current(_tag(own))

    left = change_settings(call.doors.engine, call.tenant_id, thresholds, switches, call.now, check)
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


def _response(own: OwnSettings, lang: Lang) -> Response:
    return json_response(settings_answer(own, lang), ETag=_tag(own))


def _tag(own: OwnSettings) -> str:
    return strong_tag_of((sorted(own.thresholds.items()), sorted(own.switched_on)))


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
    refuses={
        400: ("number_expected", "threshold_unknown", "dataset_always_read"),
        404: ("dataset_unknown",),
    },
)
