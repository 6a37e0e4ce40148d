"""Since when a workspace is used half as much as before."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("ALTER TABLE control.tenant ADD COLUMN use_fell_at TIMESTAMP WITH TIME ZONE")
