"""Injected faults: rules that match requests, and what they do to the answers."""

import csv
import io
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from infra.local.sandbox.messages import ApiError, Reply
from infra.local.sandbox.scan import declared

# Rules that replace the answer before any handler runs.
REFUSALS: dict[str, tuple[int, str, str]] = {
    "throttle": (429, "TooManyRequests", "Too many requests."),
    "throttle_silent": (429, "TooManyRequests", "Too many requests."),
    "unavailable": (503, "ServiceUnavailable", "The service is temporarily unavailable."),
    "gateway_timeout": (504, "UnknownError", "The gateway did not answer in time."),
    "server_error": (500, "UnknownError", "An unexpected error occurred."),
    "expired_token": (
        401,
        "InvalidAuthenticationToken",
        "Lifetime validation failed, the token is expired.",
    ),
    "missing_permission": (
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    ),
    "not_found": (404, "Request_ResourceNotFound", "Resource does not exist."),
    "missing_licence": (
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    ),
    "unlicensed": (
        400,
        "AadPremiumLicenseRequired",
        "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
    ),
}
# A refusal in the words of the rule.
AS_TOLD = "refused"
# Rules that the handlers honour (they know how a documented answer looks); areas declare further ones.
CONDITIONS = frozenset(
    {"delta_reset", "concealed_names", "empty_page", "replay", "broken_redirect"}
)
# Rules that damage a finished answer.
# fmt: off
DAMAGES = frozenset(
    {
        "malformed_json", "garbage", "body", "unknown_enum", "wrong_type", "duplicate_rows",
        "relink", "no_rows", "strange_headers", "lost", "absent",
    }
)
# fmt: on
# Rules about the connection.
WIRE = frozenset({"reset", "cut", "slow"})
_WITH_TOKEN = re.compile(r"(\$delta|\$skip|[?&])token=[^&]")
_ENUMS = (
    "state", "riskState", "conditionalAccessStatus", "status", "result", "userType",
    "userPreferredMethodForSecondaryAuthentication", "classification",
)  # fmt: skip
# Advanced hunting calls its rows results.
_LISTS = ("value", "results")
_TYPED = (
    "accountEnabled",
    "isMfaRegistered",
    "securityEnabled",
    "displayName",
    "createdDateTime",
    "id",
)


def conditions() -> frozenset[str]:
    """Every fault that handlers honour."""
    return CONDITIONS | frozenset(declared("CONDITIONS"))


class Rule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One fault. `path` is a regular expression searched in the path and query, and in them with a
    blank and the Prefer header behind.

    The rule leaves the first `after` matching requests alone, then strikes with `probability`
    until it has struck `count` times (None: without end). `retry_after` is in seconds, `seconds`
    is the delay of a slow answer, `property` and `value` choose what `unknown_enum` and
    `wrong_type` change. `relink` puts `value` in the place of the page's nextLink or deltaLink, or
    takes the link away if that is None. `refused` answers `value`, status, code and message. `body` answers with `value`, a text, instead. `no_rows`
    leaves the last page of an empty list. `strange_headers` turns the columns of a report round and adds
    one. `absent` leaves out `property` of every row, or the column of that header. `lost` does what was asked and answers 504.
    """

    kind: str
    path: str = ""
    method: str = ""
    tenant: str = ""
    probability: float = 1.0
    count: int | None = None
    after: int = 0
    retry_after: int = 1
    seconds: float = 2.0
    property: str = ""
    value: Any = None

    def __post_init__(self) -> None:
        known = frozenset({*REFUSALS, AS_TOLD}) | conditions() | DAMAGES | WIRE
        if self.kind not in known:
            raise ValueError(f"unknown fault '{self.kind}' (known: {', '.join(sorted(known))})")
        re.compile(self.path)


@dataclass(slots=True)
class Armed:
    """A rule with its counters."""

    rule: Rule
    seen: int = 0
    struck: int = 0


@dataclass(slots=True)
class Faults:
    """The active rules; the same seed and the same requests give the same strikes."""

    seed: int = 0
    armed: list[Armed] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(0))

    def set(self, rules: list[Rule], seed: int) -> None:
        """Replace all rules."""
        self.seed = seed
        self.dice = random.Random(seed)
        self.armed = [Armed(rule) for rule in rules]

    def strike(self, method: str, target: str, tenant: str, prefer: str = "") -> list[Rule]:
        """The rules that hit this request; a refusal hides the ones after it."""
        hits: list[Rule] = []
        for armed in self.armed:
            rule = armed.rule
            if (rule.method and rule.method.upper() != method) or (
                rule.tenant and rule.tenant != tenant
            ):
                continue
            if not any(re.search(rule.path, text) for text in (target, f"{target} {prefer}")):
                continue
            if rule.kind == "delta_reset" and not _WITH_TOKEN.search(target):
                continue  # a fresh enumeration has nothing to reset
            armed.seen += 1
            spent = rule.count is not None and armed.struck >= rule.count
            if armed.seen <= rule.after or spent or self.dice.random() >= rule.probability:
                continue
            armed.struck += 1
            hits.append(rule)
            if rule.kind in REFUSALS or rule.kind == AS_TOLD:
                break
        return hits


def refusal(rules: list[Rule]) -> ApiError | None:
    """The error that replaces the answer, if a rule wants one."""
    for rule in rules:
        if rule.kind == AS_TOLD:
            status, code, message = rule.value
            return ApiError(status, code, message)
        if rule.kind in REFUSALS:
            status, code, message = REFUSALS[rule.kind]
            headers: dict[str, str] = {}
            if rule.kind in ("throttle", "unavailable"):
                headers["retry-after"] = str(rule.retry_after)
            if status == 429:
                headers["x-ms-throttle-scope"] = "Tenant_Application/ReadWrite/Any"
                headers["x-ms-throttle-information"] = "ResourceUnitLimitExceeded"
            if status == 401:
                headers["www-authenticate"] = 'Bearer error="invalid_token"'
            return ApiError(status, code, message, headers)
    return None


def damage(reply: Reply, body: bytes, rules: list[Rule]) -> bytes:
    """The body after the damaging rules; `body` is the uncompressed answer."""
    for rule in rules:
        if rule.kind == "garbage":
            reply.headers["content-type"] = "text/html"
            body = b"<html><body>502 Bad Gateway</body></html>"
        elif rule.kind == "lost":
            status, code, message = REFUSALS["gateway_timeout"]
            reply.status = status
            body = msgspec.json.encode({"error": {"code": code, "message": message}})
        elif rule.kind == "body":
            body = str(rule.value).encode()
        elif rule.kind == "malformed_json":
            body = body[: max(1, len(body) // 2)]
        elif rule.kind in DAMAGES and reply.status == 200:
            body = _CHANGES.get(rule.kind, _damaged_rows)(body, rule)
    return body


def _relinked(body: bytes, rule: Rule) -> bytes:
    page = msgspec.json.decode(body)
    for name in ("@odata.nextLink", "@odata.deltaLink"):
        if page.pop(name, None) and rule.value is not None:
            page[name] = rule.value
    return msgspec.json.encode(page)


def _emptied(body: bytes, _rule: Rule) -> bytes:
    if not body.startswith(b"{"):
        return _file(_lines(body)[:1])
    page = msgspec.json.decode(body)
    page.pop("@odata.nextLink", None)
    return msgspec.json.encode({**page, _list_of(page) or "value": []})


def _list_of(page: dict[str, Any]) -> str | None:
    """What the list of a page is called; None of what is no list."""
    return next((name for name in _LISTS if isinstance(page.get(name), list)), None)


def _lines(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def _file(lines: Iterable[Iterable[str]]) -> bytes:
    told = io.StringIO(newline="")
    csv.writer(told).writerows(lines)
    return b"\xef\xbb\xbf" + told.getvalue().encode()


def _rearranged(body: bytes, _rule: Rule) -> bytes:
    return _file(
        (*reversed(row), "New Column" if number == 0 else "1")
        for number, row in enumerate(_lines(body))
    )


def _damaged_file(body: bytes, rule: Rule) -> bytes:
    """A file of a report without a column, or with a line in the middle that is damaged."""
    header, *lines = _lines(body)
    if rule.kind == "absent":
        at = header.index(rule.property)
        return _file([*row[:at], *row[at + 1 :]] for row in (header, *lines))
    middle = len(lines) // 2
    if rule.kind == "duplicate_rows":
        lines += lines[:3]
    elif rule.kind == "unknown_enum" and lines:
        lines[middle][header.index(rule.property)] = str(rule.value or "sandboxUnknownMember")
    elif lines:
        lines[middle] = lines[middle][: len(header) // 2]
    return _file([header, *lines])


_CHANGES: dict[str, Callable[[bytes, Rule], bytes]] = {
    "relink": _relinked,
    "no_rows": _emptied,
    "strange_headers": _rearranged,
}


def _damaged_rows(body: bytes, rule: Rule) -> bytes:
    try:
        page = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return _damaged_file(body, rule) if b"," in body.partition(b"\n")[0] else body
    if not isinstance(page, dict) or "error" in page:
        return body
    # What is no list is the only row.
    name = _list_of(page)
    rows = [page] if name is None else page[name]
    if not rows:
        return body
    row = rows[len(rows) // 2]
    if rule.kind == "absent":
        for each in rows:
            each.pop(rule.property, None)
    elif rule.kind == "duplicate_rows":
        rows.extend(rows[:3])
    elif rule.kind == "unknown_enum":
        name = rule.property or next((name for name in _ENUMS if name in row), "state")
        row[name] = rule.value if rule.value is not None else "sandboxUnknownMember"
    else:
        name = rule.property or next((name for name in _TYPED if name in row), "id")
        row[name] = rule.value if rule.value is not None else {"unexpected": [1, 2]}
    return msgspec.json.encode(page)
