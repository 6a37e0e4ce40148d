"""A mailing may stand still because the workspace was restored from a backup."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE mailing DROP CONSTRAINT ck_mailing_pause_reason")
    op.execute("ALTER TABLE mailing ADD CONSTRAINT ck_mailing_pause_reason CHECK (pause_reason IN ('person', 'plan', 'late', 'restore'))")
