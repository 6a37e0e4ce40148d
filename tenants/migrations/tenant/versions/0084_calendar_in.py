"""Contacts have a place; what came in from a calendar file says as what it is known there, so that it comes in once."""

from alembic import op

revision = "0084"
down_revision = "0083"


def upgrade() -> None:
    op.execute("ALTER TABLE activity ADD COLUMN place text, ADD COLUMN calendar_uid text")
    op.execute("CREATE INDEX ix_activity_calendar ON activity (owner_id, calendar_uid) WHERE calendar_uid IS NOT NULL AND deleted_at IS NULL")
