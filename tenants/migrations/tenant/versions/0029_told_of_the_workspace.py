"""What concerns the workspace is a kind of its own among what people are told."""

from alembic import op

revision = "0029"
down_revision = "0028"

# Frozen here: what the models say later is another revision's.
KINDS = "'mentioned', 'assigned', 'commented', 'reminder', 'finished', 'joined', 'workspace'"


def upgrade() -> None:
    op.execute(f"ALTER TABLE notification DROP CONSTRAINT ck_notification_kind, ADD CONSTRAINT ck_notification_kind CHECK (kind IN ({KINDS})) NOT VALID")
    op.execute("ALTER TABLE notification VALIDATE CONSTRAINT ck_notification_kind")
    op.execute(
        "ALTER TABLE notification_setting ADD COLUMN workspace TEXT DEFAULT 'mail' NOT NULL, "
        "ADD CONSTRAINT ck_notification_setting_workspace CHECK (workspace IN ('mail', 'digest', 'app', 'none'))"
    )
