"""The day: sign-ins that succeeded and messages of each licensed member."""

from collections import Counter

from tests.truth.world import Figures, World


def recount(world: World) -> Figures:
    rows = world.answered("daily")
    day = world.told.lines("getOffice365ActiveUserDetail(period='D7')")[0]["Report Refresh Date"]
    people = {
        one["id"]: one["userPrincipalName"]
        for one in world.has("users")
        if one["accountEnabled"] and one["userType"] == "Member" and one["assignedLicenses"]
    }
    yield "days", {str(row["report_date"]) for row in rows}, {day}
    signed = Counter(
        one["userId"]
        for one in world.has("sign_ins")
        if one["createdDateTime"].startswith(day) and one["status"]["errorCode"] == 0
    )
    told = {row["id"]: row["daily_sign_in_count"] for row in rows}
    yield "sign-ins", told, {own: signed[own] for own in people}
    lines = world.told.lines(f"getEmailActivityUserDetail(date={day})")
    sent = {
        line["User Principal Name"]: int(line["Send Count"]) + int(line["Receive Count"])
        for line in lines
    }
    mails = {row["id"]: row["daily_email_count"] for row in rows if row["daily_email_count"]}
    yield "mails", mails, {own: sent[name] for own, name in people.items() if sent.get(name)}
