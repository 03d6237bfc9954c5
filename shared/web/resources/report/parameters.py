"""The query parameters of a report, as the API describes them; `shared.core.question` reads them."""

from shared.core.format import FORMATS
from shared.core.odata import (
    GRAMMAR,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_SEARCHES,
    MAX_TERMS,
    MAX_VALUES,
)
from shared.core.registry import of
from shared.core.report_parameters import VOCABULARY
from shared.core.text import Text
from shared.web.parameters import CURSOR, TOP
from shared.web.route import TEXT, Parameter

PARAMETERS = (
    Parameter(
        "asOf",
        Text(
            "Answer as of this instant, ISO 8601 with an offset (write + as %2B).",
            "この時点の状態で回答します。オフセット付き ISO 8601 (+ は %2B)。",
        ),
        {"type": "string", "format": "date-time"},
        example="2026-01-31T09:00:00Z",
        codes=("instant_expected", "as_of_future", "as_of_not_kept", "as_of_too_early"),
    ),
    Parameter(
        "filter",
        Text(
            f"OData subset: and or not, eq ne gt ge lt le, in, startswith contains endswith. At most"
            f" {MAX_LENGTH} characters, {MAX_TERMS} conditions, {MAX_DEPTH} levels, {MAX_VALUES} values"
            f" of one in, {MAX_SEARCHES} contains or endswith. Texts in single quotes; write + as %2B.",
            f"OData のサブセット: and or not、eq ne gt ge lt le、in、startswith contains endswith。最大"
            f" {MAX_LENGTH} 文字、{MAX_TERMS} 条件、{MAX_DEPTH} 階層、in の値は {MAX_VALUES} 個、contains と endswith は {MAX_SEARCHES} 回まで。"
            "文字列は一重引用符で囲み、+ は %2B と書きます。",
        ),
        {"type": "string", "maxLength": MAX_LENGTH, "x-kanri-grammar": GRAMMAR},
        example="startswith(display_name,'Sato') and inactive_days ge 90",
        codes=(
            "filter_syntax",
            "filter_type",
            "filter_too_long",
            "column_unknown",
            "instant_expected",
        ),
    ),
    Parameter(
        "orderBy",
        Text(
            "Column ids with commas between them, each with ` desc` if descending. Names of people, "
            "groups, roles, policies and applications sort by the Unicode Collation Algorithm: "
            "kana by sound, kanji by code point. Addresses sort without letter case, other text by "
            "code point, nulls as the highest.",
            "列 ID をコンマ区切りで指定します。降順は ` desc` を付けます。ユーザー、グループ、ロール、"
            "ポリシー、アプリケーションの名前は Unicode 照合アルゴリズムの順です (かなは五十音順、"
            "漢字はコードポイント順)。アドレスは大文字と小文字を区別せず、その他の文字列はコード"
            "ポイント順、null は最大として扱います。",
        ),
        TEXT,
        example="display_name desc",
        codes=("column_unknown", "column_not_sortable", "order_malformed"),
    ),
    Parameter(
        "select",
        Text("Column ids with commas between them.", "列 ID をコンマ区切りで指定します。"),
        TEXT,
        example="id,display_name",
        codes=("column_unknown",),
    ),
    TOP,
    CURSOR,
    Parameter(
        "count",
        Text("true: also count all rows.", "true を指定すると全行数も返します。"),
        {"type": "boolean", "default": False},
        codes=("value_not_allowed", "parameter_not_with_format"),
    ),
    Parameter(
        "totals",
        Text(
            "true: also return what all rows come to, for the columns that have a total.",
            "true を指定すると、集計のある列について全行の集計値も返します。",
        ),
        {"type": "boolean", "default": False},
        codes=("value_not_allowed", "parameter_not_with_format"),
    ),
    Parameter(
        "format",
        Text(
            " or ".join(of(FORMATS)) + ". If absent, what Accept asks for, else json.",
            " または ".join(of(FORMATS)) + "。省略時は Accept に従い、指定がなければ json。",
        ),
        {"type": "string", "enum": list(of(FORMATS)), "default": "json"},
        codes=("value_not_allowed", "parameter_not_with_format"),
    ),
    Parameter(
        "compat",
        Text(
            "powershell: CSV or HTML as the PowerShell tool wrote it.",
            "powershell: PowerShell ツールと同じ形式の CSV または HTML。",
        ),
        {"type": "string", "enum": ["powershell"]},
        codes=("value_not_allowed", "parameter_not_with_format"),
    ),
    Parameter(
        "timeZone",
        Text(
            "IANA time zone of a compat CSV, of XLSX, HTML and PDF; Asia/Tokyo if absent.",
            "compat CSV、XLSX、HTML、PDF のタイム ゾーン (IANA 名)。省略時は Asia/Tokyo。",
        ),
        TEXT,
        example="Asia/Tokyo",
        codes=("time_zone_unknown", "parameter_needs", "parameter_not_with_format"),
    ),
    Parameter(
        "preset",
        Text(
            "A question that the report keeps ready; what is asked beside it goes before it.",
            "レポートに用意された質問の名前。併せて指定した値が優先されます。",
        ),
        TEXT,
        example="stale",
        codes=("value_not_allowed",),
    ),
    *(
        Parameter(
            parameter.name,
            parameter.words,
            {"type": "string", "pattern": "^P[0-9]{1,4}D$"}
            if parameter.is_period
            else {"type": "integer", "minimum": parameter.low, "maximum": parameter.high},
            example=parameter.written(parameter.default) if parameter.is_period else None,
            codes=(
                "period_expected" if parameter.is_period else "number_expected",
                "parameter_not_of_report",
            ),
        )
        for parameter in VOCABULARY
    ),
)
