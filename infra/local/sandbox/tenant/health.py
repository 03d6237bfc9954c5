"""Service health: the services of the tenant and their current and past issues."""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity

SERVICES = (
    ("Exchange", "Exchange Online"),
    ("microsoftteams", "Microsoft Teams"),
    ("SharePoint", "SharePoint Online"),
    ("OneDriveForBusiness", "OneDrive for Business"),
    ("Microsoft365Defender", "Microsoft 365 Defender"),
    ("Intune", "Microsoft Intune"),
    ("OSDPPlatform", "Microsoft 365 suite"),
    ("AzureAD", "Microsoft Entra"),
)
# service, id, title, classification, status, days since start, days until end (None: open)
_ISSUES = (
    (0, "EX800101", "Some users can't search mailboxes in Outlook on the web", "advisory",
     "serviceDegradation", 1, None),
    (1, "TM800102", "Users may see delays when joining meetings", "incident", "investigating", 0, None),
    (2, "SP799001", "Users' search results are missing recent files", "advisory",
     "serviceRestored", 9, 2),
    (5, "IT798005", "Device compliance reports are delayed", "advisory",
     "postIncidentReviewPublished", 20, 3),
)  # fmt: skip


def issues(anchor: int) -> list[Entity]:
    """`admin/serviceAnnouncement/issues`."""
    rows = []
    for service, key, title, classification, status, started, lasted in _ISSUES:
        start = anchor - started * DAY - 7_200
        end = None if lasted is None else start + lasted * DAY
        rows.append(
            {
                "id": key,
                "startDateTime": epoch_stamp(start),
                "endDateTime": None if end is None else epoch_stamp(end),
                "lastModifiedDateTime": epoch_stamp(end or start + 3_600),
                "title": title,
                "service": SERVICES[service][1],
                "impactDescription": f"{title}.",
                "classification": classification,
                "origin": "microsoft",
                "status": status,
                "featureGroup": SERVICES[service][1],
                "feature": "Access and availability",
                "isResolved": end is not None,
                "details": [{"name": "NotifyInApp", "value": "True"}],
                "posts": [
                    {
                        "createdDateTime": epoch_stamp(start + 1_800),
                        "postType": "regular",
                        "description": {
                            "contentType": "html",
                            "content": "<p>We are investigating.</p>",
                        },
                    }
                ],
            }
        )
    return rows


def overviews(current: list[Entity]) -> list[Entity]:
    """`admin/serviceAnnouncement/healthOverviews`, each with its open `issues`."""
    rows = []
    for key, name in SERVICES:
        found = [issue for issue in current if issue["service"] == name and not issue["isResolved"]]
        rows.append(
            {
                "id": key,
                "service": name,
                "status": found[0]["status"] if found else "serviceOperational",
                "issues": found,
            }
        )
    return rows
