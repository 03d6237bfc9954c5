"""A run may end `off`: what costs many requests and the tenant has not switched on."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BEFORE = "'ok', 'partial', 'failed', 'not_licensed', 'not_permitted', 'throttled'"


def upgrade() -> None:
    """Let the ledger have the state."""
    _allow(f"{_BEFORE}, 'off'")


def downgrade() -> None:
    """Forget runs that read nothing; the ledger does not know their state any more."""
    op.execute("DELETE FROM kanri.ledger WHERE state = 'off'")
    _allow(_BEFORE)


def _allow(states: str) -> None:
    op.execute("ALTER TABLE kanri.ledger DROP CONSTRAINT ledger_state_check")
    # Two steps: rows are looked through while others write.
    op.execute(
        "ALTER TABLE kanri.ledger ADD CONSTRAINT ledger_state_check"
        f" CHECK (state IN ({states})) NOT VALID"
    )
    op.execute("ALTER TABLE kanri.ledger VALIDATE CONSTRAINT ledger_state_check")
