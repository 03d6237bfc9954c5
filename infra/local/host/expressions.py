"""Binding expressions: `%SETTING%`, `{name}` from the trigger, and the built-in `{...}` values."""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from infra.local.host.newtonsoft import print_token

_SETTING = re.compile(r"%([^%]+)%")
_DATA = re.compile(r"\{([^{}]+)\}")
# .NET format letters that paths are made of, longest first.
_DATE_PARTS = {
    "yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S",
}  # fmt: skip


def expand_settings(text: str, settings: Mapping[str, str]) -> str:
    """Replace `%NAME%` by app settings. Raises ValueError for a missing one."""

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in settings:
            raise ValueError(f"'%{name}%' does not resolve to a value")
        return settings[name]

    return _SETTING.sub(replace, text)


def expand(text: str, settings: Mapping[str, str], data: Mapping[str, Any]) -> str:
    """Replace settings and `{expressions}`; `data` is the trigger's binding data.

    Raises ValueError for an unknown name, which fails the invocation as on the platform.
    """
    now = datetime.now(UTC)

    def replace(match: re.Match[str]) -> str:
        name, _, form = match.group(1).partition(":")
        builtin = name.lower()
        if builtin in ("rand-guid", "sys.randguid"):
            return str(uuid.uuid4())
        if builtin in ("datetime", "sys.utcnow"):
            return _format_date(now, form)
        return print_token(_lookup(name, data))

    return _DATA.sub(replace, expand_settings(text, settings))


def _lookup(name: str, data: Mapping[str, Any]) -> Any:
    value: Any = data
    for part in name.split("."):
        lowered = {str(k).lower(): v for k, v in value.items()} if isinstance(value, dict) else {}
        if part.lower() not in lowered:
            raise ValueError(f"no value for the binding expression {{{name}}}")
        value = lowered[part.lower()]
    return value


def _format_date(moment: datetime, form: str) -> str:
    if not form:
        return moment.strftime("%Y-%m-%dT%H-%M-%SZ")
    return re.sub(
        "|".join(_DATE_PARTS), lambda part: moment.strftime(_DATE_PARTS[part.group()]), form
    )
