"""The shared secrets are sealed where they lie: who reads or writes the database has none of them."""

from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, select, update

from shared.core.errors import SealBroken
from shared.core.sealing import Keyring, named_keys
from shared.store.registers.secrets import SECRETS, Secrets
from shared.store.session.joining import joined
from shared.store.session.sessions import closing_with, operator_session
from tests.fixtures.sealing import SEALING_KEYS

pytestmark = pytest.mark.stack

RING = Keyring(named_keys(SEALING_KEYS))
NAMES = ("cursor", "pseudonym", "anchor")


def all_of(engine: Engine, ring: Keyring = RING) -> tuple[bytes, bytes, bytes]:
    found = Secrets(engine, ring)
    return found.cursor_key, found.pseudonym_secret, found.anchor_key


def rows(engine: Engine) -> dict[str, bytes]:
    with operator_session(engine) as connection:
        return {row.name: row.value for row in connection.execute(select(SECRETS))}


def test_no_row_holds_a_secret_and_every_instance_has_the_same(engine: Engine) -> None:
    made = all_of(engine)
    assert all_of(engine) == made
    assert len(set(made)) == 3
    kept = rows(engine)
    assert set(kept) == set(NAMES)
    for secret in made:
        assert not any(secret in value for value in kept.values())


def test_a_secret_of_another_name_or_another_key_does_not_open(engine: Engine) -> None:
    all_of(engine)
    kept = rows(engine)
    with operator_session(engine) as connection:
        change = update(SECRETS).where(SECRETS.c.name == "anchor")
        connection.execute(change.values(value=kept["cursor"]))
    with pytest.raises(SealBroken) as moved:
        all_of(engine)
    assert moved.value.code == "sealed_altered"
    other = Keyring(named_keys(f"other:{'another-key-' * 4}"))
    with pytest.raises(SealBroken) as unknown:
        all_of(engine, other)
    assert unknown.value.code == "sealed_key_unknown"


def test_after_a_rotation_they_are_what_they_were(engine: Engine) -> None:
    made = all_of(engine)
    rotated = Keyring(named_keys(f"next:{UUID(int=1).hex}{UUID(int=2).hex} {SEALING_KEYS}"))
    assert all_of(engine, rotated) == made


def test_one_that_was_made_within_what_came_to_nothing_is_what_all_others_have(
    engine: Engine,
) -> None:
    """Whoever signed or masked by it would have done so by what nobody else knows."""
    own = Secrets(engine, RING)

    def fail() -> None:
        with joined(engine):
            _ = own.cursor_key
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert Secrets(engine, RING).cursor_key == own.cursor_key


def test_that_one_was_made_is_no_act_of_whoever_needed_it(engine: Engine) -> None:
    told: list[Connection] = []
    with closing_with(told.append):
        _ = Secrets(engine, RING).cursor_key
    assert told == []
