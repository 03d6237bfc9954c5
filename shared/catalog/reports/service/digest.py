"""The tenant at a glance: its figures beside those of one period before, from own history."""

from shared.catalog.digest_table import digest
from shared.catalog.table import Table, report_table
from shared.core.report import Chart, Preset, Report, Sources
from shared.core.report_parameters import PERIOD
from shared.core.text import Text


@report_table
def _digest(s: Sources) -> Table:
    return digest(s)


def _of(days: int, en: str, ja: str) -> Preset:
    return Preset(words=Text(en, ja), asked={"period": PERIOD.written(days)})


REPORT = Report(
    title=Text("Digest", "ダイジェスト"),
    description=Text(
        "The tenant's figures at the instant, each beside the same one a period before, from own history. "
        "The difference is the value less the previous one (of percentages in points), and in percent of the "
        "previous one. Accounts, roles, licences, risks and open incidents are what was known at each "
        "instant; new ones are those created, incidents and failures those begun or ended, in the period "
        "up to it. Deleted accounts are those found gone from the list in the period and not back at its end; "
        "sign-ins are the interactive ones, by their result, and who signed in succeeded at least once. Active users are Microsoft's of 30 days; they, messages, files and storage go by the dates of "
        "Microsoft's newest file and the same length before it, and a sum lacks one day at most. MFA is the share of "
        "enabled members in Microsoft's list of registrations; role holders are people with an active assignment of "
        "their own; licences are the enabled ones; the score is current ÷ maximum points; failures are "
        "collections for these figures that failed because of Microsoft Graph. What was not read, or not "
        "as far back, is empty and says why; covered_from says since when it is known.",
        "指定時点のテナントの各指標と、その 1 期間前の同じ指標 (収集済みの履歴による)。増減は値 − 前期間の値 (割合はポイント差)、"
        "増減率は前期間の値に対する割合です。アカウント、ロール、ライセンス、リスク、未解決インシデントは各時点で判明していた値、"
        "新規・発生・失敗の件数は各時点までの期間内に作成、開始、終了したものです。"
        "削除されたアカウントは期間内に一覧からなくなり期間末に戻っていないもの、サインインは対話型の結果別の件数、"
        "サインインしたユーザーは 1 回以上成功したユーザーです。アクティブユーザーは Microsoft の 30 日間の値で、"
        "メール、ファイル、ストレージとともに Microsoft の最新レポート日とその 1 期間前を比べ、合計の欠落は 1 日までです。"
        "MFA は登録一覧にある有効なメンバーの割合、ロールの保持者は本人に有効な割り当てがあるユーザー、ライセンスは有効なもの、"
        "スコアは現在の点数 ÷ 最大点数、失敗した収集はこれらの指標の収集のうち Microsoft Graph 側の原因によるものです。"
        "読み取られていない、または期間まで遡れない値は空欄で理由を示し、covered_from がデータの開始を示します。",
    ),
    table=_digest,
    order=("position",),
    chart=Chart(kind="bar", across="figure", up=("change_percent",)),
    presets={
        "day": _of(1, "Against the day before", "前日比"),
        "week": _of(7, "Against the week before", "前週比"),
        "month": _of(30, "Against the month before", "前月比"),
        "year": _of(365, "Against the year before", "前年比"),
    },
)
