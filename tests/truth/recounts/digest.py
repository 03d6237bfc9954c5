"""The digest: people, licences, roles, risks, messages and scores as the tenant itself tells them."""

from datetime import timedelta
from fractions import Fraction

from shared.core import clock
from tests.truth.world import Close, Figures, World, at, rounded


def recount(world: World) -> Figures:
    rows = {row["id"]: row for row in world.answered("digest")}
    now, week = {own: row["value"] for own, row in rows.items()}, timedelta(days=7)
    since, users = clock.now() - week, world.has("users")
    members = {one["id"] for one in users if one["accountEnabled"] and one["userType"] == "Member"}
    yield "accounts", now["accounts"], len(users)
    yield "members", now["enabled_members"], len(members)
    yield "guests", now["guests"], sum(one["userType"] == "Guest" for one in users)
    new = sum(at(one["createdDateTime"]) > since for one in users)
    yield "new", now["new_accounts"], new
    listed = [one["isMfaRegistered"] for one in world.has("registrations") if one["id"] in members]
    yield "mfa", now["mfa_registered"], rounded(Fraction(100 * sum(listed), len(listed)))
    skus = [one for one in world.told.objects("subscribedSkus") if one["capabilityStatus"] == "Enabled"]  # fmt: skip
    yield "bought", now["licences_bought"], sum(one["prepaidUnits"]["enabled"] for one in skus)
    yield "used", now["licences_used"], sum(one["consumedUnits"] for one in skus)
    people = {one["id"] for one in users}
    holders = {one["principalId"] for one in world.has("role_assignments")} & people
    yield "roles", now["role_holders"], len(holders)
    results = [(one["status"]["errorCode"], one["userId"]) for one in world.has("sign_ins") if at(one["createdDateTime"]) > since]  # fmt: skip
    yield "signed in", now["sign_ins_succeeded"], sum(code == 0 for code, _ in results)
    said = {row["id"]: row["result"] for row in world.answered("signin", period=7)}
    for own, name in (("sign_ins_failed", "failure"), ("sign_ins_interrupted", "interrupted")):
        yield own, now[own], list(said.values()).count(name)
    tried = now["sign_ins_succeeded"] + now["sign_ins_failed"] + now["sign_ins_interrupted"]
    yield "sign-ins", tried, len(results)
    yield "people", now["signed_in_people"], len({who for code, who in results if code == 0})
    # Who had been there before the first reading is not known, so nobody is known to be gone.
    gone = rows["deleted_accounts"]
    yield "deleted", (gone["value"], gone["gap"]), (None, "begins_later")
    issues = [at(one["startDateTime"]) for one in world.has("issues") if one["classification"] == "incident"]  # fmt: skip
    yield "issues", now["service_incidents"], sum(began > since for began in issues)
    before = rows["service_incidents"]["previous_value"]
    yield "issues before", before, sum(since - week < began <= since for began in issues)
    alerts = [at(one["createdDateTime"]) for one in world.told.objects("security/alerts_v2")]
    yield "alerts", now["new_alerts"], sum(began > since for began in alerts)
    days = sorted(world.told.lines("getEmailActivityCounts(period='D30')"), key=lambda day: day["Report Date"])  # fmt: skip
    for own, name in (("mails_sent", "Send"), ("mails_received", "Receive")):
        counts = [int(day[name]) for day in days]
        yield own, (now[own], rows[own]["previous_value"]), (sum(counts[-7:]), sum(counts[-14:-7]))
    scores = {one["createdDateTime"]: 100 * one["currentScore"] / one["maxScore"] for one in world.told.objects("security/secureScores?$top=90")}  # fmt: skip
    yield "score", now["secure_score"], Close(scores[max(scores)], 0.02)
    earlier = max(day for day in scores if at(day) <= since)
    yield "score before", rows["secure_score"]["previous_value"], Close(scores[earlier], 0.02)
