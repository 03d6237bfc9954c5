"""Editions of a report: a question with its instant, asked again after much has changed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.format import About
from shared.core.question import read_question
from shared.core.text import Lang
from shared.store.answers.reports import Reports
from shared.store.registers.tenant_settings import TenantSettings
from shared.usecases.read_report import open_report
from tests.catalog.reports.answers import TENANT
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

WEEK = timedelta(days=7)


def week(engine: Engine, number: int, began: datetime) -> datetime:
    """Collect what Microsoft tells in a week: another person, who uses Exchange as all do; return the
    instant an hour later."""
    at = began + number * WEEK
    day = (at - timedelta(days=2)).date()
    names = [str(n) for n in range(2 + number)]
    used = [{"id": name, "exchange_last_activity_date": day} for name in names]
    collect(engine, TENANT, "active_users", used, report_date=day, at=at)
    created = [{"id": name, "created_at": at - int(name) * WEEK} for name in names]
    collect(engine, TENANT, "users", created, at=at)
    return at + timedelta(hours=1)


def answered(
    engine: Engine, asked: Mapping[str, str], now: datetime, lang: Lang = "en"
) -> tuple[About, list[tuple[object, ...]]]:
    """What the weekly report says at `now`, and of what."""
    question = read_question(asked, registry.report("weekly"), lang, now)
    with open_report(Reports(engine), TENANT, question, now) as opened:
        return opened.about, [row for batch in opened.rows().stream() for row in batch]


def test_an_edition_is_answered_as_it_was(engine: Engine) -> None:
    began = clock.now() - 3 * WEEK
    week(engine, 0, began)
    now = week(engine, 1, began)
    asked = {"select": "id,weekly_active_users,trend,new_user_count", "top": "3", "lang": "ja"}
    about, rows = answered(engine, asked, now)
    assert ("exchange", 3, "up", 1) in rows
    kept = about.edition()

    TenantSettings(engine).change(TENANT, {"trendPercent": 90})
    later = week(engine, 2, began)
    again, same = answered(engine, kept, later)
    assert same == rows
    assert (again.question.lang, again.as_of) == ("ja", now)
    assert again.parameters == about.parameters
    assert again.edition() == kept, "an edition of an edition is itself"
    assert ("exchange", 4, "flat", 1) in answered(engine, asked, later)[1]


def test_an_edition_names_what_holds_unless_it_is_asked(engine: Engine) -> None:
    now = week(engine, 0, clock.now() - WEEK)
    TenantSettings(engine).change(TENANT, {"trendPercent": 12})
    about, _ = answered(engine, {"filter": "status eq 'normal'"}, now)
    assert about.edition() == {
        "filter": "status eq 'normal'",
        "period": "P7D",
        "trendPercent": "12",
        "lang": "en",
        "asOf": clock.written(now),
    }


def test_the_edition_before_is_what_the_next_one_compares_itself_with(engine: Engine) -> None:
    """No report need be told of its earlier editions: its second instant is that of the last one."""
    asked = {
        "select": "id,weekly_active_users,week_over_week_percent",
        "filter": "id eq 'exchange'",
    }
    began = clock.now() - 2 * WEEK
    edition = answered(engine, asked, week(engine, 0, began))[0].edition()
    now = week(engine, 1, began)
    [(_, active, moved)] = answered(engine, asked, now)[1]
    [(_, before, _)] = answered(engine, edition, now)[1]
    assert (before, active, moved) == (2, 3, 50.0)
