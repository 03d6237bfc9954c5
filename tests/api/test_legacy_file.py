"""The file of the PowerShell tool: complete header lines, compared with the tool's own.

`tests/catalog/reports/legacy/<key>.csv` holds the first line of each of its files, English then Japanese.
"""

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import Engine

from shared.core import registry
from shared.core.text import LANGS, Lang
from tests.api.conftest import TENANT, Api
from tests.fixtures.seed import collect
from tests.render.reading import Seen

pytestmark = pytest.mark.stack

LINES = Path(__file__).parent.parent / "catalog" / "reports" / "legacy"
KNOWN = sorted(file.stem for file in LINES.glob("*.csv"))
PATH = f"/v1/tenants/{TENANT}/reports"
STYLES: tuple[dict[str, str], ...] = ({}, {"compat": "powershell"})


def first_line(api: Api, key: str, **query: str) -> str:
    return file_of(api, key, query).split("\r\n")[0]


def file_of(api: Api, key: str, query: Mapping[str, str]) -> str:
    answer = api.send("GET", f"{PATH}/{key}", {"format": "csv", **query})
    assert answer.status == 200, answer.json
    return answer.body.decode("utf-8-sig")


@pytest.mark.parametrize(("key", "lang"), list(product(KNOWN, LANGS)))
def test_the_header_line_is_the_one_of_the_powershell_tool(api: Api, key: str, lang: Lang) -> None:
    english, japanese = (LINES / f"{key}.csv").read_text("utf-8").splitlines()
    line = first_line(api, key, compat="powershell", lang=lang)
    assert line == (japanese if lang == "ja" else english)


def test_every_report_of_the_powershell_tool_is_compared() -> None:
    declared = [key for key in registry.report_keys() if registry.report(key).legacy]
    assert set(declared) == set(KNOWN)


@pytest.mark.parametrize("key", registry.report_keys())
def test_no_two_columns_of_a_file_have_one_name(api: Api, key: str) -> None:
    everything = ",".join(column.id for column in registry.report(key).columns)
    for lang, style, select in product(LANGS, STYLES, ({}, {"select": everything})):
        (names,) = csv.reader([first_line(api, key, lang=lang, **style, **select)])
        twice = {name for name in names if names.count(name) > 1}
        assert not twice, (lang, style, select)


@pytest.mark.parametrize("key", registry.report_keys())
def test_a_legacy_file_names_columns_that_exist_each_once(key: str) -> None:
    report = registry.report(key)
    known = {column.id for column in report.columns}
    for file in [report.legacy.of(lang) for lang in LANGS] if report.legacy else []:
        assert set(file.values()) <= known
        assert len(set(file.values())) == len(file)


def test_each_value_stands_under_its_own_header(api: Api, app_engine: Engine) -> None:
    drive = {
        "id": "d1",
        "owner_display_name": "佐藤 花子",
        "owner_principal_name": "hanako.sato@contoso.example",
        "storage_used_bytes": 3 * 1024**3,
        "storage_allocated_bytes": 4 * 1024**3,
        "file_count": 7,
        "last_activity_date": date(2026, 11, 20),
    }
    collect(app_engine, TENANT, "onedrive_usage", [drive], report_date=date(2026, 11, 26))
    text = file_of(api, "storage", {"compat": "powershell", "lang": "ja"})
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row == {
        "ユーザー名": "佐藤 花子",
        "部署": "",
        "ライセンス": "",
        "割り当て容量": "4",
        "使用容量": "3",
        "使用率": "75",
        "残り容量": "1",
        "使用量ステータス": "要注意",
        "最終更新日": "2026-11-20",
    }


def test_a_file_is_called_as_the_powershell_tool_called_it(api: Api) -> None:
    """Its own name of the report, or the title with underscores; to the second, by the clocks of the zone."""
    for key, name, title in (
        ("users", "UserList", "ユーザー一覧"),
        ("mailflow", "MailFlowAnalysis", "メールフロー分析"),
    ):
        asked = {
            "format": "csv",
            "compat": "powershell",
            "lang": "ja",
            "timeZone": "Pacific/Kiritimati",
        }
        answer = api.send("GET", f"{PATH}/{key}", asked)
        made = datetime.fromisoformat(answer.headers["Kanri-Generated-At"]) + timedelta(hours=14)
        stamp = f"{made:%Y%m%d_%H%M%S}"
        plain, _, titled = answer.headers["Content-Disposition"].partition("; filename*=UTF-8''")
        assert plain == f'attachment; filename="{name}_{stamp}.csv"'
        assert unquote(titled) == f"{title}_{stamp}.csv"
    english = api.send("GET", f"{PATH}/mailflow", {"format": "csv", "compat": "powershell"})
    assert "Mail_flow_analysis_" in english.headers["Content-Disposition"]
    neutral = api.send("GET", f"{PATH}/mailflow", {"format": "csv"})
    assert 'filename="mailflow_' in neutral.headers["Content-Disposition"]


def test_every_file_has_a_place_of_its_own() -> None:
    """The layout of folders that the PowerShell tool had: catalogue of the 26 reports, 3.6."""
    former = [registry.report(key).powershell for key in KNOWN]
    paths = [file.path for file in former if file is not None]
    assert len(set(paths)) == len(KNOWN) == 26
    kinds = ("Daily", "Weekly", "Monthly", "Yearly")
    analyses = ("License", "Usage", "Performance", "Security", "Permission")
    assert {path.rpartition("/")[0] for path in paths} == {
        *(f"Reports/{kind}" for kind in kinds),
        *(f"Analysis/{kind}" for kind in analyses),
        "EntraIDManagement",
        "ExchangeOnlineManagement",
        "TeamsManagement",
        "OneDriveManagement",
        "General",
    }


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_has_the_cells_of_the_csv(api: Api, app_engine: Engine, lang: Lang) -> None:
    """PostgreSQL writes the CSV, Python the page: numbers, days, instants and words come out alike."""
    drives = [
        {
            "id": f"d{n}",
            "owner_display_name": name,
            "storage_used_bytes": used,
            "storage_allocated_bytes": 4 * 1024**4,
            "file_count": n * 12_345,
            "last_activity_date": date(2026, 11, 20),
        }
        for n, (name, used) in enumerate(
            {"佐藤 花子": 3 * 1024**4, "O'Neil": 1, "Ann": None}.items()
        )
    ]
    collect(app_engine, TENANT, "onedrive_usage", drives, report_date=date(2026, 11, 26))
    people = [
        {"id": "u1", "display_name": "高橋", "account_enabled": True, "created_at": created}
        for created in [datetime(2026, 3, 4, 15, 6, 7, 890_000, UTC)]
    ]
    collect(app_engine, TENANT, "users", people)
    for key in ("storage", "users"):
        every = ",".join(column.id for column in registry.report(key).columns)
        for further in ({}, {"select": every}):
            asked = {"compat": "powershell", "lang": lang, **further}
            lines = [*csv.reader(io.StringIO(file_of(api, key, asked), newline=""))]
            answer = api.send("GET", f"{PATH}/{key}", {"format": "html", **asked})
            assert answer.status == 200, answer.json
            assert Seen(answer.body, None).rows == lines, key
            assert len(lines) > 1
