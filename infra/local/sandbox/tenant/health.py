"""Service health: the services of the tenant and their current and past issues."""

from infra.local.sandbox.clock import epoch_stamp
from infra.local.sandbox.tenant.calendar import DAY
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.dice import Dice

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


CURRENT_ISSUES = len(_ISSUES)
_PAST_DAYS, _PAST_ISSUES = 175, 60
_TROUBLES = (
    "Users may be unable to send or receive messages",
    "Admins may see delays in audit log searches",
    "一部のユーザーがファイルを開けません",
    "Some users can't sign in from mobile devices",
    "Users may intermittently be unable to join meetings",
    "Search results may be incomplete",
)
_PREFIXES = ("EX", "TM", "SP", "OD", "DZ", "IT", "MO", "AD")


def issues(anchor: int, seed: int) -> list[Entity]:
    """`admin/serviceAnnouncement/issues`: those of these days, then what is over, half a year back."""
    dice = Dice(seed, "service issue")
    return [*_current(anchor), *(_past(dice, anchor, number) for number in range(_PAST_ISSUES))]


def _current(anchor: int) -> list[Entity]:
    rows = []
    for service, key, title, classification, status, started, lasted in _ISSUES:
        start = anchor - started * DAY - 7_200
        end = None if lasted is None else start + lasted * DAY
        facts = (key, title, classification, status)
        rows.append(_issue(SERVICES[service][1], facts, start, end, [start + 1_800]))
    return rows


def _past(dice: Dice, anchor: int, number: int) -> Entity:
    """One that is over: incidents took hours, advisories days; a fifth was none after all."""
    roll = dice.roll(number)
    service = roll[0] % len(SERVICES)
    start = anchor - (5 + number * (_PAST_DAYS - 5) // _PAST_ISSUES) * DAY - roll[1] * 300
    incident = roll[2] < 100
    lasted = 1_800 + roll[3] * (420 if incident else 4_800)
    ended = min(start + lasted, anchor - DAY)
    status = ("serviceRestored", "serviceRestored", "postIncidentReviewPublished", "resolved",
              "falsePositive")[roll[4] % 5]  # fmt: skip
    title = _TROUBLES[roll[5] % len(_TROUBLES)]
    facts = (f"{_PREFIXES[service]}{700_000 - number}", title,
             "incident" if incident else "advisory", status)  # fmt: skip
    posts = [start + lasted * n // 4 for n in range(1 + roll[6] % 4)]
    return _issue(SERVICES[service][1], facts, start, ended, posts, third_party=roll[7] < 12)


def _issue(
    service: str, facts: tuple[str, str, str, str], start: int, end: int | None, posts: list[int],
    *, third_party: bool = False,
) -> Entity:  # fmt: skip
    """One issue; `facts` are id, title, classification and status."""
    key, title, classification, status = facts
    return {
        "id": key,
        "startDateTime": epoch_stamp(start),
        "endDateTime": None if end is None else epoch_stamp(end),
        "lastModifiedDateTime": epoch_stamp(end or start + 3_600),
        "title": title,
        "service": service,
        "impactDescription": f"{title}.",
        "classification": classification,
        "origin": "thirdParty" if third_party else "microsoft",
        "status": status,
        "featureGroup": service,
        "feature": "Access and availability",
        "isResolved": end is not None,
        "details": [{"name": "NotifyInApp", "value": "True"}],
        "posts": [post(epoch_stamp(moment), "We are investigating.") for moment in posts],
    }


def post(moment: str, text: str) -> Entity:
    """What Microsoft wrote about an issue at an instant."""
    return {
        "createdDateTime": moment,
        "postType": "regular",
        "description": {"contentType": "html", "content": f"<p>{text}</p>"},
    }


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
