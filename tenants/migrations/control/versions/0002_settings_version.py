"""What a workspace says of itself has a version, so that two people who edit it at once meet."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("tenant", sa.Column("settings_version", sa.Integer(), server_default=sa.text("1"), nullable=False), schema="control")
