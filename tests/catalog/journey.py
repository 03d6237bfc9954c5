"""Runs in a copy of the tree that has one collector, report and format more: schedule, collect, report."""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.format import FORMATS
from shared.core.query import Order, ReportQuery
from shared.core.question import read_question
from shared.core.registry import of, report
from shared.core.settings import read_settings
from shared.store.answers.reports import Reports
from shared.store.registers.api_keys import ApiKeys
from shared.usecases.dispatch import dispatch
from shared.usecases.read_report import open_report
from tests.api.conftest import Api
from tests.api.doors import Doors
from tests.properties.world import World, small_world


def main(owner_url: str, sandbox: SandboxReady) -> None:
    """Print what the timer claimed, the state of the run, the rows of the report, the API's paths."""
    admin = SandboxAdmin(sandbox.admin_url, sandbox.ca_file, sandbox.admin_token)
    with small_world(owner_url, sandbox, admin, 0) as world:
        claimed = {
            one.message.subject: one.message for one in dispatch(world.doors.runs, clock.now())
        }
        world.deliver(claimed["outages"])
        spec = report("incidents")
        query = ReportQuery(
            as_of=None,
            columns=tuple(column.id for column in spec.columns),
            order=(Order("started_at", descending=True), Order("id")),
            top=1000,
        )
        with Reports(world.engine).snapshot(world.tenant_id) as snapshot:
            page = snapshot.page(spec, query)
        form, now = of(FORMATS)["lines"], clock.now()
        question = read_question({"format": "lines"}, spec, "en", now)
        with open_report(Reports(world.engine), world.tenant_id, question, now) as opened:
            assert form.whole is not None
            written = b"".join(form.whole(opened.about, opened.rows())).splitlines()
        found = {
            "state": world.state("outages"),
            "collected": sorted(world.rows("outages")),
            "reported": sorted(str(row[0]) for row in page.rows),
            "written": sorted(json.loads(line)[0] for line in written[1:]),
            "refused": asked_with(world, "report:read"),
            "allowed": asked_with(world, "report:read", "health:read"),
            "truth": sorted(world.admin.journal("issues", str(world.tenant_id))["objects"]),
            "here": Path(sys.modules["shared"].__file__ or "").parent.parent.samefile(Path.cwd()),
        }
    print(json.dumps(found))  # noqa: T201


def asked_with(world: World, *permissions: str) -> list[object]:
    """Ask the API with a key: whether the report is in the list, and the status of the report."""
    doors = Doors(world.engine, read_settings(world.environment))
    plain, _ = ApiKeys(doors.engine).create(
        "journey",
        environment="test",
        permissions=permissions,
        tenant_ids=None,
        expires_at=clock.now() + timedelta(hours=1),
    )
    api, path = Api(doors, {"x-api-key": plain}), f"/v1/tenants/{world.tenant_id}/reports"
    listed = {entry["report"] for entry in api.get(path).json["reports"]}
    answer = api.get(f"{path}/incidents")
    return ["incidents" in listed, answer.status, answer.json.get("code")]


if __name__ == "__main__":
    import msgspec

    main(
        os.environ["OWNER_URL"], msgspec.json.decode(os.environ["SANDBOX_READY"], type=SandboxReady)
    )
