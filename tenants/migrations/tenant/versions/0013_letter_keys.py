"""Whoever works with speech or unsteady hands turns one-letter keys off (WCAG 2.1.4)."""

from alembic import op

revision = "0013"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE app_user ADD COLUMN letter_keys BOOLEAN DEFAULT true NOT NULL")
