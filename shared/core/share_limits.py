"""How much may be shared before it is a risk: the thresholds of what is shared and of who shares."""

from shared.core.report_parameter import ReportParameter
from shared.core.text import Text


def _above(name: str, default: int, words: Text) -> ReportParameter:
    return ReportParameter(name, words, default, low=0, high=100_000_000, is_threshold=True)


SHARED_FILE_MB = _above(
    "sharedFileMegabytes",
    10,
    Text("Size above which a share is of medium risk (MB).", "共有のリスクを中とするサイズ (MB)。"),
)
OWNER_HIGH_SHARES = _above(
    "ownerHighShares",
    3,
    Text(
        "Shares of high risk above which the risk of their owner is high.",
        "所有者のリスクを高とする、リスクの高い共有の数 (超過)。",
    ),
)
OWNER_ANONYMOUS_LINKS = _above(
    "ownerAnonymousLinks",
    10,
    Text(
        "Links for anyone above which the risk of their owner is high.",
        "所有者のリスクを高とする匿名リンクの数 (超過)。",
    ),
)
OWNER_EXTERNAL_SHARES = _above(
    "ownerExternalShares",
    5,
    Text(
        "External shares above which the risk of their owner is medium.",
        "所有者のリスクを中とする外部共有の数 (超過)。",
    ),
)
OWNER_SHARES = _above(
    "ownerShares",
    20,
    Text(
        "Shares above which the risk of their owner is medium.",
        "所有者のリスクを中とする共有の数 (超過)。",
    ),
)
SHARE_LIMITS = (
    SHARED_FILE_MB,
    OWNER_HIGH_SHARES,
    OWNER_ANONYMOUS_LINKS,
    OWNER_EXTERNAL_SHARES,
    OWNER_SHARES,
)
