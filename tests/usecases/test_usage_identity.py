"""Usage files from end to end: every line is a row, a date is what its newest file says, no hashes."""

import pytest
from sqlalchemy import Engine, text

from infra.local.sandbox.client import SandboxAdmin
from shared.core import clock, registry
from shared.core.query import Order, ReportQuery
from shared.store.answers.reports import Reports
from shared.store.schema.dataset_tables import SCHEMA
from shared.store.session.sessions import tenant_session
from tests.fixtures.collecting import Bench
from tests.usecases.usage_lines import (
    MAILBOX,
    ONEDRIVE,
    TEAMS,
    Reading,
    drive,
    file_of,
    mailbox,
    teams,
)

pytestmark = pytest.mark.stack


@pytest.fixture
def reading(bench: Bench, sandbox_admin: SandboxAdmin) -> Reading:
    """A bench that reads files of the test's own, more often than Graph would allow."""
    sandbox_admin.throttle(1.0)
    return Reading(bench, sandbox_admin)


def test_mailboxes_without_a_name_are_rows_and_those_that_look_alike_are_counted(
    reading: Reading,
) -> None:
    unknown = mailbox("(Unknown)")
    row = reading.read(
        "mailbox_usage", file_of(MAILBOX, unknown, mailbox("ann@x.example"), unknown, unknown)
    )
    found = reading.answer("mailbox")
    assert [box["storage_used_mb"] for box in found] == [10_240.0] * 4
    assert sorted(str(box["email"]) for box in found) == ["(Unknown)"] * 3 + ["ann@x.example"]
    assert (row.state, row.cause, row.rows) == ("ok", "rows_alike", 4)
    assert row.cause_detail is not None
    assert "3" in row.cause_detail
    assert "ann@x.example" in reading.ids("mailbox_usage")
    before = reading.ids("mailbox_usage")
    other_order = file_of(MAILBOX, unknown, unknown, unknown, mailbox("ann@x.example"))
    again = reading.read("mailbox_usage", other_order)
    assert (again.counts.unchanged, again.counts.inserted, again.counts.closed) == (4, 0, 0)
    assert reading.ids("mailbox_usage") == before


def test_what_the_file_tells_apart_is_not_called_alike(reading: Reading) -> None:
    lines = (mailbox("(Unknown)", created=f"2025-01-0{day}", used=day) for day in (1, 2, 3))
    row = reading.read("mailbox_usage", file_of(MAILBOX, *lines))
    assert (row.state, row.cause, row.rows) == ("ok", None, 3)
    ids = reading.ids("mailbox_usage")
    back = (mailbox("(Unknown)", created=f"2025-01-0{day}", used=day) for day in (3, 2))
    row = reading.read("mailbox_usage", file_of(MAILBOX, *back))
    assert (row.counts.unchanged, row.counts.closed) == (2, 1)
    assert reading.ids("mailbox_usage") < ids


@pytest.mark.parametrize("turned", [False, True])
def test_a_name_given_again_is_two_mailboxes_of_which_the_living_keeps_it(
    reading: Reading, turned: bool
) -> None:
    lines = [
        mailbox("ann@x.example", created="2026-11-01", used=7 * 1024**2),
        mailbox("ann@x.example", created="2019-04-01", deleted="2026-10-30"),
    ]
    row = reading.read("mailbox_usage", file_of(MAILBOX, *(reversed(lines) if turned else lines)))
    assert (row.state, row.cause, row.rows) == ("ok", None, 2)
    [living] = reading.answer("mailbox")
    assert (living["id"], living["storage_used_mb"]) == ("ann@x.example", 7.0)


def test_drives_without_owner_or_address_are_rows(reading: Reading) -> None:
    row = reading.read(
        "onedrive_usage",
        file_of(
            ONEDRIVE,
            drive("site-1", "", ""),
            drive("site-2", "", ""),
            drive("site-3", "https://x/3", "ann@x.example"),
            drive("", "https://x/4", ""),
            drive("", "", "ben@x.example"),
            drive("", "", ""),
            drive("00000000-0000-0000-0000-000000000000", "", "", used=2),
        ),
    )
    assert (row.state, row.cause, row.rows, row.counts.rejected) == ("ok", "rows_alike", 7, 0)
    found = reading.answer("storage")
    assert len(found) == 7
    assert {"site-1", "site-2", "site-3", "https://x/4", "ben@x.example"} < reading.ids(
        "onedrive_usage"
    )


def test_people_of_teams_without_an_id_are_rows(reading: Reading) -> None:
    lines = (teams("", "ann@x.example"), teams("", "ben@x.example"), teams("", "(Unknown)"))
    row = reading.read("teams_user_activity", file_of(TEAMS, *lines, teams("u-1", "(Unknown)")))
    assert (row.state, row.rows, row.counts.rejected) == ("ok", 4, 0)
    assert {item["user_name"] for item in reading.answer("teams")} == {
        "ann@x.example",
        "ben@x.example",
        "(Unknown)",
    }


def test_a_complete_read_of_a_date_is_that_date_and_the_past_keeps_the_former(
    reading: Reading,
) -> None:
    old_day = file_of(
        MAILBOX, mailbox("ann@x.example", day="26"), mailbox("leaver@x.example", day="26")
    )
    reading.read("mailbox_usage", old_day)
    reading.read("mailbox_usage", file_of(MAILBOX, mailbox("ann@x.example"), mailbox("(Unknown)")))
    between = clock.now()
    row = reading.read(
        "mailbox_usage", file_of(MAILBOX, mailbox("ann@x.example"), mailbox("new.hire@x.example"))
    )
    assert (row.counts.inserted, row.counts.closed, row.rows) == (1, 1, 2)
    assert {box["email"] for box in reading.answer("mailbox")} == {
        "ann@x.example",
        "new.hire@x.example",
    }
    with Reports(reading.bench.engine).snapshot(reading.bench.tenant_id) as snapshot:
        question = ReportQuery(as_of=between, columns=("email",), order=(Order("email"),), top=9)
        past = snapshot.page(registry.report("mailbox"), question).rows
    assert past == [("(Unknown)",), ("ann@x.example",)]
    assert days_of(reading.bench.engine, reading.bench) == {"2026-11-26": 2, "2026-11-27": 2}
    late = reading.read("mailbox_usage", file_of(MAILBOX, mailbox("ann@x.example", day="26")))
    assert (late.counts.closed, late.rows, late.report_date) == (1, 2, "2026-11-27")


def days_of(engine: Engine, bench: Bench) -> dict[str, int]:
    query = (
        f"SELECT report_date::text, count(*) FROM {SCHEMA}.mailbox_usage"
        " WHERE valid_to IS NULL GROUP BY 1"
    )
    with tenant_session(engine, bench.tenant_id) as connection:
        return {str(day): int(rows) for day, rows in connection.execute(text(query))}


def test_a_read_with_a_bad_line_closes_nothing(reading: Reading) -> None:
    reading.read(
        "mailbox_usage", file_of(MAILBOX, mailbox("ann@x.example"), mailbox("ben@x.example"))
    )
    bad = mailbox("cem@x.example").replace("False", "perhaps")
    row = reading.read("mailbox_usage", file_of(MAILBOX, mailbox("ann@x.example"), bad))
    assert (row.state, row.cause, row.counts.closed) == ("partial", "rows_rejected", 0)
    assert reading.ids("mailbox_usage") == {"ann@x.example", "ben@x.example"}


def test_a_file_of_two_dates_is_complete_for_neither(reading: Reading) -> None:
    both = (mailbox("ann@x.example"), mailbox("ben@x.example"))
    reading.read("mailbox_usage", file_of(MAILBOX, *both))
    older = (mailbox("cem@x.example", day="26"), mailbox("dan@x.example", day="26"))
    reading.read("mailbox_usage", file_of(MAILBOX, *older))
    mixed = file_of(MAILBOX, both[0], mailbox("cem@x.example", day="26"))
    row = reading.read("mailbox_usage", mixed)
    assert (row.state, row.cause, row.counts.closed) == ("partial", "dates_differ", 0)
    assert row.cause_detail is not None
    assert "2026-11-26, 2026-11-27" in row.cause_detail
    assert days_of(reading.bench.engine, reading.bench) == {"2026-11-26": 2, "2026-11-27": 2}
    assert reading.coverage("mailbox_usage").cause == "dates_differ"


HASH = "4A3BD27BC5E5EC209A8897A9E92D775A"
PII = "<PII:H105(Zm9vYmFy)>@x.example"


@pytest.mark.parametrize("name", [HASH, HASH.lower(), PII])
def test_no_row_is_stored_under_a_hash_whatever_the_setting_says(
    reading: Reading, name: str
) -> None:
    reading.read("mailbox_usage", file_of(MAILBOX, mailbox("ann@x.example", day="26")))
    row = reading.read("mailbox_usage", file_of(MAILBOX, mailbox(name), mailbox(name, used=1)))
    assert (row.state, row.cause, row.counts.inserted) == ("partial", "names_concealed", 0)
    assert [box["email"] for box in reading.answer("mailbox")] == ["ann@x.example"]


@pytest.mark.parametrize(
    ("dataset", "body"),
    [
        ("mailbox_usage", file_of(MAILBOX, mailbox("ann@x.example"), mailbox(HASH))),
        (
            "onedrive_usage",
            file_of(ONEDRIVE, drive("s1", "", "ann@x.example"), drive("s2", "", PII)),
        ),
        ("teams_user_activity", file_of(TEAMS, teams("u1", "ann@x.example"), teams("u2", HASH))),
    ],
)
def test_names_among_hashes_are_stored_and_the_hashes_counted(
    reading: Reading, dataset: str, body: str
) -> None:
    row = reading.read(dataset, body)
    assert (row.state, row.cause) == ("partial", "names_concealed")
    assert (row.counts.inserted, row.counts.rejected) == (1, 1)
    [raw] = reading.bench.current(dataset).values()
    assert "ann@x.example" in raw.values()


def test_a_header_without_lines_after_good_days_does_not_make_them_younger(
    reading: Reading,
) -> None:
    good = reading.read("mailbox_usage", file_of(MAILBOX, mailbox("ann@x.example")))
    row = reading.read("mailbox_usage", file_of(MAILBOX))
    assert (row.state, row.cause, row.complete_at) == ("partial", "report_empty", None)
    coverage = reading.coverage("mailbox_usage")
    assert (coverage.complete_at, coverage.report_date) == (good.complete_at, "2026-11-27")
    assert [box["email"] for box in reading.answer("mailbox")] == ["ann@x.example"]


def test_a_header_without_lines_is_all_there_is_where_there_never_was_more(
    reading: Reading,
) -> None:
    row = reading.read("mailbox_usage", file_of(MAILBOX))
    assert (row.state, row.cause, row.rows) == ("ok", None, 0)
    assert row.complete_at is not None


WHOLE = file_of(MAILBOX, mailbox("ann@x.example"), mailbox("ben@x.example"))
ACTIVE = (
    "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Has Exchange License,"
    "Has OneDrive License,Has SharePoint License,Has Teams License,Exchange Last Activity Date,"
    "OneDrive Last Activity Date,SharePoint Last Activity Date,Teams Last Activity Date,"
    "Assigned Products"
)
ANN = "2026-11-27,ann@x.example,Ann,False,True,True,True,True,,,,,MICROSOFT 365 E3"


@pytest.mark.parametrize(
    ("dataset", "whole", "cut"),
    [
        ("mailbox_usage", WHOLE, WHOLE[:-3]),
        ("active_users", file_of(ACTIVE, ANN), file_of(ACTIVE, ANN)[:-5]),
        ("active_users", file_of(ACTIVE, ANN), file_of(ACTIVE, ANN)[:-18]),
        (
            "teams_user_activity",
            file_of(TEAMS, teams("u", "a@x")),
            file_of(TEAMS, teams("u", "a@x"))[:-3],
        ),
    ],
)
def test_a_file_cut_inside_its_last_cell_is_asked_for_again_and_never_believed(
    reading: Reading, dataset: str, whole: str, cut: str
) -> None:
    good = reading.read(dataset, whole)
    before = reading.bench.current(dataset)
    assert good.state == "ok"
    row = reading.read(dataset, cut)
    assert (row.state, row.cause, row.counts.rejected) == ("partial", "rows_rejected", 1)
    assert row.counts.closed == 0
    assert reading.bench.current(dataset) == before


def test_a_last_line_without_an_end_is_whole_if_its_period_is(reading: Reading) -> None:
    row = reading.read("mailbox_usage", WHOLE[:-2])
    assert (row.state, row.rows) == ("ok", 2)
