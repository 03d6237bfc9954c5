"""What a licence costs a month: agreed with whoever sells it, so that only the tenant knows it."""

from shared.core.collector import Column
from shared.core.import_cells import currency, guid, not_negative
from shared.core.imported import Import
from shared.core.text import Text

IMPORT = Import(
    title=Text("Prices of licences", "ライセンス単価"),
    docs="https://learn.microsoft.com/en-us/entra/identity/users/licensing-service-plan-reference",
    columns=(
        Column("sku_id", "sku_id"),
        Column("monthly_unit_price", "monthly_unit_price", "float"),
        Column("currency", "currency"),
        Column("applies_from", "valid_from", "date"),
    ),
    # A price that is to come, or was before, is a line of its own.
    key=("sku_id", "valid_from"),
    checks={"sku_id": guid, "monthly_unit_price": not_negative, "currency": currency},
    example=(
        "sku_id,monthly_unit_price,currency,valid_from\r\n"
        "6fd2c87f-b296-42f0-b197-1e91e994b900,3380,JPY,2026-04-01\r\n"
    ),
)
