"""The self-test: how long each collection took, how it ended, and whether names are concealed."""

from datetime import timedelta
from fractions import Fraction

from tests.truth.world import Figures, World, rounded


def recount(world: World) -> Figures:
    rows = {row["id"]: row for row in world.answered("test")}
    words = {"ok": "success", "failed": "failure", "not_licensed": "not_licensed"}
    took, ended = {}, {}
    for row in rows:
        if row.startswith("collect:"):
            [last] = world.bench.runs.ledger(world.tenant_id, row.partition(":")[2], limit=1)
            took[row] = rounded(
                Fraction((last.finished_at - last.started_at) / timedelta(microseconds=1)) / 10**6,
                3,
            )
            ended[row] = words[last.state]
    yield "seconds", {own: rows[own]["duration_s"] for own in took}, took
    yield "results", {own: rows[own]["result"] for own in ended}, ended
    concealed = world.admin.tenant()["concealNames"]
    yield "names", rows["setting:concealed_names"]["result"], "warning" if concealed else "success"
