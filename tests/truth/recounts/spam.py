"""Spam: what Defender found to be a threat, or bulk mail."""

from collections import Counter

from tests.truth.world import Figures, Row, World

_BULK = 7


def _verdict(one: Row) -> str:
    threats = set(one["threatTypes"])
    for worst in ("malware", "phish"):
        if worst in threats:
            return worst
    if "spam" in threats:
        return "high" if int(one["spamConfidenceLevel"]) >= 7 else "spam"
    return "bulk"


def recount(world: World) -> Figures:
    since, until = world.settled  # what is taken back is so after two hours
    low, high = (f"{each:%Y-%m-%dT%H:%M:%SZ}" for each in (since, until))
    path = f"security/collaboration/analyzedEmails?startTime={low}&endTime={high}&$top=1000"
    caught = [
        one for one in world.told.objects(path)
        if set(one["threatTypes"]) - {"none"} or int(one["bulkComplaintLevel"]) >= _BULK
    ]  # fmt: skip
    ids = {one["id"] for one in caught}
    rows = [row for row in world.answered("spam") if since <= row["received_at"] < until]
    yield "messages", {row["id"] for row in rows}, ids
    yield "verdicts", Counter(row["spam_verdict"] for row in rows), Counter(map(_verdict, caught))
