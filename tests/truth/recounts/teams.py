"""Teams: what each person did in thirty days."""

from tests.truth.world import Figures, World


def recount(world: World) -> Figures:
    rows = {row["user_principal_name"]: row for row in world.answered("teams")}
    lines = {one["User Principal Name"]: one for one in world.lines("getTeamsUserActivityUserDetail(period='D30')")}  # fmt: skip
    chats = {
        own: int(one["Team Chat Message Count"]) + int(one["Private Chat Message Count"])
        for own, one in lines.items()
    }
    yield "chats", {own: row["chat_message_count"] for own, row in rows.items()}, chats
    actions = {own: chats[own] + int(one["Call Count"]) + int(one["Meeting Count"]) for own, one in lines.items()}  # fmt: skip
    yield "actions", {own: row["action_count"] for own, row in rows.items()}, actions
    active = {own: bool(number) for own, number in actions.items()}
    done = {own: row["usage_level"] != "none" for own, row in rows.items()}
    yield "levels", done, active
