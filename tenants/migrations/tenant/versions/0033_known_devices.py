"""Devices at which somebody signed in before are known until he signs out everywhere."""

from alembic import op

revision = "0033"
down_revision = "0029"


def upgrade() -> None:
    op.execute("ALTER TABLE app_user ADD COLUMN device_version INTEGER DEFAULT 1 NOT NULL")
