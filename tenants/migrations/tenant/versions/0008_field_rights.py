"""Fields that roles hide or protect."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE role ADD COLUMN hidden VARCHAR[] DEFAULT '{}' NOT NULL, ADD COLUMN protected VARCHAR[] DEFAULT '{}' NOT NULL")
