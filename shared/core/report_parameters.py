"""The parameters that a report may take: one vocabulary, so that the same word asks the same of each.

A report takes a parameter by asking `Sources.parameter` for it; what was not asked for has the
default, the report's own (`by_default`) or the vocabulary's. Thresholds are parameters whose default
a tenant may set for itself.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from shared.core.errors import BadRequest
from shared.core.report_parameter import ReportParameter
from shared.core.share_limits import SHARE_LIMITS
from shared.core.text import Text

if TYPE_CHECKING:
    from shared.core.asked import Asked

# As far back as anything is asked about: ten years.
_LONG = 3660

PERIOD = ReportParameter(
    "period",
    Text(
        "The days up to the instant that the report tells of, as P7D.",
        "レポートの対象期間 (時点までの日数)。例: P7D。",
    ),
    default=30,
    low=1,
    high=_LONG,
    is_period=True,
)
REVIEW_DAYS = ReportParameter(
    "reviewDays",
    Text(
        "Days after which what was not used or changed is to be reviewed.",
        "未使用・未更新の項目を要確認とするまでの日数。",
    ),
    default=90,
    low=1,
    high=_LONG,
    is_threshold=True,
)
STALE_DAYS = ReportParameter(
    "staleDays",
    Text(
        "Days after which what was not used or changed is stale.",
        "未使用・未更新の項目を長期とするまでの日数。",
    ),
    default=180,
    low=1,
    high=_LONG,
    is_threshold=True,
)


def _percent(name: str, default: int, words: Text) -> ReportParameter:
    return ReportParameter(name, words, default, low=1, high=1000, is_threshold=True)


def _days(name: str, default: int, words: Text) -> ReportParameter:
    return ReportParameter(name, words, default, low=1, high=_LONG, is_threshold=True)


def _things(name: str, default: int, words: Text) -> ReportParameter:
    return ReportParameter(name, words, default, low=0, high=100_000_000, is_threshold=True)


NEW_ACCOUNT_DAYS = _days(
    "newAccountDays",
    30,
    Text(
        "Days up to which an account has had no time to be idle.",
        "新規アカウントとして未使用と判定しない日数。",
    ),
)
PASSWORD_MEDIUM_DAYS = _days(
    "passwordMediumDays",
    180,
    Text(
        "Days above which the risk of a password is medium.",
        "パスワードのリスクを中とする経過日数 (超過)。",
    ),
)
PASSWORD_HIGH_DAYS = _days(
    "passwordHighDays",
    365,
    Text(
        "Days above which the risk of a password is high.",
        "パスワードのリスクを高とする経過日数 (超過)。",
    ),
)
CREDENTIAL_DAYS = _days(
    "credentialDays",
    30,
    Text(
        "Days before its end from which a credential is near expiry.",
        "資格情報を期限間近とする残り日数。",
    ),
)
MAILBOX_WARNING_PERCENT = _percent(
    "mailboxWarningPercent",
    80,
    Text("Use of a mailbox from which to warn (%).", "メールボックスを警告とする使用率 (%)。"),
)
MAILBOX_FULL_PERCENT = _percent(
    "mailboxFullPercent",
    95,
    Text(
        "Use of a mailbox from which it is full (%).", "メールボックスを容量不足とする使用率 (%)。"
    ),
)
PURGE_ITEMS = _things(
    "purgeItems",
    10_000,
    Text(
        "Deleted items above which a purge is advised.",
        "削除済みアイテムの整理を推奨する件数 (超過)。",
    ),
)
DRIVE_ATTENTION_PERCENT = _percent(
    "driveAttentionPercent",
    75,
    Text("Use of a OneDrive that wants attention (%).", "OneDrive を要注意とする使用率 (%)。"),
)
DRIVE_FULL_PERCENT = _percent(
    "driveFullPercent",
    90,
    Text("Use of a OneDrive from which it is full (%).", "OneDrive を容量不足とする使用率 (%)。"),
)
LICENCE_MEDIUM_PERCENT = _percent(
    "licenseMediumPercent",
    50,
    Text("Use of a licence that is medium (%).", "ライセンスの利用率を中とする割合 (%)。"),
)
LICENCE_HIGH_PERCENT = _percent(
    "licenseHighPercent",
    80,
    Text("Use of a licence that is high (%).", "ライセンスの利用率を高とする割合 (%)。"),
)
LICENCE_FULL_PERCENT = _percent(
    "licenseFullPercent",
    95,
    Text("Use of a licence from which it is full (%).", "ライセンスを不足とする利用率 (%)。"),
)
UNUSED_LICENCES = _things(
    "unusedLicenses",
    10,
    Text(
        "Unused units of a licence above which it is to be reviewed.",
        "ライセンスの見直しを推奨する未使用数 (超過)。",
    ),
)
TREND_PERCENT = _percent(
    "trendPercent",
    5,
    Text("Change from which there is a trend (%).", "増減ありと判定する変化率 (%)。"),
)
COMPLIANT_PERCENT = _percent(
    "compliantPercent",
    95,
    Text("Share from which a check is passed (%).", "チェックを準拠とする割合 (%)。"),
)
COMPLIANCE_WARNING_PERCENT = _percent(
    "complianceWarningPercent",
    80,
    Text("Share from which a check only warns (%).", "チェックを警告とする割合 (%)。"),
)
GLOBAL_ADMINS = _things(
    "globalAdmins",
    3,
    Text("Global Administrators that are not too many.", "グローバル管理者の推奨上限人数。"),
)
ALERT_HOURS = _things(
    "alertHours",
    24,
    Text(
        "Hours within which a high alert is to be resolved.",
        "重要度の高いアラートを解決すべき時間数。",
    ),
)
LOST_POINTS_HIGH = _things(
    "lostPointsHigh",
    5,
    Text(
        "Missing points of a control from which its risk is high.",
        "コントロールのリスクを高とする不足点数。",
    ),
)
LOST_POINTS_MEDIUM = _things(
    "lostPointsMedium",
    2,
    Text(
        "Missing points of a control from which its risk is medium.",
        "コントロールのリスクを中とする不足点数。",
    ),
)
SLA_PER_MILLE = _things(
    "slaPerMille",
    999,
    Text(
        "Incident-free time from which the service level is met (‰).",
        "SLA 達成とするインシデントのない時間の割合 (‰)。",
    ),
)
DELAY_MINUTES = _things(
    "delayMinutes",
    5,
    Text(
        "Minutes above which a message is delayed.",
        "メッセージを遅延とするまでの分数 (超過)。",
    ),
)
BULK_LEVEL = _things(
    "bulkLevel",
    7,
    Text(
        "Bulk complaint level from which a message counts as bulk mail.",
        "バルク メールとみなす苦情レベル (BCL)。",
    ),
)
SERVICE_MEDIUM_PERCENT = _percent(
    "serviceMediumPercent",
    50,
    Text("Use of a service that is medium (%).", "サービスの利用率を中とする割合 (%)。"),
)
SERVICE_HIGH_PERCENT = _percent(
    "serviceHighPercent",
    80,
    Text("Use of a service that is high (%).", "サービスの利用率を高とする割合 (%)。"),
)
SERVICE_FULL_PERCENT = _percent(
    "serviceFullPercent",
    95,
    Text("Use of a service from which it is full (%).", "サービスをフル使用とする利用率 (%)。"),
)
RATING_IMPROVE_PERCENT = _percent(
    "ratingImprovePercent",
    40,
    Text("Score below which a service is rated poor.", "サービスの評価を不良とする評点 (未満)。"),
)
RATING_GOOD_PERCENT = _percent(
    "ratingGoodPercent",
    60,
    Text("Score from which a service is rated good.", "サービスの評価を良好とする評点。"),
)
RATING_EXCELLENT_PERCENT = _percent(
    "ratingExcellentPercent",
    80,
    Text("Score from which a service is rated excellent.", "サービスの評価を優良とする評点。"),
)
ACTIVITY_MEDIUM_SCORE = _percent(
    "activityMediumScore",
    30,
    Text("Activity score from which a day is medium.", "アクティビティを中とするスコア。"),
)
ACTIVITY_HIGH_SCORE = _percent(
    "activityHighScore",
    60,
    Text("Activity score from which a day is high.", "アクティビティを高とするスコア。"),
)
_HERE = (each for each in list(globals().values()) if isinstance(each, ReportParameter))
VOCABULARY = (*_HERE, *SHARE_LIMITS)
THRESHOLDS = {each.name: each for each in VOCABULARY if each.is_threshold}


def read_parameters(
    asked: "Asked", taken: Sequence[ReportParameter]
) -> tuple[tuple[str, int], ...]:
    """Return the values of those parameters that are asked for, by name.

    BadRequest for a value that is none, and for a parameter that this report does not take.
    """
    names = {parameter.name for parameter in taken}
    for parameter in VOCABULARY:
        if parameter.name in asked and parameter.name not in names:
            raise BadRequest("parameter_not_of_report", parameter=parameter.name)
    return tuple((each.name, each.read(asked)) for each in taken if each.name in asked)


def in_force(
    taken: Sequence[ReportParameter],
    given: Sequence[tuple[str, int]],
    settings: Mapping[str, int] | None = None,
) -> Mapping[str, int]:
    """Return the value of each parameter that a report takes.

    It is the one given, else that of the tenant's `settings` if it is a threshold, else the default.
    A setting that is out of today's bounds counts for nothing.
    """
    values = dict(given)
    for item in taken:
        own = (settings or {}).get(item.name)
        if item.is_threshold and own is not None and item.low <= own <= item.high:
            values.setdefault(item.name, own)
    return {item.name: values.get(item.name, item.default) for item in taken}
