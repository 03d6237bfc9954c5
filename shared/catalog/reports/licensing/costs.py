"""What licences cost: by licence, by department, and for accounts that nobody uses."""

from shared.catalog import cost_rows
from shared.catalog.table import Table, report_table
from shared.catalog.union import union
from shared.core.report import Preset, Report, Sources
from shared.core.text import Text


@report_table
def _costs(s: Sources) -> Table:
    seat = cost_rows.seats(s)
    return union(cost_rows.accounts(seat), cost_rows.licences(s, seat), cost_rows.departments(seat))


def _only(kind: str, order: str) -> dict[str, str]:
    return {"filter": f"kind eq '{kind}'", "orderBy": order}


REPORT = Report(
    title=Text("Costs of licences", "ライセンス コスト"),
    description=Text(
        "What each licence costs a month as it is bought, how much of it nobody has or accounts not in use have, and "
        "what can be less from the next renewal: both together. Then what the seats of each department cost, "
        "and of each account not in use (disabled, or unused for reviewDays). Prices are imported (license_prices); without "
        "one, or with several currencies, no amount is told. The three kinds of row are no parts of each other's sum.",
        "ライセンスごとの購入数に対する月額コスト、未割り当て分と未使用アカウント分のコスト、次回更新で削減可能な金額 (両者の合計)。"
        "部署ごと、および未使用のアカウント (無効、または reviewDays 日を超えて未使用) ごとの割り当て分のコスト。単価はインポート "
        "(license_prices) によります。単価がない場合や通貨が混在する場合、金額は表示しません。3 種類の行は互いの内訳ではありません。",
    ),
    docs="https://learn.microsoft.com/en-us/graph/api/resources/subscribedsku",
    table=_costs,
    order=("kind", "-monthly_cost"),
    presets={
        "renewal": Preset(
            words=Text("What can be saved at the next renewal", "次回更新で削減できるコスト"),
            asked=_only("licence", "reducible_cost desc"),
        ),
        "departments": Preset(
            words=Text("Cost by department", "部署別コスト"),
            asked=_only("department", "monthly_cost desc"),
        ),
        "accounts": Preset(
            words=Text("Paid for and not in use", "未使用アカウントのコスト"),
            asked=_only("account", "monthly_cost desc"),
        ),
    },
)
