"""A file of the PowerShell tool: what it is taken for, what of it is understood, and what is not, and why."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shared.core.past.headers import folded, place, reports_of, vocabularies
from shared.core.past.reading import Asked, Reading, digest_of
from shared.core.past.refused import Refused

LINES = Path(__file__).parents[2] / "catalog" / "reports" / "legacy"
TOKYO = ZoneInfo("Asia/Tokyo")
NAME = "日次レポート_20250719_060000.csv"
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp932")


def read(text: str | bytes, name: str = NAME, report: str | None = None) -> Reading:
    body = text.encode() if isinstance(text, str) else text
    reading = Reading(body, Asked(name=name, zone=TOKYO, report=report))
    reading.rows_read = list(reading.lines())  # type: ignore[attr-defined]
    return reading


def rows(text: str | bytes, name: str = NAME, report: str | None = None) -> list[dict[str, object]]:
    return [values for _, values in read(text, name, report).rows_read]  # type: ignore[attr-defined]


def refused(text: str | bytes, name: str = NAME, report: str | None = None) -> str:
    with pytest.raises(Refused) as error:
        read(text, name, report)
    return error.value.why


@pytest.mark.parametrize("key", list(vocabularies()))
def test_every_file_that_the_tool_is_known_to_have_written_is_known_again(key: str) -> None:
    """The golden header lines, which no vocabulary is made of."""
    for line in csv.reader((LINES / f"{key}.csv").read_text("utf-8").splitlines()):
        assert reports_of(line, "") == [key]
        assert [one.why for one in place(line, vocabularies()[key])] == [None] * len(line)


@pytest.mark.parametrize("key", list(vocabularies()))
def test_a_header_means_a_column_that_is_there(key: str) -> None:
    one = vocabularies()[key]
    named = {meaning.column for meaning in one.meanings.values()} - {None}
    assert named <= one.columns.keys()
    assert len(one.files) >= 2


@pytest.mark.parametrize(
    ("key", "headers"),
    [
        (
            "mailbox",
            "メールボックス,メールアドレス,部署,使用容量GB,削除済みGB,制限容量GB,使用率,アイテム数",
        ),
        (
            "license",
            "ライセンス種別,ユーザー名,部署,総ライセンス数,割当済ライセンス,利用可能ライセンス",
        ),
        ("users", "表示名,ユーザー名,メール,部署,役職,状態,場所,ライセンス,作成日,アカウント年齢"),
        (
            "performance",
            "Timestamp,Service,ResponseTime,Availability,ThroughputMbps,ErrorRate,Status",
        ),
        (
            "daily",
            "UserName,UserPrincipalName,Department,JobTitle,LastSignIn,DailyLogins,DailyEmails",
        ),
        (
            "external",
            "FileName,Owner,ExternalDomain,SharedEmail,ShareURL,ExpirationDate,DownloadCount",
        ),
        ("teams", "user_name,department,last_access,monthly_meeting_participation,usage_level"),
    ],
)
def test_the_other_vocabularies_are_known_by_their_headers_alone(key: str, headers: str) -> None:
    assert reports_of(headers.split(","), "") == [key]


def test_a_name_decides_where_headers_do_not() -> None:
    stub = "レポート種別,期間,アクティブユーザー数,新規ユーザー数,ライセンス使用率,主要アクティビティ,生成日時"
    assert reports_of(stub.split(","), "") == ["monthly", "weekly", "yearly"]
    assert refused(f"{stub}\n週次,7,12,3,80.2,x,2025-07-19\n", "x_20250719.csv") == "several"
    name = "Reports/Weekly/週次レポート_202507190600.csv"
    assert rows(f"{stub}\n週次,7,12,3,80.2,x,2025-07-19\n", name) == [
        {"weekly_active_users": 12, "new_user_count": 3, "license_usage_percent": 80.2}
    ]
    assert reports_of(["ファイル名", "所有者", "共有タイプ", "共有相手"], NAME) == ["sharing"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_any_encoding_and_separator_gives_the_same_rows(encoding: str, separator: str) -> None:
    lines = [
        ["ユーザー名", "ユーザープリンシパル名", "日次ログイン", "ステータス"],
        ["髙橋, 花子", "hanako@contoso.example", "1,234", "アクティブ"],
    ]
    text = "\r\n".join(separator.join(f'"{cell}"' for cell in line) for line in lines) + "\r\n"
    assert rows(text.encode(encoding)) == [
        {
            "user_name": "髙橋, 花子",
            "user_principal_name": "hanako@contoso.example",
            "daily_sign_in_count": 1234,
            "status": "active",
        }
    ]


def test_remarks_before_the_table_and_lines_that_are_none_are_left_out() -> None:
    text = (
        '#TYPE Selected."System.Management.Automation.PSCustomObject\n# 生成日時: x\nsep=;\n'
        "UserName;UserPrincipalName;DailyLogins\n"
        "A;a@x.example;3;\n"
        "UserName;UserPrincipalName;DailyLogins\n"
        "No Data Available;;\n"
        "B;b@x.example\n"
        "不明;N/A;取得エラー\n"
    )
    found = read(text)
    assert found.rows_read == [  # type: ignore[attr-defined]
        (5, {"user_name": "A", "user_principal_name": "a@x.example", "daily_sign_in_count": 3})
    ]
    assert found.told == [(6, "header"), (7, "no_data"), (8, "width"), (9, "nothing")]


@pytest.mark.parametrize(
    ("told", "instant"),
    [
        ("2025-07-19", "2025-07-18T15:00:00"),
        ("2025-07-19 06:30", "2025-07-18T21:30:00"),
        ("2025-07-19 06:30:15", "2025-07-18T21:30:15"),
        ("2025/7/19 6:30:15", "2025-07-18T21:30:15"),
        ("2025年7月19日", "2025-07-18T15:00:00"),
        ("2025-07-19T06:30:15.5Z", "2025-07-19T06:30:15.500000"),
        ("2025-07-19T06:30:15+0200", "2025-07-19T04:30:15"),
        ("45857.25", "2025-07-18T21:00:00"),
        ("07/19/2025", None),
        ("2025-02-30", None),
        ("99999999999", None),
    ],
)
def test_dates_are_local_time_where_they_say_no_offset(told: str, instant: str | None) -> None:
    found = read(f"DisplayName,UserPrincipalName,CreationDate\nA,a@x.example,{told}\n")
    ((_, values),) = found.rows_read  # type: ignore[attr-defined]
    moment = None if instant is None else datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert values.get("created_at") == moment
    assert dict(found.columns[2].unread) == ({} if instant else {"timestamp": 1})


@pytest.mark.parametrize(
    ("header", "told", "column", "value"),
    [
        ("使用容量GB", "1.5", "storage_used_mb", 1536.0),
        ("StorageUsedMB", "1.5 GB", "storage_used_mb", 1536.0),
        ("StorageUsedMB", "2,048.25", "storage_used_mb", 2048.25),
        ("使用率", "85.5%", "usage_rate", 85.5),
        ("使用率", "８５．５", "usage_rate", 85.5),
        ("アイテム数", "1234件", "item_count", 1234),
        ("アイテム数", "12.5", "item_count", "int"),
        ("アイテム数", "System.Object[]", "item_count", "object"),
        ("アイテム数", "=1+1", "item_count", "number"),
        ("使用率", "不明", "usage_rate", None),
        ("状態", "警告", "status", "warning"),
        ("状態", "WARNING", "status", "warning"),
        ("状態", "=cmd|'/c calc'!A1", "status", "=cmd|'/c calc'!A1"),
        ("作成日", "2025-07-19 00:30:00", "created_date", date(2025, 7, 19)),
    ],
)
def test_a_cell_is_what_the_column_holds(
    header: str, told: str, column: str, value: object
) -> None:
    body = f'メールボックス,メールアドレス,{header}\nA,a@x.example,"{told}"\n'
    found = read(body, "mailbox_20250719.csv")
    ((_, values),) = found.rows_read  # type: ignore[attr-defined]
    if value in ("int", "object", "number"):
        assert (column in values, dict(found.columns[2].unread)) == (False, {value: 1})
    else:
        assert values.get(column) == value


def test_a_column_that_comes_twice_counts_once_and_odd_names_do_no_harm() -> None:
    long = "あ" * 10_000
    head = f"UserName,ユーザー名,UserPrincipalName,\u202egnp.exe,{long}"
    found = read(f'{head}\n"]]>\u202e\u0007<x>",B,a@x.example,1,2\n')
    assert [one.why for one in found.columns] == [None, "twice", None, "unknown", "unknown"]
    assert max(len(one.header) for one in found.columns) <= 200
    ((_, values),) = found.rows_read  # type: ignore[attr-defined]
    assert values["user_name"] == "]]>\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}<x>"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (b"Status\r\nNo Data Available\r\n", "no_data"),
        (b"a,b,c\n1,2,3\n", "headers"),
        (b"\xfd\x81\x20\xff" * 9, "encoding"),
        ("UserName,UserPrincipalName\n山".encode()[:-1], "half"),
        (b'UserName,UserPrincipalName\nA,"a@x.exam', "half"),
        (b'UserName,UserPrincipalName\nA,"a"b@x.example\n', "csv"),
        ((",".join(["UserName"] * 300)).encode(), "columns"),
        (b"PK\x03\x04 no archive", "workbook"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(body: bytes, why: str) -> None:
    assert refused(body) == why


def test_millions_of_lines_are_refused_when_there_are_too_many_in_flat_memory() -> None:
    import tracemalloc

    body = b"UserName,UserPrincipalName\n" + b"A,a@x.example\n" * 200_001
    reading = Reading(body, Asked(name=NAME, zone=TOKYO))
    tracemalloc.start()
    with pytest.raises(Refused) as error:
        for _ in reading.lines():
            pass
    assert (error.value.why, error.value.line) == ("rows", 200_002)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_the_name_says_the_instant() -> None:
    told = {
        "DailyReport_20250719.html": ("2025-07-18T15:00:00", True),
        "daily_20250719_060000.csv": ("2025-07-18T21:00:00", False),
        "日次レポート_202507190600.csv": ("2025-07-18T21:00:00", False),
        "x_2025-07-19_06-00-05.csv": ("2025-07-18T21:00:05", False),
        "x_20251399.csv": (None, False),
        "YearlyReport_2025.csv": (None, False),
    }
    for name, (instant, day_only) in told.items():
        found = read("UserName,UserPrincipalName\nA,a@x.example\n", name, "daily")
        at = found.described_at and found.described_at.replace(tzinfo=None).isoformat()
        assert (at, found.day_only) == (instant, day_only), name


def test_another_byte_or_another_parameter_is_another_digest() -> None:
    asked = Asked(name=NAME, zone=TOKYO)
    digests = {
        digest_of(b"a", asked),
        digest_of(b"b", asked),
        digest_of(b"a", Asked(name="x", zone=TOKYO)),
        digest_of(b"a", Asked(name=NAME, zone=ZoneInfo("UTC"))),
        digest_of(b"a", Asked(name=NAME, zone=TOKYO, report="daily")),
    }
    assert len(digests) == 5
    assert digest_of(b"a", asked) == digest_of(b"a", Asked(name=NAME, zone=TOKYO))


def test_only_own_addresses_tell_whose_file_it_is() -> None:
    found = read(
        "UserName,UserPrincipalName\nA,a@Contoso.example\nB,b_x.org#EXT#@fabrikam.example\n"
    )
    assert dict(found.domains) == {"contoso.example": 1}
    sent = read(
        "DateTime,Sender,Recipient,Subject\n2025-07-19,a@x.example,b@y.example,z\n",
        "mailflow_20250719.csv",
        "mailflow",
    )
    assert dict(sent.domains) == {}


def test_width_and_case_of_a_header_do_not_count() -> None:
    assert (
        folded("ストレージ使用量 （ＭＢ）")
        == folded("ストレージ使用量(mb)")
        == "ストレージ使用量(mb)"
    )
