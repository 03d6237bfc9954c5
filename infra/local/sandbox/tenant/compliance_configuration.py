"""What Tenant Configuration Management extracts of Purview: types, and the policies that a tenant has.

Types and properties: the pages "utcm-supported-resourcetypes" and "utcm-securityandcompliance-resources" of
Microsoft Graph. The newer one has no auditing, no rules of loss prevention, and no labels themselves any more.
"""

from collections.abc import Iterator

from infra.local.sandbox.tenant.collection import Entity

WORKLOAD = "securityandcompliance"
# What both pages have, without its beginning.
_KINDS = (
    "autosensitivitylabelpolicy caseholdpolicy caseholdrule compliancecase compliancesearch "
    "compliancesearchaction compliancetag deviceconditionalaccesspolicy deviceconfigurationpolicy "
    "dlpcompliancepolicy fileplanpropertyauthority fileplanpropertycategory fileplanpropertycitation "
    "fileplanpropertydepartment fileplanpropertyreferenceid fileplanpropertysubcategory labelpolicy "
    "protectionalert retentioncompliancepolicy retentioncompliancerule retentioneventtype "
    "securityfilter supervisoryreviewpolicy supervisoryreviewrule"
)
TYPES = frozenset(f"microsoft.{WORKLOAD}.{kind}" for kind in _KINDS.split())
_ALL = ["All"]


def policies(domain: str) -> Iterator[tuple[str, str, Entity]]:
    """Kind, what it is known by, and properties, of which the first is what it is known by."""
    for kind, name, said in _NAMED:
        told: Entity = {"Name": name}
        for key, value in said.items():
            if isinstance(value, list):
                told[f"{key}@odata.type"] = "#Collection(String)"
            told[key] = value
        if kind == "ProtectionAlert":
            told |= {
                "NotifyUser@odata.type": "#Collection(String)",
                "NotifyUser": [f"soc@{domain}"],
            }
        yield kind, name, told


_NAMED: tuple[tuple[str, str, Entity], ...] = (
    ("DLPCompliancePolicy", "Default Office 365 DLP policy", {
        "Comment": "", "Mode": "Enable", "Priority": 0, "ExchangeLocation": _ALL,
        "SharePointLocation": _ALL, "OneDriveLocation": _ALL, "TeamsLocation": _ALL,
    }),
    ("DLPCompliancePolicy", "マイナンバー", {
        "Comment": "By hand", "Mode": "TestWithNotifications", "Priority": 1, "ExchangeLocation": _ALL,
        "EndpointDlpLocation": [],
    }),
    ("RetentionCompliancePolicy", "メール 7 年", {
        "Comment": "", "Enabled": True, "RestrictiveRetention": False, "ExchangeLocation": _ALL,
    }),
    ("RetentionComplianceRule", "メール 7 年", {
        "Policy": "メール 7 年", "Comment": "", "RetentionComplianceAction": "Keep",
        "RetentionDuration": "2555", "RetentionDurationDisplayHint": "Years",
        "ExpirationDateOption": "CreationAgeInDays",
    }),
    ("RetentionCompliancePolicy", "Teams chats 1 year", {
        "Comment": "By hand", "Enabled": True, "RestrictiveRetention": False,
        "TeamsChatLocation": _ALL, "TeamsChannelLocation": _ALL,
    }),
    ("RetentionComplianceRule", "Teams chats 1 year", {
        "Policy": "Teams chats 1 year", "Comment": "", "RetentionComplianceAction": "Delete",
        "RetentionDuration": "365", "RetentionDurationDisplayHint": "Days",
        "ExpirationDateOption": "CreationAgeInDays",
    }),
    ("ComplianceTag", "契約書", {
        "Comment": "", "IsRecordLabel": True, "Regulatory": False, "RetentionAction": "KeepAndDelete",
        "RetentionDuration": "3650", "RetentionType": "EventAgeInDays", "EventType": "契約終了",
    }),
    ("RetentionEventType", "契約終了", {"Comment": ""}),
    ("LabelPolicy", "Global sensitivity label policy", {
        "Comment": "", "ExchangeLocation": _ALL, "Labels": ["Public", "社外秘", "極秘"],
    }),
    ("ProtectionAlert", "Elevation of Exchange admin privilege", {
        "Category": "AccessGovernance", "Severity": "Low", "ThreatType": "Activity", "Disabled": False,
        "NotificationEnabled": True, "AggregationType": "None", "Operation": ["grantadminpermission"],
    }),
    ("ProtectionAlert", "Mass download", {
        "Category": "DataGovernance", "Severity": "Medium", "ThreatType": "Activity", "Disabled": True,
        "NotificationEnabled": True, "AggregationType": "SimpleAggregation", "Threshold": 100,
        "TimeWindow": 120, "Operation": ["filedownloaded"],
    }),
)  # fmt: skip
