"""A token in the address of a feed opens that feed alone; and a lead remembers what its last judgement found."""

from alembic import op

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    op.execute("ALTER TABLE api_token ADD COLUMN for_feed BOOLEAN DEFAULT false NOT NULL")
    op.execute("ALTER TABLE lead ADD COLUMN judged JSONB DEFAULT '{}'::jsonb NOT NULL")
