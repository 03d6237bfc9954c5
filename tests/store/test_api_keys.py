"""API keys: shown once, kept as a digest, worthless when revoked or expired."""

from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine

from shared.core import clock
from shared.core.errors import NotFound
from shared.store.api_keys import ApiKeys
from shared.store.dead_letters import DeadLetters

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
    assert keys.authenticate(plain) is None
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
    assert keys.authenticate(plain) is None


def test_the_plain_text_is_kept_nowhere(engine: Engine, owner_url: str) -> None:
    plain, _ = ApiKeys(engine).create(
        "k", environment="live", permissions=[], tenant_ids=None, expires_at=None
    )
    with psycopg.connect(owner_url) as owner:
        row = owner.execute("SELECT t::text FROM kanri.api_keys t").fetchone()
    assert row is not None
    assert plain not in row[0]
    assert plain.removeprefix("kanri_live_") not in row[0]


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
