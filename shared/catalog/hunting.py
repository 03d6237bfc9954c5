"""Advanced hunting: questions about mail in KQL, posted for a span of time.

Thirty days are kept. An answer has 100,000 rows at most: one of so many is taken for one that was cut.
https://learn.microsoft.com/en-us/graph/api/security-security-runhuntingquery
"""

from datetime import timedelta

from shared.core.collector import FROM, UNTIL, Column, Get, Listed, LookBack, Slices

LICENCE = "Microsoft Defender for Office 365 (Plan 2)"
DOCS = "https://learn.microsoft.com/en-us/graph/api/security-security-runhuntingquery"
MOST = 100_000
BETWEEN = f"Timestamp >= datetime({FROM}) and Timestamp < datetime({UNTIL})"
RESULTS = Listed(named="results", most=MOST)
# What is told of a message changes for two days.
EACH_MESSAGE = Slices(
    "Timestamp", look_backs=(LookBack(every=timedelta(days=1), reach=timedelta(days=2)),)
)
RECIPIENT = Column(
    "recipient_address", "RecipientEmailAddress", personal=True, whose="itself", folded=True
)


def hunt(query: str) -> Get:
    """Return the request for what a query finds."""
    return Get(
        "security/runHuntingQuery", service="hunting", selects=False, body=(("query", query),)
    )
