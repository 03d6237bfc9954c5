"""Hundreds of questions by one who may not see personal data, of two tenants that differ in it alone.

Whatever is asked, nothing of it is answered, and both tenants answer alike: the same rows, statuses and
counts. Then nothing about the names follows from any filter, order, page or file. The questions know the
real values of one of the tenants, which is the most that a guess can do.
"""

import base64
import csv
import hashlib
import io
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from sqlalchemy import Engine

from shared.core import clock, registry
from shared.core.clock import written
from shared.core.masking import masking_of
from shared.core.question import read_question
from shared.core.report import Report
from shared.store.answers.masked_columns import MASK_KEY
from shared.store.answers.report_statements import (
    count_sql,
    page_sql,
    parameter_values,
    question_values,
)
from shared.store.answers.sources import AS_OF
from shared.store.answers.sources import TENANT as TENANT_ASKED
from shared.store.session.sessions import tenant_snapshot
from tests.api.conftest import TENANT, Answer, Api, KeyMaker
from tests.api.masked_worlds import NOW, PEOPLE, A, B, World, fill

pytestmark = [pytest.mark.stack, pytest.mark.slow]

QUESTIONS = 320
PSEUDONYM = re.compile(r"p_[0-9a-f]{16}")
REPORTS = ("users", "mfa", "permission", "signin", "mailbox", "storage", "teams", "conditional")


class Guesses:
    """Questions made by dice, out of what the attacker knows of world A."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def question(self) -> tuple[str, dict[str, str]]:
        dice, key = self._dice, self._dice.choice(REPORTS)
        report, asked = registry.report(key), {}
        if dice.random() < 0.8:
            terms = [self._term(report) for _ in range(dice.randint(1, 3))]
            asked["filter"] = f" {dice.choice(('and', 'or'))} ".join(terms)
        if dice.random() < 0.5:
            names = [c.id for c in report.columns if c.type != "json"]
            chosen = dice.sample(names, dice.randint(1, 2))
            asked["orderBy"] = ",".join(name + dice.choice(("", " desc")) for name in chosen)
        if dice.random() < 0.3:
            names = [c.id for c in report.columns]
            asked["select"] = ",".join(dice.sample(names, dice.randint(1, len(names))))
        if dice.random() < 0.2:
            asked["asOf"] = written(NOW - timedelta(minutes=1))
        return key, asked | self._form()

    def _form(self) -> dict[str, str]:
        dice = self._dice
        match dice.randint(0, 6):
            case 0:
                return {"format": dice.choice(("csv", "ndjson"))}
            case 1:
                return {"format": "csv", "compat": "powershell", "timeZone": "UTC"}
            case 2:
                return {"top": "1000", "count": "true"}
            case 3:
                return {"top": "5", "totals": "true", "count": "true"}
        return {"top": str(dice.randint(5, 8)), "count": "true"}

    def _term(self, report: Report) -> str:
        dice = self._dice
        # Three of four go by what is personal, which is what is to be found out.
        personal = [c for c in report.columns if c.personal]
        column = dice.choice(personal if dice.random() < 0.75 else report.columns)
        term = f"{column.id} eq null" if column.type != "text" else self._text(column.id)
        return f"not ({term})" if dice.random() < 0.3 else term

    def _text(self, column: str) -> str:
        dice, n = self._dice, self._dice.randint(1, PEOPLE)
        known = (A.mail(n), A.mail(n).lower(), A.text("Name", n), A.text("Job", n), f"user-{n}")
        real = dice.choice(known)
        match dice.randint(0, 6):
            case 0:
                return f"startswith({column},'{real[: dice.randint(1, len(real))]}')"
            case 1:
                return f"contains({column},'{dice.choice((real, A.mark, 'Name'))}')"
            case 2:
                return f"endswith({column},'{real[-dice.randint(6, len(real)) :]}')"
            case 3:
                return f"{column} in ('{real}','{A.mail(n % PEOPLE + 1)}')"
            case 4:
                return f"{column} {dice.choice(('lt', 'le', 'gt', 'ge'))} '{real}'"
        return f"{column} {dice.choice(('eq', 'ne'))} '{real}'"


def test_nothing_personal_is_shown_or_follows_from_any_answer(
    api: Api, app_engine: Engine, make_key: KeyMaker
) -> None:
    for world in (A, B):
        fill(app_engine, world)
    masked, tally = api.as_caller(x_api_key=make_key("report:read")), Counter[str]()
    for number in range(QUESTIONS):
        key, asked = Guesses(number).question()
        answers = [whole(masked, world, key, asked) for world in (A, B)]
        for world, found in zip((A, B), answers, strict=True):
            conceals(found, world)
        first, second = answers
        case = (key, asked)
        assert [one.status for one in first] == [one.status for one in second], case
        assert [code(one) for one in first] == [code(one) for one in second], case
        assert plain(first, key) == plain(second, key), case
        tally[code(first[0])] += 1
        tally["with rows"] += any(plain(first, key))
        tally["in pages"] += len(first) > 1
    assert tally["column_withheld"] > 20, tally
    assert tally["with rows"] > 100, tally
    assert tally["in pages"] > 20, tally
    assert sum(tally[name] for name in ("200", "column_withheld", "column_not_sortable")) >= 300


def whole(api: Api, world: World, key: str, asked: Mapping[str, str]) -> list[Answer]:
    """Every page of the answer."""
    path = f"/v1/tenants/{world.tenant}/reports/{key}"
    answer = in_time(lambda: api.send("GET", path, asked))
    found = [answer]
    while link := "next" in answer.headers.get("Link", "") and answer.json["nextLink"]:
        answer = in_time(partial(api.follow, link))
        found.append(answer)
    return found


def in_time(ask: Callable[[], Answer]) -> Answer:
    """Ask again where a machine with much else to do took longer than a question may."""
    for _ in range(10):
        answer = ask()
        if answer.status != 503:
            break
    return answer


def code(answer: Answer) -> str:
    return str(answer.json.get("code")) if answer.status >= 400 else str(answer.status)


def conceals(answers: list[Answer], world: World) -> None:
    """Nothing of the tenant's own is in bodies, headers or cursors: refusals quote the question."""
    for answer in answers:
        shown = [answer.body, repr(sorted(answer.headers.items())).encode(), *cursors(answer)]
        if answer.status >= 400:
            continue
        for text in (*world.secrets, "K1."):
            # The address of the next page repeats the filter, which names world A.
            body = b" ".join(shown).replace(filtered(answer), b"")
            assert text.encode() not in body, (text, answer.body[:2000])


def filtered(answer: Answer) -> bytes:
    link = re.search(r"<([^>]*)>", answer.headers.get("Link", ""))
    return b"\0" if link is None else link[1].encode()


def cursors(answer: Answer) -> Iterator[bytes]:
    """What the next address carries, unsealed: the cursor's values may be read by whoever has it."""
    link = re.search(r"<([^>]*)>", answer.headers.get("Link", ""))
    if link is not None:
        (cursor,) = parse_qs(urlsplit(link[1]).query)["cursor"]
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[16:]
        assert json.loads(packed)
        yield packed


def plain(answers: list[Answer], key: str) -> list[tuple[Any, ...]]:
    """The rows without their pseudonyms, sorted: a null stays one, whatever is withheld is one."""
    return sorted((row for answer in answers for row in rows(answer, key)), key=repr)


def rows(answer: Answer, key: str) -> Iterator[tuple[Any, ...]]:
    if answer.status >= 400:
        return
    if answer.headers["Content-Type"].startswith("text/csv"):
        lines = csv.reader(io.StringIO(answer.body.decode("utf-8-sig")))
        for line in list(lines)[1:]:
            yield tuple("*" if PSEUDONYM.fullmatch(cell) else cell for cell in line)
        return
    kinds = {column.id: masking_of(column) for column in registry.report(key).columns}
    if answer.headers["Content-Type"] == "application/x-ndjson":
        found = [json.loads(line) for line in answer.body.splitlines()]
    else:
        found = answer.json["rows"]
        yield ("count", answer.json["totalCount"])
        yield ("totals", repr(answer.json["totals"]))
    for row in found:
        for name, value in row.items():
            if kinds[name] == "withheld":
                assert value is None, (name, value)
            elif kinds[name] == "pseudonym" and value is not None:
                assert PSEUDONYM.fullmatch(value), (name, value)
        yield tuple("*" if kinds[n] and v is not None else v for n, v in sorted(row.items()))


def test_a_pseudonym_is_no_hash_that_anyone_can_make(
    api: Api, app_engine: Engine, make_key: KeyMaker
) -> None:
    fill(app_engine, A)
    masked = api.as_caller(x_api_key=make_key("report:read"))
    shown = {row["email"] for row in masked.get(f"/v1/tenants/{TENANT}/reports/users").json["rows"]}
    assert len(shown) == PEOPLE
    for n in range(1, PEOPLE + 1):
        for guess in (A.mail(n), A.mail(n).lower(), f"{TENANT}{A.mail(n).lower()}"):
            for made in (hashlib.sha256, hashlib.md5, hashlib.sha1):
                assert f"p_{made(guess.encode()).hexdigest()[:16]}" not in shown


def worked(engine: Engine, asked: Mapping[str, str], *, masked: bool) -> list[tuple[object, ...]]:
    """What the database does for a page and its count: each step of the plan that ran, with its rows."""
    report = registry.report("users")
    question = read_question(asked, report, "en", clock.now(), masked=masked).query()
    values = question_values(question) | parameter_values(report, question)
    values |= {TENANT_ASKED: TENANT, AS_OF: clock.now(), MASK_KEY: "0" * 64}
    statements = (
        page_sql(report, question, "all", registry.collector, question.top + 1),
        count_sql(report, question, registry.collector),
    )
    steps: list[tuple[object, ...]] = []

    def look(plan: Mapping[str, Any]) -> None:
        removed = [value for name, value in sorted(plan.items()) if name.startswith("Rows Removed")]
        steps.append((plan["Node Type"], plan["Actual Rows"], plan["Actual Loops"], *removed))
        for below in plan.get("Plans", ()):
            look(below)

    with (
        tenant_snapshot(engine, TENANT, timeout="60s") as session,
        psycopg.RawCursor(session) as run,
    ):
        for one in statements:
            explain = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {one.sql}"
            run.execute(explain.encode(), one.arguments(values))
            ((plans,),) = run.fetchall()
            look(cast("list[dict[str, Any]]", plans)[0]["Plan"])
    return steps


@pytest.mark.parametrize(
    "guess",
    [
        "email eq '{}'",
        "startswith(email,'{}')",
        "email in ('{}','x')",
        "contains(email,'{}')",
        "contains(display_name,'{}')",
        "contains(user_principal_name,'{}')",
    ],
)
def test_no_more_is_done_for_a_guess_that_is_right(
    api: Api, app_engine: Engine, guess: str
) -> None:
    """What takes no longer tells nothing by how long it takes: work is compared, not time."""
    fill(app_engine, A)
    right = A.text("Name", 3) if "display_name" in guess else A.mail(3).lower()
    wrong = right.replace("himitsu", "himitzu")
    assert api.get(f"/v1/tenants/{TENANT}/reports/users").json["rowCount"] == PEOPLE

    def both(*, masked: bool) -> list[list[tuple[object, ...]]]:
        asked = ({"filter": guess.format(text)} for text in (right, wrong))
        return [worked(app_engine, one, masked=masked) for one in asked]

    seen, unseen = both(masked=True)
    assert seen == unseen
    seen, unseen = both(masked=False)
    assert seen != unseen, "who may see names finds somebody, and that would be seen here"
