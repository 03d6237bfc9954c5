"""Every report as files: in each format and language, and as the PowerShell tool laid them out.

FOLDER/en/users.csv  users.json  users.xlsx ...      FOLDER/ja/...
FOLDER/powershell/EntraIDManagement/ユーザー一覧_20260131_180000.csv
"""

import json
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

from shared.core.declarations import of
from shared.core.format import FORMATS
from shared.core.report import REPORTS
from shared.core.text import LANGS

_PAGE = "1000"


class Asked(Protocol):
    """The API, asked for reports (`infra.cli.api.KanriApi`)."""

    def report_keys(self, tenant_id: str) -> list[str]: ...
    def report_file(self, tenant_id: str, key: str, **asked: str) -> tuple[bytes, Message]: ...


def save_reports(api: Asked, tenant: str, folder: Path) -> list[Path]:
    """Write the files below `folder`, which is made if it is not there; return which they are.

    Of what comes page by page each further page is a file of its own. ApiFailed if a report is refused.
    """
    return [*_every_format(api, tenant, folder), *_as_powershell(api, tenant, folder)]


def _every_format(api: Asked, tenant: str, folder: Path) -> Iterator[Path]:
    for lang in LANGS:
        for key in api.report_keys(tenant):
            for form in of(FORMATS).values():
                asked = {"format": form.id, "lang": lang}
                name = folder / lang / f"{key}.{form.extension}"
                if form.needs_all_rows:
                    yield _saved(name, api.report_file(tenant, key, **asked)[0])
                else:
                    yield from _pages(api, tenant, key, asked, name)


def _pages(api: Asked, tenant: str, key: str, asked: dict[str, str], name: Path) -> Iterator[Path]:
    number, cursor = 1, None
    while number == 1 or cursor is not None:
        more: dict[str, str] = {} if cursor is None else {"cursor": cursor}
        content, _ = api.report_file(tenant, key, top=_PAGE, **asked, **more)
        place = name if number == 1 else name.with_suffix(f".{number}{name.suffix}")
        yield _saved(place, content)
        cursor, number = json.loads(content)["cursor"], number + 1


def _as_powershell(api: Asked, tenant: str, folder: Path) -> Iterator[Path]:
    for lang in LANGS:
        for key in api.report_keys(tenant):
            if (former := of(REPORTS)[key].powershell) is None:
                continue
            asked = {"format": "csv", "compat": "powershell", "lang": lang}
            content, headers = api.report_file(tenant, key, **asked)
            plain, titled = _names(headers["Content-Disposition"])
            of_kind = former.path.rpartition("/")[0]
            name = titled if lang == "ja" else plain
            yield _saved(folder / "powershell" / of_kind / name, content)


def _names(disposition: str) -> tuple[str, str]:
    """What a file is called in ASCII, and with its title: RFC 6266."""
    plain, _, titled = disposition.partition("; filename*=UTF-8''")
    return plain.partition('filename="')[2].rstrip('"'), unquote(titled)


def _saved(file: Path, content: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file
