"""Whoever takes part in a conversation hears that a customer wrote."""

from alembic import op

revision = "0091"
down_revision = "0089"

KINDS = "('mentioned', 'assigned', 'commented', 'reminder', 'received', 'finished', 'joined', 'workspace')"
STATEMENTS = (
    "ALTER TABLE notification_setting ADD COLUMN received TEXT DEFAULT 'app' NOT NULL, "
    "ADD CONSTRAINT ck_notification_setting_received CHECK (received IN ('mail', 'digest', 'app', 'none'))",
    f"ALTER TABLE notification DROP CONSTRAINT ck_notification_kind, ADD CONSTRAINT ck_notification_kind CHECK (kind IN {KINDS})",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
