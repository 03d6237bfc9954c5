"""The headers of our answers, for the description of the API."""

from typing import Any

from shared.core.text import Lang, Text
from shared.web.idempotency import FORM, HEADER, REPLAYED
from shared.web.route import Route

type Json = dict[str, Any]

_STRING = {"type": "string"}
_NUMBER = {"type": "integer", "minimum": 0}

_HEADERS: dict[str, tuple[Text, Json, str]] = {
    "X-Request-Id": (
        Text(
            "Names this request in our log; yours if you sent one.",
            "この要求の ID。指定時はその値。",
        ),
        _STRING,
        "0a6f8f5e-3c1b-4c55-9a53-0d5b3a1f7e21",
    ),
    "Cache-Control": (
        Text(
            "Who may keep a copy, and for how many seconds it need not be asked for again.",
            "コピーの保持の可否と、再確認なしで使用できる秒数。",
        ),
        _STRING,
        "private, no-store",
    ),
    "Retry-After": (
        Text("Seconds to wait before asking again.", "再試行までの秒数。"),
        _NUMBER,
        "5",
    ),
    "RateLimit-Policy": (
        Text(
            "Every quota that the request spends: q requests in w seconds.",
            "要求が消費する割り当て (w 秒間に q 件)。",
        ),
        _STRING,
        '"reading";q=6000;w=60, "reading-tenant";q=12000;w=60',
    ),
    "RateLimit": (
        Text(
            "The quota of which least is left: r requests for the next t seconds.",
            "残りが最も少ない割り当て (今後 t 秒間に r 件)。",
        ),
        _STRING,
        '"reading";r=5990;t=43',
    ),
    "WWW-Authenticate": (
        Text("Where to get a token.", "トークンの取得先。"),
        _STRING,
        'Bearer authorization_uri="https://login.microsoftonline.com/organizations/oauth2/authorize"',
    ),
    "ETag": (
        Text(
            "Names this answer: send it as If-None-Match, and a 304 says that it still holds.",
            "この回答の識別子。If-None-Match で送ると、変更がなければ 304 を返します。",
        ),
        _STRING,
        'W/"5d41402abc4b2a76b9719d91"',
    ),
    "Link": (
        Text("The next page, rel=next.", "次のページ (rel=next)。"),
        _STRING,
        '</api/v1/tenants/11111111-1111-1111-1111-111111111111/reports/users?cursor=x>; rel="next"',
    ),
    "Location": (
        Text("Where to follow what was started.", "開始した処理の状況の取得先。"),
        {**_STRING, "format": "uri-reference"},
        "/api/v1/jobs/11111111-1111-1111-1111-111111111111",
    ),
    REPLAYED: (
        Text(
            "true: answered before under this Idempotency-Key; nothing was done again.",
            "true: この Idempotency-Key に対して以前に返した回答です (再実行はしていません)。",
        ),
        {**_STRING, "enum": ["true"]},
        "true",
    ),
    "Kanri-Generated-At": (
        Text("When this was answered.", "回答した日時。"),
        {**_STRING, "format": "date-time"},
        "2026-01-31T09:00:00Z",
    ),
    "Kanri-As-Of": (
        Text("The instant that the answer describes.", "回答が表す時点。"),
        {**_STRING, "format": "date-time"},
        "2026-01-31T09:00:00Z",
    ),
    "Kanri-Coverage": (
        Text("dataset=state;age=seconds for each dataset.", "データセットごとの状態と経過秒数。"),
        _STRING,
        "users=ok;age=1800",
    ),
    "Kanri-Compared-With": (
        Text("The earlier instant of a comparison.", "比較元の時点。"),
        {**_STRING, "format": "date-time"},
        "2026-01-24T09:00:00Z",
    ),
    "Kanri-Compared-Coverage": (
        Text("The coverage at the earlier instant.", "比較元の時点でのデータセットの状態。"),
        _STRING,
        "users=ok;age=1800",
    ),
    "Kanri-Parameters": (
        Text(
            "name=value for each parameter of the report: asked for, the tenant's, or the default.",
            "レポートのパラメーターとその値 (name=value)。",
        ),
        _STRING,
        "reviewDays=90, staleDays=180",
    ),
    "Kanri-Personal-Data": (
        Text(
            "shown, or masked for who lacks the permission report:personal.",
            "shown (表示) または masked (権限 report:personal がないため非表示)。",
        ),
        {**_STRING, "enum": ["shown", "masked"]},
        "shown",
    ),
    "Kanri-Answers-Since": (
        Text(
            "From when on the log answers; what is older lies in sealed files. Left out if all is here.",
            "ログが回答できる期間の始まり。それ以前は封印されたファイルにあります。全件ある場合は省略。",
        ),
        {**_STRING, "format": "date-time"},
        "2026-01-01T00:00:03Z",
    ),
    "Kanri-Tenants": (
        Text("How many of the tenants were read.", "取得できたテナント数。"),
        _STRING,
        "11 of 12",
    ),
    "Kanri-Tenants-Unread": (
        Text(
            "tenant=cause for each that was not read, the first 50; left out if all were.",
            "取得できなかったテナントとその原因 (先頭 50 件)。なければ省略。",
        ),
        _STRING,
        "11111111-1111-1111-1111-111111111111=question_slow",
    ),
    "Kanri-Row-Count": (
        Text("Rows of a CSV.", "CSV の行数。"),
        _NUMBER,
        "120",
    ),
}

_IF_MATCH = Text("The ETag of what you have seen.", "取得時の ETag。")
_KEY = Text(
    "Your own name for this request. If it comes again within 24 hours, the answer is given again and"
    " nothing is done twice.",
    "要求ごとに任意に決める値。24 時間以内に同じ要求を再送しても再実行せず、同じ回答を返します。",
)
_KEY_EXAMPLE = "8e03978e-40d5-43dd-bc93-6894a57f9324"

USUAL = ("X-Request-Id", "Cache-Control")
# Where limits hold.
OF_LIMITS = ("RateLimit-Policy", "RateLimit")


def header_components(lang: Lang) -> Json:
    """Return every header with what it says, its schema and an example."""
    return {
        name: {"description": words.of(lang), "schema": schema, "example": _typed(schema, example)}
        for name, (words, schema, example) in _HEADERS.items()
    }


def header_references(names: tuple[str, ...]) -> Json:
    """Return references to the usual headers and to `names`."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*USUAL, *names)}


def header_parameters(route: Route, lang: Lang) -> list[Json]:
    """Return the headers of a request that the route makes something of."""
    return [
        *(
            [_parameter("If-Match", _IF_MATCH, lang, '"5d41402abc4b2a76b9719d91"')]
            if route.guarded
            else []
        ),
        *([_parameter(HEADER, _KEY, lang, _KEY_EXAMPLE)] if route.repeatable else []),
    ]


def _parameter(name: str, words: Text, lang: Lang, example: str) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": name == "If-Match",
        "description": words.of(lang),
        "schema": {**_STRING, "pattern": FORM} if name == HEADER else _STRING,
        "example": example,
    }


def _typed(schema: Json, example: str) -> str | int:
    return int(example) if schema["type"] == "integer" else example
