"""What has broken readers of queries, paths, headers and bodies."""

import base64

from tests.api.conftest import TENANT

FOREIGN = "99999999-9999-9999-9999-999999999999"
# Who connects one of these asks Entra about it.
TENANTS_OF_ENTRA = (FOREIGN, "{" + FOREIGN + "}")


# What has broken readers of text: signs, lengths, numbers, instants, encodings, other languages.
TEXTS = (
    *(
        "",
        " ",
        "'",
        '"',
        "''",
        "\\",
        "%",
        "%00",
        "\0",
        "\x1b[2J",
        "\u202eabc",
        "\ud800",
        "é",
        "𝟙",
        "🙂",
    ),
    *(
        "null",
        "true",
        "NaN",
        "Infinity",
        "-1",
        "0",
        "1e999",
        "9" * 400,
        "0x1",
        "1_0",
        "١",
        "--",
        "desc",
    ),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-14:00"),
    *("2026-02-30T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00 09:00"),
    *("2026-01-01T24:00:00Z", "20260101T000000Z", "2026-W01-1T00:00:00Z", "2020-01-01T00:00:00,5Z"),
    *(
        "../../etc/passwd",
        "..",
        "/",
        "C:\\",
        "localtime",
        "posix/UTC",
        "Etc",
        "America",
        "zone.tab",
    ),
    *(
        "' OR 1=1 --",
        "id eq 'x'; DROP TABLE kanri.tenants",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "*",
        "a" * 5000,
    ),
    *("id,id", "id desc,id", ",", "id desc asc", "id nulls last", "display_name", "nowhere"),
    *("[]", "{}", "W10", "WyJhIixbXV0", "=" * 7, "A" * 4001, base64.b64encode(b"x" * 90).decode()),
)


FILTERS = (
    *("id eq", "eq", "(", ")", "not", "id in ()", "id in ('a'", "id eq 'a' and", 'id eq "a"'),
    *("created_at ge 0001-01-01T00:00:00+14:00", "created_at ge 9999-12-31T23:59:59-14:00"),
    *("created_at ge 2026-01-01T00:00:00 09:00", "created_at eq 2026-13-01", "created_at gt null"),
    *("inactive_days eq 99999999999999999999", "inactive_days eq 1.5", "inactive_days eq 1e5"),
    *("startsWith(display_name,'S')", "ENDSWITH(display_name,'S')", "contains(enabled,'x')"),
    *("contains(display_name,'%_\\')", "startswith(display_name,'\U0010ffff')", "id eq '\ud7ff'"),
    *("not " * 25 + "id eq 'a'", "(" * 25 + "id eq 'a'", " or ".join(["id eq 'a'"] * 101)),
    *("id in (" + ",".join(["'a'"] * 201) + ")", "id eq 'a' or enabled eq true", "id ne null"),
)


BODIES = (
    *(
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"\xff\xfe",
        b"{}{}",
        b'{"a":' * 3000,
        b"[" * 100_000,
    ),
    *(
        b'{"displayName":"\\ud800"}',
        b'{"name":"\\u0000"}',
        b'{"name":"a\\u202eb"}',
        b"{" + b" " * 2000,
    ),
)


STALE: tuple[object, ...] = ("90", 1.5, -1, 0, 10**30, True, [], {}, None)


# Values of a field that nobody has thought about yet.
STRANGE: tuple[object, ...] = (None, "", "x" * 5000, "a\u202eb", "\ud800", -1, 10**30, [], {}, [{}])


FIELDS: dict[str, tuple[object, ...]] = {
    "tenantId": (None, 5, "", "contoso", FOREIGN, "{" + FOREIGN + "}", [FOREIGN], "g" * 36),
    "displayName": (None, 5, "", "x" * 201, "a\u202eb", "a\x85b", "\u2028", "a\nb", ["x"]),
    "datasets": (None, [], ["nowhere"], ["../users"], ["users"] * 201, "users", [5], [None], {}),
    "name": (None, "", "x" * 101, "a\u2066b", "tab\t", 5, {}),
    "permissions": (None, [], ["root"], ["report:read"] * 101, "report:read", [5], ["\ud800"]),
    "tenantIds": ([], [FOREIGN], ["x"], [str(TENANT)] * 1001, "x", 5),
    "expiresAt": (
        *(None, 5, "", "tomorrow", "2026-01-01T00:00:00", "0001-01-01T00:00:00+14:00"),
        *("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.9999999Z", "2026-02-30T00:00:00Z"),
    ),
    "environment": (None, "live", "prod", 5, ["live"]),
    "ranges": (None, [], [""], ["203.0.113.7/24"], ["::/129"], ["x"] * 101, "::/0", [5]),
    "allowed": (None, [], [""], ["203.0.113.7/24"], ["::/129"], ["x"] * 101, "::/0", [5]),
    "denied": (None, [], [""], ["203.0.113.7/24"], ["::/129"], ["x"] * 101, "::/0", [5]),
    "overlapMinutes": (None, -1, 1.5, 10_081, "60", 10**30),
    "role": (None, "", "Owner", "owner", "x" * 51, "a\u202eb", "a\n", 5, {}),
    "title": ("", "x" * 101, "a\u202eb", "\ud800", 5),
    "addTags": (None, [""], ["x" * 51], ["a\u202eb"], [f"t{n}" for n in range(51)], "x", [5]),
    "removeTags": (None, ["nowhere"], [""], {}, [None]),
    "subjectKind": (None, "person", 5, ["user"]),
    "subjectId": (None, 5, "", "x", "g" * 36),
    "scope": (None, "tenant", "tag", "ALL", 5),
    "directory": (None, 5, FOREIGN, "x"),
    "tag": ("", "x", "x" * 51, "a\u202eb", 5),
    "secret": (None, "", "x", "x" * 1001, "\ud800", 5),
    "digest": (None, "", "x", "0" * 65, "a\u202eb", 5),
    "comment": ("", "x" * 501, "a\u202eb", "\ud800", 5),
    "reason": (None, "", "x" * 501, "a\u202eb", "\ud800", 5),
    "userId": ("", "x", 5, [FOREIGN], "g" * 36),
    "userPrincipalName": ("", "x", "x" * 5000, "a\u202eb@x.y", "\ud800@x.y", "%@_.*", 5),
    "cursor": ("", "x", "x" * 4001, "\ud800", 5),
    "certificate": (None, [], "x", {"a": {"b": [None]}}, {"tenantId": FOREIGN}, {"\ud800": 1}),
    "signature": (None, "", "x" * 65, "é", "\ud800", 5),
    "thresholds": (
        *(None, 5, [], {}, "staleDays", {"": 1}, {"x" * 5000: 1}, {"a\u202eb": 1}, {"\ud800": 1}),
        *({"staleDays": value} for value in STALE),
        {f"t{number}": number for number in range(1000)},
    ),
}


HEADERS = (
    {"accept-language": "ja;q=nan,en;q=inf"},
    {"accept-language": "x" * 5000},
    {"accept-encoding": "gzip;q=,*;q=-1,;;"},
    {"if-none-match": '"' * 400},
    {"if-none-match": "W/" * 2000},
    {"x-request-id": "a\r\nb"},
    {"traceparent": "00-" + "f" * 32},
    {"host": "evil.example", "x-forwarded-host": "evil.example"},
    {"content-type": "application/json; charset=utf-7"},
    {"content-type": "text/plain"},
)

# Bodies that get further than the example that the description makes of their schema.
GOOD_BODIES: dict[str, dict[str, object]] = {
    "NewTenant": {"tenantId": "not-a-guid"},
    "CollectNow": {},
    "SettingsChange": {"thresholds": {"staleDays": 90}},
    "AddressesChange": {"denied": []},
    "NewKey": {"name": "k", "permissions": ["report:read"]},
    "KeyRotation": {"overlapMinutes": 5},
    "NewRole": {"role": "desk", "title": "Desk", "permissions": ["report:read"]},
    "RoleChange": {"title": "Desk"},
    "TenantChange": {"addTags": ["gold"]},
    "NewMembership": {
        "subjectKind": "user",
        "subjectId": FOREIGN,
        "role": "reader",
        "scope": "all",
    },
    "RetentionChange": {"datasets": {"users": {"keepDays": 90}}},
    "NewLegalHold": {"reason": "case 7", "datasets": ["users"]},
    "PersonBody": {"userPrincipalName": "nobody@example.com"},
    "ErasureBody": {"userPrincipalName": "nobody@example.com"},
    "CertificateBody": {"certificate": {}, "signature": "x"},
}
