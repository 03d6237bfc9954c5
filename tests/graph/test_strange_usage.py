"""Usage files as no sample shows them: headers, cells and dates that are written otherwise."""

from io import BytesIO

import pytest

from shared.core.errors import MalformedAnswer
from shared.core.registry import collector
from shared.graph.decoding.usage_files import UsageTable, read_usage_csv

HEADER = ["Report Refresh Date", *(column.source for column in collector("mailbox_usage").columns)]
DATA = {"Report Refresh Date": "2026-11-27", "User Principal Name": "ann@x.example"}


def table(*lines: dict[str, str], header: list[str] | None = None, end: str = "\r\n") -> UsageTable:
    names = header or HEADER
    texts = [
        ",".join(names),
        *(",".join((DATA | line).get(n, "") for n in HEADER) for line in lines),
    ]
    body = "\ufeff" + "".join(text + end for text in texts)
    return read_usage_csv(collector("mailbox_usage"), BytesIO(body.encode()))


def told(*lines: dict[str, str], header: list[str] | None = None) -> list[dict[str, object]]:
    names = [column.name for column in collector("mailbox_usage").columns]
    return [
        dict(zip(names, row, strict=True))
        for rows in table(*lines, header=header).batches
        for row in rows.values
    ]


@pytest.mark.parametrize("spelled", [str.upper, str.lower, str.title, lambda name: f" {name} "])
def test_headers_may_be_written_in_other_letters(spelled: object) -> None:
    assert callable(spelled)
    header = [str(spelled(name)) for name in HEADER]
    line = {"Item Count": "5", "Is Deleted": "True", "Has Archive": "yes"}
    (row,) = told(line, header=header)
    assert (row["item_count"], row["is_deleted"], row["has_archive"]) == (5, True, True)


@pytest.mark.parametrize("name", ["Item Count", "User Principal Name", "Report Refresh Date"])
def test_a_column_that_is_there_twice_is_not_guessed(name: str) -> None:
    header = [name.upper() if one == "Recipient Type" else one for one in HEADER]
    with pytest.raises(MalformedAnswer, match="graph_malformed"):
        table({}, header=header)


@pytest.mark.parametrize("never", ["0001-01-01", "1601-01-01", "", "  "])
def test_a_date_that_stands_for_never_is_none(never: str) -> None:
    (row,) = told({"Last Activity Date": never, "Item Count": " 7 "})
    assert (row["last_activity_date"], row["item_count"]) == (None, 7)


@pytest.mark.parametrize("ahead", ["2999-01-01", "9999-12-31", "0001-01-01"])
def test_a_line_of_a_day_that_cannot_be_does_not_become_the_newest_report(ahead: str) -> None:
    (rows,) = table({}, {"Report Refresh Date": ahead, "User Principal Name": "b@x"}).batches
    assert (rows.ids, len(rows.rejected)) == (["ann@x.example"], 1)


@pytest.mark.parametrize("cell", ["1_000", "\uff11\uff12", "\u0665", "1,000", "5.0", "0x10", "1 0"])
def test_a_number_that_only_python_reads_is_none(cell: str) -> None:
    (rows,) = table({"Item Count": f'"{cell}"'}).batches
    assert rows.ids == []
    assert [line.cause for line in rows.rejected] == ["Item Count is not of type int"]


@pytest.mark.parametrize("column", ["Last Activity Date", "Report Refresh Date"])
@pytest.mark.parametrize("cell", ["20261127", "2026-W48-5", "11/27/2026", "2026-11-27T00:00:00"])
def test_a_date_is_written_as_microsoft_writes_it(column: str, cell: str) -> None:
    (rows,) = table({column: cell}).batches
    assert rows.ids == []
    assert all(cell not in str(line.cause) for line in rows.rejected)


def test_a_line_that_is_shifted_tells_nobodys_name_in_its_cause() -> None:
    (rows,) = table({"Report Refresh Date": "hanako.sato@contoso.com"}).batches
    assert (rows.ids, [line.cause for line in rows.rejected]) == ([], ["has no date that can be"])


def test_a_deleted_mailbox_is_told_from_its_successor_however_its_cell_is_padded() -> None:
    (rows,) = table({"Is Deleted": " True "}, {"Is Deleted": " False "}).batches
    assert sorted(rows.ids) == ["ann@x.example", "ann@x.example/ True "]
