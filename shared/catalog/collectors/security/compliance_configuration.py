"""The policies of Purview: retention, data loss prevention, who gets which labels, alerts, supervision.

Cases and searches are no policies, and there may be any number of them. Rules of data loss prevention, labels
themselves and auditing are on the older of Microsoft's two lists only, and one type that is refused would
take the others with it.
"""

from datetime import timedelta

from shared.catalog.configuration_snapshots import snapshots_of
from shared.core.text import Text

COLLECTOR = snapshots_of(
    "securityandcompliance",
    "autoSensitivityLabelPolicy complianceTag deviceConditionalAccessPolicy deviceConfigurationPolicy "
    "dlpCompliancePolicy labelPolicy protectionAlert retentionCompliancePolicy retentionComplianceRule "
    "retentionEventType securityFilter supervisoryReviewPolicy supervisoryReviewRule",
    Text("Compliance configuration", "コンプライアンスの構成"),
    timedelta(days=7),
)
