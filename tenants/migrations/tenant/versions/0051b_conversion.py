"""A lead keeps what its conversion made, and the deal where the lead came from."""

from alembic import op

revision = "0051b"
down_revision = "0051"


def upgrade() -> None:
    op.execute("ALTER TABLE lead ADD COLUMN conversion JSONB DEFAULT '{}'::jsonb NOT NULL")
    op.execute("ALTER TABLE deal ADD COLUMN campaign TEXT, ADD COLUMN first_touch JSONB DEFAULT '{}'::jsonb NOT NULL, ADD COLUMN last_touch JSONB DEFAULT '{}'::jsonb NOT NULL")
