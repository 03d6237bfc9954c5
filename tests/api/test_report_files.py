"""What `kanri demo --out` saves: every report, format and language, and the PowerShell tool's files."""

import json
import re
from email.message import Message
from pathlib import Path

import pytest

from infra.cli.report_files import save_reports
from shared.core import registry
from shared.core.format import FORMATS
from shared.core.text import LANGS
from tests.api.conftest import TENANT, Api

pytestmark = pytest.mark.stack


# Some of them: what all come to in every format is tried elsewhere.
KEYS = ("daily", "guests", "license", "users")


class Asked:
    """The API in this process, asked as the command asks a host."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def report_keys(self, tenant_id: str) -> list[str]:
        found = self._api.get(f"/v1/tenants/{tenant_id}/reports").json["reports"]
        return [report["report"] for report in found if report["report"] in KEYS]

    def report_file(self, tenant_id: str, key: str, **asked: str) -> tuple[bytes, Message]:
        small = {"top": "15"} if "top" in asked else {}
        query = {**asked, **small}
        answer = self._api.send("GET", f"/v1/tenants/{tenant_id}/reports/{key}", query)
        assert answer.status == 200, answer.json
        headers = Message()
        for name, value in answer.headers.items():
            headers[name] = value
        return answer.body, headers


def test_every_report_format_and_language_has_its_file(people: Api, tmp_path: Path) -> None:
    files = save_reports(Asked(people), str(TENANT), tmp_path)
    found = {str(file.relative_to(tmp_path)) for file in files}
    assert len(found) == len(files)
    assert {
        f"{lang}/{key}.{form.extension}"
        for lang in LANGS
        for key in KEYS
        for form in registry.of(FORMATS).values()
    } <= found
    assert (tmp_path / "ja" / "users.xlsx").read_bytes().startswith(b"PK")
    # Twenty people are two pages of fifteen.
    pages = [
        json.loads((tmp_path / "en" / name).read_bytes()) for name in ("users.json", "users.2.json")
    ]
    assert [page["rowCount"] for page in pages] == [15, 5]

    former = {re.sub(r"_\d{8}_\d{6}", "", name) for name in found if name.startswith("powershell")}
    assert former == {
        "powershell/EntraIDManagement/UserList.csv",
        "powershell/EntraIDManagement/ユーザー一覧.csv",
        "powershell/Reports/Daily/DailyReport.csv",
        "powershell/Reports/Daily/日次レポート.csv",
        "powershell/Analysis/License/LicenseAnalysis.csv",
        "powershell/Analysis/License/ライセンス分析.csv",
    }
