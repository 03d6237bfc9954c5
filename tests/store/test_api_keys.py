"""API keys: shown once, kept as a digest, worthless when revoked or expired."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine

from shared.core import clock
from shared.core.access import Caller
from shared.core.errors import NotFound, Unauthenticated
from shared.store.registers.api_keys import ApiKeys
from shared.store.work.dead_letters import DeadLetters

pytestmark = pytest.mark.stack


def test_a_key_authenticates_until_it_is_revoked(engine: Engine) -> None:
    keys, tenant_id = ApiKeys(engine), uuid4()
    plain, key = keys.create(
        "CI",
        environment="test",
        permissions=["report:read"],
        tenant_ids=[tenant_id],
        expires_at=None,
    )
    assert plain.startswith("kanri_test_")
    assert len(plain) >= len("kanri_test_") + 43
    assert keys.authenticate(plain) == key
    assert (key.permissions, key.tenant_ids) == (("report:read",), (tenant_id,))
    assert keys.authenticate(plain[:-1]) is None
    keys.revoke(key.key_id)
    keys.revoke(key.key_id)
    ended = keys.authenticate(plain)
    assert ended is not None
    assert ended.ended(clock.now()) == "revoked"
    (listed,) = keys.all()
    assert listed.revoked_at is not None
    with pytest.raises(NotFound):
        keys.revoke(uuid4())


def test_an_expired_key_is_worthless(engine: Engine) -> None:
    keys = ApiKeys(engine)
    past = clock.now() - timedelta(seconds=1)
    plain, _ = keys.create(
        "old", environment="live", permissions=[], tenant_ids=None, expires_at=past
    )
    assert plain.startswith("kanri_live_")
    found = keys.authenticate(plain)
    assert found is not None
    assert found.ended(clock.now()) == "expired"


def test_the_last_use_is_written_once_a_minute(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys, start = ApiKeys(engine), clock.now()
    plain, _ = keys.create(
        "k", environment="live", permissions=[], tenant_ids=None, expires_at=None
    )
    uses = []
    for seconds in (0, 30, 61, 90, 200):
        moment = start + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        assert keys.authenticate(plain) is not None
        (listed,) = keys.all()
        assert listed.last_used_at is not None
        uses.append(round((listed.last_used_at - start).total_seconds()))
    assert uses == [0, 0, 61, 61, 200]


def test_a_key_is_not_made_by_one_that_has_ended(engine: Engine) -> None:
    keys = ApiKeys(engine)
    _, maker = keys.create(
        "m", environment="live", permissions=[], tenant_ids=None, expires_at=None
    )
    caller = Caller("key", f"key:{maker.key_id}", (), key_id=maker.key_id)
    keys.revoke(maker.key_id)
    with pytest.raises(Unauthenticated):
        keys.create(
            "k",
            environment="live",
            permissions=[],
            tenant_ids=None,
            expires_at=None,
            maker=caller,
        )
    assert [key.key_id for key in keys.all()] == [maker.key_id]


def test_a_key_made_while_its_maker_ends_does_not_outlive_it(engine: Engine) -> None:
    keys = ApiKeys(engine)
    _, maker = keys.create(
        "m", environment="live", permissions=[], tenant_ids=None, expires_at=None
    )
    caller = Caller("key", f"key:{maker.key_id}", (), key_id=maker.key_id)

    def make() -> bool:
        try:
            keys.create(
                "k",
                environment="live",
                permissions=[],
                tenant_ids=None,
                expires_at=None,
                maker=caller,
            )
        except Unauthenticated:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        making = [pool.submit(make) for _ in range(20)]
        pool.submit(keys.revoke, maker.key_id).result(60)
        assert {future.result(60) for future in making} <= {True, False}
    assert [key for key in keys.all() if key.revoked_at is None] == []


def test_the_plain_text_is_kept_nowhere(engine: Engine, owner_url: str) -> None:
    plain, _ = ApiKeys(engine).create(
        "k", environment="live", permissions=[], tenant_ids=None, expires_at=None
    )
    with psycopg.connect(owner_url) as owner:
        row = owner.execute("SELECT * FROM kanri.api_keys").fetchone()
    assert row is not None
    # As a text, bytes of the database are hexadecimal digits: they are looked at as they are.
    kept = [value if isinstance(value, bytes) else str(value).encode() for value in row]
    assert any(isinstance(value, bytes) for value in row)
    secret = plain.removeprefix("kanri_live_").encode()
    assert not [value for value in kept if secret in value or secret.hex().encode() in value]


def test_a_dead_letter_is_kept_once(engine: Engine) -> None:
    letters = DeadLetters(engine)
    letters.add("collect", "{not json", "message_malformed", "The body is not JSON.", "m1")
    letters.add("collect", "{not json", "message_malformed", "The body is not JSON.", "m1")
    letters.add("collect", "{}", "message_poisoned", None)
    letters.add("collect", "{}", "message_poisoned", None)
    assert letters.count() == 3
    newest = letters.all(limit=2)
    assert [letter.cause for letter in newest] == ["message_poisoned", "message_poisoned"]
    assert letters.all()[-1].body == "{not json"
