"""A handing over remembers the open quotes that went along."""

from alembic import op

revision = "0053"
down_revision = "0052c"


def upgrade() -> None:
    op.execute("ALTER TABLE hand_over ADD COLUMN quote_ids UUID[] DEFAULT '{}' NOT NULL")
