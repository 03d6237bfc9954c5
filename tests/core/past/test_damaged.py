"""Files that are damaged anywhere: a verdict, never a failure of ours."""

import random
from collections import Counter
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest

from shared.core.past.app_settings import is_settings, read_settings
from shared.core.past.reading import Asked, Reading
from shared.core.past.refused import Refused
from tests.core.past.test_workbook import HEAD, NAME, USER, book

CSV = (
    "表示名,ユーザープリンシパル名,作成日,部署\r\n"
    + "安藤,a@contoso.example,2025-07-19,営業\r\n" * 20
)
SETTINGS = b'{"Thresholds": {"InactiveUserDays": 60}, "General": {"Domain": "x"}}'
WHOLE = {
    "utf-8": CSV.encode("utf-8-sig"),
    "utf-16": CSV.encode("utf-16"),
    "cp932": CSV.encode("cp932"),
    "workbook": book(HEAD + USER),
    "settings": SETTINGS,
}


def damaged(body: bytes, chance: random.Random) -> bytes:
    """Cut, doubled, or with some bytes of it others."""
    found = bytearray(body)
    for _ in range(chance.randint(0, 4)):
        found[chance.randrange(len(found))] = chance.choice(
            (0, 10, 13, 34, 44, 255, chance.randrange(256))
        )
    begin, end = sorted(chance.choices(range(len(found) + 1), k=2))
    how = chance.randrange(4)
    if how == 0:
        return bytes(found[:end])
    if how == 1:
        return bytes(found[:end] + found[begin:])
    return bytes(found if how == 2 else found[begin:])


@pytest.mark.parametrize("kind", list(WHOLE))
def test_a_damaged_file_has_a_verdict(kind: str) -> None:
    chance, ends = random.Random(kind), Counter[str]()
    for _ in range(400):
        body = damaged(WHOLE[kind], chance)
        try:
            if is_settings(body):
                read_settings(body)
            else:
                list(Reading(body, Asked(name=NAME, zone=ZoneInfo("Asia/Tokyo"))).lines())
            ends["read"] += 1
        except Refused as error:
            ends[error.why] += 1
    assert len(ends) >= 3, ends


@pytest.mark.parametrize(
    "body",
    [
        b"DisplayName,UserPrincipalName\n" + b"x" * 500_000,
        b"x" * 500_000,
        b"DisplayName,UserPrincipalName,LastSignIn\n" + b"a,b,9999-12-31T23:59:59Z\n" * 3,
        "作成日,メールアドレス,表示名\n9999-12-31T23:59:59Z,a,b\n0001-01-01,a,b\n".encode(),
        b'sep="\n' + CSV.encode(),
    ],
    ids=["long cell", "no line", "last day", "first day", "no separator"],
)
def test_what_is_out_of_bounds_has_a_verdict(body: bytes) -> None:
    for report in (None, "users", "mailbox"):
        asked = Asked(name=NAME, zone=ZoneInfo("Asia/Tokyo"), report=report)
        with suppress(Refused):
            read = Reading(body, asked)
            assert sum(1 for _ in read.lines()) == read.rows
