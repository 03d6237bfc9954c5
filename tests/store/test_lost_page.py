"""Pages do not wait for the server's disk: one that a crash of the server takes is read again."""

import psycopg
import pytest

from shared.core.errors import Superseded
from shared.store.datasets.checkpoints import held_run
from shared.store.session.sessions import tenant_session
from shared.store.work.run_records import Run
from tests.store.catalogue import PEOPLE_REPORT
from tests.store.tenant_data import TenantData, minute, page

pytestmark = pytest.mark.stack

ANN, BOB = (
    page("people", [{"id": "a", "name": "Ann"}]),
    page("people", [{"id": "b", "name": "Bob"}]),
)
_WAITS = "SELECT current_setting('synchronous_commit')"


def lose_the_page(owner_url: str, version: int) -> None:
    """Leave what the server would find after a crash: all as it was before the page."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("DELETE FROM data.people")
        owner.execute(
            "UPDATE kanri.work_state SET version = %s, data_version = 0, rows = 0, read = 0,"
            " inserted = 0, run_checkpoint = NULL WHERE subject = 'people'",
            [version],
        )


def test_what_holds_a_run_does_not_wait_for_the_disk_and_all_else_does(tenant: TenantData) -> None:
    run = tenant.open("people")
    with held_run(tenant.engine, run) as held:
        assert held.execute(_WAITS).fetchone() == ("off",)
    with tenant_session(tenant.engine, tenant.tenant_id) as connection:
        assert connection.exec_driver_sql(_WAITS).scalar_one() == "on"


def test_a_lost_page_is_stored_again_by_whoever_opens_the_run(
    tenant: TenantData, owner_url: str
) -> None:
    message, loader = tenant.message("people"), tenant.loader("people")
    run = tenant.runs.open(message, minute(0))
    assert isinstance(run, Run)
    before = run.version
    loader.apply(run, ANN, observed_at=minute(0), checkpoint={"next": 1})
    told = tenant.standing("people").data_version
    lose_the_page(owner_url, before)
    with pytest.raises(Superseded):  # it would go on from a place that is not saved
        loader.apply(run, BOB, observed_at=minute(0), checkpoint={"next": 2})
    again = tenant.runs.open(message, minute(0))
    assert isinstance(again, Run)
    assert (again.checkpoint, again.counts.read) == (None, 0)
    loader.apply(again, BOB, observed_at=minute(0), checkpoint={"next": 1})
    assert [row[0] for row in tenant.ask(PEOPLE_REPORT, "name").rows] == ["Bob"]
    # Somebody may keep an answer that had Ann under what was told then.
    assert tenant.standing("people").data_version != told
