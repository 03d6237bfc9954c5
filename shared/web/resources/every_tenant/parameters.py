"""The query parameters of a report of all tenants."""

from shared.core.text import Text
from shared.web.resources.report.parameters import PARAMETERS as OF_REPORTS
from shared.web.route import TEXT, Parameter

# A file of many tenants says nothing of itself beside its rows: no format that would have to.
FORMATS_TAKEN = ("json", "csv")

# What many tenants have no common answer to, and the files of the former tool, which were of one.
_NOT_TAKEN = ("count", "totals", "compat", "timeZone", "preset", "format")

PARAMETERS = (
    Parameter(
        "tenants",
        Text(
            "Only these tenants, ids with commas between them; all that you may see if absent, up to 500.",
            "対象のテナント ID をコンマ区切りで指定します。省略時は参照可能なすべて (500 件まで)。",
        ),
        TEXT,
        example="11111111-1111-1111-1111-111111111111",
        codes=("guid_expected", "tenants_too_many"),
    ),
    Parameter(
        "format",
        Text(
            " or ".join(FORMATS_TAKEN) + ". If absent, what Accept asks for, else json.",
            " または ".join(FORMATS_TAKEN) + "。省略時は Accept に従い、指定がなければ json。",
        ),
        {"type": "string", "enum": list(FORMATS_TAKEN), "default": "json"},
        codes=("value_not_allowed", "parameter_not_with_format"),
    ),
    *(one for one in OF_REPORTS if one.name not in _NOT_TAKEN),
)
