"""Advanced hunting: questions about mail in KQL, posted for a span of time.

Thirty days are kept. An answer has 100,000 rows at most: one of so many is taken for one that was cut.
https://learn.microsoft.com/en-us/graph/api/security-security-runhuntingquery
"""

from shared.core.collector import FROM, UNTIL, Get, Listed

LICENCE = "Microsoft Defender for Office 365 (Plan 2)"
DOCS = "https://learn.microsoft.com/en-us/graph/api/security-security-runhuntingquery"
MOST = 100_000
BETWEEN = f"Timestamp >= datetime({FROM}) and Timestamp < datetime({UNTIL})"
RESULTS = Listed(named="results", most=MOST)


def hunt(query: str) -> Get:
    """Return the request for what a query finds."""
    return Get(
        "security/runHuntingQuery", service="hunting", selects=False, body=(("query", query),)
    )
