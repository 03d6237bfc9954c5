"""What of the PowerShell tool's `appsettings.json` has a place here: thresholds; all else is named, never shown.

Names of settings are told as they are, values of none but the thresholds: among the others are secrets.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from shared.core.names import shown
from shared.core.past.headers import folded
from shared.core.past.refused import Refused
from shared.core.report_parameters import THRESHOLDS

type Left = Literal["secret", "schedule", "recipients", "connection", "range", "no_place"]

_MOST, _LEAVES, _DEPTH = 1_000_000, 2_000, 20
_SECRET = re.compile(r"secret|password|passphrase|certificate|thumbprint|token|apikey|credential")
_BY_SECTION: Mapping[str, Left] = {
    "scheduling": "schedule",
    "notifications": "recipients",
    "entraid": "connection",
    "exchangeonline": "connection",
    "activedirectory": "connection",
}
_RECIPIENTS = re.compile(r"recipient|email|smtp|mailto|address")
# What the tool called a threshold, without letter case, and ours; a name that is not among them is left.
_THRESHOLDS = (
    (r"inactiveuserdays|userinactivedays", "reviewDays"),
    (
        r"mailbox(usage|size|quota|storage)?(warning|alert)(percent|percentage|threshold)*",
        "mailboxWarningPercent",
    ),
    (
        r"mailbox(usage|size|quota|storage)?(critical|full|error)(percent|percentage|threshold)*",
        "mailboxFullPercent",
    ),
    (
        r"onedrive(usage|quota|storage)?(warning|alert)?(percent|percentage|threshold)*",
        "driveAttentionPercent",
    ),
    (
        r"onedrive(usage|quota|storage)?(critical|full|error)(percent|percentage|threshold)*",
        "driveFullPercent",
    ),
    (r"unusedlicen[sc]es?(count|threshold)*", "unusedLicenses"),
)


class Taken(Struct, frozen=True):
    """A setting, the threshold that it is here, and its value."""

    path: str
    threshold: str
    value: int


class AppSettings(Struct, frozen=True):
    """What is `taken` over, and what is `left`, by path, and why."""

    taken: tuple[Taken, ...]
    left: tuple[tuple[str, Left], ...]


def is_settings(body: bytes) -> bool:
    """Whether a file is JSON, as settings are."""
    return body[:100].removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"{"


def read_settings(body: bytes) -> AppSettings:
    """Return what of the settings has a place; Refused for what are none."""
    if len(body) > _MOST:
        raise Refused("settings")
    try:
        found = msgspec.json.decode(body.removeprefix(codecs.BOM_UTF8))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused("settings") from None
    taken: dict[str, Taken] = {}
    left: list[tuple[str, Left]] = []
    for count, (names, value) in enumerate(_leaves(found, ())):
        if count >= _LEAVES:
            raise Refused("settings")
        path = shown("/".join(name[:80] for name in names))
        threshold = _threshold(names)
        if threshold is None or threshold in taken:
            left.append((path, _why(names)))
        elif (number := _number(value, threshold)) is None:
            left.append((path, "range"))
        else:
            taken[threshold] = Taken(path, threshold, number)
    return AppSettings(tuple(taken.values()), tuple(left))


def _leaves(value: Any, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if len(names) > _DEPTH:
        raise Refused("settings")
    if isinstance(value, dict) and value:
        for name, one in value.items():
            yield from _leaves(one, (*names, str(name)))
    else:
        yield names, value


def _threshold(names: tuple[str, ...]) -> str | None:
    if len(names) < 2 or "threshold" not in folded(names[-2]):
        return None
    name = folded(names[-1])
    return next((own for told, own in _THRESHOLDS if re.fullmatch(told, name)), None)


def _number(value: Any, threshold: str) -> int | None:
    """The value as the threshold may have it."""
    own = THRESHOLDS[threshold]
    is_whole = (
        isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    )
    return int(value) if is_whole and own.low <= value <= own.high else None


def _why(names: tuple[str, ...]) -> Left:
    told = [folded(name) for name in names]
    if "threshold" in "".join(told[:-1]):
        return "no_place"
    if _SECRET.search(told[-1]):
        return "secret"
    if (section := _BY_SECTION.get(told[0])) is not None:
        return section
    return "recipients" if _RECIPIENTS.search(told[-1]) else "no_place"
