"""The prepared database: migrated twice without harm, and an app login that is not the owner."""

import psycopg
import pytest

from infra.local.database import prepare_database

pytestmark = pytest.mark.stack


def test_the_app_signs_in_as_a_role_without_privileges(empty_database: str) -> None:
    for _ in range(2):  # as a second `kanri up` does
        prepared = prepare_database(empty_database)
    with psycopg.connect(prepared.app_url) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert row == (False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE kanri.mine (i int)")
