"""Formats: found by scan, each writes a report's document from rows and a question, without HTTP."""

import io
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.format import FORMATS as EVERY
from shared.core.format import Format
from shared.core.question import read_question
from shared.render.parts.file_name import file_name, titled_file_name
from shared.store.answers.reports import Reports
from shared.store.registers.tenants import Tenants
from shared.usecases.read_report import open_report
from tests.catalog.reports.answers import TENANT
from tests.fixtures.seed import collect
from tests.render.test_pdf import read as read_pdf

FORMATS = list(registry.of(EVERY).values())
FILES = [form for form in FORMATS if form.needs_all_rows]


def read_back(document: bytes) -> str:
    """All texts of a workbook or a PDF, by who did not write it."""
    if document.startswith(b"%PDF"):
        return "\n".join(read_pdf(document))
    book = openpyxl.load_workbook(io.BytesIO(document), read_only=True)
    return "\n".join(str(cell.value) for sheet in book for row in sheet for cell in row)


def test_the_default_format_comes_first_and_has_pages() -> None:
    assert FORMATS[0].id == "json"
    assert not FORMATS[0].needs_all_rows


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.id)
def test_a_format_says_what_it_is_and_has_one_writer(form: Format) -> None:
    assert "/" in form.media_type
    assert form.extension.isalnum()
    assert (form.page is None) is not (form.whole is None)
    assert form.takes <= {"compat", "timeZone"}
    assert bool(form.example) is (form.needs_all_rows and not form.is_binary)


@pytest.mark.stack
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.id)
def test_a_document_needs_no_request(app_engine: Engine, form: Format) -> None:
    """What publishing by schedule will do: a stored question, a snapshot, a file and its name."""
    Tenants(app_engine).add(TENANT, "Contoso")
    now = clock.now()
    people = [{"id": f"u{n}", "display_name": f"Name {n}"} for n in range(3)]
    collect(app_engine, TENANT, "users", people, at=now - timedelta(hours=1))
    stored = {"format": form.id, "select": "id,display_name", "filter": "id ne 'u1'"}
    question = read_question(stored, registry.report("users"), "ja", now)
    with open_report(Reports(app_engine), TENANT, question, now) as opened:
        if form.page is not None:
            document = form.page(opened.about, opened.page(), None)
        else:
            assert form.whole is not None
            rows = opened.rows()
            document = b"".join(form.whole(opened.about, rows))
            assert rows.count == 2
    text = read_back(document) if form.is_binary else document.decode("utf-8-sig")
    assert "Name 0" in text
    assert "Name 1" not in text
    assert "Name 2" in text
    names = (file_name(opened.about, form), titled_file_name(opened.about, form))
    assert names[0].isascii()
    assert names[0].startswith("users_")
    assert all(name.endswith(f".{form.extension}") for name in names)
    assert " " not in names[1]
